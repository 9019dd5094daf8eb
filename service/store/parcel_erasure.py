"""Taking pupils' rows out of parcels: bodies are written again without them, and that is counted.

To find a pupil all bodies are unpacked. That takes a while where many are held, so it is done
before anything is locked; then only what came meanwhile is looked at again.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from engine.registers.files import SOURCED
from engine.registers.schema import ENDED
from service.register_files import FILES, File
from service.store.bundles import read_bundles, room, write_bundles
from service.store.connect import reading
from service.store.parcels import Parcel, bodies_of, packed, parcels_of, unpacked
from service.store.places import read_places
from service.store.tables import parcels

STAYS = ("orgs", "users", "enrollments")
_OF_PUPILS = sorted(name for name, file in FILES.items() if file.pupil)


@dataclass(frozen=True)
class Looked:
    """Which parcels were looked through for a pupil, and which of them name the pupil."""

    through: AbstractSet[str] = frozenset()
    naming: AbstractSet[str] = frozenset()


@dataclass
class _Rewriting:
    """Writes bodies again; counts the rows that were taken out."""

    connection: Connection
    erasure: int
    rows: int = 0
    taken: dict[tuple[str, frozenset[str]], set[str]] = field(default_factory=dict)

    def without(self, identifier: str, place: str, file: File, gone: pl.Expr) -> None:
        """Take the rows out of a parcel for which this holds."""
        where = parcels.c.id == identifier
        body, erased = self.connection.execute(
            sa.select(parcels.c.body, parcels.c.erased).where(where)
        ).one()
        frame = rows_of(unpacked(body))
        out = frame.filter(gone)
        if not out.height:
            return
        if SOURCED in out.columns:
            ids = self.taken.setdefault((place, file.like), set())
            ids.update(out[SOURCED].drop_nulls().str.strip_chars().to_list())
        into = io.BytesIO()
        frame.filter(~gone).write_csv(into)
        self.connection.execute(
            sa.update(parcels)
            .where(where)
            .values(body=packed(into.getvalue()), erased=erased + out.height, erasure=self.erasure)
        )
        self.rows += out.height


def rows_of(body: bytes) -> pl.DataFrame:
    """Return the rows of a body, all as texts."""
    return pl.read_csv(body, infer_schema=False)


def look_for(engine: Engine, pupil: str) -> Looked:
    """Look through all parcels for a pupil, locking nothing."""
    with reading(engine) as connection:
        return look_again(connection, pupil, Looked())


def look_again(connection: Connection, pupil: str, looked: Looked) -> Looked:
    """Return what was looked through before, and what came since."""
    new = [each for each in _all(connection) if each.id not in looked.through]
    key = pupil.encode()
    naming = {parcel.id for parcel, body in bodies_of(connection, new) if key in body}
    return Looked(looked.through | {each.id for each in new}, looked.naming | naming)


def take_out_pupil(connection: Connection, pupil: str, erasure: int, looked: Looked) -> int:
    """Take a pupil's rows out of all parcels; return how many. Ends of such rows go with them."""
    work = _Rewriting(connection, erasure)
    there = _all(connection)
    for parcel in there:
        if parcel.id in looked.naming:
            file = FILES[parcel.file]
            work.without(parcel.id, parcel.place, file, _names(pupil, file))
    for (place, like), ids in list(work.taken.items()):
        ended = pl.col(SOURCED).str.strip_chars().is_in(list(ids)).fill_null(value=False)
        for parcel in there:
            if parcel.place == place and parcel.file in like and ids:
                _ended(work, parcel, ended)
    return work.rows


def _ended(work: _Rewriting, parcel: Parcel, ended: pl.Expr) -> None:
    """Take out rows that say no more than that one which is gone has ended."""
    body = sa.select(parcels.c.body).where(parcels.c.id == parcel.id)
    stored = unpacked(work.connection.execute(body).scalar_one())
    if SOURCED.encode() in stored.partition(b"\n")[0]:
        work.without(parcel.id, parcel.place, FILES[parcel.file], ended)


def _names(pupil: str, file: File) -> pl.Expr:
    """Return whether a row has the pupil's key in any column, or an id that is made of it."""
    cells = pl.all().str.strip_chars()
    named = pl.any_horizontal((cells == pupil).fill_null(value=False))
    if file.register is not None and file.register.natural[:1] == ("pupil",):
        made = pl.any_horizontal(cells.str.starts_with(f"{pupil}|").fill_null(value=False))
        return named | made
    return named


def take_out_older(connection: Connection, before: datetime, erasure: int, folder: str) -> int:
    """Take pupils out of the parcels that came before a moment; return how many rows.

    Rows of days go. Rows that say who a pupil is, and where, stay for those who are still at the
    school, or were until that day: else those rows that came since would be nobody's.
    """
    work = _Rewriting(connection, erasure)
    old = [each for each in _all(connection) if each.at < before]
    for place in sorted({each.place for each in old}):
        mine = [each for each in old if each.place == place]
        staying = _staying(connection, place, before.date(), folder)
        for parcel in mine:
            file = FILES[parcel.file]
            gone = pl.lit(value=True) if file.day else ~_is_one_of(file, staying)
            work.without(parcel.id, place, file, gone)
    return work.rows


def _is_one_of(file: File, pupils: Sequence[str]) -> pl.Expr:
    return pl.col(str(file.pupil)).str.strip_chars().is_in(pupils).fill_null(value=False)


def _staying(connection: Connection, place: str, day: date, work: str) -> list[str]:
    """Return the pupils whose stay at the school goes on, or ended on that day or later."""
    codes = (place, *read_places(connection).above(place))
    with room(work) as folder:
        held = parcels_of(connection, codes, STAYS)
        write_bundles(bodies_of(connection, held), folder)
        stays = read_bundles(folder).history.frames["enrolments"]
        lasting = pl.col("ends").is_null() | (pl.col("ends") >= day)
        return stays.filter(pl.col(ENDED).is_null() & lasting).collect()["pupil"].to_list()


def _all(connection: Connection) -> list[Parcel]:
    codes = connection.execute(sa.select(parcels.c.place).distinct()).scalars().all()
    return parcels_of(connection, codes, _OF_PUPILS)
