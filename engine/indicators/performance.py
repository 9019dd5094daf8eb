"""Performance: the marks of the newest term in which a pupil has any.

A row of the source is one course's mark for a term: of several the one given last. A term is a
semester; terms that begin on one day are one. ``current`` flags the pupil's newest term with
marks, ``previous`` the term before that. Insufficient is below 4 on the scale from 1 to 10.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only, share, tally

PASS = 4  # the lowest mark that passes (Latvian scale from 1 to 10)

CURRENT, PREVIOUS, MARK = pl.col("current"), pl.col("previous"), pl.col("mark")


def failed_core_courses() -> Figure:
    """Core courses whose mark for the term is insufficient, in courses.

    Unknown without a row of a core course, and where it is not known of an insufficient mark
    whether its course is a core one.
    """
    core = pl.col("core")
    parts = {
        "insufficient": tally((MARK < PASS) & core),
        "unclear": tally((MARK < PASS) & core.is_null()),
    }
    return Figure(
        parts,
        lambda of: pl.when(of["unclear"] == 0).then(of["insufficient"]),
        rows=CURRENT & core.fill_null(value=True),
    )


def failed_courses() -> Figure:
    """Courses whose mark for the term is insufficient, in courses."""
    return Figure({"insufficient": tally(MARK < PASS)}, only("insufficient"), rows=CURRENT)


def near_fails() -> Figure:
    """Courses whose mark for the term is the lowest that passes, in courses."""
    return Figure({"lowest_pass": tally(MARK == PASS)}, only("lowest_pass"), rows=CURRENT)


def mean_mark() -> Figure:
    """Mean of the marks for the term, in points of the scale; not assessed and exempt left out."""
    parts = {"points": Part(MARK), "marks": tally(MARK.is_not_null())}
    return Figure(parts, lambda of: share(of["points"], of["marks"]), rows=CURRENT)


def mark_trend() -> Figure:
    """Mean mark of the newest term less that of the term before it, in points of the scale."""
    parts = {
        "points": Part(pl.when(CURRENT).then(MARK)),
        "marks": tally(CURRENT & MARK.is_not_null()),
        "points_before": Part(pl.when(PREVIOUS).then(MARK)),
        "marks_before": tally(PREVIOUS & MARK.is_not_null()),
    }
    return Figure(
        parts,
        lambda of: (
            share(of["points"], of["marks"]) - share(of["points_before"], of["marks_before"])
        ),
    )


def not_assessed_courses() -> Figure:
    """Courses without a mark for the term from which the pupil is not exempt, in courses."""
    without = tally(pl.col("status") == "not_assessed")
    return Figure({"not_assessed": without}, only("not_assessed"), rows=CURRENT)


FIGURES = (
    failed_core_courses,
    failed_courses,
    near_fails,
    mean_mark,
    mark_trend,
    not_assessed_courses,
)
