"""The second opinion: durable_rules is asked of all who were assessed in one turn of the loop.

The reference decides what is answered; so durable_rules may be asked a moment later, of one pupil
after the other. Asked in the midst of each request it takes three times as long: what it holds in
memory has left the processor's caches in between (docs/decisions/0011).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from engine.meaning import Truths
from service.store.writer import Job, Queued, Writer
from service.usecases.answers import Inputs
from service.usecases.inforce import Compiled
from service.usecases.rows import disagreement

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Case:
    """What the reference said of one pupil, and what must be stored of it."""

    compiled: Compiled
    inputs: Inputs
    truths: Truths
    at: datetime
    job: Job


class SecondOpinion:
    """Asks durable_rules, notes where it differs, and has written what must be written.

    `differs` is told the hash of the ruleset by which the two executors differ.
    """

    def __init__(self, writer: Writer, differs: Callable[[str], None]) -> None:
        self._writer, self._differs = writer, differs
        self._waiting: list[tuple[Case, asyncio.Future[None] | None]] = []

    async def stored(self, case: Case) -> None:
        """Return when the case is committed; raises what `Writer.write` does."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._add(case, done)
        await done

    def answered(self, case: Case) -> None:
        """Take a case of which nothing is stored, unless the executors differ."""
        self._add(case, None)

    def _add(self, case: Case, done: asyncio.Future[None] | None) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._ask)
        self._waiting.append((case, done))

    def _ask(self) -> None:
        """Ask of all who wait, and hand over to the writer what is to be stored, all at once."""
        waiting, self._waiting = self._waiting, []
        queued: list[Queued] = []
        for case, done in waiting:
            try:
                queued += self._asked(case, done)
            except Exception as error:  # noqa: BLE001  the others must still be answered
                _tell(error, done)
        if queued:
            self._writer.take(queued)

    def _asked(self, case: Case, done: asyncio.Future[None] | None) -> list[Queued]:
        """Return what is to be stored of a case, now that durable_rules was asked."""
        loop = asyncio.get_running_loop()
        if case.compiled.confirms(case.inputs.record, case.truths):
            return [] if done is None else [Queued(case.job, loop, done)]
        return [Queued(self._doubted(case), loop, done or self._unwaited(loop))]

    def _doubted(self, case: Case) -> Job:
        """Return the case's job with what the executors differ on; it is counted and logged."""
        self._differs(case.compiled.hash)
        rows = [{**row, "agreed": False} for row in case.job.assessments]
        doubt = disagreement(case.compiled.hash, case.inputs, case.at)
        return replace(case.job, assessments=rows, disagreement=doubt)

    @staticmethod
    def _unwaited(loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Return a future for which no request waits: it was answered."""

        def look(done: asyncio.Future[None]) -> None:
            if not done.cancelled() and (error := done.exception()) is not None:
                log.error("a disagreement was not kept", reason=type(error).__name__)

        done: asyncio.Future[None] = loop.create_future()
        done.add_done_callback(look)
        return done


def _tell(error: Exception, done: asyncio.Future[None] | None) -> None:
    """Tell whoever waits that asking broke; where nobody does, the log."""
    if done is None:
        log.error("durable_rules could not be asked", reason=type(error).__name__)
    elif not done.done():
        done.set_exception(error)
