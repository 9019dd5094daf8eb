"""Up to which day it is known that a school sent all of a register: where no rows means none.

Only school days need to be covered. A pupil's window is covered where each school is, for the
days on which the pupil was enrolled there; the value goes up to the last day before the first gap.
Nobody has sent what is still to come: a row covers days up to that on which it was recorded.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.sources import PUPIL, Given
from engine.indicators.spans import FROM, TO, spans
from engine.indicators.stays import closed, in_order
from engine.registers.calendar import DAY, SCHOOL, Window
from engine.registers.rows import ALWAYS
from engine.registers.schema import RECORDED


def covered(given: Given, register: str, window: Window) -> pl.LazyFrame:
    """Return for each pupil whose window is covered at all: pupil, until, held.

    `until` is the day up to which it is; `held` the school days up to then, while enrolled.
    """
    days = _days(given, register)
    inside = _stays(given, window)
    first = _next(inside, days.select(SCHOOL, DAY), FROM).rename({DAY: "first"})
    first = first.filter(pl.col("first") <= pl.col(TO))
    open_days = days.filter(~pl.col("covered")).select(SCHOOL, DAY)
    gap = _next(first, open_days, FROM).rename({DAY: "gap"})
    gap = gap.with_columns(pl.when(pl.col("gap") <= pl.col(TO)).then("gap").alias("gap"))
    last = _before(gap, days.select(SCHOOL, DAY), TO).rename({DAY: "last"})
    before_gap = pl.col("gap").min().over(PUPIL) - pl.duration(days=1)
    until = pl.coalesce(before_gap, pl.col("last").max().over(PUPIL)).alias("until")
    found = last.with_columns(until).with_columns(pl.min_horizontal(TO, "until").alias(TO))
    held = _held(found, days)
    return held.group_by(PUPIL).agg(
        pl.col("until").first(), pl.col("held").sum().cast(pl.Int32)
    ).filter(pl.col("held") > 0)  # fmt: skip


def _days(given: Given, register: str) -> pl.LazyFrame:
    """Return each school day up to the date, its number at its school, and if it is covered."""
    days = given.calendar.past.lazy()
    spans = given.known["coverage"].filter(pl.col("register") == register)
    recorded = pl.col(RECORDED)
    said = pl.when(recorded > ALWAYS).then(recorded.dt.date())  # or nobody says when
    ends = pl.min_horizontal("ends", said)
    inside = (
        days.join(spans.select(SCHOOL, "begins", ends), on=SCHOOL)
        .filter(pl.col(DAY).is_between("begins", "ends"))
        .select(SCHOOL, DAY, pl.lit(value=True).alias("covered"))
        .unique()
    )
    number = pl.int_range(pl.len(), dtype=pl.Int32).over(SCHOOL).alias("number")
    marked = days.join(inside, on=[SCHOOL, DAY], how="left").sort(SCHOOL, DAY)
    return marked.with_columns(pl.col("covered").fill_null(value=False), number)


def _stays(given: Given, window: Window) -> pl.LazyFrame:
    """Return what of each enrolment lies in the window: pupil, school, from, to."""
    stays = closed(in_order(given.known["enrolments"]))
    return (
        spans(stays, given.cohort, given.calendar, window)
        .filter(pl.col(FROM) <= pl.col(TO))
        .select(
            PUPIL,
            SCHOOL,
            pl.max_horizontal("begins", FROM).alias(FROM),
            pl.min_horizontal("ends", TO).alias(TO),
        )
        .filter(pl.col(FROM) <= pl.col(TO))
    )


def _next(spans: pl.LazyFrame, days: pl.LazyFrame, at: str) -> pl.LazyFrame:
    """Return the stays with their school's first of `days` at or after the day in column `at`."""
    return spans.sort(at).join_asof(
        days.sort(DAY), left_on=at, right_on=DAY, by=SCHOOL,
        strategy="forward", coalesce=False, check_sortedness=False,
    )  # fmt: skip


def _before(spans: pl.LazyFrame, days: pl.LazyFrame, at: str) -> pl.LazyFrame:
    """Return the stays with their school's last of `days` at or before the day in column `at`."""
    return spans.sort(at).join_asof(
        days.sort(DAY), left_on=at, right_on=DAY, by=SCHOOL,
        strategy="backward", coalesce=False, check_sortedness=False,
    )  # fmt: skip


def _held(spans: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
    """Return the stays with how many school days they had, 0 where the end is before any."""
    numbered = days.select(SCHOOL, DAY, "number")
    first = _next(spans, numbered, FROM).rename({"number": "number_first"}).drop(DAY)
    both = _before(first, numbered, TO)
    count = (pl.col("number") - pl.col("number_first") + 1).clip(lower_bound=0)
    return both.with_columns(count.fill_null(0).alias("held"))
