"""The sources of what is stated: facts, state tests, surveys, measures, and the pupils themselves.

What has no end was true when it was last recorded; nobody says how long since.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.sources import PUPIL, Given, happened
from engine.indicators.years import school_year
from engine.registers.calendar import DAY, SCHOOL, SEMESTER
from engine.registers.schema import RECORDED

YEAR_OF_TESTS = "-12mo"


def _holds_to(given: Given) -> pl.Expr:
    """Return the day up to which a row with `begins` and `ends` goes, at most the as-of date."""
    said = pl.max_horizontal("begins", pl.col(RECORDED).dt.date())
    return pl.min_horizontal(pl.coalesce("ends", said), pl.lit(given.as_of)).alias(DAY)


def facts(given: Given) -> pl.LazyFrame:
    """Return of each pupil and kind the fact that began last, and special programmes as facts."""
    begun = given.known["circumstances"].filter(pl.col("begins") <= given.as_of)
    newest = pl.struct("begins", "id")
    stated = (
        begun.with_columns(pl.col("kind").cast(pl.String), _holds_to(given))
        .group_by(PUPIL, "kind")
        .agg(pl.col("value").max_by(newest), pl.col(DAY).max_by(newest))
    )
    special = given.cohort.filter(pl.col("school_type") == "special").select(
        PUPIL,
        pl.lit("special_programme").alias("kind"),
        pl.lit(1.0).alias("value"),
        pl.lit(given.as_of).alias(DAY),
    )
    return pl.concat([stated, special])


def exams(given: Given) -> pl.LazyFrame:
    """Return the last test of each subject, if taken in the 12 months up to the pupil's last."""
    newest = pl.struct(DAY, "id")
    last = (
        happened(given.known["exams"], given.as_of)
        .group_by(PUPIL, "subject")
        .agg(pl.col("percentile").max_by(newest), pl.col(DAY).max())
    )
    newest_of_all = last.group_by(PUPIL).agg(pl.col(DAY).max().alias("newest"))
    near = pl.col(DAY) > pl.col("newest").dt.offset_by(YEAR_OF_TESTS)
    return last.join(newest_of_all, on=PUPIL).filter(near)


def surveys(given: Given) -> pl.LazyFrame:
    """Return each pupil's last answer."""
    newest = pl.struct(DAY, "id")
    answered = happened(given.known["surveys"], given.as_of).group_by(PUPIL)
    return answered.agg(pl.col("score").max_by(newest), pl.col(DAY).max())


def measures(given: Given) -> pl.LazyFrame:
    """Return the measures planned for a day of the semester of the pupil's school."""
    bounds = given.calendar.bounds(SEMESTER).lazy().rename({"begins": "_b", "ends": "_e"})
    at_school = given.cohort.select(PUPIL, SCHOOL).join(bounds, on=SCHOOL)
    planned = given.known["measures"].join(at_school, on=PUPIL)
    over = pl.col("ends") < pl.col("_b")
    held = planned.filter(pl.col("begins") <= pl.col("_e"), ~over.fill_null(value=False))
    return held.with_columns(_holds_to(given))


def persons(given: Given) -> pl.LazyFrame:
    """Return each pupil's enrolment in force with what is known of the pupil and the places."""
    orgs = given.known["orgs"]
    home = orgs.select(pl.col("id").alias("lives_in"), "municipality_type")
    pupils = given.known["pupils"].rename({"id": PUPIL}).drop(RECORDED)
    return (
        given.cohort.join(pupils, on=PUPIL, how="left")
        .join(home, on="lives_in", how="left")
        .with_columns(
            (pl.col("school_type") == "vocational").alias("vocational"),
            # In August enrolments of the coming year begin before the year does.
            pl.max_horizontal(
                school_year(pl.lit(given.as_of), turns=9), school_year(pl.col("begins"))
            ).alias("year"),
            pl.lit(given.as_of).alias(DAY),
            pl.lit(given.as_of).alias("as_of"),
        )
    )
