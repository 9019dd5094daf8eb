"""Rows of a register on their way into exports: all versions, and when each was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

import polars as pl

from engine.registers.schema import ENDED, REGISTERS
from service.synth.calendar import DAY, at
from service.synth.places import School

VERSION, GONE = "version", "gone"  # 0 is the first version; a version that deletes the row


def columns_of(register: str) -> dict[str, pl.DataType]:
    """Return the columns of a register's rows here: its own, when recorded, and the version."""
    own = {name: dtype for name, dtype in REGISTERS[register].schema.items() if name != ENDED}
    return own | {VERSION: pl.UInt8(), GONE: pl.Boolean()}


@dataclass
class Rows:
    """Rows of one register as they are drawn one by one."""

    register: str
    rows: list[tuple[object, ...]] = field(default_factory=list)

    def add(
        self,
        id_: str | None,
        *values: object,
        recorded: datetime,
        version: int = 0,
        gone: bool = False,
    ) -> None:
        """Add one version of one row: its id, the register's columns in order, when recorded."""
        self.rows.append((id_, *values, recorded, version, gone))

    def frame(self) -> pl.DataFrame:
        """Return the rows as a frame."""
        schema = columns_of(self.register)
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(schema)
        return pl.DataFrame(
            [
                pl.Series(name, column, dtype=dtype)
                for (name, dtype), column in zip(schema.items(), columns, strict=True)
            ]
        )


def written(school: School, day: date, lag: int = 0) -> datetime | None:
    """Return when a school's row about a day is recorded; None where it is never sent."""
    if not school.is_silent(day):
        return at(day + DAY * lag)
    return None if school.sent is None else max(at(school.sent), at(day + DAY * lag))


def lagging(draw: Random, usual: int, rarely: float, much: int) -> int:
    """Return a lag in days: fewer than `usual`, or rarely from 10 to `much`."""
    if draw.random() < rarely:
        return draw.randint(10, much)
    return int(draw.random() * usual)
