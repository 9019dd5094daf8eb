"""Taking in rows of a register: judged by what is held, and kept as a parcel, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import polars as pl
import uuid_utils
from sqlalchemy.engine import Connection, Engine

from engine.registers.account import too_many
from engine.registers.problems import PROBLEMS as REGISTERS
from engine.registers.twice import CONFLICT, COPY
from engine.text import Text
from service.identity.caller import Caller
from service.register_files import FILES, File
from service.store.assessments import Row
from service.store.bundles import TICK, read_bundles, room, write_bundles
from service.store.connect import reading
from service.store.parcel_erasure import rows_of
from service.store.parcels import Account, Parcel, bodies_of, packed, parcels_of
from service.usecases.register_endings import Before
from service.usecases.register_related import keyed, related
from service.usecases.register_sheets import FIRST, Kept
from service.usecases.sent import PROBLEMS as SENT
from service.usecases.sent import Reject

OWN: dict[str, Text] = {
    "another-school": Text(
        "citas skolas rinda; sūtiet tikai savas skolas rindas",
        "the row is of another school; send rows of your own school only",
    ),
    "school-place": SENT["school-place"],
    "recorded-later": Text(
        "ierakstīts vēlāk, nekā nosūtīts; pārbaudiet dateLastModified un laika joslu",
        "recorded later than it was sent; check dateLastModified and its time zone",
    ),
    "not-newer": Text(
        "labojums nav jaunāks par iepriekšējo versiju; pārbaudiet dateLastModified",
        "the correction is no newer than the version before; check dateLastModified",
    ),
    "not-json": SENT["not-json"],
    "not-object": SENT["not-object"],
    "not-text": Text(
        "nav teksts, skaitlis vai jā/nē", "this is neither text nor a number nor true or false"
    ),
}
PROBLEMS: dict[str, Text] = REGISTERS | OWN
_SHOWN = 20
EARLIER = Text("tā ir agrāk sūtītā failā", "it stands in a file that was sent earlier")


class TooManyRejectsError(Exception):
    """Too many rows cannot be used; `counts` has each problem with its column and first row."""

    def __init__(self, read: int, rejects: Sequence[Reject]) -> None:
        self.read = read
        self.rejected = len({each.row for each in rejects})
        found: dict[tuple[str, str], list[int]] = {}
        for each in rejects:
            found.setdefault((each.column, each.code), []).append(each.row)
        commonest = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:_SHOWN]
        self.counts = [(*what, len(rows), min(rows)) for what, rows in commonest]
        super().__init__("too many rejects")


@dataclass(frozen=True)
class Sending:
    """What is sent: rows of a file, for a place, as all there are (`bulk`) or as changes.

    `may_end` is how many rows a file of all rows may lack that are held; None: so many as is usual.
    """

    file: File
    place: str
    mode: str
    may_end: int | None
    caller: Caller
    above: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The places whose parcels are read together: this one, and those above it."""
        return (self.place, *self.above)


@dataclass(frozen=True)
class Taken:
    """What a parcel comes to, and the row that keeps it."""

    account: Account
    rejects: list[Reject]
    row: Row


def take(engine: Engine, sending: Sending, kept: Kept, work: str) -> Taken:
    """Return what rows come to after all that is held; nothing is stored yet.

    Raises `TooManyRejectsError`, `TooManyEndedError`, and `DataError` for what cannot be read.
    """
    with reading(engine, sending.caller.place) as connection:
        everything = parcels_of(connection, sending.codes)
    parcel, before = (
        _next(everything, sending),
        Before(engine, sending.caller.place, everything, work),
    )
    judged = (
        _as_they_stand(kept) if sending.file.register is None else _judged(before, parcel, kept)
    )
    if too_many(judged.rejected, kept.read):
        raise TooManyRejectsError(kept.read, judged.rejects)
    endings = before.endings(parcel, kept, {each.row for each in judged.rejects})
    endings.check(sending.may_end)
    account = Account(
        parcel.id, parcel.at, parcel.place, parcel.file, parcel.mode,
        kept.read, judged.used, judged.rejected, judged.deleted, judged.left_out,
        endings.ended, endings.unmatched,
        [asdict(each) for each in (*judged.notes, *endings.notes)],
    )  # fmt: skip
    row = {
        **{name: getattr(account, name) for name in Account.__slots__},
        "number": parcel.number,
        "caller": sending.caller.name,
        "request": None,
        "body": packed(kept.body),
        "erased": 0,
        "erasure": None,
    }
    return Taken(account, judged.rejects, row)


def _next(everything: Sequence[Parcel], sending: Sending) -> Parcel:
    """Return the parcel that follows: later than all before it, whatever the clock says."""
    now = datetime.now(UTC)
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    if everything and everything[-1].at >= at:
        at = everything[-1].at + TICK
    mine = [each.number for each in everything if each.place == sending.place]
    identifier = str(uuid_utils.uuid7())
    number = max(mine, default=0) + 1
    return Parcel(identifier, at, sending.place, number, sending.file.name, sending.mode, 0, 0)


def _judging(
    connection: Connection, everything: Sequence[Parcel], parcel: Parcel, kept: Kept
) -> Iterator[tuple[Parcel, bytes]]:
    """Yield what rows are judged by, and the last parcel that they can be compared with.

    Where columns tell rows apart that have keys too, one may be there under another key already.
    """
    file = FILES[parcel.file]
    like = [each for each in everything if each.file in file.like]
    last = [each.id for each in like if each.mode == parcel.mode][-1:]
    whole = {each.id for each in everything if each.file in file.needs or each.id in last}
    natural = file.register is not None and file.register.natural
    if not natural or not keyed(connection, like, kept.body):
        yield from bodies_of(connection, [each for each in everything if each.id in whole])
        return
    if parcel.mode == "bulk":
        whole |= {each.id for each in like}
    found = [each for each in everything if each.id in whole or each in like]
    yield from related(connection, found, file, rows_of(kept.body), whole)


@dataclass(frozen=True)
class _Judged:
    """What became of the rows that were sent."""

    used: int
    rejected: int
    deleted: int
    left_out: int
    rejects: list[Reject]
    notes: tuple[Text, ...]


def _as_they_stand(kept: Kept) -> _Judged:
    """Return what rows come to that only lead others somewhere."""
    rejected = len({each.row for each in kept.rejects})
    used = kept.read - rejected - kept.left_out
    return _Judged(used, rejected, 0, kept.left_out, sorted(kept.rejects), kept.notes)


def _judged(before: Before, parcel: Parcel, kept: Kept) -> _Judged:
    """Return what the rows of a parcel come to."""
    with room(before.work) as folder:
        with reading(before.engine, before.place) as connection:
            judging = _judging(connection, before.parcels, parcel, kept)
            bundle = write_bundles(chain(judging, [(parcel, kept.body)]), folder).name
        found = read_bundles(folder)
    (count,) = (each for each in found.files if each.bundle == bundle)
    lines = found.rejects.filter(pl.col("bundle") == bundle)
    file = f"{bundle}/{count.file}"
    rejects = sorted([*kept.rejects, *_rejects(lines, file, kept.numbers)])
    place = f"{file}: "
    notes = (
        *kept.notes,
        *(_cut(note, place) for note in found.notes if note.en.startswith(place)),
        *(each.text for each in found.findings if each.bundle == bundle),
    )
    rejected = len({each.row for each in rejects})
    left_out = count.left_out + kept.left_out
    return _Judged(count.used, rejected, count.deleted, left_out, rejects, notes)


def _rejects(lines: pl.DataFrame, file: str, numbers: Sequence[int]) -> Iterator[Reject]:
    """Yield rejects by the numbers that rows had when they were sent, also in hints."""
    other = pl.col("hint").str.extract(rf"^see row (\d+) of {re.escape(file)}$").cast(pl.UInt32)
    hints = (pl.col("hint", "hint_lv").fill_null(""), other.alias("other"))
    for row, column, code, hint, hint_lv, twin in lines.select(
        "row", "column", "problem", *hints
    ).iter_rows():
        more = Text(hint_lv, hint)
        if code in (COPY, CONFLICT):
            more = EARLIER if twin is None else _see(numbers[twin - FIRST])
        yield Reject(numbers[row - FIRST], column, code, more.en, more.lv)


def _see(number: int) -> Text:
    return Text(f"sk. {number}. rindu", f"see row {number}")


def _cut(note: Text, place: str) -> Text:
    return Text(note.lv.removeprefix(place), note.en.removeprefix(place))


def rejects_stored(rejects: Sequence[Reject]) -> list[dict[str, Any]]:
    """Return rejects as they are kept with an idempotency key."""
    return [asdict(each) for each in rejects]
