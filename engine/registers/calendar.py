"""School days as known on a day, and the windows that are counted in them.

A window ends at the as-of date, or before the school days that it skips. Only school days count:
weekends, holidays and closed days are no rows of the register ``school_days``. Where there are
fewer school days than a window asks for, nobody knows what came before them, so the school has no
such window. A semester or school year is the one that contains the date; between two of them, and
until the school's first day of the next, it is the one that ended last. A school without a calendar
has no windows in days. A merged school goes on by the calendar of its successor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, assert_never

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.registers.history import History
from engine.text import Text

SCHOOL, DAY, BEGINS, ENDS = "school", "day", "begins", "ends"
EPOCH, NEVER = date(1970, 1, 1), 1_000_000
MERGERS = 4  # a school merged into one that merged, and so on
Dates = NDArray[Any]  # whole numbers
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """The `last` school days up to and including the date, less the `skipped` newest of them."""

    name: str
    words: Text
    last: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class SchoolWeeks:
    """The `last` calendar weeks (from Monday) that have a school day, the present one included."""

    name: str
    words: Text
    last: int


@dataclass(frozen=True, slots=True)
class Session:
    """The academic session of a `type` in which the date lies, or that ended last before it."""

    name: str
    words: Text
    type: str


@dataclass(frozen=True, slots=True)
class Months:
    """The `last` calendar months up to and including the date."""

    name: str
    words: Text
    last: int


Window = SchoolDays | SchoolWeeks | Session | Months

DAYS_45 = SchoolDays("days_45", Text("pēdējās 45 mācību dienas", "the last 45 school days"), 45)
DAYS_40 = SchoolDays("days_40", Text("pēdējās 40 mācību dienas", "the last 40 school days"), 40)
DAYS_20 = SchoolDays("days_20", Text("pēdējās 20 mācību dienas", "the last 20 school days"), 20)
EARLIER_20 = SchoolDays(
    "earlier_20",
    Text("20 mācību dienas pirms pēdējām 20", "the 20 school days before the last 20"),
    40,
    20,
)
WEEKS_4 = SchoolWeeks("weeks_4", Text("4 mācību nedēļas", "4 school weeks"), 4)
SEMESTER = Session("semester", Text("semestris", "the semester"), "semester")
YEAR = Session("year", Text("mācību gads", "the school year"), "school_year")
MONTHS_12 = Months("months_12", Text("pēdējie 12 mēneši", "the last 12 months"), 12)
WINDOWS: tuple[Window, ...] = (
    DAYS_45, DAYS_40, DAYS_20, EARLIER_20, WEEKS_4, SEMESTER, YEAR, MONTHS_12,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Calendar:
    """What is known of the schools' days when the day `as_of` ends.

    Dates are numbers of days since 1970. `held` says for each of `schools` and each date from
    `first` to `as_of` whether it is a school day; the date `first` is none. `goes_on` says which
    schools have days after `as_of`. `sessions` has the academic sessions of each school (school,
    type, begins, ends), those that hold for all schools included.
    """

    as_of: date
    schools: pl.Series
    first: int
    held: Flags
    goes_on: Flags
    sessions: pl.DataFrame

    @classmethod
    def known(cls, history: History, as_of: date) -> Calendar:
        """Return the calendar as it was known when the day `as_of` ended."""
        known = history.known(as_of)
        of_sessions = known["sessions"].select(SCHOOL, pl.col("type").cast(pl.String), BEGINS, ENDS)
        asked = [days_of_schools(known), known["orgs"].select("id"), of_sessions]
        days, orgs, sessions = pl.collect_all(asked, engine="streaming")
        runs = days[SCHOOL].rle().struct.unnest()
        named = [runs["value"], orgs["id"], sessions[SCHOOL].drop_nulls()]
        schools = pl.concat([each.alias(SCHOOL) for each in named]).unique().sort()
        number = runs["value"].cast(pl.Enum(schools)).to_physical()
        place, day = np.repeat(number.to_numpy(), runs["len"]), numbers(days[DAY])
        last = (as_of - EPOCH).days
        first = int(day.min(initial=last)) - 1
        held = np.zeros((len(schools), last - first + 1), dtype=np.bool_)
        past = day <= last
        held[place[past], day[past] - first] = True
        goes_on = np.zeros(len(schools), dtype=np.bool_)
        goes_on[place[~past]] = True
        return cls(as_of, schools, first, held, goes_on, _of_schools(sessions, schools))

    def earlier(self, history: History, as_of: date) -> Calendar:
        """Return the calendar as it was known on a day before: the same, if nothing changed since.

        `history` is that of which this one was made.
        """
        if history.changed(("orgs", "sessions", "school_days"), as_of, self.as_of):
            return Calendar.known(history, as_of)
        after = max((as_of - EPOCH).days - self.first + 1, 1)
        goes_on = self.goes_on | self.held[:, after:].any(axis=1)
        return replace(self, as_of=as_of, held=self.held[:, :after], goes_on=goes_on)

    @cached_property
    def _days(self) -> tuple[Dates, Dates]:
        """The school days up to and including the as-of date, in order: schools' numbers, dates."""
        place, column = np.nonzero(self.held)
        return place, column + self.first

    @cached_property
    def past(self) -> pl.DataFrame:
        """The school days up to and including the as-of date, in order: school, day."""
        place, day = self._days
        return pl.DataFrame({SCHOOL: self.schools.gather(place), DAY: _dated(day)})

    def bounds(self, window: Window) -> pl.DataFrame:
        """Return from when to when the window goes in each school that has one.

        Columns: school, begins, ends; both days are inside.
        """
        begins, ends = self.span(window)
        sides = {SCHOOL: self.schools, BEGINS: _dated(begins), ENDS: _dated(ends)}
        return pl.DataFrame(sides).filter(pl.Series(begins <= ends))

    def span(self, window: Window) -> tuple[Dates, Dates]:
        """Return on which dates the window begins and ends in each school, both inside.

        Where a school has no such window it begins after it ends.
        """
        ends = np.full(len(self.schools), (self.as_of - EPOCH).days)
        match window:
            case SchoolDays():
                if window.skipped:
                    ends = self._newest(window.skipped, -NEVER) - 1
                return self._newest(window.last), ends
            case SchoolWeeks():
                return self._newest_week(window.last), ends
            case Session():
                return self._session(window.type, ends)
            case Months():
                begins = pl.select(
                    pl.lit(self.as_of).dt.offset_by(f"-{window.last}mo").dt.offset_by("1d")
                ).to_series()
                there = self.held.any(axis=1) | self.goes_on
                there[self._place(self.sessions)] = True
                return np.where(there, numbers(begins), NEVER), ends
            case _:
                assert_never(window)

    def _newest(self, number: int, none: int = NEVER) -> Dates:
        return _newest(*self._days, len(self.schools), number, none)

    def _newest_week(self, number: int) -> Dates:
        place, day = self._days
        week = (day + 3) // 7  # the first of January 1970 was a Thursday
        new = np.append(True, (np.diff(place) != 0) | (np.diff(week) != 0))[: len(day)]
        monday = 7 * week[new] - 3
        return _newest(place[new], monday, len(self.schools), number, NEVER)

    def _session(self, kind: str, last: Dates) -> tuple[Dates, Dates]:
        begun = self.sessions.filter(pl.col("type") == kind, pl.col(BEGINS) <= self.as_of)
        begun = begun.sort(BEGINS, ENDS)
        place, begins, ends = self._place(begun), numbers(begun[BEGINS]), numbers(begun[ENDS])
        started = (self._newest(1, -NEVER)[place] >= begins) | ~self.goes_on[place]
        sides = np.full_like(last, NEVER), last.copy()
        for side, value in zip(sides, (begins, np.minimum(ends, last[place])), strict=True):
            side[place[started]] = value[started]  # of several the last
        return sides

    def _place(self, rows: pl.DataFrame) -> Dates:
        """Return the numbers of the rows' schools."""
        return rows[SCHOOL].cast(pl.Enum(self.schools)).to_physical().to_numpy()


def numbers(days: pl.Series) -> Dates:
    """Return days as numbers of days since 1970."""
    found: Dates = days.to_physical().to_numpy()
    return found


def _dated(numbers: Dates) -> pl.Series:
    return pl.Series(numbers, dtype=pl.Int32).cast(pl.Date)


def _newest(place: Dates, day: Dates, places: int, number: int, none: int) -> Dates:
    """Return of each place the day with this number, counted from its newest; days are in order."""
    count = np.bincount(place, minlength=places)
    enough = count >= number
    found = np.full(places, none)
    found[enough] = day[np.cumsum(count)[enough] - number]
    return found


def days_of_schools(known: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return each school's days, some maybe twice.

    A merged school has those of its successor after the merger, and so on where that one merged.
    """
    own = known["school_days"].select(SCHOOL, DAY)
    merged = known["orgs"].filter(
        pl.col("successor").is_not_null(), pl.col("succeeded_on").is_not_null()
    )
    steps = [merged.select(pl.col("id").alias("merged"), "successor", "succeeded_on")]
    for _ in range(MERGERS - 1):
        step = steps[-1].join(steps[0], left_on="successor", right_on="merged", suffix="_next")
        since = pl.max_horizontal("succeeded_on", "succeeded_on_next").alias("succeeded_on")
        steps.append(step.select("merged", pl.col("successor_next").alias("successor"), since))
    after = (
        own.join(pl.concat(steps), left_on=SCHOOL, right_on="successor")
        .filter(pl.col(DAY) >= pl.col("succeeded_on"))
        .select(pl.col("merged").alias(SCHOOL), DAY)
    )
    return pl.concat([own, after])


def _of_schools(sessions: pl.DataFrame, schools: pl.Series) -> pl.DataFrame:
    """Return each school's sessions: its own, and the common ones that no own one replaces.

    A school's own session replaces the common ones of its type with which it shares a day.
    """
    own = sessions.filter(pl.col(SCHOOL).is_not_null())
    common = sessions.filter(pl.col(SCHOOL).is_null()).drop(SCHOOL)
    each = schools.to_frame().join(common, how="cross").select(sessions.columns)
    shared = each.join(own, on=[SCHOOL, "type"], suffix="_own").filter(
        pl.col(BEGINS) <= pl.col("ends_own"), pl.col("begins_own") <= pl.col(ENDS)
    )
    return pl.concat([own, each.join(shared, on=sessions.columns, how="anti")])
