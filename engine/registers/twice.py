"""Rows that stand more than once in one file: copies, and rows that contradict each other.

In a full export a row stands once. Among changes, several versions of a row are told apart by
their moments.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.registers.rows import OF, SOURCE, Source, row_of
from engine.registers.schema import ID, RECORDED

COPY, CONFLICT = "duplicate-row", "conflict"


def doubled(rows: pl.DataFrame, content: Sequence[str], sources: Sequence[Source]) -> pl.DataFrame:
    """Return for each row the code of what is wrong with it, null for one that stands once.

    All rows with one id are one row; where they differ in `content` none is right, else the first
    stays. ``of`` is the other row: the first, or for that one the last.
    """
    bulk = [source.index for source in sources if source.bulk]
    moment = pl.when(~pl.col(SOURCE).is_in(bulk)).then(RECORDED).alias("__moment")
    named = rows.with_columns(moment).with_row_index("__at")
    same = [ID, SOURCE, "__moment"]
    again = named.filter(pl.struct(same).is_duplicated())  # few: only they are compared
    copies = ~pl.struct(same).is_first_distinct()
    differs = pl.struct(content).ne_missing(pl.struct(content).first().over(same))
    clash = differs.any().over(same)
    code = pl.when(clash).then(pl.lit(CONFLICT)).when(copies).then(pl.lit(COPY))
    other = pl.when(copies).then(row_of().first().over(same))
    found = again.select(
        "__at", code.alias("code"), other.otherwise(row_of().last().over(same)).alias(OF)
    )
    every = named.select("__at").join(found, on="__at", how="left", maintain_order="left")
    return every.drop("__at")
