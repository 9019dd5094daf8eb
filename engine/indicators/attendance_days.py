"""The source of attendance: lessons gathered into one row a pupil, school and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from engine.indicators.sources import PUPIL, Given, in_school_days
from engine.registers.calendar import (
    DAY,
    DAYS_20,
    DAYS_40,
    DAYS_45,
    EARLIER_20,
    SCHOOL,
    SEMESTER,
    WEEKS_4,
    YEAR,
)

WINDOWS = (DAYS_45, DAYS_40, DAYS_20, EARLIER_20, WEEKS_4, SEMESTER, YEAR)


def gathered(given: Given, lessons: pl.LazyFrame, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return how many lessons of each kind each pupil had on each day at each school.

    Lessons of one pupil's day mostly stand together, so this costs little, and all that follows
    has a fraction of the rows. Pupils and schools stand under their short keys.
    """
    lessons = lessons.with_columns(given.key(PUPIL), given.key(SCHOOL))
    return lessons.group_by(PUPIL, SCHOOL, DAY, *by).agg(counts())


def counts() -> list[pl.Expr]:
    """Return the aggregates that count lessons by what became of them."""
    status = pl.col("status")
    return [
        pl.len().alias("expected"),
        status.is_in(["present", "late"]).sum().alias("attended"),
        (status == "late").sum().alias("late"),
        (status == "unexcused").sum().alias("unexcused"),
        (status == "medical").sum().alias("medical"),
    ]


def attendance_days(given: Given, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return the days of attendance that lie in any window, with a flag for each."""
    days = given.calendar.inside(WINDOWS).with_columns(given.key(SCHOOL))
    lowest = min(days["day"], default=None)
    at_hand = given.pupil_days
    if at_hand is None:
        at_hand = gathered(given, given.known["attendance"].filter(_until(given.as_of, lowest)), by)
    found = in_school_days(at_hand.filter(_until(given.as_of, lowest)), days)
    return found.with_columns((pl.col("expected") - pl.col("attended")).alias("missed"))


def _until(as_of: date, lowest: date | None) -> pl.Expr:
    return pl.col(DAY).is_between(pl.lit(lowest, pl.Date), as_of)
