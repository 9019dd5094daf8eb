"""The decision log: assessments as they were given, added and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.identity.caller import Place
from service.store.tables import assessments, disagreements, places, reads, requests

Row = dict[str, Any]

ADD_READ = sa.insert(reads)
ADD_REQUEST = sa.insert(requests)
ADD_DISAGREEMENT = sa.insert(disagreements)


@dataclass(frozen=True, slots=True)
class Stored:
    """One assessment as it was given. Without the person where that was erased.

    `inputs` is the canonical record as JSON, `answer` what was answered, as JSON.
    """

    id: str
    at: datetime
    caller: str
    school: str
    as_of: date
    ruleset: str
    score: int | None
    possible_score: int | None
    level: str
    possible_level: str
    agreed: bool
    request: str | None
    place_in_request: int | None
    pupil: str | None
    inputs: str | None
    answer: str | None
    erasure: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """A request that carried an idempotency key, and its rejected rows."""

    id: str
    caller: str
    idempotency_key: str
    digest: bytes
    at: datetime
    rejects: list[Row] | None


def visible(place: Place) -> sa.ColumnElement[bool]:
    """Return the condition under which a place may see an assessment."""
    column = assessments.c.school
    match place.level:
        case "state":
            return sa.true()
        case "municipality":
            return column.in_(sa.select(places.c.code).where(places.c.parent == place.code))
        case "school":
            return column == place.code


def find(connection: Connection, identifier: str, place: Place) -> Stored | None:
    """Return one assessment by its id, where the place may see it."""
    wanted = sa.select(assessments).where(assessments.c.id == identifier, visible(place))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else Stored(*row)


def history(
    connection: Connection, pupil: str, place: Place, before: str | None, limit: int
) -> list[Stored]:
    """Return a pupil's assessments, the newest first, from before the one with the id `before`."""
    wanted = sa.select(assessments).where(assessments.c.pupil == pupil, visible(place))
    if before is not None:
        wanted = wanted.where(assessments.c.id < before)
    rows = connection.execute(wanted.order_by(assessments.c.id.desc()).limit(limit))
    return [Stored(*row) for row in rows]


def find_request(connection: Connection, caller: str, idempotency_key: str) -> Request | None:
    """Return an earlier request with this caller's idempotency key."""
    wanted = sa.select(requests).where(
        requests.c.caller == caller, requests.c.idempotency_key == idempotency_key
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else Request(*row)


def of_request(connection: Connection, request: str, place: Place) -> Sequence[Stored]:
    """Return what a request was answered with, in its order."""
    wanted = sa.select(assessments).where(assessments.c.request == request, visible(place))
    rows = connection.execute(wanted.order_by(assessments.c.place_in_request))
    return [Stored(*row) for row in rows]
