"""Requests written by hand, byte by byte: what a slow or broken client does."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import urlsplit

from tests.service.servers import Server
from tests.service.world import asked


def connected(server: Server, seconds: float = 30) -> socket.socket:
    """Return a new connection to a server."""
    url = urlsplit(server.address)
    return socket.create_connection((url.hostname or "", url.port or 0), timeout=seconds)


def request(key: str, pupil: str) -> tuple[bytes, bytes]:
    """Return the head and the body of a request for one assessment."""
    body = json.dumps(asked(pupil)).encode()
    head = (
        "POST /v1/assessments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode(), body


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of one answer; a status of 0 is a closed connection."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65536)
        if not more:
            return 0, read
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(each.split(":")[1]) for each in lines if each.startswith("content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    return int(lines[0].split()[1]), body


def closed_after(connection: socket.socket, drops: bytes, pause: float, most: float) -> float:
    """Return after how many seconds a connection is closed to which drop after drop is sent."""
    start = time.monotonic()
    connection.settimeout(pause)
    at = 0
    while time.monotonic() - start < most:
        try:
            if at < len(drops):
                connection.sendall(drops[at : at + 1])
                at += 1
            if not connection.recv(65536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - start
