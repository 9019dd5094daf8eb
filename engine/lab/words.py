"""What pictures, tables and sliders say, in both languages; named as the figures are."""

from __future__ import annotations

from engine.replay.terms import TERMS
from engine.text import Text

LABELS: dict[str, Text] = {
    **TERMS,
    # shares
    "precision": Text(
        "Precizitāte (cik no atzīmētajiem pameta)", "Precision (of those flagged, how many left)"
    ),
    "recall": Text(
        "Pārklājums (cik no pametušajiem atzīmēti)",
        "Recall (of those who left, how many were flagged)",
    ),
    "missed_rate": Text(
        "Palaisti garām (daļa no pametušajiem)", "Missed (share of those who left)"
    ),
    "false_alarm_rate": Text(
        "Lieki atzīmēti (daļa no palikušajiem)", "False alarms (share of those who stayed)"
    ),
    "observed": Text("Pametušo daļa", "Share who left"),
    "class_share": Text("Daļa no savas grupas", "Share of their own class"),
    "low": Text("Intervāls no", "Interval from"),
    "high": Text("Intervāls līdz", "Interval to"),
    "random": Text("atzīmējot uz labu laimi", "flagging at random"),
    # counts
    "caught": Text("Atrasti (atzīmēti un pameta)", "Caught (flagged, and left)"),
    "false_alarms": Text("Lieki atzīmēti (bet palika)", "False alarms (flagged, but stayed)"),
    "missed": Text("Palaisti garām (pameta)", "Missed (left, but not flagged)"),
    "could": Text(
        "Nevar pateikt (varbūt atzīmējami)", "Cannot say (could be flagged, were all known)"
    ),
    "unknown": Text("Iznākums nav zināms", "Outcome unknown"),
    "leavers": Text(
        "Pametušie (rinda katrā vērtēšanas dienā)", "Those who left (a row for each as-of day)"
    ),
    "alone": Text("Noteikums izpildās", "The rule holds"),
    "on_top": Text("Atrasti tikai ar šo noteikumu", "Caught by this rule alone"),
    "narrow_few": Text("šaurā: pārāk maz skolēnu", "narrow: too few pupils"),
    "cannot_say_share": Text("Daļa, par ko nevar pateikt", "Share that cannot be said"),
    "holds": Text("Noteikums izpildās", "The rule holds"),
    "undetermined": Text("Nevar pateikt", "Cannot say"),
    "only_flagged": Text("Atzīmē tikai tas", "Flagged by it alone"),
    "only_caught": Text("no tiem pameta", "of them left"),
    "only_false_alarms": Text("no tiem palika", "of them stayed"),
    "lift": Text("Reizes biežāk nekā visi", "Times as often as all"),
    "auc": Text("AUC", "AUC"),
    # tuning
    "steps": Text("Pakāpju skaits", "Number of steps"),
    "worse": Text("Cik sliktāk nekā labākais", "Worse than the best"),
    "part": Text("Daļa {}", "Part {}"),
    "parameter": Text("Parametrs", "Parameter"),
    "before_value": Text("Līdz šim", "Before"),
    "after_value": Text("Turpmāk", "After"),
    "chosen_by": Text("Izvēlējās", "Chosen by"),
    "person": Text("cilvēks", "a person"),
    "search": Text("meklēšana vēsturē", "a search over the history"),
    "flagged_tuned": Text("Atzīmēti, skaņots", "Flagged, tuned"),
    "caught_tuned": Text("Atrasti, skaņots", "Caught, tuned"),
    "impact_before": Text("Atzīmēti līdz šim", "Flagged before"),
    "impact_after": Text("Atzīmēti turpmāk", "Flagged after"),
    "impact_newly": Text("Jauni atzīmētie", "Newly flagged"),
    "impact_newly_left": Text("no jaunajiem pameta", "of the new left"),
    "impact_dropped": Text("Vairs neatzīmētie", "No longer flagged"),
    "impact_dropped_left": Text("no vairs neatzīmētajiem pameta", "of those dropped left"),
    "impact_cannot_say_after": Text("Nevar pateikt turpmāk", "Cannot say after"),
    "judged_on": Text("Kur vērtēts", "Judged on"),
    "with_interval": Text(
        "Precizitāte, iekavās 95 % intervāls", "Precision, with its 95 % interval in brackets"
    ),
    "stated": Text("Gaidāms nākamajā kohortā", "To expect of the next cohort"),
    "later": Text("Vēlākās kohortas", "Later cohorts"),
    "speaks_for": Text("Kas ļauj uzticēties", "What speaks for it"),
    "speaks_against": Text("Kas liek šaubīties", "What speaks against it"),
    "no_draft": Text(
        "Melnraksta nav: rindās, ko meklēšana nebija redzējusi, nekādi noteikumi nepasaka vairāk "
        "par vidējo biežumu.",
        "There is no draft: on rows that the search had not seen, no rules tell more than the base "
        "rate does.",
    ),
    "no_column": Text(
        "Vēsturē nav kolonnas, kas te vajadzīga: `{}`.",
        "The history has not the column that this needs: `{}`.",
    ),
    "no_later": Text(
        "Nav vēlāku kohortu, pēc kurām to vērtēt.", "There are no later cohorts to judge it on."
    ),
    "not_asked": Text(" (šai vēsturei nav piemērojama)", " (cannot be asked of this history)"),
    "written": Text(
        "Uzrakstīts mapē `lab` blakus vēsturei:", "Written in `lab` beside the history:"
    ),
    "nothing": Text("nav ko piebilst", "nothing to say"),
    "left_share": Text("Pametušo daļa", "Share who left"),
    "anchor": Text("Kas vērtēts", "What was judged"),
    "source": Text("Avots", "Source"),
    # between groups
    "here": Text("Grupā", "In the group"),
    "elsewhere": Text("Pārējiem", "Others"),
    "gap": Text("Starpība, procentpunkti", "Difference, percentage points"),
    "from_to": Text("no {} līdz {}", "{} to {}"),
    "gap_interval": Text("95 % intervāls", "95 % interval"),
    # what else
    "all": Text("Visi", "All"),
    "figure": Text("Rādītājs", "Figure"),
    "value": Text("Vērtība", "Value"),
    "ruleset": Text("Noteikumu kopa", "Ruleset"),
    "from_level": Text("Atzīmē, sākot no", "Flags from"),
    "caught_of": Text("atrasti {} no {}", "{} of {} caught"),
    "days_before": Text("Dienas pirms mācību pārtraukšanas", "Days before leaving"),
    "score_from": Text("Punkti, sākot no", "Score from"),
    "not_known": Text("nav zināms", "not known"),
    "no_value": Text("nav no kā rēķināt", "nothing to reckon with"),
}

COLUMNS: dict[str, Text] = {
    "cohort": TERMS["cohort"],
    "school": TERMS["school"],
    "grade": TERMS["grade"],
    "as_of": Text("Vērtēšanas diena", "As-of day"),
}

MENU: dict[str, Text] = {
    "CLICK_TO_VIEW_ACTIONS": Text("Saglabāt attēlu", "Save the picture"),
    "SVG_ACTION": Text("Saglabāt kā SVG", "Save as SVG"),
    "PNG_ACTION": Text("Saglabāt kā PNG", "Save as PNG"),
}

SLIDERS: dict[str, Text] = {
    "from-level": Text("Atzīmē, sākot no līmeņa", "Flag from level"),
    "plans": Text(
        "Cik plānu varam īstenot vienā vērtēšanas dienā", "Plans we can run per as-of day"
    ),
    "reset": Text("Atpakaļ uz noteikumu kopas vērtībām", "Back to the ruleset's own values"),
    "front-before": Text("tagad", "as it is"),
    "front-now": Text("skaņots", "tuned"),
    "before": Text("Spēkā", "As it is"),
    "now": Text("Tagad", "As moved"),
    "change": Text("Starpība", "Difference"),
    "cut": Text("Robeža", "Cut"),
    "no-room": Text(
        "vietu nepietiek: jau augstākais punktu skaits ir pārāk daudziem",
        "too few places: the highest score alone has more pupils",
    ),
    "refused": Text("Tā nevar:", "Not allowed:"),
    "days": Text(
        "Skaitīta katra skolēna rinda katrā vērtēšanas dienā vai, kur dienu nav, kohortā (kopā: "
        "{}).",
        "Counted is each pupil's row of each as-of day or, where there are no days, of each cohort "
        "(in all: {}).",
    ),
}
