"""Rows as the service writes them, and all rows of a store, for tests of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
import uuid_utils
from sqlalchemy.engine import Connection, Engine

from engine.load import load
from service.identity.caller import Place
from service.store.assessments import ADD_DISAGREEMENT, ADD_READ, ADD_REQUEST, Row
from service.store.connect import reading, writing
from service.store.erasure import erase_pupil
from service.store.parcels import add_parcel, packed
from service.store.tables import assessments, metadata, parcels
from service.store.writer import Job
from tests.service.world import LV, key_for

NOW = datetime(2026, 10, 15, 12, 30, tzinfo=UTC)
Tables = dict[str, list[tuple[Any, ...]]]

ADD = sa.insert(assessments)  # row by row, past `add_assessments`


@cache
def ruleset() -> str:
    """Return the hash of the ruleset that `settle` puts in force."""
    return load(LV).content_hash


def assessment(pupil: str, school: str = "r64", **more: object) -> Row:
    """Return a row of the log."""
    row: Row = {
        "id": str(uuid_utils.uuid7()),
        "at": NOW,
        "caller": "pumpurs_0123456789ab",
        "school": school,
        "as_of": date(2026, 10, 15),
        "ruleset": ruleset(),
        "score": 4,
        "possible_score": 9,
        "level": "support",
        "possible_level": "urgent",
        "agreed": True,
        "request": None,
        "place_in_request": None,
        "pupil": pupil,
        "inputs": f'{{"indicators":{{"of":"{pupil}"}}}}',
        "answer": f'{{"pupil_key":"{pupil}","level":"support"}}',
        "erasure": None,
    }
    return row | more


def read(pupil: str, place: str = "r64", **more: object) -> Row:
    """Return a row of the access log."""
    row: Row = {
        "id": str(uuid_utils.uuid7()),
        "at": NOW,
        "caller": "pumpurs_0123456789ab",
        "role": "reader",
        "place": place,
        "what": "history",
        "pupil": pupil,
        "erasure": None,
    }
    return row | more


def request(key: str, caller: str = "pumpurs_0123456789ab") -> Row:
    """Return a row that says that a request was answered."""
    return {
        "id": str(uuid_utils.uuid7()),
        "caller": caller,
        "idempotency_key": key,
        "digest": b"\x01" * 32,
        "at": NOW,
        "rejects": None,
    }


def parcel(number: int, place: str = "r64", body: bytes = b"sourcedId\n", **more: object) -> Row:
    """Return a row that keeps what was sent of a register."""
    row: Row = {
        "id": str(uuid_utils.uuid7()),
        "at": _day(number),
        "caller": "pumpurs_0123456789ab",
        "place": place,
        "number": number,
        "file": "users",
        "mode": "delta",
        "request": None,
        "read": 1,
        "used": 1,
        "rejected": 0,
        "deleted": 0,
        "left_out": 0,
        "ended": 0,
        "unmatched": 0,
        "notes": [],
        "body": packed(body),
        "erased": 0,
        "erasure": None,
    }
    return row | more


def job(pupil: str, school: str = "r64", key: str | None = None) -> Job:
    """Return a job that stores one assessment."""
    asked = None if key is None else request(key)
    row = assessment(pupil, school, request=asked["id"] if asked else None)
    return Job(Place("school", school), assessments=[row], request=asked)


def fill(engine: Engine) -> None:
    """Put rows into every table of a settled store, no two alike; two pupils are erased."""
    key_for(engine, "school:r64")
    disagreement = {"id": str(uuid_utils.uuid7()), "at": NOW, "ruleset": ruleset(), "inputs": "{}"}
    schools = ("r64", "r72", "l1", "r64")
    with writing(engine) as connection:
        connection.execute(ADD_REQUEST, [request("one")])
        connection.execute(ADD_DISAGREEMENT, [disagreement])
        connection.execute(ADD, [assessment(f"P-{n}", s, **_own(n)) for n, s in enumerate(schools)])
        connection.execute(
            ADD_READ,
            [
                read(f"P-{n}", s, role=f"role-{n}", what=f"what-{n}", caller=f"c-{n}", at=_day(n))
                for n, s in enumerate(schools)
            ],
        )
        for number in range(4):
            add_parcel(connection, parcel(number + 1, schools[number], **_sent(number)))
        for number, pupil in enumerate(("P-1", "P-3")):
            erase_pupil(connection, pupil, _day(number), f"operator:{number}", f"reason {number}")
        emptied = {"body": packed(b""), "erased": 1, "erasure": 1}
        connection.execute(sa.update(parcels).where(parcels.c.number == 1).values(emptied))


def _day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def _sent(number: int) -> Row:
    """Return values of a parcel that no parcel with another number has."""
    return {
        "caller": f"c-{number}",
        "file": ("users", "enrollments", "attendance", "marks")[number],
        "mode": ("bulk", "delta")[number % 2],
        "request": str(uuid_utils.uuid7()) if number else None,
        "read": 4 * number + 6,
        "used": number,
        "rejected": number + 1,
        "deleted": number + 2,
        "left_out": number + 3,
        "ended": number + 1,
        "unmatched": number + 1,
        "notes": [number],
        "body": packed(bytes([number])),
    }


def _own(number: int) -> Row:
    """Return values of a row that no row with another number has."""
    return {
        "at": _day(number),
        "caller": f"c-{number}",
        "as_of": _day(number).date(),
        "score": number or None,
        "possible_score": number or None,
        "level": f"level-{number}",
        "possible_level": f"level-{number + 1}",
        "agreed": number % 2 == 0,
        "request": str(uuid_utils.uuid7()) if number else None,
        "place_in_request": number or None,
    }


def everything(engine: Engine) -> Tables:
    """Return all rows of all tables of ours that are there, as the database has them."""
    with reading(engine) as connection:
        there = sa.inspect(connection).get_table_names()
        return {name: rows_of(connection, name) for name in metadata.tables if name in there}


def rows_of(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table, read without our types."""
    found = connection.execute(sa.text(f"SELECT * FROM {table}"))  # noqa: S608  our own name
    return sorted((tuple(row) for row in found), key=repr)
