"""The sources of the school career: enrolments in order, each beside the one before it."""

from __future__ import annotations

import polars as pl

from engine.indicators.sources import PUPIL, Given
from engine.indicators.years import became, school_year, stage, with_the_year
from engine.registers.calendar import DAY, SCHOOL

EXCUSED = ("stage_completed", "graduated", "school_closed")


def _begun(given: Given) -> pl.LazyFrame:
    """Return the enrolments begun by the date, in order: of one day, ties go by school's code.

    ``entrant``: whether the pupil's first one begins with a school year and no higher than grade 1,
    so that the register has the career from its beginning.
    """
    entrant = with_the_year(pl.col("begins")) & (pl.col("grade") <= 1).fill_null(value=False)
    return (
        given.known["enrolments"]
        .filter(pl.col("begins") <= given.as_of)
        .join(given.cohort.select(PUPIL), on=PUPIL, how="semi")
        .with_columns(
            school_year(pl.col("begins")).alias("year"), pl.lit(given.as_of).alias("as_of")
        )
        .sort("begins", SCHOOL, "id", descending=[False, True, True])
        .with_columns(entrant.first().over(PUPIL).alias("entrant"))
    )


def _before(column: str, rows: int = 1) -> pl.Expr:
    return pl.col(column).shift(rows).over(PUPIL)


def years(given: Given) -> pl.LazyFrame:
    """Return one row a school year of each pupil: its last begun enrolment, and the one before."""
    kind = given.known["orgs"].select(pl.col("id").alias(SCHOOL), pl.col("school_type").alias("_t"))
    stated = given.known["pupils"].select(pl.col("id").alias(PUPIL), "repeated_before")
    vocational = pl.coalesce("school_type", "_t") == "vocational"
    return (
        _begun(given)
        .unique([PUPIL, "year"], keep="last", maintain_order=True)
        .with_columns(
            pl.col("begins").alias(DAY),
            _before("id").is_null().alias("first"),
            _before("grade").alias("grade_before"),
            _before("year").alias("year_before"),
            _before("grade", 2).alias("grade_before_that"),
        )
        .join(kind, on=SCHOOL, how="left")
        .join(stated, on=PUPIL, how="left")
        .with_columns(vocational.alias("vocational"))
    )


def stays(given: Given) -> pl.LazyFrame:
    """Return each enrolment with how it differs from the one before.

    ``moved``: at another school, mergers apart; ``excused``: the one before ended for a reason
    that makes it no move; ``staged``: in another stage; ``recent``: begun in the last 12 months;
    ``this_year``: begun in the school year of the as-of date.
    """
    rows = _begun(given).with_columns(
        pl.col("begins").alias(DAY),
        _before("id").is_null().alias("first"),
        _before("grade").alias("grade_before"),
        _before(SCHOOL).alias("school_before"),
        _before("exit").cast(pl.String).alias("exit_before"),
        pl.col(SCHOOL).alias("school_now"),
    )
    for column in ("school_now", "school_before"):
        rows = became(rows, given.known["orgs"], column, DAY)
    now = pl.max_horizontal(
        school_year(pl.col("as_of"), turns=9), pl.col("year").max().over(PUPIL)
    )  # fmt: skip
    moved = pl.col("school_now") != pl.col("school_before")
    staged = stage(pl.col("grade")) != stage(pl.col("grade_before"))
    return rows.with_columns(
        moved.fill_null(value=False).alias("moved"),
        staged.fill_null(value=False).alias("staged"),
        pl.col("exit_before").is_in(EXCUSED).fill_null(value=False).alias("excused"),
        (pl.col(DAY) > pl.col("as_of").dt.offset_by("-12mo")).alias("recent"),
        (pl.col("year") == now).alias("this_year"),
    )
