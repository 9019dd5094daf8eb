"""Whether a pupil's attendance was sent: rows on nearly all school days of each window.

A school that sends nothing for weeks in between would look like one whose pupils miss nothing.
So a figure of attendance has a value only where the pupil's days with rows are at least nine
tenths of the school days of the window, while enrolled, up to the pupil's last row in it.
What comes after the last row is no gap: the value goes up to that day, and ages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from engine.indicators.figure import ANY_ROW, Figure, only, tally
from engine.indicators.grid import Numbers
from engine.indicators.sources import PUPIL, Given
from engine.registers.calendar import SCHOOL, Window

LEAST, OF = 9, 10  # the rest are journals not kept on a day, trips, and so on
_DAYS_WITH_ROWS = tally(ANY_ROW)


def sent(window: Window) -> str:
    """Return the name of the column that says whether a window's attendance was sent."""
    return f"{window.name}/sent"


def sent_sums(
    given: Given, figures: Mapping[str, Figure], windows: Sequence[Window]
) -> pl.DataFrame:
    """Return pupils' sums, with a column for each window that says if its attendance was sent."""
    counts = {w.name: Figure({"days": _DAYS_WITH_ROWS}, only("days"), w) for w in windows}
    wanted = {**figures, **counts}
    sums = given.pupil_days.totals(given.as_of, given.grid, wanted)
    stayed = _Stayed(given, sums[PUPIL])
    for window in windows:
        expected = stayed.expected(sums[f"{window.name}/day"], window)
        enough = OF * sums[f"{window.name}/days"].to_numpy() >= LEAST * expected
        sums = sums.with_columns(pl.Series(sent(window), (expected > 0) & enough))
    return sums.with_columns(given.pupil_days.all.pupils.gather(sums[PUPIL]).alias(PUPIL))


class _Stayed:
    """The dates of these pupils' stays: numbers of `pupils`, rows and columns of the grid.

    A pupil is at one school once: days of enrolments that overlap there count once.
    """

    def __init__(self, given: Given, pupils: pl.Series) -> None:
        grid, stays = given.grid, given.pupil_days.stays(given.as_of)
        rows = np.full(len(given.pupil_days.all.pupils), -1)
        rows[pupils.to_numpy()] = np.arange(len(pupils))
        row = rows[stays.rows[PUPIL].to_numpy()]
        place = grid.places(stays.schools)[stays.rows[SCHOOL].to_numpy()]
        begins, ends = (
            np.clip(grid.number(days), -1, grid.dates)
            for days in (stays.rows["begins"], stays.rows["ends"].fill_null(given.as_of))
        )
        order = np.argsort(row * len(grid.held) + place, kind="stable")
        order = order[row[order] >= 0]
        self.row, self.place, begins, ends = (each[order] for each in (row, place, begins, ends))
        self._grid, self.first, self.last = grid, begins, ends
        self._leave_out_again()

    def _leave_out_again(self) -> None:
        """Let stays begin after all days that earlier ones of the pupil there have."""
        stay = self.row.astype(np.int64) * self._grid.until.shape[0] + self.place
        longer = self._grid.dates + 2
        reached = np.maximum.accumulate(stay * longer + self.last + 1)
        self.first[1:] = np.maximum(self.first[1:], reached[:-1] - stay[1:] * longer)

    def expected(self, last_rows: pl.Series, window: Window) -> Numbers:
        """Return how many school days the window has for each pupil, up to the last row in it."""
        grid, (low, high) = self._grid, self._grid.bounds[window]
        last = grid.number(last_rows.fill_null(pl.date(1, 1, 1)))[self.row]
        after = np.minimum(np.minimum(self.last, high[self.place]), last) + 1
        first = np.maximum(self.first, low[self.place])
        after, first = (np.clip(each, 0, grid.dates) for each in (after, first))
        days = np.maximum(grid.until[self.place, after] - grid.until[self.place, first], 0)
        counted = np.bincount(self.row, weights=days, minlength=len(last_rows))
        return counted.astype(np.int32)
