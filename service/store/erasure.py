"""Taking persons out of the log: what remains are counts, levels and rulesets.

The database lets a row change in this one way: its pupil, inputs and answer become empty and it
names the erasure, which says when, by whom and why.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from engine.errors import DataError, Problem
from service.store.connect import writing
from service.store.parcel_erasure import Looked, look_again, take_out_older, take_out_pupil
from service.store.places import touch
from service.store.tables import assessments, disagreements, erasures, reads, requests

NOWHERE = Looked()


@contextmanager
def erasing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection to erase on, whose work is committed at the end, or not at all.

    SQLite's log still has the pages as they were before; it is emptied, as far as nobody reads it.
    """
    with writing(engine) as connection:
        yield connection
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as raw, suppress(sqlite3.OperationalError):
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Erased(NamedTuple):
    """From how many assessments a person was taken, and how many rows of registers."""

    assessments: int
    rows: int


def erase_pupil(  # noqa: PLR0913, PLR0917  what is kept of an erasure
    connection: Connection,
    pupil: str,
    now: datetime,
    by: str,
    reason: str,
    looked: Looked = NOWHERE,
) -> Erased:
    """Erase a pupil from assessments, reads and registers; return from how many.

    `looked` are the parcels that were looked through already (`look_for`). Raises `DataError`
    where the reason names the pupil, for it is kept for ever; and where nothing of this pupil is
    stored, so that a key with a slip is not taken for an erasure.
    """
    if pupil in reason:
        hint = "give a reason that names nobody"
        raise DataError(Problem("person", "the reason holds the pupil's key", None, hint))
    assessed, seen = assessments.c.pupil == pupil, reads.c.pupil == pupil
    stored = sa.or_(sa.exists().where(assessed), sa.exists().where(seen))
    looked = look_again(connection, pupil, looked)
    if not looked.naming and not connection.execute(sa.select(stored)).scalar_one():
        hint = "is the key complete, and is this the store (PUMPURS_DATABASE) that has the pupil?"
        problem = "nothing of this pupil is stored: nothing was erased"
        raise DataError(Problem("person", problem, None, hint))
    _forget_disagreements(connection, assessed)
    erasure, count = _erase(connection, assessed, seen, (now, by, reason))
    return Erased(count, take_out_pupil(connection, pupil, erasure, looked))


def erase_older(
    connection: Connection, before: datetime, now: datetime, by: str, work: str = ""
) -> Erased:
    """Erase all persons from what is older than `before`; return from how much.

    `work` is where parcels are unpacked. In registers those who are still at their school stay.
    """
    old = (assessments.c.at < before) & assessments.c.erasure.is_(None)
    old_reads = (reads.c.at < before) & reads.c.erasure.is_(None)
    connection.execute(sa.delete(disagreements).where(disagreements.c.at < before))
    erasure, count = _erase(connection, old, old_reads, (now, by, f"kept until {before.date()}"))
    return Erased(count, take_out_older(connection, before, erasure, work))


def last_erasure(connection: Connection) -> int:
    """Return the id of the last erasure, 0 where there was none."""
    return int(connection.execute(sa.select(sa.func.max(erasures.c.id))).scalar_one() or 0)


def forget_requests(connection: Connection, before: datetime) -> int:
    """Remove idempotency keys from before this moment; return how many."""
    return connection.execute(sa.delete(requests).where(requests.c.at < before)).rowcount


def _forget_disagreements(connection: Connection, which: sa.ColumnElement[bool]) -> None:
    """Remove the records on which executors differed that are those of these assessments.

    They name no pupil, so they are known by their values; the text of equal values may differ.
    """
    kept = connection.execute(sa.select(disagreements.c.id, disagreements.c.inputs)).all()
    if not kept:
        return
    theirs = connection.execute(sa.select(assessments.c.inputs).where(which)).scalars()
    gone = [json.loads(inputs) for inputs in theirs if inputs is not None]
    for identifier, inputs in kept:
        if json.loads(inputs) in gone:
            connection.execute(sa.delete(disagreements).where(disagreements.c.id == identifier))


def _erase(
    connection: Connection,
    which: sa.ColumnElement[bool],
    which_reads: sa.ColumnElement[bool],
    said: tuple[datetime, str, str],
) -> tuple[int, int]:
    """Take persons out of the log; return the erasure's id, and from how many assessments."""
    now, by, reason = said
    made = connection.execute(sa.insert(erasures).values(at=now, by=by, reason=reason))
    erasure: int = made.inserted_primary_key[0] if made.inserted_primary_key else 0
    touch(connection)  # workers let go of what they have in memory
    gone = {"pupil": None, "erasure": erasure}
    connection.execute(sa.update(reads).where(which_reads).values(gone))
    emptied = sa.update(assessments).where(which).values(**gone, inputs=None, answer=None)
    return erasure, connection.execute(emptied).rowcount
