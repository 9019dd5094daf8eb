"""Group commit: nothing is answered before it is written, and no job spoils another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.engine import Engine

from service.identity.caller import Place
from service.store.connect import StoreUnavailableError, connect, reading
from service.store.tables import assessments, reads, requests
from service.store.writer import ConflictError, Job, Writer
from tests.service.databases import Database
from tests.service.store.rows import job, read
from tests.service.world import settle

SECONDS = 20.0


@dataclass(eq=False)
class Gate:
    """Counts the writer's commits, and holds the next one up while it is shut."""

    commits: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, _connection: object) -> None:
        """Stand before a commit."""
        if threading.current_thread().name != "writer":
            return
        self.commits += 1
        self.reached.set()
        assert self.opened.wait(SECONDS)

    def shut(self) -> None:
        """Begin to count, and hold up what comes."""
        self.commits = 0
        self.reached.clear()
        self.opened.clear()


@dataclass
class Bench:
    """A store, its writer, and a gate before each commit."""

    engine: Engine
    writer: Writer
    gate: Gate

    async def outcomes(self, jobs: list[Job]) -> list[BaseException | None]:
        """Have one group made of all these jobs; return what became of each."""
        self.gate.shut()
        first = asyncio.create_task(self.writer.write(job(f"first-{uuid4().hex}")))
        await asyncio.to_thread(self.gate.reached.wait, SECONDS)
        tasks = [asyncio.create_task(self.writer.write(each)) for each in jobs]
        await asyncio.sleep(0)  # each task puts its job into the queue
        self.gate.opened.set()
        async with asyncio.timeout(SECONDS):
            found = await asyncio.gather(*tasks, return_exceptions=True)
            await first
        return found

    def stored(self, jobs: list[Job]) -> list[bool]:
        """Say for each job whether its assessment is in the store."""
        with reading(self.engine) as connection:
            found = set(connection.execute(sa.select(assessments.c.pupil)).scalars())
        return [each.assessments[0]["pupil"] in found for each in jobs]


@contextmanager
def bench_on(engine: Engine) -> Iterator[Bench]:
    gate = Gate()
    gate.opened.set()
    event.listen(engine, "commit", gate)
    writer = Writer(engine, threads=1)
    writer.start()
    yield Bench(engine, writer, gate)
    gate.opened.set()
    writer.stop()
    event.remove(engine, "commit", gate)


@pytest.fixture(scope="module")
def bench(database: Database) -> Iterator[Bench]:
    """Run a writer on a store to which tests add pupils of their own."""
    engine = connect(database.migrated())
    settle(engine)
    with bench_on(engine) as found:
        yield found
    engine.dispose()


@pytest.fixture
def own(store: Engine) -> Iterator[Bench]:
    """Run a writer on a store of its own."""
    with bench_on(store) as found:
        yield found


def pupil() -> str:
    return f"P-{uuid4().hex}"


def test_jobs_that_queue_up_share_one_commit(bench: Bench) -> None:
    """Three hundred jobs for all schools, that came during one commit, cost one more."""
    jobs = [job(pupil(), ("r64", "r72", "l1")[number % 3]) for number in range(300)]
    assert asyncio.run(bench.outcomes(jobs)) == [None] * 300
    assert all(bench.stored(jobs))
    assert bench.gate.commits == 2


def test_nothing_is_answered_before_its_commit(bench: Bench) -> None:
    """While the commit is held up, who waits is not answered; afterwards the row is there."""
    mine = job(pupil())

    async def ask() -> None:
        bench.gate.shut()
        task = asyncio.create_task(bench.writer.write(mine))
        await asyncio.to_thread(bench.gate.reached.wait, SECONDS)
        await asyncio.sleep(0.05)
        assert not task.done()
        assert bench.stored([mine]) == [False]
        bench.gate.opened.set()
        await asyncio.wait_for(task, SECONDS)
        assert bench.stored([mine]) == [True]

    asyncio.run(ask())


def spoilt(change: Callable[[dict[str, Any]], object]) -> Job:
    made = job(pupil())
    change(made.assessments[0])
    return made


BAD: dict[str, Callable[[], Job]] = {
    "unknown school": lambda: spoilt(lambda row: row.update(school="nowhere")),
    "no level": lambda: spoilt(lambda row: row.update(level=None)),
    "erased and not": lambda: spoilt(lambda row: row.update(erasure=1)),
    "of no type": lambda: spoilt(lambda row: row.update(score=object())),
    "lacks columns": lambda: spoilt(lambda row: row.pop("level")),
    "of no day": lambda: spoilt(lambda row: row.update(as_of="no day")),
}


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["good", "good", "good", *BAD]), min_size=1, max_size=12))
def test_a_bad_job_spoils_no_other(bench: Bench, kinds: list[str]) -> None:
    """In any group, each good job is written and each bad one hears why, nothing of it written."""
    jobs = [job(pupil(), key=uuid4().hex) if k == "good" else BAD[k]() for k in kinds]
    found = asyncio.run(bench.outcomes(jobs))
    good = [kind == "good" for kind in kinds]
    assert [error is None for error in found] == good
    assert bench.stored(jobs) == good
    assert not any(isinstance(error, ConflictError | StoreUnavailableError) for error in found)


def test_a_job_for_another_place_spoils_no_other(bench: Bench) -> None:
    """PostgreSQL refuses a row of another school than the job's; its neighbours are written."""
    strayed = job(pupil(), "r64")
    strayed.place = Place("school", "l1")
    looks = Job(Place("municipality", "riga"), read=read(pupil(), "riga"))
    jobs = [job(pupil(), "l1"), strayed, job(pupil(), "r64")]
    found = asyncio.run(bench.outcomes([*jobs, looks]))
    walled = bench.engine.dialect.name == "postgresql"
    assert [error is None for error in found] == [True, not walled, True, True]
    assert bench.stored(jobs) == [True, not walled, True]
    with reading(bench.engine) as connection:
        mine = sa.select(reads).where(reads.c.pupil == (looks.read or {})["pupil"])
        assert connection.execute(mine).one_or_none() is not None


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=2, max_size=10))
def test_of_requests_with_one_key_the_first_is_written(
    bench: Bench, wanted: list[tuple[int, bool]]
) -> None:
    """The first job of each idempotency key is written; later ones meet a conflict, wholly."""
    unique, other = uuid4().hex, uuid4().hex
    jobs = []
    for number, mine in wanted:
        made = job(pupil(), key=f"{unique}-{number}")
        assert made.request is not None
        made.request["caller"] = "me" if mine else other
        jobs.append(made)
    first = [wanted.index(each) == at for at, each in enumerate(wanted)]
    found = asyncio.run(bench.outcomes(jobs))
    assert [error is None for error in found] == first
    assert all(error is None or isinstance(error, ConflictError) for error in found)
    assert bench.stored(jobs) == first
    again = asyncio.run(bench.outcomes([job(pupil(), key=f"{unique}-{wanted[0][0]}")]))
    assert again == [None]  # of another caller
    with reading(bench.engine) as connection:
        ids = [each.request["id"] for each in jobs if each.request]
        count = sa.select(sa.func.count()).where(requests.c.id.in_(ids))
        assert connection.execute(count).scalar_one() == sum(first)


def test_a_commit_that_fails_reaches_all_who_wait(bench: Bench) -> None:
    """An error in the middle of a group is told to each, nothing is written, and work goes on."""
    jobs = [job(pupil()) for _ in range(5)]

    def break_down(_connection: object) -> None:
        if bench.gate.commits > 1:
            raise ArithmeticError

    event.listen(bench.engine, "commit", break_down)
    found = asyncio.run(bench.outcomes(jobs))
    event.remove(bench.engine, "commit", break_down)
    assert [type(error) for error in found] == [ArithmeticError] * 5
    assert bench.stored(jobs) == [False] * 5
    for each in jobs:
        each.error = None
    assert asyncio.run(bench.outcomes(jobs)) == [None] * 5
    assert all(bench.stored(jobs))


def test_what_was_taken_is_written_at_the_end(own: Bench) -> None:
    """Jobs in the queue when the writer is stopped are written and answered; later ones refused."""
    jobs = [job(pupil()) for _ in range(50)]

    async def ask() -> list[BaseException | None]:
        own.gate.shut()
        tasks = [asyncio.create_task(own.writer.write(each)) for each in jobs]
        await asyncio.to_thread(own.gate.reached.wait, SECONDS)
        stopping = asyncio.create_task(asyncio.to_thread(own.writer.stop))
        await asyncio.sleep(0.05)
        assert not stopping.done()
        own.gate.opened.set()
        await stopping
        async with asyncio.timeout(SECONDS):
            found = await asyncio.gather(*tasks, return_exceptions=True)
            with pytest.raises(StoreUnavailableError):
                await own.writer.write(job(pupil()))
        return found

    assert asyncio.run(ask()) == [None] * 50
    assert all(own.stored(jobs))


def test_who_gave_up_waiting_stops_nobody(bench: Bench) -> None:
    """What was given up, and its loop closed, is written all the same; the writer goes on."""
    given_up, after = job(pupil()), job(pupil())

    async def give_up() -> None:
        bench.gate.shut()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.writer.write(given_up), 0.05)

    asyncio.run(give_up())
    bench.gate.opened.set()
    assert asyncio.run(bench.outcomes([after])) == [None]
    assert bench.stored([given_up, after]) == [True, True]


def test_a_large_group_is_closed_before_it_grows_without_end(bench: Bench) -> None:
    """Jobs of thousands of rows do not all share one transaction, and all are written."""
    jobs = []
    for _ in range(4):
        rows = [job(pupil()).assessments[0] for _ in range(3000)]
        jobs.append(Job(Place("school", "r64"), assessments=rows))
    assert asyncio.run(bench.outcomes(jobs)) == [None] * 4
    assert all(bench.stored(jobs))
    assert bench.gate.commits == 3


def test_groups_side_by_side_lose_nothing(store: Engine) -> None:
    """As many threads as suit the database write all that was taken, also while they are ended."""
    writer = Writer(store)
    jobs = [job(pupil(), ("r64", "r72", "l1")[number % 3]) for number in range(300)]

    async def ask() -> None:
        tasks = []
        for each in jobs:
            tasks.append(asyncio.create_task(writer.write(each)))
            await asyncio.sleep(0)  # so that it is taken, and groups are as they come
        await asyncio.to_thread(writer.stop)
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*tasks)
        with pytest.raises(StoreUnavailableError, match="has stopped"):
            await writer.write(job(pupil()))

    writer.start()
    asyncio.run(ask())
    with reading(store) as connection:
        found = connection.execute(sa.select(assessments.c.pupil)).scalars().all()
    assert sorted(found) == sorted(each.assessments[0]["pupil"] for each in jobs)
    assert not any(thread.is_alive() for thread in writer._threads)
