"""Rows that stand more than once in one file: copies, and rows that contradict each other.

In a full export a row stands once. Among changes, several versions of a row are told apart by
their moments.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.frame import ROW
from engine.registers.rows import BAD, DELETED, SOURCE, Source, no_rejects, reject_lines
from engine.registers.schema import ID, RECORDED, Register

COPY, CONFLICT = "duplicate-row", "conflict"
_PART = 4_000_000


def doubled(
    rows: pl.DataFrame, by: Sequence[str], content: Sequence[str], sources: Sequence[Source]
) -> pl.Series:
    """Return for each row the code of what is wrong with it, null for one that stands once.

    All rows alike in `by` are one row; where they differ in `content` none is right, else the
    first stays.
    """
    bulk = [source.index for source in sources if source.bulk]
    moment = pl.when(~pl.col(SOURCE).is_in(bulk)).then(RECORDED).alias("__moment")
    named = rows.with_columns(moment).with_row_index("__at")
    same = [*by, SOURCE, "__moment"]
    again = named.filter(pl.struct(same).is_duplicated())  # few: only they are compared
    copies = ~pl.struct(same).is_first_distinct()
    differs = pl.struct(content).ne_missing(pl.struct(content).first().over(same))
    clash = differs.any().over(same)
    code = pl.when(clash).then(pl.lit(CONFLICT)).when(copies).then(pl.lit(COPY))
    codes = again.select("__at", code.alias("code"))
    every = named.select("__at").join(codes, on="__at", how="left", maintain_order="left")
    return every["code"]


def doubled_by_nature(
    rows: pl.LazyFrame, register: Register, sources: Sequence[Source], total: int
) -> pl.DataFrame:
    """Return lines of rejects for live rows with keys of their own that are one all the same.

    One lesson of a pupil under two keys would count twice. Hashes are counted in parts, so that
    memory does not grow with the file; only what is met twice is then looked at.
    """
    live = rows.filter(~pl.col(BAD) & ~pl.col(DELETED))
    nature = pl.struct(SOURCE, *register.natural).hash()
    parts, suspects = 1 + total // _PART, []
    for part in range(parts):
        mine = live.select(nature.alias("__hash")).filter(pl.col("__hash") % parts == part)
        met = mine.group_by("__hash").len().filter(pl.col("len") > 1).select("__hash")
        suspects.append(met.collect(engine="streaming"))
    met_twice = pl.concat(suspects)
    if not met_twice.height:
        return no_rejects()
    doubtful = live.filter(nature.is_in(met_twice["__hash"].implode())).collect(engine="streaming")
    # What has one key is judged by that key; here each key stands for its first row.
    doubtful = doubtful.unique([SOURCE, ID], keep="first", maintain_order=True)
    content = [each.name for each in register.columns if each.name not in register.natural]
    codes = doubled(doubtful, register.natural, content, sources)
    wrong = doubtful.with_columns(codes.alias("__code")).drop_nulls("__code")
    return no_rejects(
        reject_lines(
            wrong.filter(pl.col(SOURCE) == source.index),
            source.index,
            source.raw.shown.get("sourcedId", "sourcedId"),
            pl.col(ID),
            pl.col("__code"),
        )
        for source in sources
    )


def without(rows: pl.LazyFrame, lines: pl.DataFrame) -> pl.LazyFrame:
    """Return rows with those of the lines marked as bad: they are there, and cannot be used."""
    if not lines.height:
        return rows
    marked = lines.select(SOURCE, pl.col("row").cast(pl.UInt32).alias(ROW)).unique()
    flagged = marked.with_columns(pl.lit(value=True).alias("__out")).lazy()
    joined = rows.join(flagged, on=[SOURCE, ROW], how="left", maintain_order="left")
    return joined.with_columns(pl.col(BAD) | pl.col("__out").fill_null(value=False)).drop("__out")
