"""School career: grades repeated, age for the grade, moves, and new stages.

All go up to the as-of date, because enrolments say what holds until they are ended. Years are
school years, named by the year in which they begin; see `engine.indicators.enrolments`.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only, tally

FIRST = pl.col("first")
UNGRADED = ~FIRST & (pl.col("grade").is_null() | pl.col("grade_before").is_null())
ENTRANT = FIRST & pl.col("entrant")  # the register has the career from its beginning
ENTERED = FIRST & (pl.col("grade") <= 1).fill_null(value=False)  # new, whatever came before
OLDEST = 40  # years of age on the first day: an older pupil's month of birth is a slip
ENTRY_AGE = 7  # the age that a child reaches in the year of entering grade 1 (Latvia)


def grades_repeated() -> Figure:
    """Count the times that the pupil stayed in a grade for another school year, in times.

    Those before the register's first enrolment are as stated. Unknown where nothing is stated and
    the first enrolment is above grade 1 or begins after 14 September, where years are missing in
    which a grade was lost, or where a grade is not entered: also where a repetition is seen,
    because a value is exact and "at least one" is none. Learning what was before must never turn a
    known answer round.
    """
    advanced = pl.col("grade") - pl.col("grade_before")
    passed = pl.col("year") - pl.col("year_before")
    # The third and the fourth year of vocational schools are both grade 12.
    last_years = (pl.col("vocational") & (pl.col("grade") == 12)).fill_null(value=False)
    allowed = last_years & (pl.col("grade_before_that") != 12).fill_null(value=True)
    parts = {
        "repeated": tally((passed == 1) & (advanced == 0) & ~allowed),
        "unclear": tally(((passed > 1) & (advanced != passed)).fill_null(value=False) | UNGRADED),
        "from_the_start": tally(ENTRANT),
        "before": Part(pl.col("repeated_before"), "same"),
    }

    def value(of: dict[str, pl.Expr]) -> pl.Expr:
        before = pl.coalesce(of["before"], pl.when(of["from_the_start"] > 0).then(0))
        return pl.when(of["unclear"] == 0).then(before + of["repeated"])

    return Figure(parts, value, until="as_of")  # type: ignore[arg-type]


def years_overage() -> Figure:
    """Full years above the usual age of the grade, in years; 0 for a younger pupil.

    The usual pupil of grade 1 turns 7 in the year in which the school year begins. Unknown where
    the month of birth is after the enrolment's beginning, or more than 40 years before it.
    """
    usual = pl.col("year") - ENTRY_AGE + 1 - pl.col("grade")
    late = (pl.col("vocational") & (pl.col("grade") == 12)).fill_null(value=False)
    years = usual - pl.col("born").dt.year() - late.cast(pl.Int32)
    oldest = pl.col("begins").dt.offset_by(f"-{OLDEST}y")
    sure = pl.when(pl.col("born").is_between(oldest, "begins")).then(years.clip(lower_bound=0))
    return Figure({"years": Part(sure, "same")}, only("years"), until="as_of")


def school_moves_12m() -> Figure:
    """Count the changes of school in the last 12 months, in times.

    Those due to the end of a stage, a closure or a merger do not count. Unknown where the register
    does not go back 12 months and the pupil did not enter grade 1 since, by 14 September: who comes
    later in the year may come from a school that is not known.
    """
    recent = pl.col("recent")
    parts = {
        "moves": tally(recent & pl.col("moved") & ~pl.col("excused")),
        "known_before": tally(FIRST & (~recent | pl.col("entrant"))),
    }
    return Figure(
        parts, lambda of: pl.when(of["known_before"] > 0).then(of["moves"]), until="as_of"
    )


def new_stage() -> Figure:
    """Whether the pupil began a new stage, or began at another school, in this school year.

    Unknown where the pupil's first enrolment is of this year and above grade 1, or where this or
    the grade before is not entered.
    """
    now = pl.col("this_year")
    parts = {
        "new": tally(now & (pl.col("moved") | pl.col("staged") | ENTERED)),
        "unclear": tally(now & (UNGRADED | (FIRST & (pl.col("grade") > 1).fill_null(value=True)))),
    }
    return Figure(
        parts,
        lambda of: pl.when(of["new"] > 0).then(statement=True)
        .when(of["unclear"] == 0).then(statement=False),
        until="as_of",
    )  # fmt: skip


YEARS = (grades_repeated,)
STAYS = (school_moves_12m, new_stage)
PERSON = (years_overage,)
