"""What came late: up to which row all are known on a day, and of whom that is not all there is.

A row is reached on the first day on which it and all rows of the pupil before it are known. Where a
row was known before it was reached, or has ended since, what is known of the pupil on the days
between is not the rows up to one of them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.indicators.grid import Flags
from engine.indicators.numbered import DAY, PUPIL, SCHOOL
from engine.registers.schema import ENDED, RECORDED

Column = NDArray[Any]
Rows = NDArray[np.intp]  # numbers of rows
EPOCH = date(1970, 1, 1)
_SINCE = pl.max_horizontal(DAY, RECORDED).to_physical()


class Late:
    """Lateness of some pupils' days: `versions` of them all, and those `known` on the day `last`.

    Both stand in order of pupils and days.
    """

    def __init__(self, versions: pl.DataFrame, known: pl.DataFrame, last: date) -> None:
        other = (pl.col(PUPIL) != pl.col(PUPIL).shift()) | (
            pl.col(SCHOOL) != pl.col(SCHOOL).shift()
        )
        self._stays = versions.select(PUPIL, SCHOOL).filter(other.fill_null(value=True))
        gone = versions.filter(pl.col(ENDED) <= last)
        spans = [gone.select(PUPIL, _SINCE.alias("since"), pl.col(ENDED).to_physical().alias("to"))]
        self._reached: Column | None = None
        since = known.select(_SINCE).to_series().to_numpy()
        day = known[DAY].to_physical().to_numpy()
        self._low, high = (int(day.min()), int(since.max())) if len(day) else (0, 0)
        self._span = high - self._low + 2
        if (since > day).any():
            pupil = known[PUPIL].to_numpy().astype(np.int64) * self._span - self._low
            self._reached = _whole_days(np.maximum.accumulate(pupil + since), known)
            to = pl.Series("to", self._reached - pupil, dtype=pl.Int32)
            early = known.select(PUPIL, pl.Series("since", since), to)
            spans.append(early.filter(pl.col("since") < pl.col("to")))
        self._spans = [column.to_numpy() for column in pl.concat(spans)]

    def pupils(self, as_of: date, other: Flags) -> Column:
        """Return of whom what is known on a day is more than the rows up to one of them.

        So it is, too, with all who have rows of the `other` schools, whose school days were others.
        """
        day = (as_of - EPOCH).days
        pupil, since, to = self._spans
        found = pupil[(since <= day) & (day < to)]
        if other.any():
            pupil, school = (column.to_numpy() for column in self._stays)
            found = np.append(found, pupil[other[school]])
        return np.unique(found)

    def end(self, as_of: date, pupils: Column) -> Rows | None:
        """Return for each of these pupils the first row not reached on a day; None if all are."""
        if self._reached is None:
            return None
        number = pupils.astype(np.int64) * self._span
        days = (as_of - EPOCH).days - self._low + 1
        found: Rows = np.searchsorted(self._reached, number + min(max(days, 0), self._span - 1))
        return found


def _whole_days(reached: Column, rows: pl.DataFrame) -> Column:
    """Return for each row when all rows of its calendar day are reached: they count together."""
    pupil, day = rows[PUPIL].to_numpy(), rows[DAY].to_physical().to_numpy()
    last = np.append((pupil[1:] != pupil[:-1]) | (day[1:] != day[:-1]), True)
    at = np.flatnonzero(last)
    return np.repeat(reached[at], np.diff(at, prepend=-1))
