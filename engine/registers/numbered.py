"""Rows with numbers for the keys of pupils and schools: each is looked up once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

PUPIL, SCHOOL = "pupil", "school"


@dataclass(frozen=True, eq=False)
class Numbered:
    """Rows pupil by pupil; `pupil` and `school` are numbers of keys in `pupils` and `schools`."""

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
