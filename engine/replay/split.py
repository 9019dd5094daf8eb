"""The temporal split: tune on earlier cohorts, judge on later ones.

What was tuned on a cohort looks better on it than it will be: only pupils of later cohorts can say
how a ruleset will do (Kaufman et al., *Leakage in data mining*, 2012; the same rule as in triage's
temporal validation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from engine.canonical import KEY
from engine.errors import DataError
from engine.replay.history import AS_OF, COHORT, OUTCOME, History
from engine.replay.unsplit import (
    Unsplit,
    no_cohorts,
    no_such_cohort,
    one_cohort,
    outcomes_unknown,
    overlap,
)

Part = Literal["tune", "judge", "all"]
Days = dict[str, tuple[date, date]]  # each cohort's first and last as-of day


@dataclass(frozen=True)
class Split:
    """Cohorts to tune on and cohorts to judge on, all of the latter later than all of the former.

    `between` are cohorts of neither part: they began before it was known what became of those that
    are tuned on. `shared` counts the pupils who stand in both parts: their later rows are judged,
    but they are no strangers to what was tuned.
    """

    tune: tuple[str, ...]
    judge: tuple[str, ...]
    shared: int = 0
    between: tuple[str, ...] = ()

    def rows(self, history: History, part: Part) -> pl.DataFrame:
        """Return the rows of one part, those without an outcome too."""
        if part == "all":
            return history.rows
        return history.rows.filter(pl.col(COHORT).is_in(getattr(self, part)))


def split_after(history: History, last: str | None = None) -> Split:
    """Return the split that tunes on cohorts up to `last`, and judges on those after it.

    Where the history says after how many days outcomes are settled, the cohorts to judge begin when
    those of `last` were. Left out, `last` is the last cohort that leaves one to judge on.
    Raises `DataError` where either part would have nothing to learn or to judge from.
    """
    found = _split(history, last)
    if isinstance(found, Unsplit):
        raise DataError(found.problem)
    return found


def split_if_any(
    history: History, last: str | None = None
) -> tuple[Split, None] | tuple[None, Unsplit]:
    """Return what `split_after` does; where no cohort is named, it may be why there is no split."""
    found = _split(history) if last is None else split_after(history, last)
    return (None, found) if isinstance(found, Unsplit) else (found, None)


def _split(history: History, last: str | None = None) -> Split | Unsplit:
    usable, days = _with_both_outcomes(history), _days(history)
    if len(usable) < 2:
        return one_cohort() if history.cohorts else no_cohorts()
    if last is not None and last not in history.cohorts:
        return no_such_cohort(last, usable)
    parts = {name: _parts(history, days, name) for name in history.cohorts}
    known = [name for name, both in parts.items() if all(set(part) & set(usable) for part in both)]
    good = [name for name in known if _follows(days, *parts[name])]
    chosen = last if last is not None else next(reversed(good), None)
    if chosen in good:
        tune, judge = parts[chosen]
        between = tuple(n for n in history.cohorts if n not in tune and n not in judge)
        return Split(tune, judge, _shared(history, tune, judge), between)
    asked = history.cohorts[:-1] if last is None else (last,)
    if any(_follows(days, *_halves(history, name)) for name in asked):
        return outcomes_unknown(last, good, history.horizon)
    tune, judge = _halves(history, asked[0])
    return overlap(tune[-1], judge[0], good)


def _halves(history: History, last: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the cohorts up to one, and those after it."""
    at = history.cohorts.index(last) + 1
    return history.cohorts[:at], history.cohorts[at:]


def _parts(history: History, days: Days, last: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the cohorts up to one, and those that begin when its outcomes were settled."""
    tune, judge = _halves(history, last)
    if history.horizon is not None and days:
        settled = max(days[name][1] for name in tune) + timedelta(history.horizon)
        judge = tuple(name for name in judge if days[name][0] >= settled)
    return tune, judge


def _follows(days: Days, tune: tuple[str, ...], judge: tuple[str, ...]) -> bool:
    """Return whether one part is over when the other begins, as far as there are days."""
    return not (days and judge) or max(days[n][1] for n in tune) < min(days[n][0] for n in judge)


def _days(history: History) -> Days:
    """Return the first and the last as-of day of each cohort; none where there are no days."""
    if not {AS_OF, COHORT} <= set(history.rows.columns):
        return {}
    each = history.rows.drop_nulls(COHORT).group_by(COHORT)
    found: Iterable[tuple[str, date, date]] = each.agg(
        pl.col(AS_OF).min().alias("first"), pl.col(AS_OF).max().alias("last")
    ).iter_rows()
    return {name: (first, last) for name, first, last in found}


def _with_both_outcomes(history: History) -> tuple[str, ...]:
    if COHORT not in history.rows.columns:
        return ()
    counts = history.labelled.group_by(COHORT).agg(pl.col(OUTCOME).mean().alias("share"))
    both = set(counts.filter((pl.col("share") > 0) & (pl.col("share") < 1))[COHORT])
    return tuple(name for name in history.cohorts if name in both)


def _shared(history: History, tune: tuple[str, ...], judge: tuple[str, ...]) -> int:
    keys = [
        history.rows.filter(pl.col(COHORT).is_in(part)).select(KEY).unique()
        for part in (tune, judge)
    ]
    return keys[0].join(keys[1], on=KEY, how="semi").height
