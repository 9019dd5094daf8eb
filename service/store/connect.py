"""Connections to the store: how each database must be opened so that a commit is a promise."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Engine

from engine.errors import EarlyWarningError, Problem
from service.identity.caller import Place

BUSY_SECONDS = 5.0
FULL = ("SQLITE_FULL", "DiskFull")  # what the drivers call a full disk
PRAGMAS = (
    "page_size=8192",  # of a file that is made: a page of 4096 has room for one assessment or two
    "cache_size=-16000",  # kB
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit is on the disk when it returns
    "foreign_keys=ON",
    "secure_delete=ON",  # what is erased does not stay readable in the file
)
STATE = Place("state", "")


class StoreError(EarlyWarningError):
    """A store that cannot be used: which, why, and what to do."""


class StoreUnavailableError(EarlyWarningError):
    """The database does not answer now; the same request may succeed later."""

    def __init__(self, reason: str) -> None:
        self.full = reason in FULL
        hint = "is it there ('pumpurs db upgrade' makes it), running, not locked and not full?"
        super().__init__(Problem("store", f"the database does not answer: {reason}", None, hint))


def connect(url: str, *, create: bool = False) -> Engine:
    """Return an engine for ``sqlite:///FILE`` or ``postgresql+psycopg://...``.

    An SQLite file is made only with `create`: a database that has vanished must not come back
    empty. Raises `StoreError` for other addresses.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        raise StoreError(Problem("store", "the database's address cannot be read")) from None
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,  # they are pupils' values, and errors get into logs
            pool_pre_ping=True,
            pool_timeout=BUSY_SECONDS,
            connect_args={"connect_timeout": 5, "options": "-c statement_timeout=60000"},
        )
    if parsed.drivername != "sqlite" or not parsed.database:
        hint = "use sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise StoreError(Problem("store", "this database is not known here", None, hint))
    return _sqlite(Path(parsed.database).absolute(), create=create)


class _File(sqlite3.Connection):
    """A connection that knows which file it was opened on."""

    path: Path
    file: tuple[int, int] | None

    def replaced(self) -> bool:
        """Return whether another file is there now, or none.

        SQLite goes on writing into a file that was removed: what it takes would be lost.
        """
        return self.file is None or self.file != _identity(self.path)


def _sqlite(path: Path, *, create: bool) -> Engine:
    mode = "rwc" if create else "rw"

    def opened() -> sqlite3.Connection:
        before = _identity(path)
        made = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,  # SQLAlchemy begins and ends transactions, see below
            check_same_thread=False,
            factory=_File,
        )
        made.path, made.file = path, before or _identity(path)
        try:
            for pragma in PRAGMAS:
                made.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            made.close()
            raise
        return made

    engine = sa.create_engine(
        "sqlite://", creator=opened, poolclass=sa.QueuePool, pool_size=8, hide_parameters=True
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    @event.listens_for(engine, "checkout")
    def same_file(connection: _File, _record: Any, _proxy: Any) -> None:  # noqa: ANN401
        if connection.replaced():
            raise exc.DisconnectionError

    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  faster than Path.stat, on each checkout
    except OSError:
        return None
    return found.st_dev, found.st_ino


def replaced(connection: Connection) -> bool:
    """Return whether the file that a connection is open on is another one now, or gone."""
    driver = connection.connection.driver_connection
    return isinstance(driver, _File) and driver.replaced()


@contextmanager
def reading(engine: Engine, place: Place = STATE) -> Iterator[Connection]:
    """Yield a connection that sees what this place may see; nothing is written."""
    with unavailable(), engine.connect() as connection, connection.begin():
        stand_at(connection, place)
        yield connection


@contextmanager
def writing(engine: Engine, place: Place = STATE) -> Iterator[Connection]:
    """Yield a connection whose work is committed at the end, or not at all."""
    with (
        unavailable(),
        engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
    ):
        stand_at(connection, place)
        yield connection


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn a database that is locked, gone, full or away into `StoreUnavailableError`."""
    try:
        yield
    except (
        exc.OperationalError,
        exc.InternalError,
        exc.TimeoutError,
        exc.InvalidatePoolError,
    ) as error:
        raise StoreUnavailableError(_reason(error)) from error
    except exc.DBAPIError as error:
        damaged = type(error) is exc.DatabaseError  # SQLite's name for a file that is none of its
        if damaged or error.connection_invalidated:
            raise StoreUnavailableError(_reason(error)) from error
        raise


def _reason(error: Exception) -> str:
    """Return what a driver calls an error: never its text, which may hold values."""
    original = getattr(error, "orig", None) or error
    return str(getattr(original, "sqlite_errorname", type(original).__name__))


_STAND = sa.text(
    "SELECT set_config('pumpurs.level', :level, true), set_config('pumpurs.place', :code, true)"
)


def stand_at(connection: Connection, place: Place) -> None:
    """Tell PostgreSQL's row-level security for which place the rest of the transaction acts."""
    if connection.dialect.name == "postgresql":
        connection.execute(_STAND, {"level": place.level, "code": place.code})
