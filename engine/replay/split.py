"""The temporal split: tune on earlier cohorts, judge on later ones.

What was tuned on a cohort looks better on it than it will be: only pupils of later cohorts can say
how a ruleset will do (Kaufman et al., *Leakage in data mining*, 2012; the same rule as in triage's
temporal validation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from engine.canonical import KEY
from engine.errors import DataError, Problem
from engine.replay.history import COHORT, History

Part = Literal["tune", "judge", "all"]


@dataclass(frozen=True)
class Split:
    """Cohorts to tune on and cohorts to judge on, all of the latter later than all of the former.

    `shared` counts the pupils who stand in both: their later rows are judged, but they are no
    strangers to what was tuned.
    """

    tune: tuple[str, ...]
    judge: tuple[str, ...]
    shared: int = 0

    def rows(self, history: History, part: Part) -> pl.DataFrame:
        """Return the rows of one part, those without an outcome too."""
        if part == "all":
            return history.rows
        return history.rows.filter(pl.col(COHORT).is_in(getattr(self, part)))


def split_after(history: History, last: str | None = None) -> Split:
    """Return the split that tunes on cohorts up to `last`, and judges on those after it.

    Left out, `last` is the last but one of the cohorts that have outcomes of both kinds.
    Raises `DataError` where either part would have nothing to learn or to judge from.
    """
    usable = _with_both_outcomes(history)
    if len(usable) < 2:
        message = "there are not two cohorts with pupils who left and pupils who stayed"
        hint = f"add a column '{COHORT}', or judge on what was tuned on (which says too much good)"
        raise DataError(Problem("no-split", message, None, hint))
    last = last if last is not None else usable[-2]
    if last not in history.cohorts:
        message = f"there is no cohort '{last}'"
        raise DataError(Problem("no-split", message, None, f"cohorts: {', '.join(usable)}"))
    at = history.cohorts.index(last) + 1
    tune, judge = history.cohorts[:at], history.cohorts[at:]
    for name, part in (("up to", tune), ("after", judge)):
        if not set(part) & set(usable):
            message = f"no cohort {name} '{last}' has pupils who left and pupils who stayed"
            hint = f"split after one of: {', '.join(usable[:-1])}"
            raise DataError(Problem("no-split", message, None, hint))
    return Split(tune, judge, _shared(history, tune, judge))


def _with_both_outcomes(history: History) -> tuple[str, ...]:
    if COHORT not in history.rows.columns:
        return ()
    counts = history.labelled.group_by(COHORT).agg(pl.col("outcome").mean().alias("share"))
    both = counts.filter((pl.col("share") > 0) & (pl.col("share") < 1))[COHORT]
    return tuple(name for name in history.cohorts if name in set(both))


def _shared(history: History, tune: tuple[str, ...], judge: tuple[str, ...]) -> int:
    keys = [
        history.rows.filter(pl.col(COHORT).is_in(part)).select(KEY).unique()
        for part in (tune, judge)
    ]
    return keys[0].join(keys[1], on=KEY, how="semi").height
