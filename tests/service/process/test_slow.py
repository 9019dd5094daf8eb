"""Slow clients, and many: they are ended in time, and all others are answered."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import httpx2 as httpx
import pytest

from service.connections import HEADER_SECONDS
from tests.service.databases import Sqlite
from tests.service.process.wire import answer, closed_after, connected, request
from tests.service.servers import Server, running
from tests.service.world import asked, bearer, key_to, settled

BODY_SECONDS = HEADER_SECONDS + 5
MANY = 1000
FEW_FILES = ("bash", "-c", 'ulimit -S -n 256; exec "$@"', "-")
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(frozen=True)
class Answered:
    """What a slow client got, after how long, and whether its connection was closed then."""

    status: int
    body: bytes
    seconds: float
    closed: bool


@dataclass(frozen=True)
class Slow:
    """What became of slow clients: of heads that never came, of bodies that came late or never."""

    closed_after: list[float]
    whole: Answered
    never: Answered


@pytest.fixture(scope="module")
def served(
    sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """Run a server that may open few files unless it asks for more, and give a key to it."""
    address = settled(sqlite)
    key = key_to(address, "school:r64")
    log = tmp_path_factory.mktemp("slow") / "log"
    with running(address, log, before=FEW_FILES, PUMPURS_BODY_SECONDS=str(BODY_SECONDS)) as server:
        yield server, key


@pytest.fixture(scope="module")
def slow(served: tuple[Server, str]) -> Iterator[Slow]:
    """Have slow clients of every kind wait at the same time."""
    server, key = served
    refused = b"POST /v1/assessments HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\n"
    drops = b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"y" * 999
    head, body = request(key, "P-SLOW")
    kinds: list[tuple[bytes, bytes]] = [  # what is sent at once and answered, what in drops
        (b"", b""),
        (b"", drops),
        (b"", b"\r\n" * 999),
        (GET, drops),
        (head + body, drops),
        (refused, b"x" * 999),
    ]
    with ExitStack() as stack, ThreadPoolExecutor(len(kinds) + 2) as pool:
        closed = []
        for at_once, then in kinds:
            connection = stack.enter_context(connected(server))
            if at_once:
                connection.sendall(at_once)
                assert answer(connection)[0] in (200, 401)
            closed.append(pool.submit(closed_after, connection, then, 0.5, 2.5 * HEADER_SECONDS))
        whole = pool.submit(_body_after, server, request(key, "P-WHOLE"), HEADER_SECONDS + 2)
        never = pool.submit(_body_after, server, request(key, "P-NEVER"), 3 * BODY_SECONDS)
        yield Slow([each.result() for each in closed], whole.result(), never.result())


def _body_after(server: Server, asked: tuple[bytes, bytes], seconds: float) -> Answered:
    """Send a head, and its body after so many seconds, unless the answer comes before."""
    head, body = asked
    with connected(server) as connection:
        connection.sendall(head + body[:5])
        start = time.monotonic()
        connection.settimeout(seconds)
        try:
            connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            connection.settimeout(30)
            connection.sendall(body[5:])
        status, said = answer(connection)
        seconds = time.monotonic() - start
        closed = status == 408 and connection.recv(1) == b""
        return Answered(status, said, seconds, closed=closed)


def test_a_connection_that_makes_no_request_in_time_is_closed(slow: Slow) -> None:
    """Silent, a byte now and then, empty lines, or what follows an answer that was complete."""
    seconds = slow.closed_after
    assert all(HEADER_SECONDS - 2 < each < 2 * HEADER_SECONDS for each in seconds), seconds


def test_a_body_may_take_longer_than_a_head(slow: Slow) -> None:
    """While a request is being answered, its connection is left alone."""
    assert (slow.whole.status, slow.whole.seconds > HEADER_SECONDS) == (200, True)


def test_a_body_that_does_not_come_is_told_so(slow: Slow) -> None:
    """408 with a problem, after the seconds that are set, and the connection is closed."""
    assert (slow.never.status, slow.never.closed) == (408, True)
    assert json.loads(slow.never.body)["type"] == "/problems/timeout"
    assert BODY_SECONDS - 1 < slow.never.seconds < 2 * BODY_SECONDS


def test_a_request_in_pieces_is_answered_while_its_pieces_come_in_time(
    served: tuple[Server, str],
) -> None:
    """Slow is not wrong: a head in three pieces, a body in two, and the next request after it."""
    server, key = served
    head, body = request(key, "P-PIECES")
    with connected(server) as connection:
        for _ in range(2):
            for piece in (head[:7], head[7:30], head[30:], body[:9], body[9:]):
                connection.sendall(piece)
                time.sleep(0.05)
            assert answer(connection)[0] == 200


def test_a_thousand_open_connections_leave_the_service_answering(
    served: tuple[Server, str],
) -> None:
    """Each of them is answered, they stay open, and another one is assessed beside them."""
    server, key = served
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * MANY)), hard))
    with ExitStack() as stack:
        connections = [stack.enter_context(connected(server)) for _ in range(MANY)]
        for connection in connections:
            connection.sendall(GET)
        assert {answer(connection)[0] for connection in connections} == {200}
        url, body = f"{server.address}/v1/assessments", asked("P-BESIDE")
        assert httpx.post(url, json=body, headers=bearer(key), timeout=10).status_code == 200
        connections[0].sendall(GET)
        assert answer(connections[0])[0] == 200
