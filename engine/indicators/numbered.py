"""Pupils' days with numbers for the keys of pupils and schools: each key is looked up once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from engine.registers.history import known_on
from engine.registers.schema import ENDED, RECORDED


@dataclass(frozen=True, eq=False)
class Numbered:
    """Pupils' days in order; `pupil` and `school` are numbers of keys in `pupils` and `schools`."""

    pupils: pl.Series
    schools: pl.Series
    rows: pl.DataFrame

    def parts(self, rows: int) -> list[Numbered]:
        """Return them in parts of about so many rows, each with all rows of its pupils."""
        pupil = self.rows["pupil"]
        height = self.rows.height
        at = [pupil.search_sorted(pupil[n]) for n in range(rows, height, rows)]
        ends = [*dict.fromkeys(at), height]
        return [
            Numbered(self.pupils, self.schools, self.rows[first:end])
            for first, end in zip([0, *ends], ends, strict=False)
        ]


@dataclass(frozen=True, eq=False)
class PupilDays:
    """Versions of pupils' days, pupil by pupil and day by day, read when first asked for."""

    versions: pl.LazyFrame

    @cached_property
    def all(self) -> Numbered:
        """All of them, numbered."""
        found = self.versions.collect(engine="streaming")
        runs = found["pupil"].rle().struct.unnest()
        stays = found["school"].rle().struct.unnest()
        schools = stays["value"].unique().sort()
        number = stays["value"].cast(pl.Enum(schools)).to_physical()
        rows = found.with_columns(
            pl.Series("pupil", np.repeat(np.arange(runs.height, dtype=np.uint32), runs["len"])),
            pl.Series("school", np.repeat(number.to_numpy(), stays["len"])),
        )
        return Numbered(runs["value"], schools, rows)

    def known(self, as_of: date) -> Numbered:
        """Return them as they were known when the day `as_of` ended."""
        every = self.all
        known = every.rows.filter(known_on(as_of) & (pl.col("day") <= as_of))
        return Numbered(every.pupils, every.schools, known.drop(RECORDED, ENDED))
