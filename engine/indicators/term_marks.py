"""The source of performance: for each pupil, term and course the mark that was given last."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.indicators.sources import PUPIL, Given, happened
from engine.registers.calendar import DAY
from engine.registers.schema import HIGHEST, LOWEST, PASSES_FROM
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
            pl.col("mark", "scale").max_by(newest_row),
        )
    )
    courses = given.known["courses"].select(pl.col("id").alias("course"), "core")
    return _on_scales(given, last.join(courses, on="course", how="left"))


def _on_scales(given: Given, marks: pl.LazyFrame) -> pl.LazyFrame:
    """Return marks with what they are on their scales.

    ``mark`` is one of the Latvian scale, null for others; ``passed`` whether it is enough, null
    where the scale does not say; ``percent`` how far up the scale it is, from 0 to 100.
    """
    scales = given.known["scales"].select(pl.col("id").alias("scale"), "low", "high", "passes_from")
    ours = pl.col("scale").is_null()
    low, high, passes = (
        pl.when(ours).then(pl.lit(float(value))).otherwise(pl.col(name))
        for name, value in (("low", LOWEST), ("high", HIGHEST), ("passes_from", PASSES_FROM))
    )
    mark = pl.when(pl.col("status") == "marked").then("mark")
    return marks.join(scales, on="scale", how="left").with_columns(
        pl.when(ours).then(mark).alias("mark"),
        (mark >= passes).alias("passed"),
        (100 * (mark - low) / (high - low)).alias("percent"),
    )
