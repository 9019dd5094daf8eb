"""The source of performance: for each pupil, term and course the mark that was given last."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.indicators.sources import PUPIL, Given, happened
from engine.registers.calendar import DAY
from engine.registers.terms import terms


def term_marks(given: Given, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return the marks of each pupil's newest term with marks, and of the term before it."""
    marks = happened(given.known["marks"], given.as_of)
    dated = marks.join(terms(given.known).lazy(), on="session", how="inner")
    newest = dated.group_by(PUPIL).agg(pl.col("term").max().alias("newest"))
    # The newest term's own predecessor; schools that name several for it agree on the latest.
    dated = dated.join(newest, on=PUPIL)
    before = (
        dated.filter(pl.col("term") == pl.col("newest"))
        .group_by(PUPIL)
        .agg(pl.col("term_before").max().alias("before"))
    )
    current = pl.col("term") == pl.col("newest")
    previous = (pl.col("term") == pl.col("before")).fill_null(value=False)
    newest_row = pl.struct(DAY, "id")
    last = (
        dated.join(before, on=PUPIL)
        .with_columns(current.alias("current"), previous.alias("previous"))
        .filter(pl.col("current") | pl.col("previous"))
        .group_by(PUPIL, "term", "course", *by)
        .agg(
            pl.col("current").first(),
            pl.col("previous").first(),
            pl.col(DAY).max(),
            pl.col("status").max_by(newest_row),
            pl.col("mark").max_by(newest_row),
        )
    )
    courses = given.known["courses"].select(pl.col("id").alias("course"), "core")
    marked = pl.when(pl.col("status") == "marked").then("mark")
    return last.join(courses, on="course", how="left").with_columns(marked.alias("mark"))
