"""Attendance that was not sent is unknown: a few weeks without rows are no weeks without absences.

Each example is a pupil at a school with a school day each weekday.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from engine.indicators.compute import indicators
from engine.indicators.table import SOURCES
from tests.engine.indicators.drawn import EARLY, START, Row, Rows, history_of, moment
from tests.engine.indicators.test_compute import CATALOGUE

OF_LESSONS = replace(
    CATALOGUE, indicators={name: CATALOGUE.indicators[name] for name in SOURCES[0].figures}
)
DAYS = [day for n in range(120) if (day := START + timedelta(days=n)).weekday() < 5]


def answer(
    held: Collection[date], as_of: date, *stays: Row, missed: Collection[tuple[str, date]] = ()
) -> Row:
    """Return what attendance tells of a pupil who was present on the days `held`, at school a.

    `missed` are schools and days with a lesson that the pupil missed.
    """
    rows: Rows = {
        "orgs": [{"id": school, "type": "school", "recorded": EARLY} for school in "ab"],
        "school_days": [
            {"id": f"{school}{day}", "school": school, "day": day, "recorded": EARLY}
            for school in "ab"
            for day in DAYS
        ],
        "sessions": [
            {"id": kind, "type": kind, "begins": START, "ends": DAYS[-1], "recorded": EARLY}
            for kind in ("school_year", "semester")
        ],
        "enrolments": [
            {"id": f"e{n}", "pupil": "p", "grade": 5, "recorded": EARLY, **stay}
            for n, stay in enumerate(stays or ({"school": "a", "begins": START},))
        ],
        "attendance": [
            {
                "id": f"{day}", "pupil": "p", "school": "a", "day": day, "lesson": 1,
                "status": "present", "recorded": moment(day, 15),
            }
            for day in held
        ] + [
            {
                "id": f"{school}-{day}", "pupil": "p", "school": school, "day": day, "lesson": 2,
                "status": "excused", "recorded": moment(day, 15),
            }
            for school, day in missed
        ],
    }  # fmt: skip
    (row,) = indicators(history_of(rows), OF_LESSONS, as_of).collect().rows(named=True)
    found: dict[str, Any] = row
    return found


def test_a_school_that_sent_nothing_for_weeks_gives_no_value() -> None:
    """Three weeks without rows, then rows again up to the day itself."""
    held = [day for n, day in enumerate(DAYS[:60]) if not 30 <= n < 45]
    found = answer(held, DAYS[59])
    assert {found[name] for name in OF_LESSONS.indicators if name != "medical_absence_share"} == {
        None
    }
    assert found["attendance_rate_45d.observed_on"] is None


def test_a_day_now_and_then_without_rows_is_no_gap() -> None:
    """Two of 60 days: more than nine tenths are there."""
    found = answer([day for n, day in enumerate(DAYS[:60]) if n not in (20, 50)], DAYS[59])
    assert found["attendance_rate_45d"] == 1
    assert found["absent_days_semester"] == 0
    assert found["attendance_rate_year.observed_on"] == DAYS[59]


@pytest.mark.parametrize(("holes", "known"), [(4, True), (5, False)])
def test_nine_tenths_is_enough(holes: int, *, known: bool) -> None:
    """Of 40 days."""
    found = answer([*DAYS[:5], *DAYS[5 + holes : 40]], DAYS[39])
    assert (found["attendance_trend_40d"] is not None) == known
    assert (found["absent_days_year"] is not None) == known


def test_a_newcomer_has_a_value_from_the_first_days() -> None:
    """Three days at the school, with rows on each."""
    found = answer(DAYS[47:50], DAYS[49], {"school": "a", "begins": DAYS[47]})
    assert found["attendance_rate_45d"] == 1
    assert found["late_arrivals_20d"] == 0


def test_days_at_a_school_before_that_sent_nothing_are_missing_too() -> None:
    """Half of the semester at another school, of which nobody has told."""
    before = {"school": "b", "begins": START, "ends": DAYS[29]}
    found = answer(DAYS[30:60], DAYS[59], before, {"school": "a", "begins": DAYS[30]})
    assert found["absent_days_semester"] is None
    assert found["late_arrivals_20d"] == 0


def test_a_journal_that_ended_is_judged_up_to_its_end() -> None:
    """The value goes up to the last row; how old that may be, the catalogue says."""
    found = answer(DAYS[:50], DAYS[59])
    assert found["attendance_rate_year"] == 1
    assert found["attendance_rate_year.observed_on"] == DAYS[49]


def test_enrolments_that_overlap_at_one_school_count_its_days_once() -> None:
    """A planned end and a correction beside it are one stay."""
    two = [{"school": "a", "begins": START, "ends": DAYS[70]}, {"school": "a", "begins": DAYS[20]}]
    assert answer(DAYS[:60], DAYS[59], *two)["attendance_rate_45d"] == 1


@pytest.mark.parametrize(("missed", "days"), [("ab", 1), ("a", 1), ("b", 0)])
def test_a_day_at_two_schools_is_one_day(missed: str, days: int) -> None:
    """Missed at both it is absent once; attended at one of them it is not absent."""
    stays = {"school": "a", "begins": START}, {"school": "b", "begins": DAYS[59]}
    held = DAYS[:59] if "a" in missed else DAYS[:60]
    found = answer(held, DAYS[59], *stays, missed=[(school, DAYS[59]) for school in missed])
    assert found["absent_days_semester"] == found["absent_days_year"] == days
