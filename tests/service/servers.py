"""Real servers for tests: ``pumpurs serve`` in a process of its own, on a free port of loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx

ROOT = Path(__file__).parents[2]
SECONDS = 60.0


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Server:
    """A running server; `log` is the file that takes all it writes."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def wait_ready(self) -> None:
        """Return when the server answers."""
        end = time.monotonic() + SECONDS
        with httpx.Client(base_url=self.address) as client:  # one: each new one reads certificates
            while time.monotonic() < end:
                try:
                    if client.get("/healthz").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self) -> int:
        """Ask the server to stop, and return its exit code."""
        self.process.terminate()
        return self.process.wait(SECONDS)


@contextmanager
def running(
    database: str,
    log: Path,
    port: int | None = None,
    workers: int = 1,
    before: Sequence[str] = (),
    **settings: str,
) -> Iterator[Server]:
    """Run a server on a store; `settings` are environment variables. It is killed at the end.

    `before` are words before the command, such as a program that runs it with other limits.
    """
    port = port or free_port()
    command = [*before, sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    command += ["--workers", str(workers)]
    environment = {**os.environ, "PUMPURS_DATABASE": database, **settings}
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        server = Server(process, f"http://127.0.0.1:{port}", log)
        try:
            server.wait_ready()
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
