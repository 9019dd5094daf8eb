"""A client for school systems. It needs httpx2 and nothing else of this project: copy it freely.

Each request that stores something carries an ``Idempotency-Key`` of its own; so a request that got
no answer is safely sent again, and is stored once.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, TypedDict, Unpack, cast
from urllib.parse import quote
from uuid import uuid4

import httpx2 as httpx

Value = bool | float | str | None
Language = Literal["lv", "en"]
JSON, NDJSON = "application/json", "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
AGAIN = frozenset({429, 502, 503, 504})  # too many, or the service is away for a moment


class PumpursError(Exception):
    """A request that was not answered as hoped."""


class NoAnswerError(PumpursError):
    """The service could not be reached, however often it was tried."""


class ProblemError(PumpursError):
    """A refusal; `document` is the whole problem document (RFC 9457)."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status, self.document = status, document
        super().__init__(f"{status} {self.code}: {document.get('detail', '')}")

    @property
    def code(self) -> str:
        """The kind of refusal, such as ``invalid``; ``/problems/invalid`` explains it."""
        return str(self.document.get("type", "")).rpartition("/")[2]

    @property
    def errors(self) -> list[dict[str, str]]:
        """The wrong places in the request: where, problem, hint."""
        return cast("list[dict[str, str]]", self.document.get("errors") or [])


class Asked(TypedDict, total=False):
    """What may be asked of assessments; where left out, today, and the service's own choice."""

    as_of: date | None
    language: Language | None
    ruleset: str | None


class Levels(TypedDict):
    """What every answer says: what is sure, and what could still be. No score: not assessed."""

    as_of: str
    assessed_at: str
    ruleset: str
    score: int | None
    possible_score: int | None
    level: str
    possible_level: str


class Assessment(Levels):
    """One pupil's assessment; `id` is null where it was not stored."""

    id: str | None
    pupil_key: str
    school: str
    ruleset_version: str
    words: str
    reasons: list[dict[str, Any]]
    undetermined: list[dict[str, Any]]
    not_applicable: list[str]
    offers: list[dict[str, str]]
    missing: list[str]
    stale: dict[str, str]
    language: Language


class Summary(Levels):
    """One assessment of a pupil's history; `changed_by` says why the level is another."""

    id: str
    school: str
    executors_agreed: bool
    changed_by: list[Literal["data", "rules", "unknown"]]


class Bulk(TypedDict):
    """Answers of many pupils by `row`, and the rows that could not be read."""

    assessments: list[dict[str, Any]]
    rejects: list[dict[str, Any]]


@dataclass(frozen=True)
class Pupil:
    """What is sent of one pupil. A value that is not known is None or left out, never guessed."""

    key: str
    indicators: Mapping[str, Value]
    observed_on: date | Mapping[str, date] | None = None
    school: str | None = None

    def sent(self) -> dict[str, Any]:
        """Return the pupil as JSON has it."""
        observed: object = None
        if isinstance(self.observed_on, date):
            observed = self.observed_on.isoformat()
        elif self.observed_on is not None:
            observed = {name: day.isoformat() for name, day in self.observed_on.items()}
        named = {"school": self.school, "observed_on": observed}
        given = {name: value for name, value in named.items() if value is not None}
        return {"pupil_key": self.key, "indicators": dict(self.indicators), **given}


@dataclass
class Client:
    """Speaks to the service at `address` with an API key or token.

    Each request is tried at most `tries` times: again where the service is busy, away or cut off,
    after as many seconds as it asks for. Raises `ProblemError` and `NoAnswerError`.
    """

    address: str
    key: str = field(repr=False)
    tries: int = 5
    longest_wait: float = 60.0
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        timeout = httpx.Timeout(30, read=120)
        self._http = httpx.Client(base_url=self.address, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def assess(self, pupil: Pupil, *, store: bool = True, **asked: Unpack[Asked]) -> Assessment:
        """Return one pupil's assessment; as of today, by the ruleset in force, unless said."""
        body = pupil.sent() | _given(asked)
        answer = self._post("/v1/assessments", {"store": _word(store)}, json.dumps(body).encode())
        return cast("Assessment", answer.json())

    def bulk(self, pupils: Iterable[Pupil], *, store: bool = True, **asked: Unpack[Asked]) -> Bulk:
        """Return the assessments of many pupils, and the rows that could not be read."""
        query = _given(asked) | {"store": _word(store)}
        body = json.dumps([pupil.sent() for pupil in pupils]).encode()
        return cast("Bulk", self._post("/v1/assessments/bulk", query, body).json())

    def bulk_table(
        self, table: bytes, kind: str = ARROW, *, store: bool = True, **asked: Unpack[Asked]
    ) -> bytes:
        """Return a table of answers for a table of pupils, both of one media type.

        The columns of `table` are `pupil_key`, `school`, indicators by name, and `observed_on`.
        """
        query = _given(asked) | {"store": _word(store)}
        return self._post("/v1/assessments/bulk", query, table, kind).content

    def send_registers(
        self,
        file: str,
        rows: Path | Iterable[Mapping[str, Value]],
        *,
        school: str | None = None,
        mode: Literal["delta", "bulk"] = "delta",
        may_end: int | None = None,
    ) -> dict[str, Any]:
        """Send rows of a register, or a CSV file of them; return their counts and rejects.

        `bulk`: these are all there are, others that are held end; if most, say how many `may_end`.
        """
        query = _given({"mode": mode, "school": school, "may_end": may_end})
        if isinstance(rows, Path):
            kind, body = "text/csv", rows.read_bytes()
        else:
            kind, body = NDJSON, "\n".join(json.dumps(dict(row)) for row in rows).encode()
        path = f"/v1/registers/{quote(file, safe='')}"
        return cast("dict[str, Any]", self._post(path, query, body, kind, JSON).json())

    def assess_from_registers(
        self,
        *,
        school: str | None = None,
        pupils: Iterable[str] | None = None,
        store: bool = True,
        **asked: Unpack[Asked],
    ) -> Bulk:
        """Return assessments by the registers that were sent, of all who are enrolled that day.

        With `pupils` only of these; who is not enrolled stands among the rejects.
        """
        who = {"school": school, "pupils": None if pupils is None else list(pupils)}
        body = _given(asked) | {name: value for name, value in who.items() if value is not None}
        path, query = "/v1/assessments/from-registers", {"store": _word(store)}
        return cast("Bulk", self._post(path, query, json.dumps(body).encode()).json())

    def past(self, identifier: str, *, recompute: bool = False) -> dict[str, Any]:
        """Return a past answer with its inputs; `recompute` has it computed again."""
        path = f"/v1/assessments/{quote(identifier, safe='')}"
        return self._get(path, {"recompute": _word(recompute)})

    def history(self, pupil_key: str, *, page: int = 50) -> Iterator[Summary]:
        """Yield a pupil's assessments, the newest first; pages are fetched as they are needed."""
        path = f"/v1/pupils/{quote(pupil_key, safe='')}/assessments"
        query = {"limit": str(page)}
        while True:
            found = self._get(path, query)
            yield from cast("list[Summary]", found["assessments"])
            if found["next"] is None:
                return
            query["cursor"] = found["next"]

    def rulesets(self) -> list[dict[str, Any]]:
        """Return every ruleset version, and from when each was in force."""
        return cast("list[dict[str, Any]]", self._get("/v1/rulesets")["rulesets"])

    def indicators(self) -> list[dict[str, Any]]:
        """Return the catalogue of what may be sent; `read` says what is used today."""
        return cast("list[dict[str, Any]]", self._get("/v1/indicators")["indicators"])

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return cast("dict[str, Any]", self._send("GET", path, query).json())

    def _post(
        self, path: str, query: Mapping[str, str], body: bytes, kind: str = JSON, wanted: str = ""
    ) -> httpx.Response:
        key = str(uuid4())
        headers = {"Content-Type": kind, "Accept": wanted or kind, "Idempotency-Key": key}
        return self._send("POST", path, query, content=body, headers=headers)

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Return the answer to a request, trying again where that can help."""
        tried = 0
        while True:
            tried += 1
            pause = random.uniform(0.25, 0.5) * 2**tried  # noqa: S311  no secret
            try:
                answer = self._http.request(
                    method, path, params=query, content=content, headers=headers
                )
            except httpx.TransportError as error:
                if tried >= self.tries:
                    raise NoAnswerError(str(error)) from error
            else:
                if answer.is_success:
                    return answer
                asked = answer.headers.get("retry-after", "")
                pause = float(asked) if asked.isdigit() else pause
                again = answer.status_code in AGAIN and pause <= self.longest_wait
                if not again or tried >= self.tries:
                    raise _problem(answer)
            self.wait(min(pause, self.longest_wait))


def _given(asked: Mapping[str, object]) -> dict[str, str]:
    found = {name: value for name, value in asked.items() if value is not None}
    return {n: v.isoformat() if isinstance(v, date) else str(v) for n, v in found.items()}


def _word(truth: bool) -> str:  # noqa: FBT001  it is the word for it
    return "true" if truth else "false"


def _problem(answer: httpx.Response) -> ProblemError:
    """Return the refusal; whatever stands between us and the service may answer otherwise."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {"title": answer.reason_phrase, "status": answer.status_code}
    return ProblemError(answer.status_code, document)
