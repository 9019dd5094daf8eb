"""What a parcel ends of what is held: rows that it names, and those that a file of all rows lacks.

What is held is what the parcels before it come to. Only those are read that can matter: none
before the last file of all rows in which every row was good, since what that one lacks has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl
from sqlalchemy.engine import Engine

from engine.frame import ROW
from engine.registers.account import ENOUGH
from engine.registers.bundle import find_bundles
from engine.registers.files import STATUS
from engine.registers.oneroster import open_file
from engine.registers.rows import BAD, DELETED, FileRows, Source
from engine.registers.schema import ENDED, ID, Register
from engine.text import Text
from service.identity.caller import Place
from service.register_files import FILES, File
from service.store.bundles import read_bundles, room, write_bundles
from service.store.connect import reading
from service.store.parcel_erasure import rows_of
from service.store.parcels import Parcel, bodies_of
from service.usecases.register_related import related
from service.usecases.register_sheets import FIRST, Kept

MOST = 0.5  # share of what is held that may end without being asked for


class TooManyEndedError(Exception):
    """More of what is held would end than may: `ended` of `held` rows."""

    def __init__(self, ended: int, held: int) -> None:
        self.ended, self.held = ended, held
        super().__init__("too many ended")


@dataclass(frozen=True)
class Endings:
    """How many rows are `held`, are of them lacking in a file of all rows, and end nothing."""

    held: int = 0
    ended: int = 0
    unmatched: int = 0

    def check(self, most: int | None) -> None:
        """Raise `TooManyEndedError` where more end than `most`, or than is usual.

        >>> Endings(held=19, ended=9).check(None)
        >>> Endings(held=200, ended=100).check(None)
        """
        usual = self.ended < ENOUGH or self.ended <= MOST * self.held
        if not (usual if most is None else self.ended <= most):
            raise TooManyEndedError(self.ended, self.held)

    @property
    def notes(self) -> Iterator[Text]:
        """What is to be said of rows that end nothing."""
        if self.unmatched:
            yield Text(
                f"rindas ar statusu „tobedeleted“, kuru atslēgas reģistrā nav: {self.unmatched};"
                " tās neko nepabeidz, pārbaudiet atslēgas",
                f"rows 'tobedeleted' of whose keys nothing is held: {self.unmatched}; they end"
                " nothing, check the keys",
            )


@dataclass(frozen=True)
class Before:
    """What was held before a parcel: `parcels` of its place and those above, in their order."""

    engine: Engine
    place: Place
    parcels: Sequence[Parcel]
    work: str

    def endings(self, parcel: Parcel, kept: Kept, rejected: AbstractSet[int]) -> Endings:
        """Return what rows end when they are kept as this parcel; `rejected` are their numbers."""
        file = FILES[parcel.file]
        register, bulk = file.register, parcel.mode == "bulk"
        ending = _ending(kept.body)
        if register is None or not (bulk or ending.height):
            return Endings()  # lines and classes only lead to others
        held = self._held(file, register, None if bulk else ending)
        rows = _rows(parcel, kept, register, self.work)
        wrong = [at for at, number in enumerate(kept.numbers, FIRST) if number in rejected]
        good = rows.filter(~pl.col(BAD) & ~pl.col(ROW).is_in(wrong))
        known = pl.concat([held, good.filter(~pl.col(DELETED))[ID]]).implode()
        unmatched = good.filter(pl.col(DELETED) & ~pl.col(ID).is_in(known)).height
        lacking = held.filter(~held.is_in(rows[ID].implode())).len() if bulk else 0
        return Endings(held.len(), lacking, unmatched)

    def _held(self, file: File, register: Register, ending: pl.DataFrame | None) -> pl.Series:
        """Return the keys of a register's rows that are held, or of those that these may end."""
        telling = _telling(self.parcels, file)
        judging = {each.id for each in telling if each.file in file.needs}
        with room(self.work) as folder:
            with reading(self.engine, self.place) as connection:
                found = bodies_of(connection, telling)
                if ending is not None:
                    found = related(connection, telling, file, ending, judging)
                write_bundles(found, folder)
            if not any(folder.iterdir()):
                return pl.Series(ID, [], pl.String)
            frame = read_bundles(folder).history.frames[register.name]
            return frame.filter(pl.col(ENDED).is_null()).select(ID).collect().to_series()


def _telling(everything: Sequence[Parcel], file: File) -> list[Parcel]:
    """Return the parcels that tell what is held, and those by which their rows are judged."""
    like = [each for each in everything if each.file in file.like]
    whole = [n for n, each in enumerate(like) if each.mode == "bulk" and not each.rejected]
    since = {each.id for each in like[whole[-1] if whole else 0 :]}
    return [each for each in everything if each.file in file.needs or each.id in since]


def _ending(body: bytes) -> pl.DataFrame:
    """Return the rows that end others."""
    rows = rows_of(body)
    if STATUS not in rows.columns:
        return rows.clear()
    return rows.filter((pl.col(STATUS).str.strip_chars() == "tobedeleted").fill_null(value=False))


def _rows(parcel: Parcel, kept: Kept, register: Register, work: str) -> pl.DataFrame:
    """Return rows by the keys that they have as a parcel, each judged by itself."""
    with room(work) as folder:
        write_bundles([(parcel, kept.body)], folder)
        bundles = find_bundles(folder)
        raw = open_file(bundles, parcel.file, register)
        source = Source(0, bundles[0], register, parcel.file, raw)
        return FileRows(source).rows.select(ID, DELETED, BAD, ROW).collect()
