"""The frames over which figures are evaluated: one row a pupil's day, mark of a term, and so on.

Each source is made from registers as they were known, and has the columns ``pupil``, ``day``, a
flag for each window that its figures use, and what its rows add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.indicators.grid import Grid, Numbers
from engine.indicators.steady import STAY, PupilDays
from engine.registers.calendar import DAY, Calendar

PUPIL = "pupil"
Known = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Given:
    """What sources are made of: registers as known when `as_of` ended, and what follows from them.

    `known` keeps the column ``recorded``. `cohort` has one row for each pupil to answer for.
    `pupil_days` are the lessons gathered into pupils' days, in the versions of that day at least.
    """

    as_of: date
    known: Known
    calendar: Calendar
    cohort: pl.LazyFrame
    pupil_days: PupilDays

    @cached_property
    def grid(self) -> Grid:
        """The schools' days and the windows of attendance."""
        days = self.pupil_days
        return days.grid if self.calendar is days.calendar else Grid.of(self.calendar)

    @cached_property
    def _stays(self) -> pl.Series:
        return self.cohort.select(STAY).collect().to_series()

    @property
    def numbers(self) -> NDArray[np.uint32]:
        """The numbers of the cohort's pupils among those who have days, one more for others."""
        return self.pupil_days.numbers.gather(self._stays).to_numpy()

    @cached_property
    def present(self) -> Numbers:
        """The rows of the grid of the schools where pupils are now, by their numbers; -1 for none.

        Only those of the cohort are anywhere.
        """
        return self.pupil_days.present(self._stays, self.grid)


def happened(rows: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Return the rows whose day has come: what is entered ahead of its day does not count yet."""
    return rows.filter(pl.col(DAY) <= as_of)
