"""Stopping: what was begun is finished, nothing is left behind, and the exit code is 0."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.store.connect import connect, reading
from service.store.tables import assessments
from tests.service.databases import Sqlite
from tests.service.process.wire import answer, connected, request
from tests.service.servers import running
from tests.service.world import key_for, settle


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGINT, 1), (signal.SIGTERM, 2)])
def test_a_request_that_has_begun_is_answered_and_stored(
    sqlite: Sqlite, tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    """Half a request is in when the signal comes; no new connection is taken, this one is ended."""
    address = sqlite.migrated()
    engine = connect(address)
    settle(engine)
    head, body = request(key_for(engine, "school:r64"), "P-LATE")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with (
        running(address, tmp_path / "log", workers=workers, TMPDIR=str(scratch)) as server,
        connected(server) as begun,
        connected(server) as idle,
    ):
        begun.sendall(head + body[:20])
        time.sleep(0.3)  # until a worker has begun to read
        server.process.send_signal(number)
        assert idle.recv(1) == b""
        time.sleep(0.7)
        begun.sendall(body[20:])
        assert answer(begun)[0] == 200
        assert begun.recv(1) == b""
        assert server.process.wait(30) == 0, server.log.read_text()
        with pytest.raises(ConnectionRefusedError):
            connected(server)
    with reading(engine) as connection:
        stored = connection.execute(sa.select(assessments.c.pupil)).scalars().all()
    engine.dispose()
    assert stored == ["P-LATE"]
    assert not list(scratch.iterdir())
