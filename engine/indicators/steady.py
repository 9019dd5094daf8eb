"""Pupils' days as they are known in the end, and which pupils' were others on a day before.

Most of what is known of a day stays as it is. So rows are added up once, as known on the last day
asked for, and earlier days read from the same sums the rows up to them. Only pupils of whom rows
were corrected or came late, or whose school had other school days, are added up anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from engine.indicators.by_pupil import AsOf, Runs
from engine.indicators.figure import Figure
from engine.indicators.grid import Flags, Grid, Numbers
from engine.indicators.late import Late
from engine.indicators.numbered import DAY, PUPIL, SCHOOL, counted
from engine.indicators.stays import closed, in_order
from engine.registers.calendar import Calendar
from engine.registers.history import known_on
from engine.registers.numbered import Numbered
from engine.registers.schema import ENDED, RECORDED

ROWS = 400_000  # worked on at once: enough for each thread, little for memory
Figures = Mapping[str, Figure]


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
        known = known_on(as_of) & (pl.col(DAY) <= as_of)
        return self.all.only(self.all.rows.filter(known).drop(RECORDED, ENDED))

    @cached_property
    def _stays(self) -> Numbered:
        """All versions of enrolments in order, of the pupils who have days, by their numbers."""
        asked = self.enrolments.select("id", PUPIL, SCHOOL, "begins", "ends", RECORDED, ENDED)
        found = Numbered.of(in_order(asked).collect(engine="streaming"))
        numbers = self.all.pupils.alias(PUPIL).to_frame().with_row_index("number")
        mine = found.pupils.alias(PUPIL).to_frame().join(
            numbers, on=PUPIL, how="left", maintain_order="left"
        )  # fmt: skip
        number = mine["number"].gather(found.rows[PUPIL]).alias(PUPIL)
        return found.only(found.rows.with_columns(number).drop_nulls(PUPIL))

    def stays(self, as_of: date) -> Numbered:
        """Return these pupils' enrolments in order, as known when the day `as_of` ended."""
        rows = self._stays.rows.lazy().filter(known_on(as_of)).drop(RECORDED, ENDED)
        return self._stays.only(closed(rows).collect(engine="streaming"))

    def totals(self, as_of: date, grid: Grid, figures: Figures) -> pl.DataFrame:
        """Return the sums of figures for each pupil, as known when the day `as_of` ended.

        Pupils are numbers of the keys in `all.pupils`.
        """
        day = _Day(as_of, grid, grid.places(self.all.schools), self._other(grid))
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            parts = list(pool.map(lambda part: part.totals(day, figures), self._parts))
        sums: pl.DataFrame = pl.concat(parts)
        return sums

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

    Both are by the schools' numbers.
    """

    as_of: date
    grid: Grid
    places: Numbers
    other: Flags


class _Part:
    """Some pupils' days, up to the day `last`, of which `grid` is."""

    def __init__(self, days: Numbered, last: date, grid: Grid) -> None:
        self._days, self._last, self._grid = days, last, grid
        self._kept: tuple[Runs, Late] | None = None

    def totals(self, day: _Day, figures: Figures) -> pl.DataFrame:
        """Return the sums of figures for each pupil."""
        if day.as_of >= self._last and self._kept is None:
            return self._anew(self._days, day, figures)
        runs, lateness = self._kept = self._kept or self._made(figures)
        late = lateness.pupils(day.as_of, day.other)
        end = lateness.end(day.as_of, runs.pupils)
        sums = AsOf(runs, day.grid, day.places, end).totals(figures)
        if late.is_empty():
            return sums
        among = pl.col(PUPIL).is_in(late.implode())
        some = self._days.only(self._days.rows.filter(among))
        return pl.concat([sums.filter(~among), self._anew(some, day, figures)])

    def _made(self, figures: Figures) -> tuple[Runs, Late]:
        known = self._days.only(self._days.rows.filter(known_on(self._last)))
        rows = counted(known, self._grid)
        return Runs(rows, figures.values()), Late(self._days.rows, rows, self._last)

    def _anew(self, days: Numbered, day: _Day, figures: Figures) -> pl.DataFrame:
        known = days.only(days.rows.filter(known_on(day.as_of), pl.col(DAY) <= day.as_of))
        runs = Runs(counted(known, day.grid), figures.values())
        return AsOf(runs, day.grid, day.places, None).totals(figures)
