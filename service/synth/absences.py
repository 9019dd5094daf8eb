"""Whole days of absence: illness in spells, days off, truancy, and the notes that come later."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

import polars as pl

from service.synth.calendar import DAY
from service.synth.lives import Stay
from service.synth.plan import poisson
from service.synth.world import World

PRESENT, LATE, UNEXCUSED, EXCUSED, MEDICAL = range(5)  # as the schema orders its categories
NOTE_LATER = 0.5  # share of spells of illness that stand as unexcused until the note comes
FORGIVEN = 0.15  # share of days off that are excused afterwards
_SCHEMA = {
    "stay": pl.UInt32(), "first": pl.UInt16(), "after": pl.UInt16(), "status": pl.UInt8(),
    "noted": pl.Date(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spell:
    """Days of absence in a row, as numbers of the school's days in the semester.

    `status` is what they are in the end; with `noted`, they stood as unexcused until that day.
    """

    first: int
    after: int
    status: int
    noted: date | None = None


def absent_days(world: World, stays: list[Stay], draw: Random) -> pl.DataFrame:
    """Return the days of absence of a semester's stays: `stay`, `number` of the day, `status`.

    `noted` is the day on which an absence that stood as unexcused was excused.
    """
    rows = [
        (number, spell.first, spell.after, spell.status, spell.noted)
        for number, stay in enumerate(stays)
        for spell in _spells(world, stay, draw)
    ]
    spells = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    days = spells.with_columns(number=pl.int_ranges("first", "after", dtype=pl.UInt16))
    return (
        days.drop("first", "after")
        .explode("number")
        .unique(["stay", "number"], keep="first", maintain_order=True)
    )


def _spells(world: World, stay: Stay, draw: Random) -> Iterator[Spell]:
    """Yield a stay's spells, the gravest first: where two meet, the first one counts."""
    days, low, high = world.span_of(stay)
    count = high - low
    if count <= 0:
        return
    if stay.ill_from is not None:
        first = max(low, min(bisect_left(days, stay.ill_from), high - 1))
        yield from _noted(first, min(high, first + draw.randint(20, 60)), MEDICAL, days, draw)
    if stay.signs.truant:
        length = draw.randint(12, 40)
        leaves = stay.ends < stay.semester.ends
        first = max(low, high - length) if leaves else draw.randrange(low, high)
        yield Spell(first, min(high, first + length), UNEXCUSED)
    for _ in range(poisson(draw, count * stay.signs.ill)):
        first = draw.randrange(low, high)
        after = min(high, first + 1 + int(draw.expovariate(0.45)))
        yield from _noted(first, after, MEDICAL if draw.random() < 0.75 else EXCUSED, days, draw)
    for _ in range(poisson(draw, count * stay.signs.skip * 0.6)):
        first = draw.randrange(low, high)
        if draw.random() < FORGIVEN:
            noted = days[first] + DAY * draw.randint(2, 20)
            yield Spell(first, first + 1, EXCUSED, noted)
        else:
            yield Spell(first, first + 1, UNEXCUSED)


def _noted(
    first: int, after: int, status: int, days: tuple[date, ...], draw: Random
) -> Iterator[Spell]:
    """Yield a spell, in half of the cases with a note that comes days after it."""
    noted = None
    if draw.random() < NOTE_LATER:
        noted = days[after - 1] + DAY * draw.randint(1, 10)
    yield Spell(first, after, status, noted)
