"""An answer that leaves in one piece is the answer that leaves in parts, byte for byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from tests.service.databases import Sqlite
from tests.service.process.wire import connected, request
from tests.service.servers import Server, running
from tests.service.world import key_to, settled

CHANGING = ("id", "assessed_at")


@pytest.fixture(scope="module")
def served(
    sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """Run a server, and give a key to it."""
    address = settled(sqlite)
    key = key_to(address, "school:r64")
    with running(address, tmp_path_factory.mktemp("whole") / "log") as server:
        yield server, key


def everything(connection: socket.socket) -> tuple[str, dict[str, str], dict[str, object]]:
    """Return status line, headers and body of the last answer on a connection, which must end."""
    read = b""
    while more := connection.recv(65536):
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    assert int(headers.pop("content-length")) == len(body)
    assert headers.pop("x-request-id")
    assert headers.pop("date")
    told = {n: v for n, v in json.loads(body).items() if n not in CHANGING}
    return status, headers, told


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
@pytest.mark.parametrize("query", [b"", b"?store=false"])
def test_both_ways_give_the_same_answer(
    served: tuple[Server, str], query: bytes, version: bytes
) -> None:
    """Whoever names an encoding gets the answer in parts, whoever names none in one piece."""
    server, key = served
    head, body = request(key, "P-WHOLE")
    head = head.replace(b" HTTP/1.1", query + b" " + version)
    found = []
    for added in (b"", b"Accept-Encoding: identity\r\n"):
        with connected(server) as connection:
            ends = b"\r\nConnection: close\r\n" + added + b"\r\n"
            connection.sendall(head.removesuffix(b"\r\n\r\n") + ends + body)
            found.append(everything(connection))
    assert found[0] == found[1]
    assert found[0][0].endswith("200 OK")


def test_requests_that_come_before_the_answer_are_answered_in_turn(
    served: tuple[Server, str],
) -> None:
    """A client may send the next requests at once; each gets its own answer, in their order."""
    server, key = served
    pupils = [f"P-TURN-{number}" for number in range(20)]
    with connected(server) as connection:
        connection.sendall(b"".join(b"".join(request(key, pupil)) for pupil in pupils))
        read = b""
        while read.count(b"HTTP/1.1 200 OK") < len(pupils) or not read.endswith(b"}"):
            more = connection.recv(65536)
            assert more
            read += more
    assert [read.count(f'"{pupil}"'.encode()) for pupil in pupils] == [1] * len(pupils)
    assert sorted(pupils, key=lambda pupil: read.index(f'"{pupil}"'.encode())) == pupils
