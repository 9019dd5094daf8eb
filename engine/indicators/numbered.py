"""Rows of pupils' days with numbers for the keys of pupils and schools: each is looked up once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from engine.indicators.grid import Grid
from engine.registers.pupil_days import A_DAY

PUPIL, DAY, SCHOOL = A_DAY


@dataclass(frozen=True, eq=False)
class Numbered:
    """Pupils' days in order; `pupil` and `school` are numbers of keys in `pupils` and `schools`."""

    pupils: pl.Series
    schools: pl.Series
    rows: pl.DataFrame

    @classmethod
    def of(cls, found: pl.DataFrame) -> Numbered:
        """Return rows that stand pupil by pupil, numbered."""
        runs = found[PUPIL].rle().struct.unnest()
        stays = found[SCHOOL].rle().struct.unnest()
        schools = stays["value"].unique().sort()
        number = stays["value"].cast(pl.Enum(schools)).to_physical()
        rows = found.with_columns(
            pl.Series(PUPIL, np.repeat(np.arange(runs.height, dtype=np.uint32), runs["len"])),
            pl.Series(SCHOOL, np.repeat(number.to_numpy(), stays["len"])),
        )
        return cls(runs["value"], schools, rows)

    def only(self, rows: pl.DataFrame) -> Numbered:
        """Return some of the rows."""
        return replace(self, rows=rows)

    def parts(self, rows: int) -> list[Numbered]:
        """Return them in parts of about so many rows, each with all rows of its pupils."""
        pupil = self.rows[PUPIL]
        height = self.rows.height
        at = [pupil.search_sorted(pupil[n]) for n in range(rows, height, rows)]
        ends = [*dict.fromkeys(at), height]
        return [
            self.only(self.rows[first:end]) for first, end in zip([0, *ends], ends, strict=False)
        ]

    def counted(self, grid: Grid) -> pl.DataFrame:
        """Return the rows that are school days of their schools.

        ``absent`` says that the pupil attended no lesson of the calendar day, at whatever school.
        """
        rows, column = self.rows, grid.number(self.rows[DAY])
        inside = (column >= 0) & (column < grid.dates)
        place = grid.places(self.schools)[rows[SCHOOL].to_numpy()]
        held = inside & grid.held[place, np.where(inside, column, 0)]
        rows = rows if held.all() else rows.filter(pl.Series(held))
        return rows.with_columns(
            (pl.col("expected") - pl.col("attended")).alias("missed"), _absent(rows)
        )


def _absent(rows: pl.DataFrame) -> pl.Series:
    pupil, day = rows[PUPIL].to_numpy(), rows[DAY].to_physical().to_numpy()
    new = np.append(True, (pupil[1:] != pupil[:-1]) | (day[1:] != day[:-1]))[: rows.height]
    if new.all():
        return (rows["attended"] == 0).alias("absent")
    first = np.flatnonzero(new)
    attended = np.add.reduceat(rows["attended"].to_numpy(), first, dtype=np.uint32)
    return pl.Series("absent", np.repeat(attended == 0, np.diff(first, append=rows.height)))
