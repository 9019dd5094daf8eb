"""A copy of an SQLite store, whole as of one moment, made while others read and write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import Engine

from engine.errors import Problem
from service.store.connect import StoreError


def backup(engine: Engine, target: Path) -> None:
    """Copy the store into `target`, which its owner alone may read, and check the copy.

    The file has its name only when it is whole. What was erased is not in it. Raises `StoreError`
    for PostgreSQL, where there is such a file already, and where the copy cannot be made.
    """
    if engine.dialect.name != "sqlite":
        hint = "use pg_dump --format=custom; docs/operating.md says how"
        raise StoreError(Problem("store", "this copies SQLite stores only", None, hint))
    if target.exists():
        raise StoreError(Problem("overwrite", f"{target} is there already", None, "name another"))
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _copy(engine, partial)
        partial.rename(target)
    except sqlite3.Error as error:
        hint = "is there room, and is the store sound?"
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise StoreError(Problem("store", f"no copy could be made: {name}", None, hint)) from None
    finally:
        partial.unlink(missing_ok=True)


def _copy(engine: Engine, partial: Path) -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(partial),))
    finally:
        raw.close()
    with closing(sqlite3.connect(partial)) as copy:
        (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        message = "the copy is not sound"
        raise sqlite3.DatabaseError(message)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
