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
from engine.errors import DataError, Problem
from engine.replay.history import AS_OF, COHORT, OUTCOME, History

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
    usable, days = _with_both_outcomes(history), _days(history)
    parts = {name: _parts(history, days, name) for name in history.cohorts}
    good = [
        name
        for name, (tune, judge) in parts.items()
        if set(tune) & set(usable) and set(judge) & set(usable)
    ]
    _check(history, last, usable, good)
    last = last if last is not None else [name for name in good if name in usable][-1]
    tune, judge = parts[last]
    between = tuple(n for n in history.cohorts if n not in tune and n not in judge)
    _check_order(days, tune, judge)
    return Split(tune, judge, _shared(history, tune, judge), between)


def split_if_any(history: History, last: str | None = None) -> Split | None:
    """Return what `split_after` does, and None where no cohort is named and there is no split."""
    try:
        return split_after(history, last)
    except DataError:
        if last is not None:
            raise
        return None


def _parts(history: History, days: Days, last: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the cohorts up to one, and those that begin when its outcomes were settled."""
    at = history.cohorts.index(last) + 1
    tune, judge = history.cohorts[:at], history.cohorts[at:]
    if history.horizon is not None and days:
        settled = max(days[name][1] for name in tune) + timedelta(history.horizon)
        judge = tuple(name for name in judge if days[name][0] >= settled)
    return tune, judge


def _check(history: History, last: str | None, usable: tuple[str, ...], good: list[str]) -> None:
    if len(usable) < 2:
        message = "there are not two cohorts with pupils who left and pupils who stayed"
        hint = f"add a column '{COHORT}', or judge on what was tuned on (which says too much good)"
        raise DataError(Problem("no-split", message, None, hint))
    if last is not None and last not in history.cohorts:
        message = f"there is no cohort '{last}'"
        raise DataError(Problem("no-split", message, None, f"cohorts: {', '.join(usable)}"))
    if (last in good) if last is not None else good:
        return
    after = f" by the end of '{last}'" if last is not None else ""
    message = f"pupils who left and pupils who stayed are not known of two parts{after}"
    hint = f"split after one of: {', '.join(good)}" if good else "add earlier or later cohorts"
    if history.horizon is not None:
        hint += f"; outcomes settle in {history.horizon} days, and only later cohorts can judge"
    raise DataError(Problem("no-split", message, None, hint))


def _check_order(days: Days, tune: tuple[str, ...], judge: tuple[str, ...]) -> None:
    """Refuse cohorts that are no times: one part must be over when the other begins."""
    if not days or max(days[n][1] for n in tune) < min(days[n][0] for n in judge):
        return
    message = f"cohorts up to '{tune[-1]}' have as-of days after those of '{judge[0]}'"
    hint = f"leave out the column '{COHORT}', so that each as-of day is one"
    raise DataError(Problem("no-split", message, None, hint))


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
