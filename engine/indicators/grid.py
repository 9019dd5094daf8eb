"""The schools' days and windows as a grid: a row for each school, a column for each date.

Looking a pupil's day up in a grid costs a fraction of a join on the school's key and the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.indicators.spans import Stretch, common
from engine.registers.calendar import (
    DAYS_20,
    DAYS_40,
    DAYS_45,
    EARLIER_20,
    SCHOOL,
    SEMESTER,
    WEEKS_4,
    YEAR,
    Calendar,
    Window,
)

WINDOWS = (DAYS_45, DAYS_40, DAYS_20, EARLIER_20, WEEKS_4, SEMESTER, YEAR)  # of attendance
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Grid:
    """The dates from before the first school day to the as-of date, numbered from 0.

    `held` says on which dates each school has a school day; its last row is for schools without
    any. `stretches` has for each window its first date at each school and the one after it; both
    are the same where there is no such window.
    """

    first: int
    schools: pl.DataFrame
    held: Flags
    stretches: Mapping[Window, Stretch]

    @classmethod
    def of(cls, calendar: Calendar, windows: Sequence[Window] = WINDOWS) -> Grid:
        """Return the grid of a calendar for these windows."""
        schools = calendar.schools.to_frame().with_row_index("place")
        none = np.zeros((1, calendar.held.shape[1]), dtype=np.bool_)
        stretches = {w: _stretch(calendar, w) for w in windows}
        return cls(calendar.first, schools, np.concatenate([calendar.held, none]), stretches)

    @property
    def dates(self) -> int:
        """How many dates there are."""
        return len(self.held[0])

    @cached_property
    def until(self) -> Numbers:
        """How many school days each school has before each date, and before the next at the end."""
        counted = np.zeros((self.held.shape[0], self.dates + 1), dtype=np.int32)
        np.cumsum(self.held, axis=1, out=counted[:, 1:])
        return counted

    def stretch(self, *windows: Window) -> Stretch:
        """Return each school's first date in all of these windows, and the one after them.

        Both are the same where none lies in them.
        """
        return common(*(self.stretches[window] for window in windows))

    def of_schools(self, schools: pl.Series, first: int, last: int) -> Flags:
        """Return on which of the dates from `first` to `last` (days since 1970) each is held."""
        found = np.zeros((len(schools), last - first + 1), dtype=np.bool_)
        low, high = max(first, self.first), min(last + 1, self.first + self.dates)
        if low < high:
            mine = self.held[self.places(schools), low - self.first : high - self.first]
            found[:, low - first : high - first] = mine
        return found

    def places(self, schools: pl.Series) -> Numbers:
        """Return the row of each of these schools."""
        found = schools.alias(SCHOOL).to_frame().join(
            self.schools, on=SCHOOL, how="left", maintain_order="left"
        )  # fmt: skip
        return found["place"].fill_null(self.schools.height).to_numpy().astype(np.int32)

    def number(self, days: pl.Series) -> Numbers:
        """Return the columns of days, which may lie outside."""
        return _dates(days) - self.first


def _dates(days: pl.Series) -> Numbers:
    found: Numbers = days.to_physical().to_numpy()
    return found


def _stretch(calendar: Calendar, window: Window) -> Stretch:
    begins, ends = calendar.span(window)
    dates = calendar.held.shape[1]
    sides = (np.append(side - calendar.first, dates) for side in (begins, ends + 1))
    first, after = (np.clip(side, 0, dates).astype(np.int32) for side in sides)
    return first, np.maximum(after, first)
