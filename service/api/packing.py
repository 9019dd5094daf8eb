"""Answers packed as zstd or gzip, where the client takes that and it is worth it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping

import zstandard
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.media import ARROW, JSON, NDJSON
from service.problems import MEDIA_TYPE

LEAST = 1024  # bytes: less is not worth it
BESIDE = 256 * 1024  # bytes from which on other requests need not wait for the packing
WORTH = (JSON, MEDIA_TYPE, NDJSON, ARROW, "application/yaml", "text/")
PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
    "gzip": lambda body: gzip.compress(body, compresslevel=5, mtime=0),
}


class Packing:
    """Packs whole answers; those that are sent in parts, as files are, stay as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, packed if that was asked for."""
        encoding = _encoding(scope)
        if encoding is None:
            await self._app(scope, receive, send)
            return
        held: Message | None = None

        async def packed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            start, held = held, None
            if start is not None:
                if _worth_it(start, message):
                    start, message = await _packed(start, message, encoding)
                await send(start)
            await send(message)

        await self._app(scope, receive, packed)


def _encoding(scope: Scope) -> str | None:
    """Return the encoding that the client takes, zstd before gzip; None for neither."""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            refused = (";q=0", ";q=0.0", ";q=0.00", ";q=0.000")
            parts = value.decode("latin-1").lower().replace(" ", "").split(",")
            taken = {part.partition(";")[0] for part in parts if not part.endswith(refused)}
            return next((each for each in PACKERS if each in taken), None)
    return None


def _worth_it(start: Message, message: Message) -> bool:
    headers = dict(start["headers"])
    kind = headers.get(b"content-type", b"").decode("latin-1")
    whole = not message.get("more_body", False) and b"content-encoding" not in headers
    return whole and len(message.get("body", b"")) >= LEAST and kind.startswith(WORTH)


async def _packed(start: Message, message: Message, encoding: str) -> tuple[Message, Message]:
    body, pack = message["body"], PACKERS[encoding]
    body = await run_sync(pack, body) if len(body) >= BESIDE else pack(body)
    headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
    added = [
        (b"content-length", str(len(body)).encode()),
        (b"content-encoding", encoding.encode()),
        (b"vary", b"Accept-Encoding"),
    ]
    return {**start, "headers": [*headers, *added]}, {**message, "body": body}
