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
_NONE = (1, 0)  # where a school has no such window: it ends before it begins


@dataclass(frozen=True, eq=False)
class Grid:
    """The dates from before the first school day to the as-of date, numbered from 0.

    `held` says on which dates each school has a school day; its last row is for schools without
    any. `bounds` has from and until which date each window goes at each school, both inside.
    """

    first: int
    schools: pl.DataFrame
    held: Flags
    bounds: Mapping[Window, tuple[Numbers, Numbers]]

    @classmethod
    def of(cls, calendar: Calendar, windows: Sequence[Window] = WINDOWS) -> Grid:
        """Return the grid of a calendar for these windows."""
        schools = calendar.schools.to_frame().with_row_index("place")
        none = np.zeros((1, calendar.held.shape[1]), dtype=np.bool_)
        bounds = {w: _bounds(calendar.span(w), calendar.first) for w in windows}
        return cls(calendar.first, schools, np.concatenate([calendar.held, none]), bounds)

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

    @cached_property
    def following(self) -> Numbers:
        """The next school day of each school at or after each date; where none is, past the end."""
        found = np.full((self.held.shape[0], self.dates + 1), self.dates, dtype=np.int32)
        found[:, :-1][self.held] = np.nonzero(self.held)[1]
        return np.minimum.accumulate(found[:, ::-1], axis=1)[:, ::-1]

    def stretch(self, *windows: Window) -> tuple[Numbers, Numbers]:
        """Return each school's first school day in all of these windows, and the one after them.

        Both are the same where none lies in them.
        """
        if windows not in self._stretches:
            self._stretches[windows] = self._stretch(windows)
        return self._stretches[windows]

    @cached_property
    def _stretches(self) -> dict[tuple[Window, ...], tuple[Numbers, Numbers]]:
        return {}

    def _stretch(self, windows: tuple[Window, ...]) -> tuple[Numbers, Numbers]:
        lows, highs = zip(*(self.bounds[window] for window in windows), strict=True)
        low = np.maximum.reduce(lows)
        after = np.maximum(np.minimum.reduce(highs) + 1, low)
        every = np.arange(len(low))
        first, past = (self.following[every, np.clip(e, 0, self.dates)] for e in (low, after))
        return first, past

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

    @cached_property
    def inside(self) -> Mapping[Window, Flags]:
        """For each window, school and date whether it is a school day of the window."""
        column = np.arange(self.dates)
        found = {}
        for window, sides in self.bounds.items():
            low, high = (side[:, np.newaxis] for side in sides)
            found[window] = self.held & (low <= column) & (column <= high)
        return found


def _dates(days: pl.Series) -> Numbers:
    found: Numbers = days.to_physical().to_numpy()
    return found


def _bounds(span: tuple[Numbers, Numbers], first: int) -> tuple[Numbers, Numbers]:
    begins, ends = (
        np.append(side - first, none).astype(np.int32)
        for side, none in zip(span, _NONE, strict=True)
    )
    return begins, ends
