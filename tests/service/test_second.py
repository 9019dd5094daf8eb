"""The second opinion: asked of many in a row, it counts, keeps and never holds up an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from engine.condition import Record
from engine.errors import ExecutorError, Problem
from engine.executors.durable import Durable
from engine.load import load
from engine.meaning import Truths
from service.store.connect import StoreUnavailableError, connect, reading
from service.store.tables import assessments, disagreements
from service.store.writer import Writer
from service.usecases.answers import Inputs
from service.usecases.inforce import Compiled
from service.usecases.second import Case, SecondOpinion
from tests.service.databases import Database
from tests.service.store.rows import NOW, job
from tests.service.world import LV, settle

SECONDS = 20.0
GRADES = (5, 9, 12)  # durable_rules agrees, says something else, fails


@dataclass
class Bench:
    """A store, and a second opinion whose executor differs as the pupil's grade says."""

    engine: Engine
    writer: Writer
    second: SecondOpinion
    compiled: Compiled
    counted: list[str]

    def case(self, grade: int, *, stored: bool) -> Case:
        """Return a case of a new pupil."""
        record = dict.fromkeys(self.compiled.reads) | {"grade": grade}
        found = self.compiled.assessor.assess(record)
        mine = job(f"P-{uuid4().hex}")
        if not stored:
            mine.assessments = ()
        inputs = Inputs(record, {}, "lv")
        return Case(self.compiled, inputs, found.finding.truths, NOW, mine)

    def kept(self) -> int:
        """Return how many disagreements are kept."""
        with reading(self.engine) as connection:
            found = sa.select(sa.func.count()).select_from(disagreements)
            return int(connection.execute(found).scalar_one())

    def agreed(self, case: Case) -> bool:
        """Return what the store says of a case."""
        pupil = case.job.assessments[0]["pupil"]
        with reading(self.engine) as connection:
            found = sa.select(assessments.c.agreed).where(assessments.c.pupil == pupil)
            return bool(connection.execute(found).scalar_one())


@pytest.fixture(scope="module")
def bench(database: Database) -> Iterator[Bench]:
    """Run a second opinion that differs, on a store."""
    truths = Durable.truths

    def differing(self: Durable, record: Record) -> Truths:
        said = truths(self, record)
        match record["grade"]:
            case 9:
                return (not said[0], *said[1:])
            case 12:
                raise ExecutorError(Problem("durable", "it broke"))
            case _:
                return said

    engine = connect(database.migrated())
    settle(engine)
    writer, counted = Writer(engine, threads=1), list[str]()
    writer.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Durable, "truths", differing)
        yield Bench(
            engine, writer, SecondOpinion(writer, counted.append), Compiled(load(LV)), counted
        )
    writer.stop()
    engine.dispose()


@given(cases=st.lists(st.tuples(st.sampled_from(GRADES), st.booleans()), max_size=20))
def test_each_difference_is_counted_and_kept(bench: Bench, cases: list[tuple[int, bool]]) -> None:
    """Of whatever comes in one turn, those that differ are counted, kept and marked: no other."""
    before, bench.counted[:] = bench.kept(), []
    asked = [bench.case(grade, stored=stored) for grade, stored in cases]

    async def turn() -> None:
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as tasks:
            for case in asked:
                if case.job.assessments:
                    tasks.create_task(bench.second.stored(case))
                else:
                    bench.second.answered(case)
        await asyncio.sleep(0)  # the end of the turn, when durable_rules is asked
        await bench.writer.probe()  # what was taken before it is written

    asyncio.run(turn())
    differing = [grade != 5 for grade, _ in cases]
    assert bench.counted == [bench.compiled.hash] * sum(differing)
    assert bench.kept() == before + sum(differing)
    for case, differs in zip(asked, differing, strict=True):
        if case.job.assessments:
            assert bench.agreed(case) is not differs


def test_what_breaks_in_one_case_spoils_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked hears of it, or the log does; all others of the turn are written."""
    good, bad = bench.case(5, stored=True), bench.case(9, stored=True)
    confirms = Compiled.confirms

    def broken(self: Compiled, record: Record, truths: Truths) -> bool:
        if record["grade"] == 9:
            raise RuntimeError
        return confirms(self, record, truths)

    monkeypatch.setattr(Compiled, "confirms", broken)

    async def turn() -> list[BaseException | None]:
        bench.second.answered(bench.case(9, stored=False))
        async with asyncio.timeout(SECONDS):
            asked = map(bench.second.stored, (bad, good))
            return await asyncio.gather(*asked, return_exceptions=True)

    with capture_logs() as logs:
        error, fine = asyncio.run(turn())
    assert isinstance(error, RuntimeError)
    assert fine is None
    assert bench.agreed(good)
    (told,) = logs
    assert (told["event"], told["reason"]) == ("durable_rules could not be asked", "RuntimeError")


def test_a_writer_that_has_stopped_is_told(bench: Bench) -> None:
    """Whoever waits hears of it; where nobody waits, the log does."""
    stopped = SecondOpinion(Writer(bench.engine), bench.counted.append)

    async def turn() -> None:
        with pytest.raises(StoreUnavailableError, match="has stopped"):
            await stopped.stored(bench.case(5, stored=True))
        given_up = asyncio.create_task(stopped.stored(bench.case(5, stored=True)))
        await asyncio.sleep(0)
        given_up.cancel()  # who gave up waiting keeps nobody else from being told
        stopped.answered(bench.case(5, stored=False))
        stopped.answered(bench.case(9, stored=False))
        await asyncio.sleep(0.01)

    with capture_logs() as logs:
        asyncio.run(turn())
    (error,) = [each for each in logs if each["log_level"] == "error"]
    assert error == {
        "event": "a disagreement was not kept",
        "reason": "StoreUnavailableError",
        "log_level": "error",
    }
