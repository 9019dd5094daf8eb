"""The sources of incidents, sanctions, activity and work: events beside how far they are covered.

Each pupil with coverage has at least one row; where nothing happened its event columns are empty.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.indicators.coverage import covered
from engine.indicators.sources import PUPIL, Given, happened
from engine.indicators.spans import FROM, TO, spans
from engine.registers.calendar import DAY, DAYS_20, SCHOOL, SEMESTER, YEAR, Window


def incidents(given: Given) -> pl.LazyFrame:
    """Return incidents, flagged by semester and year."""
    return _beside_coverage(given, "incidents", given.known["incidents"], (SEMESTER, YEAR))


def sanctions(given: Given) -> pl.LazyFrame:
    """Return sanctions, flagged by year."""
    return _beside_coverage(given, "sanctions", given.known["sanctions"], (YEAR,))


def activity(given: Given) -> pl.LazyFrame:
    """Return use of the platform, judged by the calendar of the school of the as-of date."""
    use = _at_present_school(given).filter(pl.col("kind") == "active")
    return _beside_coverage(given, "activity", use, (DAYS_20,))


def work(given: Given) -> pl.LazyFrame:
    """Return work that was due, judged by the calendar of the school of the as-of date."""
    due = _at_present_school(given).filter(pl.col("kind") != "active")
    return _beside_coverage(given, "work", due, (DAYS_20, YEAR))


def _at_present_school(given: Given) -> pl.LazyFrame:
    return given.known["activity"].join(given.cohort.select(PUPIL, SCHOOL), on=PUPIL)


def _beside_coverage(
    given: Given, register: str, events: pl.LazyFrame, windows: Sequence[Window]
) -> pl.LazyFrame:
    found = flagged(given, happened(events, given.as_of), windows)
    limits = given.cohort.select(PUPIL)
    for window in windows:
        names = {"until": f"{window.name}_until", "held": f"{window.name}_held"}
        limits = limits.join(covered(given, register, window).rename(names), on=PUPIL, how="left")
    inside = [
        (pl.col(w.name) & (pl.col(DAY) <= pl.col(f"{w.name}_until")))
        .fill_null(value=False)
        .alias(w.name)
        for w in windows
    ]
    return limits.join(found, on=PUPIL, how="left").with_columns(inside)


def flagged(given: Given, events: pl.LazyFrame, windows: Sequence[Window]) -> pl.LazyFrame:
    """Return events with a flag for each window they lie in, and one for their school's days."""
    for window in windows:
        flag = pl.col(DAY).is_between(FROM, TO).fill_null(value=False).alias(window.name)
        within = spans(events, given.cohort, given.calendar, window)
        events = within.with_columns(flag).drop(FROM, TO)
    days = given.calendar.past.lazy().with_columns(pl.lit(value=True).alias("school_day"))
    joined = events.join(days, on=[SCHOOL, DAY], how="left")
    return joined.with_columns(pl.col("school_day").fill_null(value=False))
