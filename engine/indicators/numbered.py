"""Pupils' days that count: those that are school days."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.indicators.grid import Grid, Numbers
from engine.registers.numbered import Numbered
from engine.registers.pupil_days import A_DAY

PUPIL, DAY, SCHOOL = A_DAY


def counted(days: Numbered, grid: Grid, places: Numbers) -> pl.DataFrame:
    """Return the rows that are school days of their schools; none is after the grid's last date.

    `places` are rows of the grid for the schools' numbers. ``absent`` says that the pupil attended
    no lesson of the calendar day, at whatever school.
    """
    rows, lines = days.rows, places.astype(np.intp) * grid.dates
    column = np.maximum(grid.number(rows[DAY]), 0)  # no school day is on the first date
    held = grid.held.ravel().take(lines.take(rows[SCHOOL].to_numpy()) + column)
    rows = rows if held.all() else rows.filter(pl.Series(held))
    return rows.with_columns(
        (pl.col("expected") - pl.col("attended")).alias("missed"), _absent(rows)
    )


def changed(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values are others than those before them; the first is."""
    found = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _absent(rows: pl.DataFrame) -> pl.Series:
    pupil, day = rows[PUPIL].to_numpy(), rows[DAY].to_physical().to_numpy()
    new = changed(pupil) | changed(day)
    if new.all():
        return (rows["attended"] == 0).alias("absent")
    first = np.flatnonzero(new)
    attended = np.add.reduceat(rows["attended"].to_numpy(), first, dtype=np.uint32)
    return pl.Series("absent", np.repeat(attended == 0, np.diff(first, append=rows.height)))
