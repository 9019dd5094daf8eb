"""School years as Latvia has them: two semesters, holidays, and the days of each school.

The year runs from 1 September to 31 May, with a week of holidays in October, two at Christmas and
one in March; public holidays are free, and each school has a free day of its own here and there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from service.synth.plan import Plan

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Semester:
    """A semester: the `number`-th (1 or 2) of the school year that begins in `year`."""

    year: int
    number: int
    begins: date
    ends: date

    @property
    def key(self) -> str:
        """Its sourcedId."""
        return f"{self.year}-s{self.number}"

    @property
    def term(self) -> str:
        """The sourcedId of its term: marks are given for the term, which is the semester."""
        return f"{self.year}-t{self.number}"


@dataclass(frozen=True)
class SchoolYear:
    """The school year that begins on 1 September of `year`."""

    year: int

    @property
    def key(self) -> str:
        """Its sourcedId."""
        return f"{self.year}-year"

    @property
    def name(self) -> str:
        """As it is written: 2020-21."""
        return f"{self.year}-{(self.year + 1) % 100:02d}"

    @cached_property
    def semesters(self) -> tuple[Semester, Semester]:
        """The autumn and the spring semester."""
        last, first = self._christmas
        return (
            Semester(self.year, 1, self.begins, last - DAY),
            Semester(self.year, 2, first, self.ends),
        )

    @property
    def begins(self) -> date:
        """The first of September."""
        return date(self.year, 9, 1)

    @property
    def ends(self) -> date:
        """The last of May."""
        return date(self.year + 1, 5, 31)

    @property
    def over(self) -> date:
        """The day on which enrolments of the year end."""
        return date(self.year + 1, 8, 31)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Working days outside all holidays: a school's own free days are still among them."""
        span = (self.ends - self.begins).days + 1
        every = (self.begins + DAY * number for number in range(span))
        return tuple(day for day in every if day.weekday() < 5 and day not in self._free)

    @property
    def _christmas(self) -> tuple[date, date]:
        """The first day of the Christmas holidays, and the first day after them."""
        first = _monday(date(self.year, 12, 26))
        return first, first + DAY * 14

    @cached_property
    def _free(self) -> frozenset[date]:
        following = self.year + 1
        christmas, _ = self._christmas
        easter = _easter(following)
        holidays = {date(self.year, 11, 18), date(following, 5, 1), date(following, 5, 4)}
        holidays |= {easter - DAY * 2, easter + DAY}
        weeks = [_monday(date(self.year, 10, 22)), christmas, christmas + DAY * 7]
        weeks.append(_monday(date(following, 3, 15)))
        return frozenset(holidays | {first + DAY * n for first in weeks for n in range(7)})


def school_years(plan: Plan) -> tuple[SchoolYear, ...]:
    """Return the years of the history."""
    return tuple(SchoolYear(plan.start_year + number) for number in range(plan.years))


def days_of_school(plan: Plan, school: str, year: SchoolYear) -> tuple[date, ...]:
    """Return a school's days of teaching in a year: up to three days are free in it alone."""
    draw = plan.stream("free", school, year.year)
    free = set(draw.sample(year.days[5:-5], draw.choice((0, 1, 1, 2, 3))))
    return tuple(day for day in year.days if day not in free)


def at(day: date, hour: int = 15) -> datetime:
    """Return a moment of a day, in UTC."""
    return datetime.combine(day, time(hour), UTC)


def _monday(day: date) -> date:
    return day - DAY * day.weekday()


def _easter(year: int) -> date:
    """Return Easter Sunday (the anonymous Gregorian computus).

    >>> _easter(2024)
    datetime.date(2024, 3, 31)
    """
    moon, (century, rest) = year % 19, divmod(year, 100)
    leaps, odd = divmod(century, 4)
    lag = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * moon + century - leaps - lag + 15) % 30
    fours, over = divmod(rest, 4)
    weekday = (32 + 2 * odd + 2 * fours - epact - over) % 7
    early = (moon + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * early + 114, 31)
    return date(year, month, day + 1)
