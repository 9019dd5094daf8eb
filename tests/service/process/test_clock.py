"""A wall clock that jumps under a running server: ids, pages, keys and repeats stay right."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest

from service.identity.caller import Role, parse_place
from service.store.connect import connect, writing
from service.store.keys import revoke_key
from service.usecases.setup import make_key
from tests.service.databases import Database
from tests.service.servers import running
from tests.service.world import asked, bearer, settle

HOUR = 3600
DAY = 24 * HOUR
JUMPS = (0, -2 * HOUR, 3 * DAY, -HOUR, -5 * DAY, 0)


@dataclass
class Clocked:
    """A server whose wall clock a test can move."""

    address: str
    store: str
    key: str
    file: Path

    def jump(self, seconds: int) -> None:
        """Move the server's clock so far from the true time."""
        self.file.write_text(f"{seconds}\n", encoding="ascii")

    def ask(self, pupil: str, key: str = "", **headers: str) -> httpx.Response:
        """Ask for an assessment."""
        return httpx.post(
            f"{self.address}/v1/assessments",
            json=asked(pupil),
            headers=bearer(key or self.key) | headers,
        )


@pytest.fixture(scope="module")
def clocked(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clocked]:
    """Run a server in which a small library stands before the system's clock."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("the clock of a process can be moved on Linux with a C compiler only")
    folder = tmp_path_factory.mktemp("clock")
    library, shift = folder / "clock.so", folder / "shift"
    source = Path(__file__).with_name("clock.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    key = make_key(engine, "test", Role.SCORER, parse_place("school:r64"), days=30)[1]
    engine.dispose()
    with running(
        address, folder / "log", LD_PRELOAD=str(library), CLOCK_SHIFT=str(shift)
    ) as server:
        yield Clocked(server.address, address, key, shift)


def test_the_clock_of_the_server_does_jump(clocked: Clocked) -> None:
    """What is tested here happens: the moment in an answer follows the jumps."""
    for jump in JUMPS:
        clocked.jump(jump)
        said = datetime.fromisoformat(clocked.ask("P-moment").json()["assessed_at"])
        expected = datetime.now(UTC) + timedelta(seconds=jump)
        assert abs(said - expected) < timedelta(minutes=1)


def test_ids_stay_unique_and_pages_complete(clocked: Clocked) -> None:
    """However the clock jumps, each answer has an id of its own, and is on exactly one page."""
    pupil, answers = f"P-{uuid4().hex}", []
    for jump in JUMPS:
        clocked.jump(jump)
        answers += [clocked.ask(pupil).json() for _ in range(4)]
    given = [each["id"] for each in answers]
    assert len(set(given)) == len(given) == 4 * len(JUMPS)
    shown: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = httpx.get(
            f"{clocked.address}/v1/pupils/{pupil}/assessments",
            params={"limit": 5} | ({"cursor": cursor} if cursor else {}),
            headers=bearer(clocked.key),
        ).json()
        shown += page["assessments"]
        cursor = page["next"]
    assert [each["id"] for each in shown] == sorted(given, reverse=True)


def test_a_request_that_is_repeated_is_answered_as_before(clocked: Clocked) -> None:
    """An Idempotency-Key stands for its answer, though the clock now says that it is to come."""
    pupil, name = f"P-{uuid4().hex}", {"idempotency-key": uuid4().hex}
    clocked.jump(0)
    first = clocked.ask(pupil, **name)
    for jump in JUMPS:
        clocked.jump(jump)
        assert clocked.ask(pupil, **name).content == first.content


def test_a_key_is_good_until_it_expires_by_the_clock(clocked: Clocked) -> None:
    """A key is good before its making, refused after its end, and good again if the clock is."""
    for jump, status in ((-DAY, 200), (29 * DAY, 200), (31 * DAY, 401), (0, 200)):
        clocked.jump(jump)
        assert clocked.ask("P-key").status_code == status


def test_a_revoked_key_stays_revoked(clocked: Clocked) -> None:
    """A clock set to before the revocation brings no key back."""
    clocked.jump(0)
    engine = connect(clocked.store)
    made, key = make_key(engine, "test", Role.SCORER, parse_place("school:r64"), days=30)
    wait_for(clocked, key, 200)
    with writing(engine) as connection:
        revoke_key(connection, made.shown, datetime.now(UTC))
    engine.dispose()
    wait_for(clocked, key, 401)
    for jump in JUMPS:
        clocked.jump(jump)
        assert clocked.ask("P-revoked", key).status_code == 401


def wait_for(clocked: Clocked, key: str, status: int) -> None:
    end = time.monotonic() + 5
    while clocked.ask("P-revoked", key).status_code != status:
        assert time.monotonic() < end
        time.sleep(0.1)
