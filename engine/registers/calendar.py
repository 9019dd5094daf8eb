"""School days as known on a day, and the windows that are counted in them.

A window ends at the as-of date or before. Only school days count: weekends, holidays and closed
days are no rows of the register ``school_days``. Where there are fewer school days than a window
asks for, nobody knows what came before them, so the school has no such window. A semester or
school year is the one that contains the date; between two of them, and until the school's first
day of the next, it is the one that ended last. A school without a calendar has no windows in days.
A merged school goes on by the calendar of its successor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import assert_never

import polars as pl

from engine.registers.history import History
from engine.text import Text

SCHOOL, DAY, BEGINS, ENDS = "school", "day", "begins", "ends"


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


@dataclass(frozen=True)
class Calendar:
    """What is known of the schools' days when the day `as_of` ends.

    `days` has each school day of each school once, later days too; `sessions` has the academic
    sessions of each school (school, type, begins, ends), those that hold for all schools included.
    """

    as_of: date
    days: pl.DataFrame
    sessions: pl.DataFrame

    @classmethod
    def known(cls, history: History, as_of: date) -> Calendar:
        """Return the calendar as it was known when the day `as_of` ended."""
        known = history.known(as_of)
        schools = pl.concat(
            [known["orgs"].select(pl.col("id").alias(SCHOOL)), known["school_days"].select(SCHOOL)]
        )
        days, sessions = pl.collect_all(
            [days_of_schools(known), _sessions(known, schools.unique())], engine="streaming"
        )
        return cls(as_of, days, sessions)

    def earlier(self, history: History, as_of: date) -> Calendar:
        """Return the calendar as it was known on a day before: the same, if nothing changed since.

        `history` is that of which this one was made.
        """
        if history.changed(("orgs", "sessions", "school_days"), as_of, self.as_of):
            return Calendar.known(history, as_of)
        return replace(self, as_of=as_of)

    @cached_property
    def past(self) -> pl.DataFrame:
        """The school days up to and including the as-of date, in order."""
        return self.days.filter(pl.col(DAY) <= self.as_of)

    def bounds(self, window: Window) -> pl.DataFrame:
        """Return from when to when the window goes in each school that has one.

        Columns: school, begins, ends; both days are inside.
        """
        match window:
            case SchoolDays():
                return self._last_days(window)
            case SchoolWeeks():
                return self._last_weeks(window)
            case Session():
                return self._session(window)
            case Months():
                return self._months(window)
            case _:
                assert_never(window)

    def inside(self, windows: Iterable[Window]) -> pl.DataFrame:
        """Return the school days that lie in any of the windows: school, day, one flag a window."""
        found = self.past
        names = []
        for window in windows:
            bounds = self.bounds(window).rename({BEGINS: "_begins", ENDS: "_ends"})
            flag = pl.col(DAY).is_between("_begins", "_ends").fill_null(value=False)
            found = found.join(bounds, on=SCHOOL, how="left").with_columns(flag.alias(window.name))
            found = found.drop("_begins", "_ends")
            names.append(window.name)
        return found.filter(pl.any_horizontal(names))

    def _last_days(self, window: SchoolDays) -> pl.DataFrame:
        newest = pl.col(DAY).sort(descending=True)
        return (
            self.past.group_by(SCHOOL)
            .agg(
                newest.get(window.last - 1, null_on_oob=True).alias(BEGINS),
                newest.get(window.skipped, null_on_oob=True).alias(ENDS),
            )
            .drop_nulls()
        )

    def _last_weeks(self, window: SchoolWeeks) -> pl.DataFrame:
        weeks = self.past.group_by(SCHOOL, pl.col(DAY).dt.truncate("1w").alias("week")).agg(
            pl.col(DAY).min()
        )
        newest = pl.col(DAY).sort(descending=True)
        return (
            weeks.group_by(SCHOOL)
            .agg(newest.get(window.last - 1, null_on_oob=True).alias(BEGINS))
            .drop_nulls()
            .with_columns(pl.lit(self.as_of).alias(ENDS))
        )

    def _session(self, window: Session) -> pl.DataFrame:
        begun = self.sessions.filter(
            pl.col("type") == window.type, pl.col(BEGINS) <= self.as_of
        ).drop("type")
        later = self.days.sort(DAY)
        first = begun.sort(BEGINS).join_asof(
            later,
            left_on=BEGINS,
            right_on=DAY,
            by=SCHOOL,
            strategy="forward",
            check_sortedness=False,
        )
        started = (pl.col(DAY) <= self.as_of) | pl.col(DAY).is_null()
        return (
            first.filter(started)
            .sort(BEGINS, ENDS)
            .group_by(SCHOOL)
            .agg(pl.col(BEGINS).last(), pl.col(ENDS).last().clip(upper_bound=self.as_of))
        )

    def _months(self, window: Months) -> pl.DataFrame:
        schools = pl.concat([self.days.select(SCHOOL), self.sessions.select(SCHOOL)]).unique()
        begins = pl.lit(self.as_of).dt.offset_by(f"-{window.last}mo").dt.offset_by("1d")
        return schools.with_columns(begins.alias(BEGINS), pl.lit(self.as_of).alias(ENDS))


def days_of_schools(known: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return each school's days; a merged school has those of its successor after the merger."""
    own = known["school_days"].select(SCHOOL, DAY)
    merged = known["orgs"].filter(
        pl.col("successor").is_not_null(), pl.col("succeeded_on").is_not_null()
    )
    after = (
        own.join(
            merged.select(pl.col("id").alias("merged"), "successor", "succeeded_on"),
            left_on=SCHOOL,
            right_on="successor",
        )
        .filter(pl.col(DAY) >= pl.col("succeeded_on"))
        .select(pl.col("merged").alias(SCHOOL), DAY)
    )
    return pl.concat([own, after]).unique().sort(SCHOOL, DAY)


def _sessions(known: Mapping[str, pl.LazyFrame], schools: pl.LazyFrame) -> pl.LazyFrame:
    """Return each school's sessions: its own, and the common ones that no own one replaces.

    A school's own session replaces the common ones of its type with which it shares a day.
    """
    all_of_them = known["sessions"].select(SCHOOL, pl.col("type").cast(pl.String), BEGINS, ENDS)
    own = all_of_them.filter(pl.col(SCHOOL).is_not_null())
    common = all_of_them.filter(pl.col(SCHOOL).is_null()).drop(SCHOOL)
    each = schools.join(common, how="cross")
    shared = (
        each.join(own, on=[SCHOOL, "type"], suffix="_own")
        .filter(pl.col(BEGINS) <= pl.col("ends_own"), pl.col("begins_own") <= pl.col(ENDS))
        .select(SCHOOL, "type", BEGINS, ENDS)
    )
    kept = each.join(shared, on=[SCHOOL, "type", BEGINS, ENDS], how="anti")
    return pl.concat([own, kept.select(SCHOOL, "type", BEGINS, ENDS)]).unique()
