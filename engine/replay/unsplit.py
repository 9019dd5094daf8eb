"""Why a history cannot be split in time, and what to do about it, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import Problem
from engine.text import Text
from engine.words.phrases import DAYS
from engine.words.quantities import counted


@dataclass(frozen=True)
class Unsplit:
    """Why there are no two parts, and what would make some."""

    reason: Text
    remedy: Text

    @property
    def problem(self) -> Problem:
        """What is wrong, as an error says it."""
        return Problem("no-split", self.reason.en, None, self.remedy.en)


def no_cohorts() -> Unsplit:
    """Say that nothing tells earlier rows from later ones."""
    return Unsplit(
        Text("vēsturē nav kohortu", "the history tells no cohorts apart"),
        Text(
            "pievienojiet kolonnu „cohort” vai „as_of”: bez tās nav zināms, kas bija agrāk",
            "add a column 'cohort' or 'as_of': without it nobody knows what came earlier",
        ),
    )


def one_cohort() -> Unsplit:
    """Say that there is only one cohort to learn or to judge from, if any."""
    return Unsplit(
        Text(
            "nav divu kohortu, kurās ir gan skolēni, kas pameta mācības, gan tādi, kas palika",
            "there are not two cohorts with pupils who left and pupils who stayed",
        ),
        Text(
            "pievienojiet agrākas vai vēlākas kohortas, kurās zināmi abi iznākumi",
            "add earlier or later cohorts of which both outcomes are known",
        ),
    )


def no_such_cohort(last: str, cohorts: Sequence[str]) -> Unsplit:
    """Say which cohorts there are."""
    named = ", ".join(cohorts)
    return Unsplit(
        Text(f"nav kohortas „{last}”", f"there is no cohort '{last}'"),
        Text(f"kohortas: {named}", f"cohorts: {named}"),
    )


def outcomes_unknown(last: str | None, good: Sequence[str], horizon: int | None) -> Unsplit:
    """Say that outcomes of both kinds are not known of both parts.

    `good` are the cohorts after which there is a split; outcomes are settled `horizon` days later.
    """
    lv, en = ("", "") if last is None else (f", ja dala pēc „{last}”", f" by the end of '{last}'")
    reason = Text(
        f"nav divu daļu, kurās abās zināms, kas pameta mācības un kas palika{lv}",
        f"pupils who left and pupils who stayed are not known of two parts{en}",
    )
    remedy = _elsewhere(good) or Text(
        "pievienojiet agrākas vai vēlākas kohortas", "add earlier or later cohorts"
    )
    if horizon is None:
        return Unsplit(reason, remedy)
    lv, en = (counted(horizon, DAYS, language) for language in ("lv", "en"))
    settles = Text(
        f"termiņš, kurā gaida iznākumu: {lv}; vērtēt var tikai kohortas, kas sākas pēc tā",
        f"outcomes settle in {en}, and only later cohorts can judge",
    )
    return Unsplit(reason, Text(f"{remedy.lv}; {settles.lv}", f"{remedy.en}; {settles.en}"))


def overlap(before: str, after: str, good: Sequence[str]) -> Unsplit:
    """Say that cohorts are no times: one part must be over when the other begins."""
    reason = Text(
        f"kohortas laikā pārklājas: līdz „{after}” sākumam tās, kas ir līdz „{before}”, vēl nav "
        "beigušās",
        f"the cohorts overlap in time: those up to '{before}' are not over when '{after}' begins",
    )
    remedy = Text(
        "izlaidiet kolonnu „cohort”; tad katra vērtēšanas diena ir sava kohorta",
        "leave out the column 'cohort', so that each as-of day is one",
    )
    return Unsplit(reason, _elsewhere(good) or remedy)


def _elsewhere(good: Sequence[str]) -> Text | None:
    named = ", ".join(good)
    return Text(f"daliet pēc: {named}", f"split after one of: {named}") if named else None
