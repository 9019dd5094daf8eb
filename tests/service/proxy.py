"""A proxy between a client and the service that does what networks and busy services do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import httpx2 as httpx

Deed = Literal["cut before", "cut after", "503", "429", "not json", "pass"]


@dataclass
class Proxy:
    """What happens to the next requests, one deed each, and then nothing more; what was seen."""

    address: str
    deeds: list[Deed] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def between(service: str) -> Iterator[Proxy]:
    """Run a proxy before the service."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            proxy.keys.append(self.headers["Idempotency-Key"])
            body = self.rfile.read(int(self.headers["Content-Length"]))
            deed = proxy.deeds.pop(0) if proxy.deeds else "pass"
            self.close_connection = True
            if deed == "cut before":
                return
            if deed in ("503", "429"):
                self.send_response(int(deed))
                self.send_header("Retry-After", "7")
                self.end_headers()
                return
            if deed == "not json":
                self.send_response(502)
                self.end_headers()
                self.wfile.write(b"<h1>Bad Gateway</h1>")
                return
            kept = ("authorization", "content-type", "idempotency-key", "accept")
            headers = {n: v for n, v in self.headers.items() if n.lower() in kept}
            answer = httpx.post(f"{service}{self.path}", content=body, headers=headers)
            if deed == "pass":
                self.send_response(answer.status_code)
                self.end_headers()
                self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        proxy = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield proxy
        server.shutdown()
        thread.join()
