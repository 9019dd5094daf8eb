"""The source of attendance: lessons gathered into one row a pupil, day and school."""

from __future__ import annotations

import numpy as np
import polars as pl

from engine.indicators.grid import WINDOWS
from engine.indicators.numbered import Numbered
from engine.indicators.sources import PUPIL, Given
from engine.registers.calendar import DAY, SCHOOL


def attendance_days(given: Given) -> pl.LazyFrame:
    """Return the pupils' days that are school days, with a flag for each window they lie in.

    They stand in order; pupils are numbers of the keys in `given.pupil_days`. ``absent`` says that
    the pupil attended no lesson of the calendar day, at whatever school.
    """
    return flagged(given, given.pupil_days.known(given.as_of)).lazy()


def flagged(given: Given, days: Numbered) -> pl.DataFrame:
    """Return those of these days that are school days, flagged, of whole pupils in order."""
    grid, rows, column = given.grid, days.rows, given.grid.number(days.rows[DAY])
    cell = grid.places(days.schools)[rows[SCHOOL].to_numpy()] * grid.dates + column
    counts = (column >= 0) & grid.held.ravel()[np.maximum(cell, 0)]
    if not counts.all():
        rows, cell = rows.filter(pl.Series(counts)), cell[counts]
    flags = [pl.Series(w.name, grid.inside[w].ravel()[cell]) for w in WINDOWS]
    missed = (pl.col("expected") - pl.col("attended")).alias("missed")
    return rows.drop(SCHOOL).with_columns(missed, _absent(rows), *flags)


def _absent(rows: pl.DataFrame) -> pl.Series:
    pupil, day = rows[PUPIL].to_numpy(), rows[DAY].to_physical().to_numpy()
    new = np.ones(rows.height, dtype=np.bool_)
    new[1:] = (pupil[1:] != pupil[:-1]) | (day[1:] != day[:-1])
    if new.all():
        return (rows["attended"] == 0).alias("absent")
    first = np.flatnonzero(new)
    attended = np.add.reduceat(rows["attended"].to_numpy(), first, dtype=np.uint32)
    return pl.Series("absent", np.repeat(attended == 0, np.diff(first, append=rows.height)))
