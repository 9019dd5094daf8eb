"""What is covered: days up to that on which somebody said so, and of each thing by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.indicators.compute import indicators
from engine.registers.rows import ALWAYS
from tests.engine.indicators.drawn import EARLY, START, Row, Rows, history_of, moment
from tests.engine.indicators.test_compute import CATALOGUE

AS_OF = START + timedelta(days=60)


def answer(coverage: list[Row], activity: list[Row] | None = None) -> Row:
    """Return what is told on day 60 of a pupil whose school has a school day each day."""
    rows: Rows = {
        "orgs": [{"id": "a", "type": "school", "recorded": EARLY}],
        "school_days": [
            {"id": f"{n}", "school": "a", "day": START + timedelta(days=n), "recorded": EARLY}
            for n in range(90)
        ],
        "sessions": [
            {
                "id": "s", "type": "semester", "begins": START, "recorded": EARLY,
                "ends": START + timedelta(days=89),
            }
        ],
        "enrolments": [
            {"id": "e", "pupil": "p", "school": "a", "begins": START, "grade": 5, "recorded": EARLY}
        ],
        "coverage": [{"id": f"c{n}", "school": "a", **row} for n, row in enumerate(coverage)],
        "activity": activity or [],
    }  # fmt: skip
    (row,) = indicators(history_of(rows), CATALOGUE, AS_OF).collect().rows(named=True)
    found: Row = row
    return found


def covered(register: str, ends: date, recorded: date) -> Row:
    return {
        "register": register, "begins": START, "ends": ends, "recorded": moment(recorded, 12)
    }  # fmt: skip


@pytest.mark.parametrize("told", [0, 30, 59])
def test_coverage_told_ahead_covers_nothing_that_was_still_to_come(told: int) -> None:
    """A row that names the year ahead covers the days up to that on which it was recorded."""
    day = START + timedelta(days=told)
    found = answer([covered("incidents", AS_OF + timedelta(days=200), day)])
    assert (found["incidents_semester"], found["incidents_semester.observed_on"]) == (0, day)


def test_coverage_told_before_its_first_day_covers_nothing() -> None:
    """Not even that day."""
    row = covered("incidents", AS_OF, START - timedelta(days=1))
    assert answer([row])["incidents_semester"] is None


def test_where_nobody_says_when_it_was_told_it_covers_what_it_says() -> None:
    """A source without recording dates: its rows count as known from the start."""
    row = {**covered("incidents", AS_OF, START), "recorded": ALWAYS}
    assert answer([row])["incidents_semester.observed_on"] == AS_OF


def test_use_of_the_platform_and_work_are_covered_each_by_itself() -> None:
    """A source of deadlines says nothing about who used the platform, nor the other way round."""
    work = {
        "id": "w", "pupil": "p", "day": AS_OF - timedelta(days=3), "kind": "late",
        "recorded": moment(AS_OF - timedelta(days=2)),
    }  # fmt: skip
    found = answer([covered("work", AS_OF, AS_OF)], [work])
    assert (found["late_work_rate_20d"], found["lms_active_days_20d"]) == (1, None)
    found = answer([covered("activity", AS_OF, AS_OF)], [work])
    assert (found["late_work_rate_20d"], found["lms_active_days_20d"]) == (None, 0)
