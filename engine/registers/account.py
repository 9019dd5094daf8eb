"""The account of each file: every row that was read is used, rejected, deleted or left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.errors import DataError, Place, Problem
from engine.registers.hints import with_hints
from engine.registers.problems import PROBLEMS
from engine.registers.remarks import swapped
from engine.registers.rows import SOURCE, Source

SHARE = 0.05
ENOUGH = 10  # bad rows; fewer stop no file, however small it is
_SHOWN = 3
NO_LINES = pl.DataFrame(
    schema={
        "bundle": pl.String,
        "file": pl.String,
        "row": pl.UInt64,
        "column": pl.String,
        "value": pl.String,
        "problem": pl.String,
        "hint": pl.String,
        "hint_lv": pl.String,
    }
)


@dataclass(frozen=True)
class FileCount:
    """The account of one file: ``read = used + rejected + deleted + left_out``.

    `deleted` are rows that end another; `left_out` are no concern of ours, as teachers are.
    """

    bundle: str
    file: str
    register: str
    read: int
    used: int
    rejected: int
    deleted: int
    left_out: int


def too_many(rejected: int, read: int, share: float = SHARE) -> bool:
    """Return whether so many of a file's rows are bad that none of it is taken.

    A share says something of many rows only: one bad sanction of three is one bad row.

    >>> too_many(1, 3), too_many(10, 200), too_many(11, 200)
    (False, False, True)
    """
    return rejected >= ENOUGH and rejected > share * read


def accounts(
    sources: Iterable[Source], counts: pl.DataFrame, rejects: pl.DataFrame
) -> list[FileCount]:
    """Return each file's account; `counts` has how many of its rows were used and deleted."""
    bad = dict(rejects.group_by(SOURCE).agg(pl.col("row").n_unique()).iter_rows())
    kept = {source: (used, deleted) for source, used, deleted in counts.iter_rows()}
    return [
        FileCount(
            each.bundle.name, each.name, each.register.name, each.raw.total,
            kept.get(each.index, (0, 0))[0], bad.get(each.index, 0),
            kept.get(each.index, (0, 0))[1], each.raw.left_out,
        )
        for each in sources
    ]  # fmt: skip


def check_share(
    sources: Iterable[Source], counted: Iterable[FileCount], rejects: pl.DataFrame, share: float
) -> None:
    """Raise `DataError` with the three commonest problems of each file that has too many."""
    found = [
        _too_many(
            source.bundle.paths[source.file],
            rejects.filter(pl.col(SOURCE) == source.index),
            count,
            share,
            [note.en for note in swapped([source], rejects)],
        )
        for source, count in zip(sources, counted, strict=True)
        if too_many(count.rejected, count.read, share)
    ]
    if found:
        raise DataError(found)


def check_lines(path: Path, count: FileCount, rejects: pl.DataFrame, share: float) -> None:
    """Raise `DataError` where one file has too many rejects."""
    if too_many(count.rejected, count.read, share):
        raise DataError(_too_many(path, rejects, count, share, []))


def _too_many(
    path: Path, rejects: pl.DataFrame, count: FileCount, share: float, notes: list[str]
) -> Problem:
    common = (
        rejects.group_by("problem", "column")
        .agg(pl.len(), pl.col("row").min())
        .sort("len", "row", descending=[True, False])
        .head(_SHOWN)
    )
    message = (
        f"{count.rejected} of {count.read} rows cannot be used, more than {share:.0%}:"
        " nothing was read"
    )
    lines = [
        f"{number} times in '{column or 'the row'}', first in row {row}:"
        f" {PROBLEMS[code].en} [{code}]"
        for code, column, number, row in common.iter_rows()
    ]
    lines += [*notes, "to see every row, check again with a greater share (--limit 1)"]
    place = Place(str(path), 1, 1)
    return Problem("too-many-rejects", message, place, "\n        ".join(lines))


def named_lines(rejects: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Return lines of rejects with bundle and file, in the order of rows, and with hints."""
    names = pl.DataFrame(
        [(source.index, source.bundle.name, source.name) for source in sources],
        schema={SOURCE: pl.UInt32, "bundle": pl.String, "file": pl.String},
        orient="row",
    )
    told = rejects.join(names, on=SOURCE, how="left", maintain_order="left")
    told = with_hints(told, sources)
    return told.sort(SOURCE, "row", maintain_order=True).select(NO_LINES.columns)
