"""Pupils' days in a store: a file of plain numbers for each column, mapped into memory to be read.

They stand pupil by pupil. ``pupils.arrow`` has the pupils' keys in order and how many rows each
has, ``schools.arrow`` the keys of the schools that are numbered in the column ``school``. So the
days of some pupils are found and read without those of others, and those of all are not copied.
A day that still holds ends on the last date there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.registers.numbered import PUPIL, SCHOOL, Numbered
from engine.registers.pupil_days import SCHEMA
from engine.registers.schema import ENDED

_PLAIN = {pl.Date(): "<i4", pl.UInt16(): "<u2", pl.String(): "<u4"}
COLUMNS: Mapping[str, np.dtype[Any]] = {
    name: np.dtype(_PLAIN[dtype]) for name, dtype in SCHEMA.items() if name != PUPIL
}
PUPILS, SCHOOLS = "pupils.arrow", "schools.arrow"


@dataclass(frozen=True)
class StoredDays:
    """The pupils' days in a folder; where they stand is found out once."""

    folder: Path

    @classmethod
    def write(cls, parts: Iterable[pl.DataFrame], folder: Path) -> StoredDays:
        """Write days as `engine.registers.pupil_days` gives them, some pupils after the others."""
        folder.mkdir()
        pupils = [pl.DataFrame(schema={PUPIL: pl.String, "rows": pl.UInt32})]
        schools = pl.Series(SCHOOL, dtype=pl.String)
        with ExitStack() as opened:
            files = {name: opened.enter_context((folder / name).open("wb")) for name in COLUMNS}
            for part in parts:
                runs = part[PUPIL].rle().struct.unnest()
                pupils.append(
                    runs.select(pl.col("value").alias(PUPIL), pl.col("len").alias("rows"))
                )
                schools = pl.concat([schools, part[SCHOOL].unique()]).unique(maintain_order=True)
                number = pl.col(SCHOOL).cast(pl.Enum(schools))
                plain = part.with_columns(number, pl.col(ENDED).fill_null(date.max))
                for name, dtype in COLUMNS.items():
                    plain[name].to_physical().to_numpy().astype(dtype).tofile(files[name])
        pl.concat(pupils).write_ipc(folder / PUPILS)
        schools.to_frame().write_ipc(folder / SCHOOLS)
        return cls(folder)

    def heights(self) -> set[int]:
        """Return how many rows the files have: one number, if they belong together."""
        counted = pl.scan_ipc(self.folder / PUPILS, glob=False).select(pl.col("rows").sum())
        numbered = pl.scan_ipc(self.folder / SCHOOLS, glob=False).select(SCHOOL)
        of_pupils, _ = pl.collect_all([counted, numbered])
        sizes = {name: (self.folder / name).stat().st_size for name in COLUMNS}
        whole = {size // COLUMNS[name].itemsize for name, size in sizes.items()}
        return {int(of_pupils.item()), *whole}

    @cached_property
    def _pupils(self) -> pl.DataFrame:
        """The pupils' keys, how many rows each has, and how many those up to its last are."""
        rows = pl.col("rows").cast(pl.Int64)
        return pl.read_ipc(self.folder / PUPILS).with_columns(rows, after=rows.cum_sum())

    @cached_property
    def _schools(self) -> pl.Series:
        return pl.read_ipc(self.folder / SCHOOLS)[SCHOOL]

    @cached_property
    def _rows(self) -> pl.DataFrame:
        """All rows; columns that are mapped into memory are not copied."""
        dates = pl.col(n for n, dtype in SCHEMA.items() if dtype == pl.Date).cast(pl.Date)
        return pl.DataFrame({name: self._mapped(name) for name in COLUMNS}).with_columns(dates)

    def of(self, pupils: pl.Series | None) -> Numbered:
        """Return the days of these pupils, or of all."""
        found, rows = self._pupils, self._rows
        if pupils is not None:
            found = found[found[PUPIL].is_in(pupils.implode()).arg_true()]
            others = found["after"] - found["rows"].cum_sum()  # rows before, of those left out
            at = np.repeat(others, found["rows"])
            rows = rows[at + np.arange(len(at))]
        number = np.repeat(np.arange(found.height, dtype=np.uint32), found["rows"])
        return Numbered(found[PUPIL], self._schools, rows.with_columns(pl.Series(PUPIL, number)))

    def _mapped(self, name: str) -> NDArray[Any]:
        path, dtype = self.folder / name, COLUMNS[name]
        if not path.stat().st_size:  # nothing to map
            return np.empty(0, dtype)
        found: NDArray[Any] = np.memmap(path, dtype, "r")
        return found
