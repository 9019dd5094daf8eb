"""Performance: the marks of the newest term in which a pupil has any.

A row of the source is one course's mark for a term: of several the one given last. A term is a
semester; terms that begin on one day are one. ``current`` flags the pupil's newest term with
marks, ``previous`` the term before that. Insufficient is below 4 on the Latvian scale from 1 to
10, and below what it says on another scale; where that says nothing, nobody knows.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only, share, tally
from engine.registers.schema import PASSES_FROM

CURRENT, PREVIOUS, MARK = pl.col("current"), pl.col("previous"), pl.col("mark")
FAILED = ~pl.col("passed")
UNSAID = (pl.col("status") == "marked") & pl.col("passed").is_null()  # its scale does not say


def failed_core_courses() -> Figure:
    """Core courses whose mark for the term is insufficient, in courses.

    Unknown without a row of a core course, where it is not known of an insufficient mark whether
    its course is a core one, and of a mark whether it is insufficient.
    """
    core = pl.col("core")
    parts = {
        "insufficient": tally(FAILED & core),
        "unclear": tally((FAILED & core.is_null()) | UNSAID),
    }
    return Figure(
        parts,
        lambda of: pl.when(of["unclear"] == 0).then(of["insufficient"]),
        rows=CURRENT & core.fill_null(value=True),
    )


def failed_courses() -> Figure:
    """Courses whose mark for the term is insufficient, in courses."""
    return Figure(
        {"insufficient": tally(FAILED), "unclear": tally(UNSAID)},
        lambda of: pl.when(of["unclear"] == 0).then(of["insufficient"]),
        rows=CURRENT,
    )


def near_fails() -> Figure:
    """Courses whose mark for the term is 4, the lowest of the Latvian scale that passes.

    Unknown without any mark on that scale.
    """
    parts = {"lowest_pass": tally(MARK == PASSES_FROM), "marks": tally(MARK.is_not_null())}
    return Figure(parts, lambda of: pl.when(of["marks"] > 0).then(of["lowest_pass"]), rows=CURRENT)


def mean_mark() -> Figure:
    """Mean of the marks for the term on the Latvian scale, in its points.

    Not assessed, exempt, and marks on other scales are left out.
    """
    parts = {"points": Part(MARK), "marks": tally(MARK.is_not_null())}
    return Figure(parts, lambda of: share(of["points"], of["marks"]), rows=CURRENT)


def mean_score() -> Figure:
    """Mean of how far up their scales the marks for the term are, in per cent of the scale."""
    percent = pl.col("percent")
    parts = {"percent": Part(percent), "marks": tally(percent.is_not_null())}
    return Figure(parts, lambda of: share(of["percent"], of["marks"]), rows=CURRENT)


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
    mean_score,
    mark_trend,
    not_assessed_courses,
)
