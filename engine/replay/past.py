"""From registers to a history: what was known of pupils on days of the past, and what they became.

Indicators are computed as `pumpurs indicators` would have on each day; outcomes come from all that
was recorded since.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.canonical import KEY
from engine.errors import DataError, Problem
from engine.indicator import Catalogue
from engine.indicators.cohort import enrolled
from engine.indicators.many import indicators_on
from engine.output import write_table
from engine.registers.history import History
from engine.replay.history import (
    AS_OF,
    COHORT,
    DEFINITIONS,
    GRADE,
    LEFT_ON,
    OUTCOME,
    SCHOOL,
    definition,
)
from engine.replay.history import HORIZON as SETTLED
from engine.replay.outcomes import HORIZON, PUPIL, is_over, known_until, labels


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows an as-of day has, and of how many pupils it is known what became of them.

    `gone` counts pupils who are left out: they had left by the day, and no register knew it yet.
    """

    as_of: date
    left: int
    stayed: int
    unknown: int
    gone: int

    @property
    def rows(self) -> int:
        """How many rows the day has in the history."""
        return self.left + self.stayed + self.unknown


def past(
    history: History,
    catalogue: Catalogue,
    days: Sequence[date],
    horizon: int = HORIZON,
    until: date | None = None,
) -> Iterator[tuple[Counts, pl.DataFrame]]:
    """Yield the rows of each as-of day, the earliest first, and their counts.

    Rows have ``pupil_key``, ``school``, ``grade``, ``cohort``, ``as_of``, ``outcome``, ``left_on``,
    and each indicator with its ``INDICATOR.observed_on``. Registers reach to the day `until`, or as
    far as `reach` finds them to. Raises `DataError` where they hold no pupil.
    """
    until = until or reach(history)
    first = (KEY, SCHOOL, GRADE, COHORT, AS_OF, OUTCOME, LEFT_ON)
    for day, frame in indicators_on(history, catalogue, days):
        found = frame
        if GRADE not in catalogue.indicators:
            grades = enrolled(history.versions(day), day).select(PUPIL, GRADE)
            found = found.join(grades, left_on=KEY, right_on=PUPIL, how="left")
        said = labels(history, day, until, horizon)
        found = found.join(said, left_on=KEY, right_on=PUPIL, how="left").sort(KEY)
        dated = (pl.lit(day).alias(AS_OF), pl.lit(day.isoformat()).alias(COHORT))
        every = found.with_columns(dated).collect(engine="streaming")
        there = every.filter(~pl.col("gone").fill_null(value=False))
        rows = there.select(*first, pl.exclude(*first, "gone"))
        yield _counts(day, rows[OUTCOME], every.height - rows.height), rows


def _counts(day: date, outcome: pl.Series, gone: int) -> Counts:
    left, unknown = int(outcome.sum()), outcome.null_count()
    return Counts(day, left, outcome.len() - left - unknown, unknown, gone)


def reach(history: History) -> date:
    """Return the day to which registers know of pupils; raises `DataError` where of none."""
    until = known_until(history)
    if until is None:
        message = "the registers hold no enrolment, mark, lesson or outcome"
        raise DataError(Problem("no-days", message, None, "read registers of some school years"))
    return until


def default_days(history: History, horizon: int = HORIZON, until: date | None = None) -> list[date]:
    """Return the last days of all semesters of which it is known what came of the pupils.

    Where schools have semesters of their own, the day on which most of a half-year's end counts.
    Raises `DataError` where there is none.
    """
    until = until or reach(history)
    sessions = history.known(until)["sessions"].collect()
    semesters = sessions.filter(type="semester")
    semesters = semesters if semesters.height else sessions.filter(type="school_year")
    everybody = semesters.filter(pl.col("school").is_null())
    semesters = everybody if everybody.height else semesters
    year, spring = pl.col("ends").dt.year().alias("year"), pl.col("ends").dt.month() < 7
    halves = semesters.group_by(year, spring.alias("spring")).agg(pl.col("ends").mode().max())
    days = [day for day in sorted(halves["ends"]) if is_over(day, horizon, until)]
    if not days:
        message = f"no semester ended {horizon} days before the registers end ({until})"
        hint = "name days (--as-of), choose a shorter --horizon, or take longer registers"
        raise DataError(Problem("no-days", message, None, hint))
    return days


def write_past(parts: Sequence[Path], catalogue: Catalogue, horizon: int, out: Path) -> None:
    """Write a history from its days' Parquet files, with how it was computed."""
    frame = pl.scan_parquet(list(parts), glob=False)
    named = frame.collect_schema().names()
    known = {n: definition(i) for n, i in catalogue.indicators.items() if n in named}
    write_table(frame, out, {DEFINITIONS: json.dumps(known), SETTLED: str(horizon)})
