"""``Idempotency-Key``: the same request again gets the same answer, and is stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from service.api.context import Service
from service.identity.caller import Caller
from service.problems import Refusal
from service.store.assessments import Row, Stored, find_request, of_request
from service.store.connect import reading
from service.store.writer import Job


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's name for a request, and what the request was."""

    key: str
    digest: bytes

    def note(self, job: Job, caller: Caller, rejects: list[Row] | None = None) -> None:
        """Have the job store, in its own transaction, that this request was answered."""
        job.request = self.row(caller) | {"rejects": rejects}
        for number, row in enumerate(job.assessments):
            row["request"], row["place_in_request"] = job.request["id"], number

    def row(self, caller: Caller) -> Row:
        """Return what the store keeps of this request, still without rejects."""
        return {
            "id": str(uuid_utils.uuid7()),
            "caller": caller.name,
            "idempotency_key": self.key,
            "digest": self.digest,
            "at": datetime.now(UTC),
            "rejects": None,
        }


def idempotency(
    request: Request, body: bytes, caller: Caller, *, store: bool = True
) -> Idempotency | None:
    """Return the key that a request carries, with the digest of place, path, query and body.

    A trial, of which nothing is stored, keeps none; but its key, too, must have the right form.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Refusal("bad-request", "an Idempotency-Key has 1 to 255 printable characters")
    if not store:
        return None
    what = f"{caller.place} {request.url.path}?{request.url.query}".encode()
    return Idempotency(key, hashlib.sha256(what + b"\0" + body).digest())


async def asked_before(here: Service, caller: Caller, key: Idempotency) -> str | None:
    """Return the answer to the same request for one pupil, if there was one."""
    found = await earlier_answers(here, caller, key)
    return None if found is None else found[0][0].answer


async def earlier_answers(
    here: Service, caller: Caller, key: Idempotency
) -> tuple[Sequence[Stored], Sequence[Row]] | None:
    """Return what the same request was answered with before, and its rejects; None if it was not.

    Raises `Refusal` where the key stood for another request, or a pupil was erased since.
    """

    def look() -> tuple[Sequence[Stored], Sequence[Row]] | None:
        with reading(here.engine, caller.place) as connection:
            earlier = find_request(connection, caller.name, key.key)
            if earlier is None:
                return None
            if earlier.digest != key.digest:
                raise Refusal("conflict")
            stored = of_request(connection, earlier.id, caller.place)
        if any(each.answer is None for each in stored):
            raise Refusal("conflict", "the answer to this request was erased")
        return stored, earlier.rejects or ()

    return await run_in_threadpool(look)
