"""Whether a pupil's attendance was sent: rows on nearly all school days of each window.

A school that sends nothing for weeks in between would look like one whose pupils miss nothing.
So a figure of attendance has a value only where the pupil's days with rows are at least nine
tenths of the school days of the window, while enrolled, up to the pupil's last row in it.
What comes after the last row is no gap: the value goes up to that day, and ages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from engine.indicators.by_pupil import Asked, Column
from engine.indicators.figure import ANY_ROW, Figure, only, tally
from engine.indicators.sources import PUPIL, Given
from engine.indicators.spans import Seen
from engine.registers.calendar import SCHOOL, Window

LEAST, OF = 9, 10  # the rest are journals not kept on a day, trips, and so on
_DAYS_WITH_ROWS = tally(ANY_ROW)


def sent(window: Window) -> str:
    """Return the name of the column that says whether a window's attendance was sent."""
    return f"{window.name}/sent"


def sent_sums(
    given: Given, figures: Mapping[str, Figure], windows: Sequence[Window]
) -> pl.DataFrame:
    """Return the cohort's sums, with a column for each window that says if its rows were sent."""
    counts = {w.name: Figure({"days": _DAYS_WITH_ROWS}, only("days"), w) for w in windows}
    asked = Asked(given.grid, {**figures, **counts})
    found = given.pupil_days.totals(given.as_of, given.grid, given.present, asked)
    stayed = _Stayed(given, found.shape[1])
    numbers = given.numbers

    def enough(window: Window) -> pl.Series:
        days, last = (found[asked.names[f"{window.name}/{part}"]] for part in ("days", "day"))
        expected = stayed.expected(last, window)
        flag = (expected > 0) & (OF * days >= LEAST * expected)
        return pl.Series(sent(window), flag.take(numbers))

    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        flags = pool.map(enough, windows)
        sums = asked.frame(found.take(numbers, axis=1))
    return sums.with_columns(flags)


class _Stayed:
    """The dates of pupils' stays: numbers of pupils, rows and columns of the grid.

    A pupil is at one school once: days of enrolments that overlap there count once.
    """

    def __init__(self, given: Given, pupils: int) -> None:
        self._pupils = pupils
        grid, stays = given.grid, given.pupil_days.stays(given.as_of)
        row = stays.rows[PUPIL].to_numpy().astype(np.int64)
        place = grid.places(stays.schools)[stays.rows[SCHOOL].to_numpy()]
        begins, ends = (
            np.clip(grid.number(days), -1, grid.dates)
            for days in (stays.rows["begins"], stays.rows["ends"].fill_null(given.as_of))
        )
        order = np.argsort(row * len(grid.held) + place, kind="stable")
        of_stays: tuple[Column, ...] = row, place, begins, ends
        self.row, self.place, self.first, self.last = (each[order] for each in of_stays)
        self._grid = grid
        self._seen = Seen(self.place, given.present[self.row])
        self._until, self._line = grid.until.ravel(), self.place * grid.until.shape[1]
        self._leave_out_again()

    def _leave_out_again(self) -> None:
        """Let stays begin after all days that earlier ones of the pupil there have."""
        stay = self.row * self._grid.until.shape[0] + self.place
        longer = self._grid.dates + 2
        reached = np.maximum.accumulate(stay * longer + self.last + 1)
        self.first[1:] = np.maximum(self.first[1:], reached[:-1] - stay[1:] * longer)

    def expected(self, last_rows: Column, window: Window) -> Column:
        """Return how many school days the window has for each pupil, up to the last row in it."""
        grid = self._grid
        first, after = self._seen.stretch(grid.stretch(window))
        last = np.minimum(last_rows.take(self.row) - grid.first, self.last)
        after = np.clip(last + 1, 0, after)
        first = np.clip(self.first, first, grid.dates)
        days = self._until.take(self._line + after) - self._until.take(self._line + first)
        return np.bincount(self.row, np.maximum(days, 0), self._pupils).astype(np.int32)
