"""A store: every register as Parquet in canonical form, all versions worked out, read lazily.

It appears whole or not at all. ``store.json`` tells what was read, what came of it, and how many
rows each register has. Ids that are made of the columns they name are made again when asked for,
and not stored. Beside attendance stand its lessons gathered into pupils' days, a sixth of the rows,
from which indicators are computed. A store that has none is read all the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import polars as pl

from engine.errors import DataError
from engine.output import check_beside, writing
from engine.registers.account import FileCount
from engine.registers.history import History
from engine.registers.pupil_days import pupil_days
from engine.registers.schema import ID, REGISTERS
from engine.registers.stored_days import StoredDays
from engine.table import reading, refused
from engine.text import Text

FILE = "store.json"
FORMAT = 3
DAYS = "pupil_days"
LESSONS = 4_000_000  # gathered into pupils' days at once
_GONE = "the store was written with it, but it is gone"
_AGAIN = "write it again from the exports: pumpurs registers check DIR --out STORE"


def is_store(folder: Path) -> bool:
    """Return whether a folder is a store."""
    return (folder / FILE).is_file()


def check_store(folder: Path, source: Path) -> None:
    """Raise `DataError` before any work is done where a store cannot be written."""
    with writing(folder):
        check_beside(folder, source)
        if folder.exists() and not is_store(folder):
            hint = "choose a name that is not taken"
            raise refused(folder, "overwrite", "something that is no store has this name", hint)
        inside = source.resolve()
        if folder.exists() and folder.resolve() in (inside, *inside.parents):
            raise refused(folder, "overwrite", "the store would replace what is read", "rename it")
        part = _part(folder)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        part.rmdir()


def write_store(
    frames: Mapping[str, pl.LazyFrame],
    natural: frozenset[str],
    files: tuple[FileCount, ...],
    notes: tuple[Text, ...],
    folder: Path,
) -> None:
    """Write registers into a folder, replacing the store that is there.

    `natural` names the registers whose ids are made of their columns. Raises `DataError` where it
    cannot be written; what was there before is left.
    """
    part = _part(folder)
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
        for name, frame in frames.items():
            kept = frame.drop(ID) if name in natural else frame
            kept.sink_parquet(part / f"{name}.parquet", compression="zstd", maintain_order=True)
        rows = {name: _rows(part / f"{name}.parquet") for name in frames}
        if "attendance" in frames:
            (days,) = write_days(part / "attendance.parquet", part / DAYS).heights()
            rows[DAYS] = days
        said = {
            "format": FORMAT,
            "registers": rows,
            "files": [asdict(count) for count in files],
            "notes": [asdict(note) for note in notes],
        }
        text = json.dumps(said, indent=1, ensure_ascii=False)
        (part / FILE).write_text(text, encoding="utf-8")
        _replace(part, folder)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).split("\n", maxsplit=1)[0][:200]
        hint = "make room on the disk, or choose another folder"
        raise refused(folder, "no-folder", f"the store cannot be written: {reason}", hint) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_days(lessons: Path, out: Path) -> StoredDays:
    """Gather a file of lessons into pupils' days, some pupils after the others."""
    found = pl.scan_parquet(lessons, glob=False)
    every = found.select(pl.col("pupil").gather_every(LESSONS)).collect(engine="streaming")
    firsts = every["pupil"].unique().sort()[1:]
    bounds = pairwise([None, *firsts, None])
    return StoredDays.write((pupil_days(_between(found, *each)) for each in bounds), out)


def _between(lessons: pl.LazyFrame, low: str | None, high: str | None) -> pl.LazyFrame:
    mine = lessons if low is None else lessons.filter(pl.col("pupil") >= low)
    return mine if high is None else mine.filter(pl.col("pupil") < high)


def _part(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")


def _rows(path: Path) -> int:
    """Return how many rows a file has; that stands in its footer."""
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())


def _replace(part: Path, folder: Path) -> None:
    before = folder.with_name(f".{folder.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    part.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def read_store(folder: Path) -> tuple[History, tuple[FileCount, ...], tuple[Text, ...]]:
    """Return a store's history, scanned lazily, and the account and notes of what went into it.

    Raises `DataError` where it is not whole, or was written by another version.
    """
    rows, files, notes = _said(folder / FILE)
    frames = {
        name: _scan(folder / f"{name}.parquet", register.schema, rows[name], register.natural)
        for name, register in REGISTERS.items()
        if name in rows
    }
    days = _days(folder / DAYS, rows[DAYS]) if DAYS in rows else None
    return History.of(frames, days), files, notes


def bundles_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the exports that went into a store, none where nobody knows."""
    try:
        _, files, _ = _said(folder / FILE)
    except DataError:
        return ()
    return tuple(dict.fromkeys(count.bundle for count in files))


def _said(path: Path) -> tuple[dict[str, int], tuple[FileCount, ...], tuple[Text, ...]]:
    """Return what a store says of itself: rows of each register, account, and notes."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise refused(path, "file-type", "another version of Pumpurs wrote this store", _AGAIN)
        rows = {str(name): int(number) for name, number in said["registers"].items()}
        files = tuple(FileCount(**each) for each in said["files"])
        notes = tuple(Text(**each) for each in said["notes"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = "this is not what a store says of itself"
        raise refused(path, "file-type", message, _AGAIN) from None
    return rows, files, notes


def _days(folder: Path, rows: int) -> StoredDays:
    """Return the pupils' days, all of them."""
    days = StoredDays(folder)
    try:
        with reading(folder):
            heights = days.heights()
    except FileNotFoundError:
        raise refused(folder, "no-file", _GONE, _AGAIN) from None
    if heights != {rows}:
        message = f"it was written with {rows} rows, and has lost some"
        raise refused(folder, "file-type", message, _AGAIN)
    return days


def _scan(
    path: Path, schema: Mapping[str, pl.DataType], rows: int, natural: tuple[str, ...] = ()
) -> pl.LazyFrame:
    """Return a register, all of it: of half a register much would be taken to be none."""
    if not path.is_file():
        raise refused(path, "no-file", _GONE, _AGAIN)
    with reading(path):
        found = _rows(path)
        if found != rows:
            message = f"it has {found} rows, but was written with {rows}"
            raise refused(path, "parquet", message, _AGAIN)
        frame = pl.scan_parquet(path, glob=False)
        there = frame.collect_schema()
    made = ID not in there and bool(natural)
    wrong = {name: dtype for name, dtype in schema.items() if there.get(name) != dtype}
    if set(wrong) - ({ID} if made else set()):
        hint = "write the store again from the exports"
        raise refused(path, "column-type", f"the columns {', '.join(wrong)} are not right", hint)
    if made:
        of = [pl.col(name).cast(pl.String) for name in natural]
        frame = frame.with_columns(pl.concat_str(of, separator="|").alias(ID))
    return frame.select(list(schema))
