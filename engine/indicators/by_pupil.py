"""The sums of figures over rows that stand pupil by pupil and day by day.

Rows of a pupil at one school in a row are a run. A window is a stretch of each run, and what its
rows add is a difference of two running sums: so they are added up once for all windows and days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.indicators.figure import ANY_ROW, Figure, Part
from engine.indicators.grid import Grid, Numbers
from engine.indicators.numbered import DAY, PUPIL, SCHOOL
from engine.registers.calendar import Window

Column = NDArray[Any]
Rows = NDArray[np.intp]  # numbers of rows


class Runs:
    """Rows of whole pupils in order, with running sums of what they add.

    Sums wrap round at 2**32, and so do their differences: these are right, being far smaller.
    """

    def __init__(self, rows: pl.DataFrame, figures: Iterable[Figure]) -> None:
        pupil, school = rows[PUPIL].to_numpy(), rows[SCHOOL].to_numpy()
        other = np.append(True, pupil[1:] != pupil[:-1])[: rows.height]
        new = other | np.append(True, school[1:] != school[:-1])[: rows.height]
        self._start = start = np.flatnonzero(new)
        self.school, self.first = school[start], np.flatnonzero(other[start])
        self.pupils = rows[PUPIL].gather(start[self.first])
        self.day: Column = rows[DAY].to_physical().to_numpy()
        self.of_pupil = np.diff(self.first, append=len(start))  # how many runs
        low, high = (int(self.day.min()), int(self.day.max())) if len(start) else (0, 0)
        self._low, self._span = low, high - low + 2
        run = np.cumsum(new) - 1
        self._key = run * self._span + (self.day - self._low)
        self._several: dict[str, Column] = {}
        self._add_up(rows, [part for f in figures for part in f.parts.values()])

    def _add_up(self, rows: pl.DataFrame, parts: Iterable[Part]) -> None:
        """Make the running sums: before the first row, and after each."""
        different = {column(part): part for part in parts}
        self.columns = {name: n for n, name in enumerate(different)}
        values = rows.select(pl.col(PUPIL), **{n: p.what for n, p in different.items()})
        self.sums = np.zeros((rows.height + 1, len(different)), dtype=np.uint32)
        for name, n in self.columns.items():
            if different[name].kind not in ("sum", "days"):
                raise NotImplementedError(name)
            empty = False if values[name].dtype == pl.Boolean else 0
            adds = values[name].fill_null(empty).to_numpy()
            if different[name].kind == "days" and self._shared_days.any():
                self._several[name] = np.flatnonzero(adds & self._shared_days)
                adds = adds & ~self._shared_days
            self.sums[1:, n] = adds
        np.cumsum(self.sums, axis=0, out=self.sums)

    @cached_property
    def _shared_days(self) -> Column:
        """Which rows are of a calendar day on which the pupil has rows at several schools."""
        pupil = np.repeat(
            np.arange(len(self.first)), np.diff(self._start[self.first], append=len(self.day))
        )
        again = (pupil[1:] == pupil[:-1]) & (self.day[1:] == self.day[:-1])
        found = np.zeros(len(self.day), dtype=np.bool_)
        found[1:] = again
        found[:-1] |= again
        return found

    def _run(self, rows: Rows) -> Rows:
        found: Rows = np.searchsorted(self._start, rows, side="right") - 1
        return found

    def before(self, dates: Column) -> Rows:
        """Return the number of the first row that is not before its run's date (since 1970)."""
        days = np.clip(dates - self._low, 0, self._span - 1)
        found: Rows = np.searchsorted(self._key, np.arange(len(days)) * self._span + days)
        return found

    def several(self, name: str, first: Rows, after: Rows) -> Column | int:
        """Return for each pupil on how many days shared by schools a row of the stretches counts.

        `first` and `after` are where each run's stretch begins and what is after it.
        """
        if name not in self._several:
            return 0
        at = self._several[name]
        run = self._run(at)
        at = at[(first[run] <= at) & (at < after[run])]
        pupil = np.searchsorted(self.first, self._run(at), side="right") - 1
        new = np.append(True, (np.diff(pupil) > 0) | (np.diff(self.day[at]) > 0))[: len(at)]
        return np.bincount(pupil[new], minlength=len(self.first))

    def together(self, values: Column, by: np.ufunc) -> Column:
        """Return for each pupil what the values of the runs come to."""
        whole = len(self.first) == len(self.school)
        found: Column = values if whole else by.reduceat(values, self.first, axis=0)
        return found


def column(part: Part) -> str:
    """Return what tells the columns of parts apart."""
    return f"{part.kind} {part.what}"


class AsOf:
    """What the runs come to in the windows of a day: each stretch is added up once.

    `places` are rows of the grid for the schools' numbers. `end` is each pupil's first row that was
    not known yet, None where all were.
    """

    def __init__(self, runs: Runs, grid: Grid, places: Numbers, end: Rows | None) -> None:
        self._runs, self._grid, self._place = runs, grid, places[runs.school]
        self._end = None if end is None else np.repeat(end, runs.of_pupil)
        self._edges: dict[bytes, tuple[Rows, Column]] = {}
        self._stretches: dict[tuple[bytes, bytes], _Stretch] = {}

    def totals(self, figures: Mapping[str, Figure]) -> pl.DataFrame:
        """Return one row for each pupil with the columns that `aggregates` of these figures name.

        Figures have a window and parts of the kinds ``sum`` and ``days``; all rows in it count.
        """
        found = {PUPIL: self._runs.pupils}
        for name, figure in figures.items():
            if figure.window is None or not figure.rows.meta.eq(ANY_ROW):
                raise NotImplementedError(name)
            for part, each in figure.parts.items():
                windows = [window for window in (figure.window, each.window) if window]
                found[f"{name}/{part}"] = self._stretch(*windows).number(each)
            found[f"{name}/day"] = self._stretch(figure.window).last
        return pl.DataFrame(found)

    def _stretch(self, *windows: Window) -> _Stretch:
        columns = self._grid.stretch(*windows)
        name = columns[0].tobytes(), columns[1].tobytes()
        if name not in self._stretches:
            (first, before), (after, until) = map(self._edge, columns)
            self._stretches[name] = _Stretch(self._runs, first, after, until - before)
        return self._stretches[name]

    def _edge(self, columns: Numbers) -> tuple[Rows, Column]:
        """Return the first row of each run not before a column of the grid, and the sums there."""
        name = columns.tobytes()
        if name not in self._edges:
            rows = self._runs.before(columns[self._place] + self._grid.first)
            rows = rows if self._end is None else np.minimum(rows, self._end)
            self._edges[name] = rows, np.take(self._runs.sums, rows, axis=0)
        return self._edges[name]


class _Stretch:
    """The rows of each run from `first` to before `after`, and what they add."""

    def __init__(self, runs: Runs, first: Rows, after: Rows, adds: Column) -> None:
        self._runs, self._first, self._after = runs, first, after
        self._sums = runs.together(adds.astype(np.int64), np.add)

    def number(self, part: Part) -> pl.Series:
        """Return a part's number for each pupil."""
        name = column(part)
        sums = self._sums[:, self._runs.columns[name]]
        return pl.Series(sums + self._runs.several(name, self._first, self._after))

    @cached_property
    def last(self) -> pl.Series:
        """The day of each pupil's last row."""
        day = np.where(self._after > self._first, self._runs.day[self._after - 1], 0)
        latest = pl.Series(self._runs.together(day, np.maximum))  # 0 is no day of a lesson
        return latest.set(latest == 0, None).cast(pl.Date)
