"""What was sent of a register, made one table of texts, and what of it is kept as CSV.

A row that cannot stand in a table is set aside. Rows of staff, and of other schools than those of
the parcel's place, are not kept; nor are columns that nobody reads.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from engine.errors import DataError, Problem, did_you_mean
from engine.frame import ROW
from engine.registers.files import SOURCED, STATUS, ends_only, near_notes, read_file
from engine.registers.oneroster import ROLE, STUDENT, role
from engine.text import Text
from service.register_files import ELSEWHERE, File
from service.usecases.sent import Reject

FIRST = 2  # the number of the first row of CSV, after its head


@dataclass(frozen=True)
class Sheet:
    """`frame` has row numbers and the columns that are read, as texts; rejects so far."""

    frame: pl.DataFrame
    rejects: list[Reject] = field(default_factory=list)
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Kept:
    """What is kept: `body` as CSV, and the number that each of its rows had when it was sent.

    `read` counts all rows that were sent, `left_out` those of staff.
    """

    body: bytes
    numbers: Sequence[int]
    read: int
    left_out: int
    rejects: list[Reject]
    notes: tuple[Text, ...]


def of_csv(body: bytes, file: File, work: Path) -> Sheet:
    """Return a table that was sent as CSV; raises `DataError` where it is none."""
    path = work / f"{file.name}.csv"
    path.write_bytes(body)
    raw = read_file(path, file.columns)
    frame = raw.frame.collect()
    path.unlink()
    broken = raw.rejects.select("row", "column", "problem").iter_rows()
    return Sheet(frame, [Reject(*line) for line in broken], raw.notes)


def of_rows(
    rows: Sequence[tuple[int, dict[str, str]]],
    file: File,
    rejects: list[Reject],
    said: Collection[str],
) -> Sheet:
    """Return a table of rows that were sent by name, each with its number.

    `said` are all names that stand in them, also those that are not read.
    """
    named = set().union(*(row for _, row in rows)) if rows else set(file.columns)
    there = [name for name in file.columns if name in named]
    schema = {ROW: pl.UInt32(), **dict.fromkeys(there, pl.String())}
    values = [[number for number, _ in rows]]
    columns = [[row.get(name) or None for _, row in rows] for name in there]
    notes = tuple(near_notes(tuple(said), file.columns))
    return Sheet(pl.DataFrame([*values, *columns], schema), rejects, notes)


def kept(sheet: Sheet, file: File, schools: Collection[str], foreign: str) -> Kept:
    """Return what is kept of a table in a parcel of a place that has these schools.

    Rows of others are rejected as `foreign`. Raises `DataError` where a column is missing without
    which no row can be used.
    """
    frame, rejects = sheet.frame, list(sheet.rejects)
    _check_columns(frame, file)
    read = frame.height + len(rejects)
    whole = frame.height
    if file.staffed and ROLE in frame.columns:
        other = (role() != STUDENT) & (role() != "")
        frame = frame.filter(~other.fill_null(value=False)).drop(ROLE)
    left_out = whole - frame.height
    if file.school in frame.columns and file.name not in ELSEWHERE:
        code = pl.col(str(file.school)).str.strip_chars()
        outside = (~code.is_in(["", *schools])).fill_null(value=False)
        rows = frame.filter(outside)[ROW].to_list()
        rejects += [Reject(row, str(file.school), foreign) for row in rows]
        frame = frame.filter(~outside)
    if file.register is None:
        frame = _named(frame, rejects)
    into, texts = io.BytesIO(), frame.drop(ROW)
    if texts.width == 1:
        texts = texts.fill_null("")  # written as quotes: an empty line would be no row
    texts.write_csv(into)
    return Kept(into.getvalue(), frame[ROW].to_list(), read, left_out, rejects, sheet.notes)


def _named(frame: pl.DataFrame, rejects: list[Reject]) -> pl.DataFrame:
    """Return rows that only lead others somewhere, but those without a key, which are rejected."""
    status = pl.col(STATUS).str.strip_chars() if STATUS in frame.columns else pl.lit("")
    nameless = (pl.col(SOURCED).str.strip_chars() == "").fill_null(value=True)
    wrong = ~status.fill_null("").is_in(["", "active", "tobedeleted"])
    for column, bad, code in ((SOURCED, nameless, "value-missing"), (STATUS, wrong, "category")):
        rejects += [Reject(row, column, code) for row in frame.filter(bad)[ROW].to_list()]
        frame = frame.filter(~bad)
    return frame


def _check_columns(frame: pl.DataFrame, file: File) -> None:
    lost = [name for name in file.needed if name not in frame.columns]
    if lost and ends_only(frame.lazy(), frame.columns):
        lost = [name for name in file.naming if name not in frame.columns]
    if lost:
        hint = did_you_mean(lost[0], frame.columns) or "docs/registers.md describes the file"
        message = f"there is no column '{lost[0]}'"
        raise DataError(Problem("column-missing", message, None, hint))
