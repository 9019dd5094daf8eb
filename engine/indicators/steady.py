"""Pupils' days as they are known in the end, and which pupils' were others on a day before.

Most of what is known of a day stays as it is. So rows are added up once, as known on the last day
asked for, and earlier days read from the same sums the rows up to them. Only pupils of whom rows
were corrected or came late, or whose school had other school days, are added up anew.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from engine.indicators.by_pupil import Asked, Column, Runs
from engine.indicators.grid import Flags, Grid, Numbers
from engine.indicators.late import Late
from engine.indicators.numbered import DAY, PUPIL, SCHOOL, counted
from engine.indicators.stays import closed, in_order
from engine.registers.calendar import Calendar
from engine.registers.history import known_on
from engine.registers.numbered import Numbered
from engine.registers.schema import ENDED, RECORDED

STAY = "stay"  # the number of an enrolment
ROWS = 400_000  # worked on at once: enough for each thread, little for memory


@dataclass(frozen=True, eq=False)
class PupilDays:
    """Versions of pupils' days up to the day of `calendar` at least, read when first asked for.

    They stand pupil by pupil and day by day. `enrolments` are all versions of the pupils' own.
    """

    versions: Callable[[], Numbered]
    enrolments: pl.LazyFrame
    calendar: Calendar

    @cached_property
    def grid(self) -> Grid:
        """The grid of the last day's calendar."""
        return Grid.of(self.calendar)

    @cached_property
    def all(self) -> Numbered:
        """All of them, numbered."""
        return self.versions()

    @cached_property
    def _parts(self) -> list[_Part]:
        return [_Part(part, self.calendar.as_of, self.grid) for part in self.all.parts(ROWS)]

    def known(self, as_of: date) -> Numbered:
        """Return them as they were known when the day `as_of` ended."""
        known = _known(self.all, as_of)
        return known.only(known.rows.drop(RECORDED, ENDED))

    @cached_property
    def _in_order(self) -> pl.DataFrame:
        found = in_order(self.enrolments).with_row_index(STAY)
        return found.collect(engine="streaming")

    def enrolments_known(self, as_of: date) -> pl.LazyFrame:
        """Return the enrolments known when the day `as_of` ended, in order and numbered."""
        return self._in_order.lazy().filter(known_on(as_of)).drop(RECORDED, ENDED)

    @cached_property
    def numbers(self) -> pl.Series:
        """The number of each enrolment's pupil, one that no pupil has where there are no days."""
        numbers = self.all.pupils.alias(PUPIL).to_frame().lazy().with_row_index("number")
        mine, numbers = (
            each.set_sorted(PUPIL) for each in (self._in_order.lazy().select(PUPIL), numbers)
        )
        joined = mine.join(numbers, on=PUPIL, how="left", maintain_order="left")
        found = joined.collect(engine="streaming")
        return found["number"].fill_null(len(self.all.pupils))

    @cached_property
    def _every_stay(self) -> Numbered:
        """All versions of enrolments by their numbers, with those of the pupils who have days."""
        asked = self._in_order.select(PUPIL, SCHOOL, "begins", "ends", RECORDED, ENDED)
        found = Numbered.of(asked)
        return found.only(found.rows.with_columns(self.numbers.alias(PUPIL)))

    @cached_property
    def _stays(self) -> Numbered:
        """All versions of enrolments of the pupils who have days."""
        found = self._every_stay
        return found.only(found.rows.filter(pl.col(PUPIL) < len(self.all.pupils)))

    def present(self, stays: pl.Series, grid: Grid) -> Numbers:
        """Return the rows of the grid of these enrolments' schools, by their pupils' numbers.

        That of pupils who have none of them is -1.
        """
        found = np.full(len(self.all.pupils) + 1, -1, dtype=np.int32)
        pupil, school = self._every_stay.rows.select(PUPIL, SCHOOL)[stays]
        found[pupil.to_numpy()] = grid.places(self._every_stay.schools)[school.to_numpy()]
        return found

    def stays(self, as_of: date) -> Numbered:
        """Return these pupils' enrolments in order, as known when the day `as_of` ended."""
        rows = self._stays.rows.lazy().filter(known_on(as_of)).drop(RECORDED, ENDED)
        return self._stays.only(closed(rows).collect(engine="streaming"))

    def totals(self, as_of: date, grid: Grid, present: Numbers, asked: Asked) -> Column:
        """Return the answers to what is asked of each pupil, as known when the day `as_of` ended.

        `present` is where pupils are that day. Columns are pupils by their numbers; a last one, for
        pupils without days, is nothing.
        """
        places = grid.places(self.all.schools)
        day = _Day(as_of, grid, places, present, self._other(grid), asked)
        found = np.zeros((len(asked), len(self.all.pupils) + 1), dtype=np.int32)
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            list(pool.map(lambda part: part.totals(day, found), self._parts))
        return found

    def _other(self, grid: Grid) -> Flags:
        """Return for each school whether it had other school days up to the grid's last date."""
        if grid is self.grid:
            return np.zeros(len(self.all.schools), dtype=np.bool_)
        dates = min(grid.first, self.grid.first), grid.first + grid.dates - 1
        then, now = (each.of_schools(self.all.schools, *dates) for each in (grid, self.grid))
        found: Flags = (then != now).any(axis=1)
        return found


@dataclass(frozen=True, eq=False)
class _Day:
    """A day asked for; `places` are rows of its grid, `other` schools that had other school days.

    Both are by the schools' numbers. `present` are rows of the grid by pupils' numbers. `asked` is
    what is to be found.
    """

    as_of: date
    grid: Grid
    places: Numbers
    present: Numbers
    other: Flags
    asked: Asked


class _Part:
    """Some pupils' days, up to the day `last`, of which `grid` is."""

    def __init__(self, days: Numbered, last: date, grid: Grid) -> None:
        self._days, self._last, self._grid = days, last, grid
        self._kept: tuple[Runs, Late] | None = None

    def totals(self, day: _Day, found: Column) -> None:
        """Write what is asked of each pupil."""
        if day.as_of >= self._last and self._kept is None:
            self._anew(self._days, day, found)
            return
        runs, lateness = self._kept = self._kept or self._made(day.asked)
        late = lateness.pupils(day.as_of, day.other)
        if len(runs.pupils):
            end = lateness.end(day.as_of, runs.pupils)
            runs.answer(day.asked, day.places, day.present, end, found)
        if len(late):
            found[:, late] = 0
            some = self._days.rows.filter(pl.col(PUPIL).is_in(pl.Series(late).implode()))
            self._anew(self._days.only(some), day, found)

    def _made(self, asked: Asked) -> tuple[Runs, Late]:
        known = _known(self._days, self._last)
        rows = counted(known, self._grid, self._grid.places(known.schools))
        return Runs(rows, asked.parts), Late(self._days.rows, rows, self._last)

    def _anew(self, days: Numbered, day: _Day, found: Column) -> None:
        rows = counted(_known(days, day.as_of), day.grid, day.places)
        runs = Runs(rows, day.asked.parts)
        if len(runs.pupils):
            runs.answer(day.asked, day.places, day.present, None, found)


def _known(days: Numbered, as_of: date) -> Numbered:
    """Return the days as they were known when the day `as_of` ended, up to that day."""
    return days.only(days.rows.filter(known_on(as_of), pl.col(DAY) <= as_of))
