"""The source of attendance: lessons gathered into one row a pupil, school and day."""

from __future__ import annotations

from collections.abc import Sequence

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
    status = pl.col("status")
    lessons = lessons.with_columns(given.key(PUPIL), given.key(SCHOOL))
    return lessons.group_by(PUPIL, SCHOOL, DAY, *by).agg(
        pl.len().alias("expected"),
        status.is_in(["present", "late"]).sum().alias("attended"),
        (status == "late").sum().alias("late"),
        (status == "unexcused").sum().alias("unexcused"),
        (status == "medical").sum().alias("medical"),
    )


def attendance_days(given: Given, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return the days of attendance that lie in any window, with a flag for each."""
    days = given.calendar.inside(WINDOWS).with_columns(given.key(SCHOOL))
    lowest = days["day"].min()
    lessons = given.known["attendance"].filter(pl.col(DAY).is_between(lowest, given.as_of))
    found = in_school_days(gathered(given, lessons, by), days)
    return found.with_columns((pl.col("expected") - pl.col("attended")).alias("missed"))
