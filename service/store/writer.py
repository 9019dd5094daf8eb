"""Group commit: what has queued up is written in one transaction, and only then answered.

While a group is committed, the next jobs queue up; so the dearer a commit is, the more jobs share
it. SQLite has one writer at a time, and so one thread writes. PostgreSQL commits groups side by
side: what came while one was being committed need not wait for it. A group that the database
refuses is tried again in halves, so that the job that it refuses spoils no other.
"""

from __future__ import annotations

import asyncio
import math
import queue
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from service.identity.caller import Place
from service.store.adding import add_assessments
from service.store.assessments import ADD_DISAGREEMENT, ADD_READ, ADD_REQUEST, Row
from service.store.connect import FULL, STATE, StoreUnavailableError, stand_at
from service.store.kept import Kept
from service.store.tables import revision

MOST_ROWS = 5_000  # a group is closed when it has so many
SIDE_BY_SIDE = 3  # groups in PostgreSQL; more of them would be smaller
FULL_SECONDS = 10.0  # for so long a full disk counts as full, if nothing was written since
PROBE = sa.update(revision).values(number=revision.c.number)
_TAKEN = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505")


class ConflictError(Exception):
    """A row is there already: another request with this idempotency key was quicker."""


@dataclass(slots=True)
class Job:
    """Rows that belong together, written for one place: all or none."""

    place: Place
    assessments: Sequence[Row] = ()
    request: Row | None = None
    read: Row | None = None
    disagreement: Row | None = None
    probe: bool = False  # writes nothing new: proves that the store can be written
    error: Exception | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Queued:
    """A job, and who waits for it."""

    job: Job
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


def _answer(group: Iterable[Queued]) -> None:
    """Tell those who wait what became of their jobs; runs in their loop, once for all."""
    for each in group:
        if each.done.done():  # the request was given up meanwhile
            continue
        if each.job.error is None:
            each.done.set_result(None)
        else:
            each.done.set_exception(each.job.error)


class Writer:
    """Writes jobs in groups. `start` before use and `stop` after: what was taken is written.

    `threads` is how many groups are written side by side; None for what suits the database.
    """

    def __init__(self, engine: Engine, threads: int | None = None) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[Sequence[Queued] | None] = queue.SimpleQueue()
        self._open, self._full = False, -math.inf
        if threads is None:
            threads = 1 if engine.dialect.name == "sqlite" else SIDE_BY_SIDE
        self._threads = [
            threading.Thread(target=self._run, name="writer", daemon=True) for _ in range(threads)
        ]

    def start(self) -> None:
        """Start the writing threads."""
        self._open = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Write what was taken, then end the threads; from now on nothing is taken."""
        self._open = False
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    async def write(self, job: Job) -> None:
        """Return when the job is committed.

        Raises `ConflictError`, or `StoreUnavailableError` when the commit did not come back.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self.take([Queued(job, loop, done)])
        await done

    def take(self, queued: Sequence[Queued]) -> None:
        """Take jobs; each one's `done` tells what became of it, as `write` does."""
        if self._open:
            self._queue.put(queued)
            return
        for each in queued:
            each.job.error = StoreUnavailableError("the writer has stopped")
        _answer(queued)

    async def probe(self) -> None:
        """Return when the store was found to take what is written; raises as `write` does.

        A full disk may still have room for this, and none for an assessment: so where it was full
        for the last job, it is said to be full for a while.
        """
        await self.write(Job(STATE, probe=True))
        if time.monotonic() - self._full < FULL_SECONDS:
            raise StoreUnavailableError(FULL[0])

    def _run(self) -> None:
        with closing(Kept(self._engine)) as store:
            last = False
            while not last:
                first = self._queue.get()
                if first is None:
                    return
                group, last = self._waiting(first)
                _write(store, [each.job for each in group])
                self._note(each.job for each in group if not each.job.probe)
                for loop in {each.loop for each in group}:
                    mine = [each for each in group if each.loop is loop]
                    with suppress(RuntimeError):  # whoever waited has closed their loop
                        loop.call_soon_threadsafe(_answer, mine)

    def _note(self, jobs: Iterable[Job]) -> None:
        """Note whether the last job found the disk full."""
        for job in jobs:
            full = isinstance(job.error, StoreUnavailableError) and job.error.full
            self._full = time.monotonic() if full else -math.inf

    def _waiting(self, first: Sequence[Queued]) -> tuple[list[Queued], bool]:
        """Return what has queued up, and whether the end was met."""
        group, rows = [*first], _rows_of(first)
        while rows < MOST_ROWS:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return group, True
            group += following
            rows += _rows_of(following)
        return group, False


def _rows_of(group: Iterable[Queued]) -> int:
    return sum(len(each.job.assessments) for each in group)


def _write(store: Kept, jobs: list[Job]) -> None:
    """Commit all jobs together; each job's `error` says what became of it."""
    by_place = sorted(jobs, key=lambda job: (job.place.level, job.place.code))
    try:
        with store.writing(by_place[0].place) as connection:
            _insert(connection, by_place)
    except Exception as error:  # noqa: BLE001  whatever it is, those who wait must hear of it
        if isinstance(error, StoreUnavailableError) or len(jobs) == 1:
            for job in jobs:
                job.error = ConflictError() if _there_already(error) else error
            return
        middle = len(jobs) // 2
        _write(store, jobs[:middle])
        _write(store, jobs[middle:])


def _there_already(error: Exception) -> bool:
    """Return whether a row was refused because there is one with its key."""
    if not isinstance(error, exc.IntegrityError):
        return False
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return name in _TAKEN


def _insert(connection: Connection, jobs: list[Job]) -> None:
    """Insert what jobs have, sorted by place; the connection stands at the place of the first."""
    if any(job.probe for job in jobs):
        connection.execute(PROBE)
    _rows(connection, ADD_REQUEST, [job.request for job in jobs if job.request])
    _rows(connection, ADD_DISAGREEMENT, [job.disagreement for job in jobs if job.disagreement])
    if connection.dialect.name != "postgresql":
        _placed(connection, jobs)
        return
    for place, mine in groupby(jobs, key=lambda job: job.place):
        if place != jobs[0].place:
            stand_at(connection, place)
        _placed(connection, list(mine))


def _placed(connection: Connection, jobs: list[Job]) -> None:
    add_assessments(connection, [row for job in jobs for row in job.assessments])
    _rows(connection, ADD_READ, [job.read for job in jobs if job.read])


def _rows(connection: Connection, statement: sa.Insert, rows: list[Row]) -> None:
    if rows:
        connection.execute(statement, rows)
