"""All versions of all rows, and those of them that were known on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.registers.numbered import Numbered
from engine.registers.pupil_days import pupil_days
from engine.registers.schema import ENDED, RECORDED, REGISTERS
from engine.registers.stored_days import StoredDays


@dataclass(frozen=True)
class History:
    """Every register's canonical frame with all versions of its rows, empty where nothing came.

    `days` are the lessons gathered into pupils' days, where that was done already.
    """

    frames: Mapping[str, pl.LazyFrame]
    days: StoredDays | None = None

    @classmethod
    def of(cls, frames: Mapping[str, pl.LazyFrame], days: StoredDays | None = None) -> History:
        """Return a history; registers that are not given are empty."""
        return cls(
            {
                name: frames.get(name, pl.LazyFrame(schema=register.schema))
                for name, register in REGISTERS.items()
            },
            days,
        )

    def known(self, as_of: date) -> Mapping[str, pl.LazyFrame]:
        """Return each register as it was known when the day `as_of` ended (UTC)."""
        return {name: frame.drop(RECORDED) for name, frame in self.versions(as_of).items()}

    def versions(self, as_of: date) -> Mapping[str, pl.LazyFrame]:
        """Return what was known when the day `as_of` ended, with when each row was recorded."""
        return {
            name: frame.filter(known_on(as_of)).drop(ENDED) for name, frame in self.frames.items()
        }

    def changed(self, names: Iterable[str], after: date, until: date) -> bool:
        """Return whether any row of these registers was recorded or ended on days between."""
        rows = [
            self.frames[name].select(
                pl.any_horizontal(
                    ((pl.col(each).dt.date() > after) & (pl.col(each).dt.date() <= until)).any()
                    for each in (RECORDED, ENDED)
                )
            )
            for name in names
        ]
        return any(found.item() for found in pl.collect_all(rows, engine="streaming"))

    def pupil_days(self, until: date, pupils: pl.Series | None = None) -> Numbered:
        """Return all versions of the days of these pupils, or of all.

        They go up to `until` at least: where they are stored, days after it are there too.
        """
        if self.days is not None:
            return self.days.of(pupils)
        lessons = self.frames["attendance"].filter(pl.col("day") <= until)
        if pupils is not None:
            lessons = lessons.filter(pl.col("pupil").is_in(pupils.implode()))
        return Numbered.of(pupil_days(lessons))


def known_on(as_of: date) -> pl.Expr:
    """Return whether a version was known when the day `as_of` ended (UTC)."""
    ended = pl.col(ENDED).dt.date() <= as_of
    return (pl.col(RECORDED).dt.date() <= as_of) & ~ended.fill_null(value=False)
