"""All versions of all rows, and those of them that were known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.registers.schema import ENDED, RECORDED, REGISTERS


@dataclass(frozen=True)
class History:
    """Every register's canonical frame with all versions of its rows, empty where nothing came."""

    frames: Mapping[str, pl.LazyFrame]

    @classmethod
    def of(cls, frames: Mapping[str, pl.LazyFrame]) -> History:
        """Return a history; registers that are not given are empty."""
        return cls(
            {
                name: frames.get(name, pl.LazyFrame(schema=register.schema))
                for name, register in REGISTERS.items()
            }
        )

    def known(self, as_of: date) -> Mapping[str, pl.LazyFrame]:
        """Return each register as it was known when the day `as_of` ended (UTC)."""
        return {name: frame.drop(RECORDED) for name, frame in self.versions(as_of).items()}

    def versions(self, as_of: date) -> Mapping[str, pl.LazyFrame]:
        """Return what was known when the day `as_of` ended, with when each row was recorded."""
        recorded = pl.col(RECORDED).dt.date() <= as_of
        ended = pl.col(ENDED).dt.date() <= as_of
        current = recorded & ~ended.fill_null(value=False)
        return {name: frame.filter(current).drop(ENDED) for name, frame in self.frames.items()}
