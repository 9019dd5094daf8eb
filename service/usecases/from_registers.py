"""A table of indicators, computed from what is held of a school: what `assess_many` is given."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl
import uuid_utils
from sqlalchemy.engine import Engine

from engine.canonical import KEY
from engine.frame import ROW
from engine.indicator import Catalogue
from engine.indicators.compute import indicators
from engine.registers.history import History
from engine.registers.read import Reading
from engine.text import Text
from service.identity.caller import Caller
from service.problems import Refusal
from service.store.assessments import ADD_READ
from service.store.bundles import read_bundles, room, write_bundles
from service.store.connect import reading, writing
from service.store.parcels import Parcel, bodies_of, parcels_of
from service.store.places import Places
from service.usecases.sent import SCHOOL, Reject, Sent

KEPT = 16  # schools' histories, a few megabytes each
NOBODY = Text(
    "Šajā dienā šajā skolā nav uzņemts neviens skolēns; pārbaudiet dienu (as_of) un uzņemšanas"
    " (enrollments).",
    "No pupil is enrolled at this school on this day; check the day (as_of) and the enrollments.",
)


@dataclass(frozen=True)
class Wanted:
    """Whom to assess from registers: pupils of a school by their keys, or all enrolled that day."""

    school: str
    as_of: date
    pupils: Sequence[str] | None
    caller: Caller


class Histories:
    """Histories of schools as they were worked out last, known by the parcels that they are of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[bytes, Mapping[str, bytes]]] = OrderedDict()
        self._guard = threading.Lock()
        self._forgotten = 0

    @property
    def schools(self) -> list[str]:
        """The schools whose histories are kept, the one assessed last at the end."""
        return list(self._kept)

    def forget(self) -> None:
        """Let go of all histories: somebody was erased, and nobody knows here who stands in which.

        One that is being worked out is not kept either: it may have been begun before.
        """
        with self._guard:
            self._kept.clear()
            self._forgotten += 1

    def history(self, engine: Engine, wanted: Wanted, places: Places, work: str) -> History:
        """Return all versions of all rows of a school; raises `Refusal` where none are held."""
        codes = (wanted.school, *places.above(wanted.school))
        begun = self._forgotten
        with reading(engine, wanted.caller.place) as connection:
            found = parcels_of(connection, codes)
            _check_held(found)
            name = _fingerprint(found)
            frames = self._found(wanted.school, name)
            if frames is None:
                with room(work) as folder:
                    write_bundles(bodies_of(connection, found), folder)
                    frames = _columns(read_bundles(folder))
                self._keep(wanted.school, name, frames, begun)
        return History.of({name: pl.scan_parquet(io.BytesIO(b)) for name, b in frames.items()})

    def _found(self, school: str, name: bytes) -> Mapping[str, bytes] | None:
        with self._guard:
            before, frames = self._kept.get(school, (b"", None))
            if before != name:
                return None
            self._kept.move_to_end(school)
            return frames

    def _keep(self, school: str, name: bytes, frames: Mapping[str, bytes], begun: int) -> None:
        with self._guard:
            if begun != self._forgotten:
                return
            self._kept[school] = name, frames
            self._kept.move_to_end(school)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _check_held(found: Sequence[Parcel]) -> None:
    lacking = [name for name in ("orgs", "users", "enrollments") if name not in _files(found)]
    if lacking:
        raise Refusal("no-registers", f"of this school nothing is held in: {', '.join(lacking)}")


def _files(found: Sequence[Parcel]) -> set[str]:
    return {each.file for each in found}


def _fingerprint(found: Sequence[Parcel]) -> bytes:
    """Return what differs wherever a parcel was added, or rows were taken out of one."""
    said = "".join(f"{each.id} {each.erased}\n" for each in found)
    return hashlib.sha256(said.encode()).digest()


def _columns(found: Reading) -> dict[str, bytes]:
    """Return registers as Parquet in memory: a year of a school in a few megabytes."""
    kept = {}
    for name, frame in found.history.frames.items():
        into = io.BytesIO()
        frame.collect().write_parquet(into)
        kept[name] = into.getvalue()
    return kept


def table(history: History, wanted: Wanted, catalogue: Catalogue) -> Sent:
    """Return the pupils' indicators, each with the day up to which its rows go.

    Pupils who were named stand in the order in which they were, all others in that of their keys.
    One who is not enrolled at the school on that day is rejected, by the place in the list.
    """
    named = None if wanted.pupils is None else pl.Series(KEY, wanted.pupils, pl.String)
    found = indicators(history, catalogue, wanted.as_of, named).collect(engine="streaming")
    mine = found.filter(pl.col(SCHOOL) == wanted.school)
    if named is None:
        return Sent(mine.sort(KEY).with_row_index(ROW, 1))
    asked = named.to_frame().with_row_index(ROW, 1)
    rows = asked.join(mine, on=KEY, how="inner", maintain_order="left")
    lost = asked.join(mine, on=KEY, how="anti")[ROW].to_list()
    return Sent(rows, [Reject(row, KEY, "not-enrolled") for row in lost])


def note_looked_at(engine: Engine, caller: Caller, pupils: Iterable[str]) -> None:
    """Write down that somebody was shown these pupils' registers, in an answer not stored."""
    common = {
        "at": datetime.now(UTC),
        "caller": caller.name,
        "role": caller.role.value,
        "place": caller.place.code,
        "what": "registers",
        "erasure": None,
    }
    reads = [common | {"id": str(uuid_utils.uuid7()), "pupil": pupil} for pupil in pupils]
    if reads:
        with writing(engine, caller.place) as connection:
            connection.execute(ADD_READ, reads)
