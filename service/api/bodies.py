"""Bodies of requests: no larger, no slower and no more deeply packed than is allowed."""

from __future__ import annotations

import asyncio
import zlib

import zstandard
from starlette.requests import Request

from service.api.media import JSON, said_kind
from service.connections import WHOLE
from service.problems import Refusal


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """Return a request's body, unpacked; raises `Refusal` where it is too large or too slow."""
    headers = request.headers
    declared = headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    encoding = headers.get("content-encoding")
    if request.scope.get("state", {}).get(WHOLE):  # a time limit would be set for nothing
        body = await _received(request, limit)
    else:
        try:
            async with asyncio.timeout(seconds):
                body = await _received(request, limit)
        except TimeoutError:
            raise Refusal("timeout", headers={"Connection": "close"}) from None
    return body if encoding is None else _unpacked(body, encoding.lower(), limit)


async def _received(request: Request, limit: int) -> bytes:
    receive = request.receive
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal("timeout")
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_json(request: Request) -> None:
    """Raise `Refusal` where the body is said to be something else than JSON."""
    given = request.headers.get("content-type")
    if given is None or given == JSON:
        return
    if said_kind(given) != JSON:
        raise Refusal("media-type", "Content-Type: application/json, in UTF-8")


def _too_large(limit: int) -> Refusal:
    return Refusal(
        "too-large", f"a request has at most {limit} bytes", headers={"Connection": "close"}
    )


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the body without its encoding, stopping at the limit: a small body can hold much."""
    try:
        match encoding:
            case "identity":
                return body
            case "gzip":
                unpacker = zlib.decompressobj(wbits=31)
                found = unpacker.decompress(body, limit + 1)
                whole = unpacker.eof and not unpacker.unused_data
            case "zstd":
                zstd = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj()
                found, whole = _zstd(zstd, body, limit)
            case _:
                raise Refusal("media-type", "Content-Encoding: identity, gzip or zstd")
    except (zlib.error, zstandard.ZstdError):
        raise Refusal("bad-request", f"the body is not {encoding}") from None
    if len(found) > limit:
        raise _too_large(limit)
    if not whole:
        raise Refusal("bad-request", f"the body is not whole {encoding}")
    return found


def _zstd(unpacker: zstandard.ZstdDecompressionObj, body: bytes, limit: int) -> tuple[bytes, bool]:
    """Return what small pieces unpack to: a piece of 4 kB cannot swell beyond memory at once."""
    parts: list[bytes] = []
    size = 0
    for at in range(0, len(body), 4096):
        if unpacker.eof:
            return b"", False  # something stands after the end
        parts.append(unpacker.decompress(body[at : at + 4096]))
        size += len(parts[-1])
        if size > limit:
            break
    whole = unpacker.eof and not unpacker.unused_data
    return b"".join(parts), whole or size > limit
