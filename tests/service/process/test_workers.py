"""Several workers: each follows what an operator does within a second, and drops nothing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2 as httpx
import pytest
from sqlalchemy.engine import Engine

from engine.load import load
from service.identity.caller import Role, parse_place
from service.store.connect import connect, writing
from service.store.keys import revoke_key
from service.usecases.setup import activate_folder, make_key
from tests.service.databases import Database
from tests.service.servers import ROOT, Server, running
from tests.service.world import asked, bearer, key_for, settle

WORKERS = 3
SECONDS = 1.0
TRIES = 3  # other tests run beside this one: one quiet try of these is enough for the time
DAY = "2026-10-15"
Said = tuple[int, str]


@dataclass
class Probe:
    """One connection to one worker, over which requests go without a pause."""

    client: httpx.Client
    ask: Callable[[httpx.Client], Said]
    said: list[tuple[float, Said]] = field(default_factory=list)  # when it was asked, the answer
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until told to stop."""
        while not self.stop.is_set():
            start = time.monotonic()
            try:
                answer = self.ask(self.client)
            except httpx.TransportError as error:
                answer = (0, type(error).__name__)
            self.said.append((start, answer))
            time.sleep(0.01)


@pytest.fixture(scope="module")
def served(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Engine]]:
    """Run a server with three workers."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    log = tmp_path_factory.mktemp("workers") / "log"
    with running(address, log, workers=WORKERS, PUMPURS_RATE="1000000") as server:
        yield server, engine
    engine.dispose()


def _worker_of(port: int, workers: dict[int, set[str]]) -> int:
    """Return which worker holds the other end of a connection from this local port."""
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        columns = line.split()
        if columns[2].endswith(f":{port:04X}"):
            for process, sockets in workers.items():
                if columns[9] in sockets:
                    return process
    return 0


def _sockets(supervisor: int) -> dict[int, set[str]]:
    """Return the open sockets of each worker."""
    tasks = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii")
    found = {}
    for process in map(int, tasks.split()):
        links = []
        with suppress(FileNotFoundError):  # the process, or one of its files, has just gone
            for each in Path(f"/proc/{process}/fd").iterdir():
                with suppress(FileNotFoundError):
                    links.append(str(each.readlink()))
        found[process] = {each[8:-1] for each in links if each.startswith("socket:")}
    return {process: sockets for process, sockets in found.items() if sockets}


def _connections(server: Server, stack: ExitStack, without: int = 0) -> list[httpx.Client]:
    """Return connections of which each worker holds one at least, but for one that is dead."""
    held: dict[int, httpx.Client] = {}
    end = time.monotonic() + 60
    while len(held) < WORKERS and time.monotonic() < end:
        clients = [stack.enter_context(httpx.Client(base_url=server.address)) for _ in range(8)]
        ports = []
        for client in clients:
            with client.stream("GET", "/healthz") as answer:
                stream = answer.extensions["network_stream"]
                ports.append(stream.get_extra_info("client_addr")[1])
                answer.read()
        sockets = _sockets(server.process.pid)
        for client, port in zip(clients, ports, strict=True):
            worker = _worker_of(port, sockets)
            if worker not in (0, without):
                held.setdefault(worker, client)
    assert len(held) == WORKERS
    return list(held.values())


def _seconds_until(
    server: Server, ask: Callable[[httpx.Client], Said], do: Callable[[], None], wanted: Said
) -> float:
    """Return how long after a deed the last worker still gave another answer; none is lost."""
    with ExitStack() as stack:
        probes = [Probe(client, ask) for client in _connections(server, stack)]
        threads = [threading.Thread(target=probe.run) for probe in probes]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        do()
        done = time.monotonic()
        time.sleep(2.5)
        for probe, thread in zip(probes, threads, strict=True):
            probe.stop.set()
            thread.join()
    last = [max(at for at, said in probe.said if said != wanted) for probe in probes]
    for probe in probes:
        assert probe.said[-1][1] == wanted
        assert 0 not in {said[0] for _, said in probe.said}, probe.said
    return max(last) - done


def _quickest(attempt: Callable[[int], float]) -> float:
    """Return the best of a few tries."""
    best = float("inf")
    for number in range(TRIES):
        best = min(best, attempt(number))
        if best <= SECONDS:
            break
    return best


def test_every_worker_follows_an_activation(served: tuple[Server, Engine], tmp_path: Path) -> None:
    """Assessments go on without one error, first by the old rules and soon by the new."""
    server, engine = served
    key = bearer(key_for(engine, "school:r64"))
    time.sleep(1)

    def ask(client: httpx.Client) -> Said:
        answer = client.post("/v1/assessments?store=false", json=asked("P-F"), headers=key)
        assert answer.status_code == 200, answer.text
        return answer.status_code, answer.json()["ruleset"]

    def attempt(number: int) -> float:
        rules = tmp_path / f"rules{number}"
        shutil.copytree(ROOT / "rules", rules)
        changed = rules / "lv" / "ruleset.yaml"
        text = changed.read_text(encoding="utf-8")
        changed.write_text(text.replace("en: Latvian", f"en: {number} Latvian"), encoding="utf-8")
        wanted = load(rules / "lv").content_hash
        starts = date(2026, 10, number + 1)

        def activate() -> None:
            activate_folder(engine, rules / "lv", starts, "operator:test")

        return _seconds_until(server, ask, activate, (200, wanted))

    assert _quickest(attempt) <= SECONDS


def test_a_worker_that_dies_is_replaced(served: tuple[Server, Engine]) -> None:
    """Killed, as by a system without memory: soon there are as many again, and all answer."""
    server, _ = served
    before = set(_sockets(server.process.pid))
    os.kill(min(before), signal.SIGKILL)
    with ExitStack() as stack:
        clients = _connections(server, stack, without=min(before))
        assert {client.get("/readyz").status_code for client in clients} == {200}
    after = set(_sockets(server.process.pid))
    assert len(after & before) == WORKERS - 1


def test_every_worker_takes_a_new_key_and_refuses_a_revoked_one(
    served: tuple[Server, Engine],
) -> None:
    """Both within a second."""
    server, engine = served
    place = parse_place("school:r64")

    def attempt(_number: int) -> float:
        made: list[str] = [f"pumpurs_{'0' * 12}_{'x' * 43}"]  # a key that nobody made, at first

        def ask(client: httpx.Client) -> Said:
            return client.get("/v1/rulesets", headers=bearer(made[-1])).status_code, ""

        def create() -> None:
            made.append(make_key(engine, "test", Role.SCORER, place, days=1)[1])

        def revoke() -> None:
            with writing(engine) as connection:
                revoke_key(connection, made[-1].rpartition("_")[0][:20], datetime.now(UTC))

        taken = _seconds_until(server, ask, create, (200, ""))
        return max(taken, _seconds_until(server, ask, revoke, (401, "")))

    assert _quickest(attempt) <= SECONDS
