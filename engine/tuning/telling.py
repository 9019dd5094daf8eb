"""What is told of tuning, on the command line and in notebooks: in words, and none of it of few."""

from __future__ import annotations

from collections.abc import Iterator

from engine.replay.small import SMALLEST, too_few
from engine.replay.terms import TERMS
from engine.text import Language, Text
from engine.tuning.goal import Found
from engine.tuning.tune import Tuning
from engine.tuning.tuned import Tried, Tuned
from engine.words.quantities import number

SHOWN = 12  # of the front, in a table
SAID: dict[str, Text] = {
    "cohorts": Text("Skaņots pēc kohortām: {}", "Tuned on the cohorts: {}"),
    "all-rows": Text(
        "Skaņots pēc visām rindām, un nav citu, kas pārbaudītu. Kāpēc: {}. Ko darīt: {}.",
        "Tuned on all rows, and there are no others to judge. Why: {}. What to do: {}.",
    ),
    "shared": Text(
        "Skolēni, kuri ir gan meklēšanas, gan vēlākajās kohortās: {}",
        "Pupils who stand in cohorts tuned on and in later ones: {}",
    ),
    "unknown": Text(
        "Nav zināms nevienā rindā, pēc kuras skaņots, tāpēc skaitļus, ar ko to salīdzina, nevarēja "
        "skaņot: {}",
        "Unknown in all rows tuned on, so the numbers compared with it could not be tuned: {}",
    ),
    "few": Text(
        "Iznākumu ir par maz: cilvēku izvēlētām robežām te var ticēt vairāk.",
        "There are few outcomes: thresholds that people chose deserve more trust here.",
    ),
    "no-leak": Text(
        "Gandrīz droši pasaka, kurš pametis; cilvēks teica, ka tā nav noplūde: {}",
        "Tells almost surely who left; a person said that it is no leak: {}",
    ),
    "none": Text("Nekas nav jāmaina.", "Nothing needs to change."),
    "stuck": Text(
        "Tagadējās vērtības mērķi neievēro, bet savās robežās nav atrastas vērtības, kas būtu tam "
        "tuvāk. Skaitļi nav mainīti.",
        "The present values miss the goal, but no values that come nearer to it were found within "
        "their bounds. No number is changed.",
    ),
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
    "gain-of-few": Text(
        "Izmēģinājumos skaņotās vērtības atrada vairāk nekā tagadējās: tām var ticēt.",
        "In the trials the tuned values caught more than the present ones: they can be trusted.",
    ),
    "no-gain-of-few": Text(
        "Izmēģinājumos skaņotās vērtības neatrada vairāk, nekā varētu būt nejauši. Vēsture nedod "
        "iemesla mainīt skaitļus.",
        "In the trials the tuned values caught no more than chance would. The history gives no "
        "reason to change the numbers.",
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
        "Savās robežās nav atrastas vērtības, kas sasniegtu mērķi; šīs ir tam vistuvāk.",
        "No values that reach the goal were found within their bounds; these come nearest to it.",
    ),
}


def grounds(found: Tuned, language: Language) -> Iterator[str]:
    """Yield on which rows it was tuned, why none are left to judge, and what speaks against it."""
    if found.split:
        yield _said("cohorts", language, ", ".join(found.split.tune))
        if found.split.shared:
            yield _said("shared", language, number(found.split.shared, language))
    if found.unsplit:
        why = (found.unsplit.reason, found.unsplit.remedy)
        yield _said("all-rows", language, *(text[language] for text in why))
    if found.seen.too_few:
        yield _said("few", language)
    known = found.candidate.ruleset.catalogue.indicators
    learnt = found.candidate.learnt
    listed = {"unknown": found.unknown, "no-leak": learnt.no_leak if learnt else ()}
    for phrase, names in listed.items():
        if names:
            labels = ", ".join(known[name].label[language] for name in names)
            yield _said(phrase, language, labels)


def verdict(found: Tuned, language: Language) -> Iterator[str]:
    """Yield what came of the trials, and whether the goal was met."""
    if not found.candidate.searched:
        yield _said("stuck" if found.needed else "none", language)
        return
    left = sum(each.left for each in found.trials)
    numbers = (number(count, language) for count in (abs(found.gain), left))
    yield _said(_outcome(found), language, *numbers)
    if found.needed:
        yield _said("needed", language)
    if not found.goal.met(found.tuning.best):
        yield _said("missed", language)


def _outcome(found: Tuned) -> str:
    if not found.trials:
        return "untried"
    if any(trial.of_few for trial in found.trials):
        return "gain-of-few" if found.gains else "no-gain-of-few"
    if found.gains:
        return "gain"
    return "no-gain" if found.gain > 0 else "worse" if found.gain < 0 else "same"


def became(count: int, language: Language, *behind: int) -> str:
    """Return how many left or stayed, if not too few stand `behind` it, or behind a difference."""
    if any(map(too_few, behind)):
        return TERMS["suppressed"][language]
    return number(count, language)


def caught(trial: Tried, language: Language) -> tuple[str, str]:
    """Return how many of those who left a trial caught, by present and by tuned values."""
    before, after = trial.caught
    return (
        became(before, language, trial.flagged[0]),
        became(after, language, trial.flagged[1], trial.moved),
    )


def apart(found: Tuning) -> Iterator[Found]:
    """Yield combinations of the front, each with ten rows flagged more than the one before.

    None tells what became of fewer than ten, nor do two that stand beside one another, nor one
    beside the present values or the best, which are shown as well.
    """
    shown = 0
    for each in found.front:
        beside = any(
            abs(each.flagged - other.flagged) < SMALLEST and each.values != other.values
            for other in (found.present, found.best)
        )
        if not too_few(each.flagged - shown) and not beside:
            yield each
            shown = each.flagged


def thinned(found: Tuning) -> Iterator[Found]:
    """Yield some combinations of those `apart`, evenly chosen, the first and the last of them."""
    told = list(apart(found))
    last, shown = len(told) - 1, min(SHOWN, len(told))
    for at in sorted({round(last * n / max(1, shown - 1)) for n in range(shown)}):
        yield told[at]


def _said(phrase: str, language: Language, *values: str) -> str:
    return SAID[phrase][language].format(*values)
