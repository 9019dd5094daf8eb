"""A store: every register as Parquet in canonical form, all versions worked out, read lazily.

It appears whole or not at all. ``store.json`` tells what was read and what came of it. Ids that
are made of the columns they name are made again when asked for, and not stored.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from engine.registers.account import FileCount
from engine.registers.history import History
from engine.registers.schema import ID, REGISTERS, Register
from engine.table import reading, refused
from engine.text import Text

FILE = "store.json"
FORMAT = 1


def is_store(folder: Path) -> bool:
    """Return whether a folder is a store."""
    return (folder / FILE).is_file()


def check_store(folder: Path, source: Path) -> None:
    """Raise `DataError` before any work is done where a store cannot be written."""
    if not folder.parent.is_dir():
        raise refused(folder, "no-folder", f"there is no folder '{folder.parent}'", "make it first")
    if folder.exists() and not is_store(folder):
        hint = "choose a name that is not taken"
        raise refused(folder, "overwrite", "something that is no store has this name", hint)
    if folder.exists() and source.exists() and folder.samefile(source):
        raise refused(folder, "overwrite", "the store would replace what is read", "rename it")


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
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
        for name, frame in frames.items():
            kept = frame.drop(ID) if name in natural else frame
            kept.sink_parquet(part / f"{name}.parquet", compression="zstd", maintain_order=True)
        said = {
            "format": FORMAT,
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
    path = folder / FILE
    hint = "write it again from the exports: pumpurs registers check DIR --out STORE"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise refused(path, "file-type", "another version of Pumpurs wrote this store", hint)
        files = tuple(FileCount(**each) for each in said["files"])
        notes = tuple(Text(**each) for each in said["notes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refused(path, "file-type", "this is not what a store says of itself", hint) from None
    frames = {
        name: _scan(folder / f"{name}.parquet", register)
        for name, register in REGISTERS.items()
        if (folder / f"{name}.parquet").is_file()
    }
    return History.of(frames), files, notes


def _scan(path: Path, register: Register) -> pl.LazyFrame:
    with reading(path):
        frame = pl.scan_parquet(path, glob=False)
        there = frame.collect_schema()
    made = ID not in there and bool(register.natural)
    wrong = {name: dtype for name, dtype in register.schema.items() if there.get(name) != dtype}
    if set(wrong) - ({ID} if made else set()):
        hint = "write the store again from the exports"
        raise refused(path, "column-type", f"the columns {', '.join(wrong)} are not right", hint)
    if made:
        natural = [pl.col(name).cast(pl.String) for name in register.natural]
        frame = frame.with_columns(pl.concat_str(natural, separator="|").alias(ID))
    return frame.select(list(register.schema))
