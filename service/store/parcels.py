"""Parcels: rows of one register as a request brought them, added and never changed.

A place's parcels are numbered, so that of two that were judged by the same ones before them only
one can be added. Their order in time is that of `at`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from service.identity.caller import Place
from service.store.assessments import Row
from service.store.tables import parcels, places

LEVEL = 6  # of packing: a year of a school's lessons in a tenth of a second, to a fortieth


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is said of a parcel, without its rows; `erased` counts rows that were taken out."""

    id: str
    at: datetime
    place: str
    number: int
    file: str
    mode: str
    rejected: int
    erased: int


@dataclass(frozen=True, slots=True)
class Account:
    """A parcel's place, file, moment, mode and counts as they were answered, and its notes.

    `ended` are rows that were held and that a file of all rows lacks. `unmatched` are those of
    `deleted` that end nothing, since nothing with their key is held.
    """

    id: str
    at: datetime
    place: str
    file: str
    mode: str
    read: int
    used: int
    rejected: int
    deleted: int
    left_out: int
    ended: int
    unmatched: int
    notes: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one file of one place: how many parcels and rows, and the newest."""

    place: str
    level: str
    file: str
    parcels: int
    rows: int
    last: datetime


_KNOWN = [parcels.c[name] for name in Parcel.__slots__]
_ACCOUNT = [parcels.c[name] for name in Account.__slots__]


def packed(body: bytes) -> bytes:
    """Return rows as they are kept."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(body)


def unpacked(body: bytes) -> bytes:
    """Return rows that were kept."""
    return zstandard.ZstdDecompressor().decompress(body)


def add_parcel(connection: Connection, row: Row) -> None:
    """Add a parcel; raises `IntegrityError` where its place has one with this number."""
    connection.execute(sa.insert(parcels).values(row))


def parcels_of(
    connection: Connection, codes: Collection[str], files: Collection[str] | None = None
) -> list[Parcel]:
    """Return the parcels of places, of these files or of all, in their order in time."""
    wanted = sa.select(*_KNOWN).where(parcels.c.place.in_(codes))
    if files is not None:
        wanted = wanted.where(parcels.c.file.in_(files))
    rows = connection.execute(wanted.order_by(parcels.c.at, parcels.c.id))
    return [Parcel(*row) for row in rows]


def bodies_of(connection: Connection, found: Sequence[Parcel]) -> Iterator[tuple[Parcel, bytes]]:
    """Yield parcels with their rows as CSV, one body in memory at a time."""
    for parcel in found:
        body = sa.select(parcels.c.body).where(parcels.c.id == parcel.id)
        yield parcel, unpacked(connection.execute(body).scalar_one())


def account_of(connection: Connection, request: str) -> Account | None:
    """Return what a request's parcel was answered with."""
    row = connection.execute(sa.select(*_ACCOUNT).where(parcels.c.request == request)).one_or_none()
    return None if row is None else Account(*row)


def held(connection: Connection, codes: Collection[str] | None, place: Place) -> list[Held]:
    """Return what is held of these places, or of `place` and all below it."""
    last: Any = sa.func.max(parcels.c.at, type_=parcels.c.at.type)
    rows = sa.func.sum(parcels.c.used + parcels.c.deleted)
    wanted = (
        sa.select(parcels.c.place, places.c.level, parcels.c.file, sa.func.count(), rows, last)
        .join(places, places.c.code == parcels.c.place)
        .group_by(parcels.c.place, places.c.level, parcels.c.file)
        .order_by(parcels.c.place, parcels.c.file)
    )
    wanted = wanted.where(_below(place) if codes is None else parcels.c.place.in_(codes))
    return [Held(*row) for row in connection.execute(wanted)]


def _below(place: Place) -> sa.ColumnElement[bool]:
    match place.level:
        case "state":
            return sa.true()
        case "municipality":
            inside = sa.select(places.c.code).where(places.c.parent == place.code)
            return (parcels.c.place == place.code) | parcels.c.place.in_(inside)
        case "school":
            return parcels.c.place == place.code
