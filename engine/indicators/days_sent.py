"""Whether a pupil's attendance was sent: rows on nearly all school days of each window.

A school that sends nothing for weeks in between would look like one whose pupils miss nothing.
So a figure of attendance has a value only where the pupil's days with rows are at least
`LEAST_DAYS` of the school days of the window, while enrolled, up to the pupil's last row in it.
What comes after the last row is no gap: the value goes up to that day, and ages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import polars as pl

from engine.indicators.coverage import stays
from engine.indicators.figure import ANY_ROW, Figure, only, tally
from engine.indicators.sources import PUPIL, Given
from engine.registers.calendar import DAY, SCHOOL, Window

LEAST_DAYS = 0.9  # of the school days; the rest are journals not kept on a day, trips, and so on
_ONE = timedelta(days=1)


def days_with_rows(windows: Sequence[Window]) -> Iterator[pl.Expr]:
    """Yield what a group-by of pupils' days must find: how many in each window, and the last."""
    for window in windows:
        yield from Figure({"days": tally(ANY_ROW)}, only("days"), window).aggregates(window.name)


def sent(window: Window) -> str:
    """Return the name of the column that says whether a window's attendance was sent."""
    return f"{window.name}/sent"


def with_sent(given: Given, sums: pl.LazyFrame, windows: Sequence[Window]) -> pl.LazyFrame:
    """Return pupils' sums with a column for each window that says if its attendance was sent."""
    days = given.calendar.inside(windows).with_columns(given.key(SCHOOL)).sort(SCHOOL, DAY)
    if days.is_empty():
        return sums.with_columns(pl.lit(value=False).alias(sent(w)) for w in windows)
    whole = sums.collect(engine="streaming")  # once: it holds the group-by over all lessons
    expected = _expected(given, whole, days, windows)
    found = whole.lazy().join(expected, on=PUPIL, how="left")
    return found.with_columns(
        (pl.col(f"{w.name}/days") >= LEAST_DAYS * pl.col(f"{w.name}/expected"))
        .fill_null(value=False)
        .alias(sent(w))
        for w in windows
    )


def _expected(
    given: Given, sums: pl.DataFrame, days: pl.DataFrame, windows: Sequence[Window]
) -> pl.LazyFrame:
    """Return for each pupil how many school days each window had up to the pupil's last row.

    School days are numbered at each school, so that a stay's are the last number less the one
    before the first.
    """
    numbers = _numbers(given, days)
    # A pupil is at one school once: days of enrolments that overlap there count once.
    reached = pl.col("ends").cum_max().shift(1).over(PUPIL, SCHOOL) + _ONE
    low, high = days[DAY].min(), given.as_of
    mine = (
        stays(given)
        .join(given.cohort.select(PUPIL), on=PUPIL, how="semi")
        .select(given.key(PUPIL), given.key(SCHOOL), "begins", pl.col("ends").fill_null(high))
        .with_columns(pl.max_horizontal("begins", reached, pl.lit(low)) - _ONE)
        .with_columns(pl.min_horizontal("ends", pl.lit(high)))
        .filter(pl.col("begins") < pl.col("ends"))
    )
    last_rows = sums.lazy().select(PUPIL, *(f"{w.name}/day" for w in windows))
    mine = mine.join(last_rows, on=PUPIL).join(_bounds(days, windows), on=SCHOOL)
    for day in ("begins", "ends", *(f"{w.name}/day" for w in windows)):
        numbered = numbers.rename({DAY: day, "number": f"#{day}"})
        mine = mine.join(numbered, on=[SCHOOL, day], how="left")
    return mine.group_by(PUPIL).agg(
        _counted(w.name).sum().alias(f"{w.name}/expected") for w in windows
    ).with_columns(
        pl.when(pl.col(f"{w.name}/expected") > 0).then(f"{w.name}/expected") for w in windows
    )  # fmt: skip


def _counted(window: str) -> pl.Expr:
    """Return how many of a stay's school days lie in a window, up to the pupil's last row."""
    last = pl.min_horizontal(f"#{window}/day", "#ends", f"{window}/high")
    first = pl.max_horizontal("#begins", f"{window}/low")
    there = pl.col(f"{window}/day").is_not_null() & pl.col(f"{window}/low").is_not_null()
    return pl.when(there & (last > first)).then(last - first)


def _numbers(given: Given, days: pl.DataFrame) -> pl.LazyFrame:
    """Return for each school and date how many of these school days were up to and on it."""
    dates = pl.date_range(
        days.select(pl.col(DAY).min() - _ONE).item(), given.as_of, eager=True
    ).alias(DAY)
    every = days.select(SCHOOL).unique().join(dates.to_frame(), how="cross")
    held = days.select(SCHOOL, DAY, pl.lit(1, pl.Int32).alias("number"))
    both = every.join(held, on=[SCHOOL, DAY], how="left").sort(SCHOOL, DAY)
    return both.with_columns(pl.col("number").fill_null(0).cum_sum().over(SCHOOL)).lazy()


def _bounds(days: pl.DataFrame, windows: Sequence[Window]) -> pl.LazyFrame:
    """Return for each school and window the number before its first day, and that of its last."""
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int32)
    ordered = days.with_columns(number.over(SCHOOL).alias("number"))
    return ordered.group_by(SCHOOL).agg(
        each
        for w in windows
        for each in (
            (pl.col("number").filter(w.name).min() - 1).alias(f"{w.name}/low"),
            pl.col("number").filter(w.name).max().alias(f"{w.name}/high"),
        )
    ).lazy()  # fmt: skip
