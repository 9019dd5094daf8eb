"""Back up and restore, while the service is under load: what was answered before is in the copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from service.identity.caller import Place
from service.store.backup import backup
from service.store.connect import StoreError, connect, reading, writing
from service.store.erasure import erase_pupil
from service.store.tables import assessments
from tests.service.databases import ROLE, PostgreSql, Sqlite
from tests.service.process.tools import run_tool
from tests.service.servers import ROOT, Server, running
from tests.service.world import asked, bearer, key_for, settle

CLIENTS = 4


@contextmanager
def load(server: Server, key: str) -> Iterator[list[str]]:
    """Have pupils assessed without a pause; yield the ids of what was answered so far."""
    answered: list[str] = []
    stop = threading.Event()

    def run() -> None:
        with httpx.Client(base_url=server.address, headers=bearer(key)) as client:
            while not stop.is_set():
                answer = client.post("/v1/assessments", json=asked(f"P-{uuid4().hex}"))
                assert answer.status_code == 200, answer.text
                answered.append(answer.json()["id"])

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _until(answered: list[str], number: int) -> None:
    """Wait until so many more were answered."""
    wanted, end = len(answered) + number, time.monotonic() + 60
    while len(answered) < wanted and time.monotonic() < end:
        time.sleep(0.01)
    assert len(answered) >= wanted


def test_a_backup_made_under_load_can_be_restored(sqlite: Sqlite, tmp_path: Path) -> None:
    """All that was answered before it began is in it, whole; the restored store goes on."""
    address, copy = sqlite.migrated(), tmp_path / "backup.db"
    engine = connect(address)
    settle(engine)
    key = key_for(engine, "school:r64")
    engine.dispose()
    with (
        running(address, tmp_path / "log", PUMPURS_RATE="1000000") as server,
        load(server, key) as answered,
    ):
        _until(answered, 50)
        before = list(answered)
        command = [sys.executable, "-m", "service.cli", "db", "backup", str(copy)]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PUMPURS_DATABASE": address}, check=True
        )
        _until(answered, 50)
    with closing(sqlite3.connect(copy)) as connection:
        stored = {row[0] for row in connection.execute("SELECT id FROM assessments")}
    wanted = {each.replace("-", "") for each in before}
    assert wanted <= {each.replace("-", "") for each in stored}
    assert len(stored) < len(answered)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    restored = tmp_path / "restored.db"
    shutil.copy(copy, restored)
    with running(f"sqlite:///{restored}", tmp_path / "log2") as server:
        for each in (before[0], before[-1]):
            url = f"{server.address}/v1/assessments/{each}?recompute=true"
            assert httpx.get(url, headers=bearer(key)).json()["recomputed"]["same"] is True
        answer = httpx.post(
            f"{server.address}/v1/assessments", json=asked("P-NEW"), headers=bearer(key)
        )
        assert answer.status_code == 200


def test_a_backup_holds_no_trace_of_who_was_erased(sqlite: Sqlite, tmp_path: Path) -> None:
    """Not even in pages that nobody reads."""
    engine = connect(sqlite.migrated())
    settle(engine)
    pupil = f"P-{uuid4().hex}"
    with writing(engine) as connection:
        connection.execute(sa.insert(assessments).values(_row(pupil)))
    backup(engine, tmp_path / "before.db")
    with writing(engine) as connection:
        assert erase_pupil(connection, pupil, datetime.now(UTC), "test", "asked") == (1, 0)
    backup(engine, tmp_path / "after.db")
    engine.dispose()
    assert pupil.encode() in (tmp_path / "before.db").read_bytes()
    assert pupil.encode() not in (tmp_path / "after.db").read_bytes()


def _row(pupil: str) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": str(uuid4()),
        "at": now,
        "caller": "test",
        "school": "r64",
        "as_of": now.date(),
        "ruleset": sa.text("(SELECT hash FROM rulesets)"),
        "level": "none",
        "possible_level": "none",
        "agreed": True,
        "pupil": pupil,
        "inputs": "{}",
        "answer": "{}",
    }


def test_a_backup_never_replaces_a_file_and_leaves_nothing_half_made(
    sqlite: Sqlite, tmp_path: Path
) -> None:
    """There already, no folder, no room, a damaged store: refused, and no file is left."""
    engine = connect(sqlite.migrated())
    there = tmp_path / "there.db"
    there.write_text("kept")
    with pytest.raises(StoreError, match="there already"):
        backup(engine, there)
    assert there.read_text() == "kept"
    with pytest.raises(FileNotFoundError):
        backup(engine, tmp_path / "none" / "copy.db")
    engine.dispose()
    damaged = tmp_path / "damaged.db"
    shutil.copy(sqlite.migrated().removeprefix("sqlite:///"), damaged)
    data = bytearray(damaged.read_bytes())
    data[4096 * 5 :] = b"\xff" * len(data[4096 * 5 :])
    damaged.write_bytes(data)
    engine = connect(f"sqlite:///{damaged}")
    with pytest.raises(StoreError, match="no copy could be made"):
        backup(engine, tmp_path / "copy.db")
    engine.dispose()
    names = {path.name for path in tmp_path.iterdir()}
    assert not {name for name in names if "copy" in name or "partial" in name}


def test_postgresql_is_backed_up_by_its_own_tools(
    postgresql_server: PostgreSql, tmp_path: Path
) -> None:
    """As the documentation says: `pg_dump` by a role that row-level security does not bind."""
    address = postgresql_server.migrated()
    engine = connect(address)
    settle(engine)
    with writing(engine, Place("school", "r64")) as connection:
        connection.execute(sa.insert(assessments).values(_row("P-1")))
    with pytest.raises(StoreError, match="pg_dump"):
        backup(engine, tmp_path / "copy.db")
    engine.dispose()
    dump = str(tmp_path / "pumpurs.dump")
    name, other = (str(sa.make_url(each).database) for each in (address, postgresql_server.empty()))
    with pytest.raises(subprocess.CalledProcessError):  # the tables' owner would miss rows
        run_tool(postgresql_server, "pg_dump", f"--file={dump}", name, PGUSER=ROLE)
    run_tool(postgresql_server, "pg_dump", "--format=custom", f"--file={dump}", name)
    run_tool(postgresql_server, "pg_restore", "--exit-on-error", f"--dbname={other}", dump)
    engine = connect(sa.make_url(address).set(database=other).render_as_string(hide_password=False))
    with reading(engine) as connection:
        assert connection.execute(sa.select(assessments.c.pupil)).scalars().all() == ["P-1"]
    with reading(engine, Place("school", "r72")) as connection:
        assert not connection.execute(sa.select(assessments.c.pupil)).all()
    engine.dispose()
