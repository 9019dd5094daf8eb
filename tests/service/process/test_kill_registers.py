"""``kill -9`` while registers are sent: each file that was answered is held whole, none by half."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from service.store.bundles import read_bundles, write_bundles
from service.store.connect import connect, reading
from service.store.parcels import bodies_of, parcels_of
from service.store.tables import parcels, requests
from tests.service.databases import Database
from tests.service.sent_registers import CSV, TOLD, USERS, lines
from tests.service.servers import Server, running
from tests.service.world import bearer, key_for, settle

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "exhaustive"
KILLS = 20 if LONG else 2  # the server that comes after one shows that it serves again
CALLERS = 4
ROWS = 200  # of each file
LATEST_SECONDS = 0.8
SCHOOL = "r64"


@dataclass
class Load:
    """Callers who send files of new pupils until the server is gone, and what was answered."""

    server: Server
    header: dict[str, str]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # by the parcel's id
    sent: dict[str, bytes] = field(default_factory=dict)  # by the parcel's id
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_killed(self, moment: float) -> None:
        """Send from many sides, and kill the server so long after its first answer."""
        async with httpx.AsyncClient(base_url=self.server.address, timeout=30) as client:
            callers = [asyncio.create_task(self._send(client, n)) for n in range(CALLERS)]
            await asyncio.wait_for(self.begun.wait(), 30)
            await asyncio.sleep(moment)
            self.server.process.kill()
            await asyncio.gather(*callers)
        self.server.process.wait()

    async def _send(self, client: httpx.AsyncClient, number: int) -> None:
        while True:
            some = uuid4().hex
            body = lines(USERS, *(f"{some}-{n},active,{TOLD},student,male" for n in range(ROWS)))
            headers = self.header | {"content-type": CSV}
            if number % 2:
                headers["idempotency-key"] = some
            try:
                answer = await client.post("/v1/registers/users", content=body, headers=headers)
            except httpx.TransportError:
                return
            assert answer.status_code in (200, 503), answer.text  # others came between
            if answer.status_code == 200:
                self.answers[answer.json()["id"]] = answer.json()
                self.sent[answer.json()["id"]] = body.encode()
                self.begun.set()


def check_held(engine: Engine, load: Load, since: int) -> int:
    """Check what is held after a number of parcels; return the number of the last."""
    with reading(engine) as connection:
        found = {
            p.id: (p, body) for p, body in bodies_of(connection, parcels_of(connection, [SCHOOL]))
        }
        rows = connection.execute(sa.select(parcels).order_by(parcels.c.number)).mappings().all()
        asked = set(connection.execute(sa.select(requests.c.id)).scalars())
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert asked == {row["request"] for row in rows} - {None}
    for row in rows[since:]:
        assert (row["read"], row["used"], row["rejected"]) == (ROWS, ROWS, 0)
        assert found[row["id"]][1].count(b"\n") == ROWS + 1
    for identifier, answer in load.answers.items():
        parcel, body = found[identifier]
        assert (parcel.file, parcel.mode, answer["used"]) == ("users", "delta", ROWS)
        keys = [line.split(b",")[0] for line in load.sent[identifier].splitlines()]
        assert [line.split(b",")[0] for line in body.splitlines()] == keys
    return len(rows)


@pytest.fixture
def killed_store(database: Database) -> Iterator[tuple[str, Engine, dict[str, str]]]:
    """Make a store of its own: its address, an engine on it, and a caller's header."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    yield address, engine, bearer(key_for(engine, f"school:{SCHOOL}"))
    engine.dispose()


def test_what_was_answered_is_held_whole_after_kill_9(
    killed_store: tuple[str, Engine, dict[str, str]], tmp_path: Path
) -> None:
    """Killed at any moment, the store has every file that was answered, and reads as a whole."""
    address, engine, header = killed_store
    log, held, answered = tmp_path / "serve.log", 0, 0
    for _ in range(KILLS):
        moment = random.uniform(0, LATEST_SECONDS)  # noqa: S311  no secret
        with running(address, log, PUMPURS_RATE="1000000000", PUMPURS_WORK=str(tmp_path)) as server:
            load = Load(server, header)
            asyncio.run(load.until_killed(moment))
        engine.dispose()
        held = check_held(engine, load, held)
        answered += len(load.answers)
    assert held >= answered >= KILLS
    with reading(engine) as connection, tempfile.TemporaryDirectory() as folder:
        write_bundles(bodies_of(connection, parcels_of(connection, [SCHOOL])), Path(folder))
        pupils = read_bundles(Path(folder)).history.frames["pupils"].collect()
    assert pupils.height == held * ROWS
