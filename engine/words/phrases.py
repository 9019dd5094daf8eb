"""Every fixed phrase, in both languages; a test keeps the two equal in their fields."""

from __future__ import annotations

from engine.condition import Op
from engine.text import Text

COMPARED: dict[Op, Text] = {
    "<": Text("mazāk nekā {}", "less than {}"),
    "<=": Text("ne vairāk kā {}", "at most {}"),
    "==": Text("tieši {}", "exactly {}"),
    "!=": Text("nav tieši {}", "other than {}"),
    ">=": Text("vismaz {}", "at least {}"),
    ">": Text("vairāk nekā {}", "more than {}"),
}

PHRASES: dict[str, Text] = {
    # conditions
    "and": Text("; un ", "; and "),
    "or": Text("; vai ", "; or "),
    "band": Text("{low} un {high}", "{low} and {high}"),
    "yes": Text("jā", "yes"),
    "no": Text("nē", "no"),
    "known": Text("dati ir", "data are there"),
    "unknown": Text("datu nav", "no data"),
    "or-last": Text(" vai ", " or "),
    "not-category": Text("nav {}", "not {}"),
    # reasons
    "limit": Text("Robeža: {}", "Limit: {}"),
    "demands": Text("Nosacījums: {}", "Condition: {}"),
    "above": Text("Virs robežas: {}", "Above the limit: {}"),
    "below": Text("Zem robežas: {}", "Below the limit: {}"),
    "at-limit": Text("Tieši uz robežas", "Exactly at the limit"),
    "way-back": Text("Lai pazīme zustu: {}", "For the sign to go: {}"),
    "at-least": Text("Līmenis nav zemāks par: {}", "Level not below: {}"),
    "graver": Text("Iespējama arī smagāka pakāpe", "A graver step is possible too"),
    "misses": Text("Trūkst datu: {}", "No data: {}"),
    "could-add": Text("Vēl iespējams: {}", "Could still add: {}"),
    "could-reach": Text("Iespējamais līmenis: {}", "Possible level: {}"),
    "since": Text("{label} (pēdējie dati: {date})", "{label} (last data: {date})"),
    # assessments
    "level": Text("Līmenis: {}", "Level: {}"),
    "cannot-say": Text("Nevar pateikt", "Cannot say"),
    "possibly": Text("{level}; iespējams: {possible}", "{level}; possibly: {possible}"),
    "score": Text("Punkti: {}", "Score: {}"),
    "interval": Text("{}–{}", "{}–{}"),
    "not-assessed": Text("Netiek vērtēts", "Not assessed"),
    "outside": Text(
        "Noteikumu kopa uz šo skolēnu neattiecas: {}", "The ruleset is not for this pupil: {}"
    ),
    "reasons": Text("Kāpēc", "Why"),
    "no-reasons": Text("Neviena noteikuma pazīme nav konstatēta.", "No rule is known to hold."),
    "undetermined": Text("Ko nevar pateikt", "What cannot be said"),
    "offered": Text("Piedāvājamais atbalsts", "Support on offer"),
    "advice": Text("Ko darīt", "What to do"),
    "ruleset": Text("Noteikumu kopa: {}", "Ruleset: {}"),
    "pupil": Text("Skolēns: {}", "Pupil: {}"),
    "not-applicable": Text("Neattiecas: {}", "Does not apply: {}"),
    # the ruleset as a document
    "version": Text("Versija: `{}`", "Version: `{}`"),
    "population": Text("Uz ko attiecas: {}", "For whom: {}"),
    "everyone": Text("visi skolēni", "all pupils"),
    "source": Text("Avots: {}", "Source: {}"),
    "levels": Text("Līmeņi", "Levels"),
    "from-score": Text("sākot no: {}", "from: {}"),
    "by-rule-only": Text("tikai ar noteikumu", "only by a rule"),
    "least-level": Text("pārējie", "all others"),
    "rules": Text("Noteikumi", "Rules"),
    "applies-to": Text("Attiecas, ja: {}", "Applies if: {}"),
    "ladder": Text("Skaitās pirmā pakāpe, kas izpildās:", "The first step that holds counts:"),
    "offers": Text("Piedāvājums: {}", "Offer: {}"),
    "offers-only": Text(
        "Tikai piedāvājums: punktus un līmeni nemaina.", "Only an offer: no points, no level."
    ),
    "parameters": Text("Parametri", "Parameters"),
    "parameter": Text("Parametrs", "Parameter"),
    "value": Text("Vērtība", "Value"),
    "bounds": Text("Robežas", "Bounds"),
    "fixed": Text("nemaināms", "fixed"),
    "where-from": Text("Avots", "Source"),
    "indicators": Text("Rādītāji", "Indicators"),
    "indicator": Text("Rādītājs", "Indicator"),
    "meaning": Text("Nozīme", "Meaning"),
    "stale": Text("Novecojis pēc", "Stale after"),
    "examples": Text("Piemēri", "Examples"),
    "missing-data": Text(
        "Ja datu trūkst, noteikums saka „nevar pateikt“, nevis „nē“; vērtējums tad ir intervāls.",
        "Where data are missing a rule says “cannot say”, not “no”; the score is then an interval.",
    ),
    # changes
    "changes": Text("Izmaiņas: {old} → {new}", "Changes: {old} → {new}"),
    "no-changes": Text("Nekas, kas mainītu kādu atbildi.", "Nothing that could change an answer."),
    "texts-only": Text(
        "Atšķiras tikai tas, kas atbildes nemaina: nosaukumi, teksti, avoti, robežas, piemēri.",
        "What differs changes no answer: names, texts, sources, bounds, examples.",
    ),
    "rule-added": Text("Jauns noteikums: {}", "New rule: {}"),
    "rule-removed": Text("Noteikums svītrots: {}", "Rule removed: {}"),
    "rule-changed": Text("Noteikums mainīts: {}", "Rule changed: {}"),
    "parameter-changed": Text("{label}: {old} → {new}", "{label}: {old} → {new}"),
    "levels-changed": Text("Līmeņi mainīti", "Levels changed"),
    "population-changed": Text("Mainīts, uz ko attiecas", "Changed for whom it is"),
    "indicator-changed": Text("Rādītājs mainīts: {}", "Indicator changed: {}"),
    "before": Text("Iepriekš: {}", "Before: {}"),
    "after": Text("Tagad: {}", "After: {}"),
    "rounded": Text("noapaļots līdz zīmēm aiz komata: {}", "rounded to decimal places: {}"),
    "valid": Text("derīgās vērtības: {}", "valid values: {}"),
    "ages": Text("novecojis pēc: {}", "stale after: {}"),
    "never-stale": Text("nenoveco", "does not age"),
}

DAYS = {
    "lv": {"zero": "dienu", "one": "diena", "other": "dienas"},
    "en": {"one": "day", "other": "days"},
}
POINTS = {
    "lv": {"zero": "punktu", "one": "punkts", "other": "punkti"},
    "en": {"one": "point", "other": "points"},
}
ROWS = {
    "lv": {"zero": "rindu", "one": "rinda", "other": "rindas"},
    "en": {"one": "row", "other": "rows"},
}
PUPILS = {
    "lv": {"zero": "skolēnu", "one": "skolēns", "other": "skolēni"},
    "en": {"one": "pupil", "other": "pupils"},
}
