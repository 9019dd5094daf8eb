"""Performance: the marks of the newest term in which a pupil has any.

A row of the source is one course's mark for a term: of several the one given last. A term is a
semester; terms that begin on one day are one. ``current`` flags the pupil's newest term with
marks, ``previous`` the term before that. Insufficient is below 4 on the scale from 1 to 10.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part

PASS = 4  # the lowest mark that passes (Latvian scale from 1 to 10)

CURRENT = pl.col("current")
INSUFFICIENT = pl.col("mark") < PASS


def failed_core_courses() -> Figure:
    """Core courses whose mark for the term is insufficient, in courses.

    Unknown without a row of a core course, and where it is not known of an insufficient mark
    whether its course is a core one.
    """
    parts = {
        "insufficient": Part((INSUFFICIENT & pl.col("core")).cast(pl.UInt32)),
        "unclear": Part((INSUFFICIENT & pl.col("core").is_null()).cast(pl.UInt32)),
    }
    return Figure(
        parts,
        lambda of: pl.when(of["unclear"] == 0).then(of["insufficient"]),
        rows=CURRENT & pl.col("core").fill_null(value=True),
    )


FIGURES = (failed_core_courses,)
