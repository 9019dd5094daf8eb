"""The sums of figures over rows that stand pupil by pupil and day by day.

Rows of a pupil at one school in a row are a run. A window is a stretch of each run, and what its
rows add is a difference of two running sums: so they are added up once for all windows and days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.indicators.figure import ANY_ROW, Figure, Part
from engine.indicators.grid import Grid, Numbers
from engine.indicators.numbered import DAY, PUPIL, SCHOOL, changed
from engine.indicators.spans import Seen
from engine.registers.calendar import Window

Column = NDArray[Any]
Rows = NDArray[np.intp]  # numbers of rows
LAST = "the last day"
_ALL = slice(None)
_TAKEN = (
    "a figure of attendance has a window, neither `rows` nor `until`, and parts of the kinds 'sum'"
    " and 'days' alone; put other rows' conditions into `what` of its parts, or give it a source of"
    " its own in engine.indicators.table"
)
_BIT = 2.0 ** np.arange(32)  # of a word
_BELOW = (1 << np.arange(32, dtype=np.uint32)) - 1


class Asked:
    """What figures ask of the windows of a day: each stretch between two dates is read once.

    Figures have a window and parts of the kinds ``sum`` and ``days``, of whole numbers; all rows in
    it count, and the value goes up to the last of them. `edges` are dates since 1970 by rows of the
    grid. `stretches` have for each two of them what is asked: columns of runs or `LAST`, with the
    numbers of the answers. `names` are those by the columns that `aggregates` of the figures name.
    Raises `ValueError`, naming it, for any other figure.
    """

    def __init__(self, grid: Grid, figures: Mapping[str, Figure]) -> None:
        self._grid = grid
        self.parts = {column(part): part for f in figures.values() for part in f.parts.values()}
        self.edges: list[Numbers] = []
        self.names: dict[str, int] = {}
        self.stretches: dict[tuple[int, int], dict[str, int]] = {}
        self._edge: dict[bytes, int] = {}
        for name, figure in figures.items():
            if figure.window is None or not _of_all_rows(figure):
                raise ValueError(f"{name}: {_TAKEN}")
            for part, each in figure.parts.items():
                windows = [window for window in (figure.window, each.window) if window]
                self._ask(f"{name}/{part}", column(each), windows)
            self._ask(f"{name}/day", LAST, [figure.window])

    def __len__(self) -> int:
        """Return how many answers there are."""
        return sum(map(len, self.stretches.values()))

    def frame(self, answers: Column) -> pl.DataFrame:
        """Return the answers under their names; day 0 is none."""
        columns = [pl.Series(each) for each in answers]
        for wanted in self.stretches.values():
            if LAST in wanted:
                day = columns[wanted[LAST]]
                columns[wanted[LAST]] = day.set(day == 0, None).cast(pl.Date)
        return pl.DataFrame({name: columns[n] for name, n in self.names.items()})

    def _ask(self, name: str, what: str, windows: Iterable[Window]) -> None:
        first, after = map(self._number, self._grid.stretch(*windows))
        wanted = self.stretches.setdefault((first, after), {})
        self.names[name] = wanted.setdefault(what, len(self))

    def _number(self, columns: Numbers) -> int:
        number = self._edge.setdefault(columns.tobytes(), len(self.edges))
        if number == len(self.edges):
            self.edges.append(columns + self._grid.first)
        return number


class Runs:
    """Rows of whole pupils in order, with running sums of what they add.

    What a row adds to several columns are digits of one number. So are differences of the running
    sums, though these grow beyond all digits: what a pupil's rows come to is small enough.
    """

    def __init__(self, rows: pl.DataFrame, parts: Mapping[str, Part]) -> None:
        pupil, school, day = (rows[n].to_physical().to_numpy() for n in (PUPIL, SCHOOL, DAY))
        other = changed(pupil)
        self._start = start = np.flatnonzero(other | changed(school))
        self.first = np.flatnonzero(other[start])
        self.school, self.pupils, self.day = school[start], pupil[start[self.first]], day
        self._several: dict[str, Rows] = {}
        self._mark_days(np.diff(start, append=len(day)))
        self._add_up(rows, parts)

    def _mark_days(self, lengths: Column) -> None:
        """Mark the dates of each run as bits of words, and count the rows before each word."""
        self._low = int(self.day.min(initial=2**30))
        date = self.day - self._low
        self._after = int(date.max(initial=-1)) + 1
        words = (self._after >> 5) + 1
        self._word = np.arange(0, len(lengths) * words, words)
        at = np.repeat(self._word, lengths) + (date >> 5)
        marks = np.bincount(at, _BIT[date & 31], len(lengths) * words)
        self._marks = marks.astype(np.uint32)
        count = np.bitwise_count(self._marks)
        self._rows = np.cumsum(count, dtype=np.intp) - count

    def _add_up(self, rows: pl.DataFrame, parts: Mapping[str, Part]) -> None:
        """Make the running sums: before the first row, and after each."""
        self._columns = {name: n for n, name in enumerate(parts)}
        values = rows.select(pl.col(PUPIL), **{n: part.what for n, part in parts.items()})
        shared = self._shared_days()
        adds = []
        for name, part in parts.items():
            empty = False if values[name].dtype == pl.Boolean else 0
            adds.append(values[name].fill_null(empty).to_numpy())
            if part.kind == "days" and shared is not None:
                self._several[name] = np.flatnonzero(adds[-1] & shared)
                adds[-1] = adds[-1] & ~shared
        longest = int(np.diff(self._start[self.first], append=rows.height).max(initial=0))
        most = longest * max((int(each.max(initial=0)) for each in adds), default=0)
        self._digit = np.dtype(np.uint16 if most < 2**16 else np.uint32)
        self._digits = 8 // self._digit.itemsize  # of a number
        numbers = -(-len(adds) // self._digits)
        digits = np.zeros((numbers, rows.height + 1, self._digits), self._digit)
        for n, each in enumerate(adds):
            digits[n // self._digits, 1:, n % self._digits] = each
        self._sums = digits.view(np.uint64)[..., 0]
        np.cumsum(self._sums, axis=1, out=self._sums)

    def _shared_days(self) -> Column | None:
        """Return which rows are of a calendar day on which the pupil has rows at several schools.

        None where no pupil has rows at several schools.
        """
        if len(self.first) == len(self._start):
            return None
        rows = np.diff(self._start[self.first], append=len(self.day))
        pupil = np.repeat(np.arange(len(rows)), rows)
        again = (pupil[1:] == pupil[:-1]) & (self.day[1:] == self.day[:-1])
        found: Column = np.append(False, again) | np.append(again, False)
        return found

    def answer(
        self, asked: Asked, places: Numbers, present: Numbers, end: Rows | None, found: Column
    ) -> None:
        """Write the answers into the rows of `found`, which has a column for each pupil's number.

        Rows of the grid are `places` for the schools' numbers, and `present`, where pupils are now,
        for theirs. `end` is each pupil's first row that was not known yet, None where all were.
        """
        seen = Seen(places[self.school], self._of_runs(present[self.pupils]))
        end = None if end is None else self._of_runs(end)
        dates = np.array(asked.edges)
        rows = self._before(dates, seen.place, end)
        edges = np.array([each.take(rows) for each in self._sums])
        now = self._before(dates, seen.now, end, seen.moved) if len(seen.moved) else rows
        for (low, high), wanted in asked.stretches.items():
            first, after = seen.narrowed((rows[low], rows[high]), (now[low], now[high]))
            adds = edges[:, high] - edges[:, low]
            if len(seen.moved):
                ends, begins = (self._sums[:, side[seen.moved]] for side in (after, first))
                adds[:, seen.moved] = ends - begins
            sums = self._together(adds, np.add).view(self._digit)
            for what, number in wanted.items():
                if what == LAST:
                    found[number, self._pupils] = self._last(first, after)
                    continue
                n, digit = divmod(self._columns[what], self._digits)
                found[number, self._pupils] = sums[n, digit :: self._digits]
                if what in self._several:
                    found[number, self._pupils] += self._on_several(what, first, after)

    @property
    def _pupils(self) -> slice | Column:
        """Where the pupils' numbers are."""
        low, high = int(self.pupils[0]), int(self.pupils[-1]) + 1
        return slice(low, high) if high - low == len(self.pupils) else self.pupils

    def _of_runs(self, values: Column) -> Column:
        """Return pupils' values for their runs."""
        whole = len(self.first) == len(self._start)
        return values if whole else values.repeat(np.diff(self.first, append=len(self._start)))

    def _before(
        self, dates: Numbers, place: Numbers, end: Rows | None, runs: Rows | slice = _ALL
    ) -> Rows:
        """Return the first row of each of the runs that is not before its place's dates.

        It is at most the run's in `end`.
        """
        date = np.clip(dates - self._low, 0, self._after)
        at = self._word[runs] + (date >> 5).take(place, axis=1)
        below = self._marks.take(at) & _BELOW[date & 31].take(place, axis=1)
        rows: Rows = self._rows.take(at) + np.bitwise_count(below)
        return rows if end is None else np.minimum(rows, end[runs])

    def _on_several(self, name: str, first: Rows, after: Rows) -> Column:
        """Return for each pupil on how many days shared by schools a row of the stretches counts.

        `first` and `after` are where each run's stretch begins and what is after it.
        """
        at = self._several[name]
        run = np.searchsorted(self._start, at, side="right") - 1
        inside = (first[run] <= at) & (at < after[run])
        at, run = at[inside], run[inside]
        pupil = np.searchsorted(self.first, run, side="right") - 1
        new = changed(pupil) | changed(self.day[at])
        found: Column = np.bincount(pupil[new], minlength=len(self.first))
        return found

    def _last(self, first: Rows, after: Rows) -> Column:
        """Return the day of each pupil's last row in the stretches, 0 where there is none."""
        day = np.where(after > first, self.day.take(after - 1), 0)  # no lesson was on day 0
        return self._together(day, np.maximum)

    def _together(self, values: Column, by: np.ufunc) -> Column:
        """Return for each pupil what the values of the runs come to."""
        whole = len(self.first) == len(self._start)
        found: Column = values if whole else by.reduceat(values, self.first, axis=-1)
        return found


def _of_all_rows(figure: Figure) -> bool:
    kinds = {part.kind for part in figure.parts.values()}
    return figure.rows.meta.eq(ANY_ROW) and figure.until is None and kinds <= {"sum", "days"}


def column(part: Part) -> str:
    """Return what tells the columns of parts apart."""
    return f"{part.kind} {part.what}"
