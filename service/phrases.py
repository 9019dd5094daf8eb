"""What the command line says, in both languages."""

from __future__ import annotations

from engine.text import Language, Text

PHRASES: dict[str, Text] = {
    "written": Text("Uzrakstīts: {}", "Written: {}"),
    "rejected": Text("Noraidīts: {count} (skat. {file})", "Rejected: {count} (see {file})"),
    "absent": Text(
        "Tabulā nav šo rādītāju, tāpēc par tiem nevar pateikt: {}",
        "Not in the table, so nothing can be said of them: {}",
    ),
    "near-miss": Text(
        "Kolonna „{name}“ nav izmantota; vai tā ir „{near}“?",
        "The column '{name}' is not used; is it '{near}'?",
    ),
    "scoring": Text("Vērtē…", "Scoring…"),
    "level": Text("Līmenis", "Level"),
    "pupils": Text("Skolēni", "Pupils"),
    "share": Text("Daļa", "Share"),
    "ruleset": Text("Noteikumu kopa: {}", "Ruleset: {}"),
    "as-of": Text("Vērtēšanas datums: {}", "As of: {}"),
    "undated": Text(
        "Vērtēšanas datums: {} (tabulā nav datumu, tāpēc vērtību vecums nav pārbaudīts)",
        "As of: {} (the table has no dates, so the age of values was not checked)",
    ),
    "levels-title": Text("Līmeņi", "Levels"),
    "cannot-title": Text("Ko nevar pateikt, un kāpēc", "What cannot be said, and why"),
    "cannot-pupils": Text(
        "Skolēni, par kuriem zināms par maz", "Pupils of whom too little is known"
    ),
    "first-title": Text("Kam pievērsties vispirms", "Whom to look at first"),
    "pupil": Text("Skolēns", "Pupil"),
    "why": Text("Kāpēc", "Why"),
    "score": Text("Punkti", "Score"),
    "missing-indicator": Text("Rādītājs", "Indicator"),
    "empty": Text("Nav datu", "No data"),
    "too-old": Text("Dati novecojuši", "Data too old"),
    "rejects-title": Text("Noraidītās rindas", "Rejected rows"),
    "row": Text("Rinda", "Row"),
    "column": Text("Kolonna", "Column"),
    "value": Text("Vērtība", "Value"),
    "problem": Text("Problēma", "Problem"),
    "next": Text("Tālāk", "Next"),
    "school": Text(
        "Demonstrācijas skola: {count}, sintētiski dati, sēkla {seed}",
        "A demonstration school: {count}, synthetic data, seed {seed}",
    ),
    "storing": Text("Saglabā skolas vērtējumus…", "Storing the school's assessments…"),
    "page": Text("Izmēģiniet servisu pārlūkā: {}", "Try the service in a browser: {}"),
    "api-key": Text("API atslēga, derīga vienu dienu: {}", "API key, good for one day: {}"),
    "exports": Text(
        "Lai rindas no README var ielīmēt citā terminālī, vispirms tajā:",
        "To paste the README's lines into another terminal, paste these first:",
    ),
    "curl": Text("Novērtējiet skolēnu:", "Score a pupil:"),
    "curl-history": Text(
        "Skatiet, kas par skolēnu ir saglabāts:", "See what is stored of a pupil:"
    ),
    "another-port": Text(
        "Ports {taken} ir aizņemts, tāpēc {found}.", "Port {taken} is taken, so {found}."
    ),
    "how-to-stop": Text("Ctrl-C aptur.", "Ctrl-C stops it."),
    "stopped": Text("Apturēts.", "Stopped."),
}

ROWS = {
    "lv": {"zero": "rindu", "one": "rinda", "other": "rindas"},
    "en": {"one": "row", "other": "rows"},
}


def say(phrase: str, language: Language, *values: str, **named: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values, **named)
