"""School years: days of teaching lie where they must."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from service.synth.calendar import SchoolYear, days_of_school
from service.synth.plan import Plan

YEARS = st.integers(1960, 2090).map(SchoolYear)


@given(YEARS)
def test_a_year_has_about_170_days_of_teaching(year: SchoolYear) -> None:
    """All of them working days between 1 September and 31 May, each in exactly one semester."""
    first, second = year.semesters
    assert 165 <= len(year.days) <= 180
    assert all(year.begins <= day <= year.ends and day.weekday() < 5 for day in year.days)
    assert list(year.days) == sorted(set(year.days))
    for day in year.days:
        assert (first.begins <= day <= first.ends) + (second.begins <= day <= second.ends) == 1


@given(YEARS)
def test_holidays_are_free(year: SchoolYear) -> None:
    """A week in October, two at Christmas, one in March, and the days of the state."""
    free = {date(year.year, 11, 18), date(year.year, 12, 25), date(year.year + 1, 1, 1)}
    free |= {date(year.year, 10, 22), date(year.year + 1, 3, 15), date(year.year + 1, 5, 4)}
    assert not free & set(year.days)


def test_easter_is_free() -> None:
    """Good Friday and Easter Monday of years that everyone can look up."""
    for year, friday, monday in (
        (2020, date(2021, 4, 2), date(2021, 4, 5)),
        (2023, date(2024, 3, 29), date(2024, 4, 1)),
        (2024, date(2025, 4, 18), date(2025, 4, 21)),
    ):
        assert not {friday, monday} & set(SchoolYear(year).days)


@given(YEARS, st.integers(0, 50), st.sampled_from(["S001", "S002"]))
def test_a_school_has_a_free_day_here_and_there(year: SchoolYear, seed: int, school: str) -> None:
    """Up to three, and none that others do not have as a day of teaching."""
    days = days_of_school(Plan(50, 1, seed), school, year)
    assert set(days) <= set(year.days)
    assert 0 <= len(year.days) - len(days) <= 3
