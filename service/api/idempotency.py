"""``Idempotency-Key``: the same request again gets the same answer, and is stored once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from service.api.context import Service
from service.identity.caller import Caller
from service.problems import Refusal
from service.store.assessments import find_request, of_request
from service.store.connect import reading
from service.store.writer import Job


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's name for a request, and what the request was."""

    key: str
    digest: bytes

    def note(self, job: Job, caller: Caller) -> None:
        """Have the job store, in its own transaction, that this request was answered."""
        identifier = str(uuid_utils.uuid7())
        job.request = {
            "id": identifier,
            "caller": caller.name,
            "idempotency_key": self.key,
            "digest": self.digest,
            "at": datetime.now(UTC),
            "rejects": None,
        }
        for number, row in enumerate(job.assessments):
            row["request"], row["place_in_request"] = identifier, number


def idempotency(request: Request, body: bytes) -> Idempotency | None:
    """Return the key that a request carries, with the digest of path, query and body."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Refusal("bad-request", "an Idempotency-Key has 1 to 255 printable characters")
    what = f"{request.url.path}?{request.url.query}".encode()
    return Idempotency(key, hashlib.sha256(what + b"\0" + body).digest())


async def asked_before(here: Service, caller: Caller, key: Idempotency) -> str | None:
    """Return the answer to the same request, if there was one.

    Raises `Refusal` where the key stood for another request, or the pupil was erased since.
    """

    def look() -> str | None:
        with reading(here.engine, caller.place) as connection:
            earlier = find_request(connection, caller.name, key.key)
            if earlier is None:
                return None
            if earlier.digest != key.digest:
                raise Refusal("conflict")
            stored = of_request(connection, earlier.id, caller.place)
        if len(stored) != 1 or stored[0].answer is None:
            raise Refusal("conflict", "the answer to this request was erased")
        return stored[0].answer

    return await run_in_threadpool(look)
