"""School years, stages, and which school a school has become."""

from __future__ import annotations

import polars as pl

from engine.registers.calendar import MERGERS

TURNS = 8  # enrolments from August on are of the school year that begins in September
IN_TIME = 14  # the day of September up to which an enrolment begins with its school year


def school_year(day: pl.Expr, turns: int = TURNS) -> pl.Expr:
    """Return the year in which a day's school year begins, which begins in month `turns`.

    >>> from datetime import date
    >>> days = pl.DataFrame({"day": [date(2024, 7, 31), date(2024, 8, 1)]})
    >>> days.select(school_year(pl.col("day")))["day"].to_list()
    [2023, 2024]
    """
    return day.dt.year() - (day.dt.month() < turns).cast(pl.Int32)


def with_the_year(day: pl.Expr) -> pl.Expr:
    """Return whether an enrolment begun on a day begins with its school year: by 14 September.

    Up to then lists of classes are still being set right; one that begins later may well follow
    another that is not known.

    >>> from datetime import date
    >>> days = [date(2024, 7, 31), date(2024, 8, 1), date(2024, 9, 14), date(2024, 9, 15)]
    >>> pl.DataFrame({"day": days}).select(with_the_year(pl.col("day")))["day"].to_list()
    [False, True, True, False]
    """
    month = day.dt.month()
    return (month == TURNS) | ((month == TURNS + 1) & (day.dt.day() <= IN_TIME))


def stage(grade: pl.Expr) -> pl.Expr:
    """Return the stage of education: 0 before school, 1 basic (1-9), 2 secondary (10-12).

    >>> pl.DataFrame({"grade": [0, 1, 9, 10]}).select(stage(pl.col("grade")))["grade"].to_list()
    [0, 1, 1, 2]
    """
    return (grade >= 1).cast(pl.Int32) + (grade >= 10).cast(pl.Int32)


def became(rows: pl.LazyFrame, orgs: pl.LazyFrame, school: str, on: str) -> pl.LazyFrame:
    """Return rows with the school in a column replaced by what it had become by the day in `on`."""
    merged = orgs.filter(pl.col("successor").is_not_null()).select(
        pl.col("id").alias(school), pl.col("successor").alias("_to"), "succeeded_on"
    )
    done = (pl.col("succeeded_on") <= pl.col(on)).fill_null(value=True)
    now = pl.when(pl.col("_to").is_not_null() & done).then("_to").otherwise(school).alias(school)
    for _ in range(MERGERS):
        rows = rows.join(merged, on=school, how="left").with_columns(now)
        rows = rows.drop("_to", "succeeded_on")
    return rows
