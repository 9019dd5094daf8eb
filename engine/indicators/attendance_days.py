"""The source of attendance: lessons gathered into one row a pupil, day and school."""

from __future__ import annotations

import polars as pl

from engine.indicators.grid import WINDOWS
from engine.indicators.numbered import counted
from engine.indicators.sources import PUPIL, Given
from engine.indicators.spans import Seen
from engine.registers.calendar import DAY, SCHOOL


def attendance_days(given: Given) -> pl.LazyFrame:
    """Return the pupils' days that are school days, with a flag for each window they lie in.

    They stand in order; pupils are numbers of the keys in `given.pupil_days`.
    """
    grid, days = given.grid, given.pupil_days.known(given.as_of)
    places = grid.places(days.schools)
    rows = counted(days, grid, places)
    place, present = places[rows[SCHOOL].to_numpy()], given.present[rows[PUPIL].to_numpy()]
    seen, column, flags = Seen(place, present), grid.number(rows[DAY]), []
    for window in WINDOWS:
        first, after = seen.stretch(grid.stretch(window))
        flags.append(pl.Series(window.name, (first <= column) & (column < after)))
    return rows.drop(SCHOOL).with_columns(flags).lazy()
