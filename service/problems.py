"""Every refusal of the service: problem+json (RFC 9457), each with a documented type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine.errors import EarlyWarningError, Problem

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of refusal: its HTTP status, its title, and what to do about it."""

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "bad-json": Kind(400, "This is not strict JSON", "Mend the body where `detail` says."),
    "bad-request": Kind(400, "The request cannot be understood", "See `detail`."),
    "unauthorised": Kind(
        401, "Who calls?", "Send `Authorization: Bearer` with a good key or token."
    ),
    "forbidden": Kind(
        403,
        "Not for this role or place",
        "Use a key with the right role, bound to the right place.",
    ),
    "not-found": Kind(404, "There is nothing here", "Check the path and the id."),
    "method": Kind(405, "Not with this method", "Use a method that `Allow` names."),
    "not-acceptable": Kind(406, "Not in this form", "Ask for a media type that `detail` names."),
    "timeout": Kind(408, "The request came too slowly", "Send it again, in one go."),
    "conflict": Kind(
        409,
        "This Idempotency-Key stands for another request",
        "Send the same body again, or use a new key.",
    ),
    "too-large": Kind(413, "The request is too large", "Send fewer pupils in one request."),
    "media-type": Kind(415, "This media type is not read", "Send one that `detail` names."),
    "invalid": Kind(
        422, "What was sent cannot be used", "Mend what `errors` names; nothing was stored."
    ),
    "no-ruleset": Kind(
        409, "No ruleset is in force on this day", "Activate one: `pumpurs rules activate`."
    ),
    "no-registers": Kind(
        409,
        "Too little is held of this school's registers",
        "Send them first: `POST /v1/registers/{file}`, at least orgs, users and enrollments.",
    ),
    "would-end": Kind(
        409,
        "Too much of what is held would end",
        "Send all rows there are, or say in `may_end` how many may end; see `detail`.",
    ),
    "too-many": Kind(429, "Too many requests", "Wait for the seconds that `Retry-After` says."),
    "internal": Kind(
        500, "Something broke here", "Tell whoever runs the service the `request_id`."
    ),
    "unavailable": Kind(
        503,
        "The store does not answer",
        "Send the same request again after the seconds that `Retry-After` says.",
    ),
}


class Refusal(Exception):  # noqa: N818  a refusal, for which the caller can do something
    """A request that is refused; `errors` name the places in it: where, problem, hint."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.errors = kind, detail, errors
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def body(self, request_id: str) -> bytes:
        """Return the problem document."""
        kind = KINDS[self.kind]
        said: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail or kind.remedy,
            "request_id": request_id,
        }
        if self.errors:
            said["errors"] = list(self.errors)
        return orjson.dumps(said)


def invalid(where: str, problem: str, hint: str = "") -> Refusal:
    """Return the refusal of one value; `where` is its path in the body, never the value."""
    said = {"where": where, "problem": problem} | ({"hint": hint} if hint else {})
    return Refusal("invalid", f"{where}: {problem}", [said])


def of_engine(error: EarlyWarningError, where: str = "") -> Refusal:
    """Return the engine's refusal of a value, as the service's; `where` is its path in the body."""
    said = [_said(problem, where) for problem in error.problems]
    return Refusal("invalid", f"{said[0]['where']}: {said[0]['problem']}", said)


def _said(problem: Problem, where: str) -> dict[str, str]:
    """Return what is wrong; the engine's words begin with the name of the indicator, if any."""
    name, _, rest = problem.message.partition(": ")
    if rest and (not where or where.endswith(f".{name}")):
        said = {"where": where or name, "problem": rest}
    else:
        said = {"where": where or "body", "problem": problem.message}
    return said | ({"hint": problem.hint} if problem.hint else {})
