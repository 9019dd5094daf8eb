"""The sources of what is stated: facts, state tests, surveys, measures, and the pupils themselves.

What has no end was true when it was last recorded; nobody says how long since.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.cohort import typed
from engine.indicators.sources import PUPIL, Given, happened
from engine.indicators.years import became, school_year
from engine.registers.calendar import DAY, SCHOOL, SEMESTER, YEAR
from engine.registers.schema import RECORDED

# In which time a fact must have held; of all other kinds on the date itself.
FACTS_OF = {
    SEMESTER: ("low_income", "parent_abroad", "long_illness", "club_member", "trusted_adult"),
    YEAR: ("on_track", "language_support_need", "special_needs_support"),
}
YEAR_OF_TESTS = "-12mo"


def _holds_to(given: Given) -> pl.Expr:
    """Return the day up to which a row with `begins` and `ends` goes, at most the as-of date."""
    said = pl.max_horizontal("begins", pl.col(RECORDED).dt.date())
    return pl.min_horizontal(pl.coalesce("ends", said), pl.lit(given.as_of)).alias(DAY)


def facts(given: Given) -> pl.LazyFrame:
    """Return of each pupil and kind the fact that began last, and special programmes as facts.

    A fact that ended before its kind's window is none: nobody knows what has held since.
    """
    begun = given.known["circumstances"].filter(pl.col("begins") <= given.as_of)
    newest = pl.struct("begins", "id")
    stated = (
        begun.with_columns(pl.col("kind").cast(pl.String), _holds_to(given))
        .group_by(PUPIL, "kind")
        .agg(pl.col("value", DAY, "ends").max_by(newest))
    )
    stated = stated.join(_windows(given), on=PUPIL).filter(
        (pl.col("ends") >= _since()).fill_null(value=True)
    )
    typed_stays = typed(given.cohort, given.known["orgs"])
    special = typed_stays.filter(pl.col("school_type") == "special").select(
        PUPIL,
        pl.lit("special_programme").alias("kind"),
        pl.lit(1.0).alias("value"),
        pl.lit(given.as_of).alias(DAY),
    )
    return pl.concat([stated.select(special.collect_schema().names()), special])


def _windows(given: Given) -> pl.LazyFrame:
    """Return from when semester and year go at each pupil's school, and the date, by pupil."""
    found = given.cohort.select(PUPIL, SCHOOL, pl.lit(given.as_of).alias("now"))
    for window in (SEMESTER, YEAR):
        begins = given.calendar.bounds(window).select(SCHOOL, pl.col("begins").alias(window.name))
        found = found.join(begins.lazy(), on=SCHOOL, how="left")
    return found.drop(SCHOOL)


def _since() -> pl.Expr:
    """Return from when the window of a fact's kind goes: the date itself, where none is named."""
    begins = (
        pl.when(pl.col("kind").is_in(kinds)).then(window.name) for window, kinds in FACTS_OF.items()
    )
    return pl.coalesce(*begins, "now")


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
    """Return each pupil's enrolment in force with what is known of the pupil and the places.

    A place that has been merged into another is what it has become by the date.
    """
    orgs = given.known["orgs"]
    home = orgs.select(pl.col("id").alias("lives_in"), "municipality_type")
    pupils = given.known["pupils"].rename({"id": PUPIL}).drop(RECORDED)
    mine = (
        typed(given.cohort, orgs)
        .join(pupils, on=PUPIL, how="left")
        .with_columns(pl.lit(given.as_of).alias("as_of"))
    )
    return (
        became(mine, orgs, "lives_in", "as_of")
        .join(home, on="lives_in", how="left")
        .with_columns(
            (pl.col("school_type") == "vocational").alias("vocational"),
            # In August enrolments of the coming year begin before the year does.
            pl.max_horizontal(
                school_year(pl.lit(given.as_of), turns=9), school_year(pl.col("begins"))
            ).alias("year"),
            pl.lit(given.as_of).alias(DAY),
        )
    )
