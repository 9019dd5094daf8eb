"""What figures and their columns are called, wherever they are shown."""

from __future__ import annotations

from engine.text import Text

TERMS: dict[str, Text] = {
    "pupils": Text("Skolēni", "Pupils"),
    "rows": Text("Rindas", "Rows"),
    "left": Text("Pameta mācības", "Left"),
    "stayed": Text("Palika", "Stayed"),
    "unknown": Text("Nav zināms", "Unknown"),
    "flagged": Text("Atzīmēti", "Flagged"),
    "caught": Text("Atrasti", "Caught"),
    "false_alarms": Text("Lieki atzīmēti", "False alarms"),
    "cannot_say": Text("Nevar pateikt", "Cannot say"),
    "flagged_share": Text("Atzīmēto daļa", "Share flagged"),
    "precision": Text("Precizitāte", "Precision"),
    "recall": Text("Pārklājums", "Recall"),
    "false_alarm_rate": Text("Lieki atzīmēti no palikušajiem", "False alarms of those who stayed"),
    "cohort": Text("Kohorta", "Cohort"),
    "school": Text("Skola", "School"),
    "grade": Text("Klase", "Grade"),
    "as_of": Text("Diena", "As-of day"),
    "level": Text("Līmenis", "Level"),
    "score": Text("Punkti", "Score"),
    "rule": Text("Noteikums", "Rule"),
    "not-known": Text("nav zināms", "not known"),
    "suppressed": Text("pārāk maz skolēnu", "too few pupils"),
}
