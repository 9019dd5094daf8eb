"""What ``pumpurs tune`` says beside what is told of tuning anywhere, in both languages."""

from __future__ import annotations

from engine.replay.terms import TERMS
from engine.text import Language, Text

PHRASES: dict[str, Text] = {
    **TERMS,
    "reading": Text("Lasa vēsturi…", "Reading the history…"),
    "tuning": Text("Skaņo ({})…", "Tuning ({})…"),
    "goal": Text(
        "Atzīmē no līmeņa „{}”; atzīmēto rindu var būt ne vairāk kā {}.",
        "Flagged from the level '{}'; at most {} rows may be flagged.",
    ),
    "seen": Text("Rindas, pēc kurām skaņots", "The rows tuned on"),
    "changes": Text("Mainītie skaitļi", "Numbers changed"),
    "trials": Text(
        "Izmēģināts: skaņots pēc agrākām kohortām, vērtēts pēc nākamās",
        "Tried: tuned on earlier cohorts, judged on the next",
    ),
    "later": Text("Vēlākās kohortas, kuras meklēšana nav redzējusi", "Later cohorts, unseen"),
    "front": Text("Ko var iegūt: atzīmēti un atrasti", "What can be had: flagged and caught"),
    "figure": Text("Rādītājs", "Figure"),
    "present": Text("Tagad", "Now"),
    "tuned": Text("Skaņots", "Tuned"),
    "parameter": Text("Parametrs", "Parameter"),
    "moved": Text("Mainīto skaitļu", "Numbers changed"),
    "gap": Text("Grupu atšķirība: {}", "Gap between groups: {}"),
    "examples": Text(
        "Noteikumu piemēri, kas ar šiem skaitļiem vairs neizpildās: {}. Vai tos mainīt, izlemj "
        "cilvēks; tos parāda 'pumpurs check {}'.",
        "Examples beside the rules that no longer hold with these numbers: {}. Whether to change "
        "them is for a person to decide; 'pumpurs check {}' shows them.",
    ),
    "not-written": Text(
        "Nekas nav uzrakstīts; ar --even-without-gain kandidātu uzraksta tāpat.",
        "Nothing is written; --even-without-gain writes the candidate all the same.",
    ),
}


def say(phrase: str, language: Language, *values: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values)
