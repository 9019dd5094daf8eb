"""What ``pumpurs tune`` says, in both languages."""

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
    "cohorts": Text("Skaņots pēc kohortām: {}", "Tuned on the cohorts: {}"),
    "all-rows": Text(
        "Skaņots pēc visām rindām, un nav citu, kas pārbaudītu. Kāpēc: {}. Ko darīt: {}.",
        "Tuned on all rows, and there are no others to judge. Why: {}. What to do: {}.",
    ),
    "few": Text(
        "Iznākumu ir par maz: cilvēku izvēlētām robežām te var ticēt vairāk.",
        "There are few outcomes: thresholds that people chose deserve more trust here.",
    ),
    "seen": Text("Rindas, pēc kurām skaņots", "The rows tuned on"),
    "changes": Text("Mainītie skaitļi", "Numbers changed"),
    "none": Text("Nekas nav jāmaina.", "Nothing needs to change."),
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
    "gain": Text(
        "Izmēģinājumos no {1}, kas pameta, skaņotās vērtības atrada par {0} vairāk nekā tagadējās: "
        "tām var ticēt.",
        "In the trials the tuned values caught {} more of the {} who left than the present ones: "
        "they can be trusted.",
    ),
    "no-gain": Text(
        "Izmēģinājumos no {1}, kas pameta, skaņotās vērtības atrada par {0} vairāk nekā tagadējās; "
        "tik var būt arī nejauši. Vēsture nedod iemesla mainīt skaitļus.",
        "In the trials the tuned values caught {} more of the {} who left than the present ones, "
        "which may be chance. The history gives no reason to change the numbers.",
    ),
    "same": Text(
        "Izmēģinājumos no {1}, kas pameta, skaņotās vērtības atrada tikpat, cik tagadējās. "
        "Vēsture nedod iemesla mainīt skaitļus.",
        "In the trials the tuned values caught as many of the {1} who left as the present ones. "
        "The history gives no reason to change the numbers.",
    ),
    "worse": Text(
        "Izmēģinājumos no {1}, kas pameta, skaņotās vērtības atrada par {0} mazāk nekā tagadējās. "
        "Vēsture nedod iemesla mainīt skaitļus.",
        "In the trials the tuned values caught {} fewer of the {} who left than the present ones. "
        "The history gives no reason to change the numbers.",
    ),
    "untried": Text(
        "Agrāku kohortu nepietiek, lai izmēģinātu: vai skaņotās vērtības ir labākas, nav zināms.",
        "There are too few earlier cohorts to try it on: whether tuned values are better is not "
        "known.",
    ),
    "needed": Text(
        "Tagadējās vērtības mērķi neievēro, tāpēc kaut kas jāmaina.",
        "The present values miss the goal, so something must change.",
    ),
    "missed": Text(
        "Mērķi nevar sasniegt nekādas vērtības savās robežās; šīs ir tam vistuvāk.",
        "No values within their bounds reach the goal; these come nearest to it.",
    ),
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
