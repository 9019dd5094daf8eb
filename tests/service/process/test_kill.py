"""``kill -9`` under load: whatever was answered is in the store, and nothing is there by half."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx2 as httpx
import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from service.store.assessments import Stored
from service.store.connect import connect, reading
from service.store.tables import assessments, requests
from tests.service.databases import Database
from tests.service.servers import Server, running
from tests.service.world import asked, bearer, key_for, settle

said = logging.getLogger(__name__)
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "exhaustive"
KILLS = {"sqlite": 5, "postgresql": 2}  # of one store
STORES = {"sqlite": 40 if LONG else 1, "postgresql": 10 if LONG else 1}
CALLERS = 16
MANY = 60  # pupils in one request
LATEST_SECONDS = 0.6
NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Way:
    """A way to ask: where, with what, and how many rows a request has that carries a key."""

    path: str
    body: Callable[[], bytes]
    rows: int
    key: bool


def one() -> bytes:
    return orjson.dumps(asked(f"P-{uuid4().hex}"))


def many() -> bytes:
    pupils = (asked(f"P-{uuid4().hex}") for _ in range(MANY))
    return b"\n".join(orjson.dumps({k: v for k, v in p.items() if k != "as_of"}) for p in pupils)


WAYS = (
    Way("/v1/assessments", one, 1, key=False),
    Way("/v1/assessments", one, 1, key=True),
    Way("/v1/assessments/bulk?as_of=2026-10-15", many, MANY, key=True),
)


@dataclass
class Load:
    """Callers who ask until the server is gone, and what they were answered."""

    server: Server
    header: dict[str, str]
    lines: dict[str, bytes] = field(default_factory=dict)  # by id
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_killed(self, moment: float) -> None:
        """Ask from many sides, and kill the server so long after its first answer."""
        async with httpx.AsyncClient(base_url=self.server.address, timeout=30) as client:
            callers = [
                asyncio.create_task(self._ask(client, WAYS[number % len(WAYS)]))
                for number in range(CALLERS)
            ]
            await asyncio.wait_for(self.begun.wait(), 30)
            await asyncio.sleep(moment)
            self.server.process.kill()
            await asyncio.gather(*callers)
        self.server.process.wait()

    async def _ask(self, client: httpx.AsyncClient, way: Way) -> None:
        while True:
            headers = self.header | {"accept": NDJSON, "content-type": NDJSON}
            if way.rows == 1:
                headers = self.header | {"content-type": "application/json"}
            if way.key:
                headers["idempotency-key"] = uuid4().hex
            try:
                answer = await client.post(way.path, content=way.body(), headers=headers)
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            said = answer.content.splitlines()
            assert len(said) == way.rows
            self.lines |= {orjson.loads(line)["id"]: line for line in said}
            self.begun.set()


def stored_since(engine: Engine, last: str) -> list[Stored]:
    """Return the assessments whose ids come after the last one that was looked at."""
    wanted = sa.select(assessments).order_by(assessments.c.id)
    if last:
        wanted = wanted.where(assessments.c.id > last)
    with reading(engine) as connection:
        return [Stored(*row) for row in connection.execute(wanted)]


def check_whole(engine: Engine, found: list[Stored]) -> None:
    """Check that each row is all there, and that each request has all of its rows."""
    counts: dict[str, int] = {}
    wanted: dict[str, int] = {}
    for row in found:
        said, inputs = orjson.loads(row.answer or ""), orjson.loads(row.inputs or "")
        assert (said["id"], said["pupil_key"], said["level"]) == (row.id, row.pupil, row.level)
        assert inputs["indicators"]
        if row.request is not None:
            counts[row.request] = counts.get(row.request, 0) + 1
            wanted[row.request] = MANY if "row" in said else 1
    assert counts == wanted
    with reading(engine) as connection:
        known = set(connection.execute(sa.select(requests.c.id)).scalars())
        with_rows = sa.select(assessments.c.request).where(assessments.c.request.is_not(None))
        assert known == set(connection.execute(with_rows.distinct()).scalars())
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


@pytest.fixture
def killed_store(database: Database) -> Iterator[tuple[str, Engine, dict[str, str]]]:
    """Make a store of its own: its address, an engine on it, and a caller's header."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    yield address, engine, bearer(key_for(engine, "school:r64"))
    engine.dispose()


@pytest.mark.parametrize("number", range(max(STORES.values())))
def test_what_was_answered_survives_kill_9(
    killed_store: tuple[str, Engine, dict[str, str]],
    tmp_path: Path,
    number: int,
) -> None:
    """Killed at any moment, the store has every answer word for word, and serves again."""
    address, engine, header = killed_store
    kind = engine.dialect.name
    if number >= STORES[kind]:
        pytest.skip("enough stores of this kind")
    last, log, answered = "", tmp_path / "serve.log", 0
    for _ in range(KILLS[kind]):
        moment = random.uniform(0, LATEST_SECONDS)  # noqa: S311  no secret
        with running(address, log, PUMPURS_RATE="1000000000") as server:
            load = Load(server, header)
            asyncio.run(load.until_killed(moment))
        engine.dispose()
        found = stored_since(engine, last)
        kept = {row.id: (row.answer or "").encode() for row in found}
        lost = [each for each, line in load.lines.items() if kept.get(each) != line]
        assert not lost, f"killed after {moment:.3f} s: {len(lost)} of {len(load.lines)} answers"
        check_whole(engine, found)
        answered += len(load.lines)
        last = found[-1].id
    with running(address, log) as server:
        past = httpx.get(f"{server.address}/v1/assessments/{last}", headers=header)
        assert orjson.dumps(past.json()["answer"]) == kept[last]
        assert httpx.post(
            f"{server.address}/v1/assessments", json=asked(), headers=header
        ).is_success
    said.info("%s: %d kills, %d answers, all there", kind, KILLS[kind], answered)
