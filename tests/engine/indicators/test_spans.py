"""Windows after a move: a school that has closed has days no more, and its last ones are long ago.

School a closed in spring; the pupil is at school b since autumn.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.indicators.compute import indicators
from engine.indicators.many import indicators_on
from engine.indicators.trace import trace_value
from tests.engine.indicators.drawn import EARLY, Row, Rows, history_of, moment
from tests.engine.indicators.test_compute import CATALOGUE

SPRING, AUTUMN = date(2022, 1, 10), date(2023, 9, 1)
SHUT, YEAR = date(2022, 5, 31), {"id": "y", "type": "school_year", "begins": AUTUMN}


def weekdays(first: date, days: int) -> list[date]:
    return [day for n in range(days) if (day := first + timedelta(days=n)).weekday() < 5]


DAYS = {"a": weekdays(SPRING, 140), "b": weekdays(AUTUMN, 120)}


def lessons(school: str, days: list[date], status: str) -> list[Row]:
    return [
        {
            "id": f"{school}{day}", "pupil": "p", "school": school, "day": day, "lesson": 1,
            "status": status, "recorded": moment(day),
        }
        for day in days
    ]  # fmt: skip


def registers(attendance: list[Row], came: date = AUTUMN) -> Rows:
    """Return registers of a pupil who came to school b from school a, which closed."""
    stays = [{"school": "a", "begins": SPRING, "ends": SHUT}, {"school": "b", "begins": came}]
    return {
        "orgs": [{"id": school, "type": "school", "recorded": EARLY} for school in "ab"],
        "sessions": [{**YEAR, "ends": AUTUMN + timedelta(days=270), "recorded": EARLY}],
        "school_days": [
            {"id": f"{school}{day}", "school": school, "day": day, "recorded": EARLY}
            for school, days in DAYS.items()
            for day in days
        ],
        "enrolments": [
            {"id": f"e{n}", "pupil": "p", "grade": 5, "recorded": EARLY, **stay}
            for n, stay in enumerate(stays)
        ],
        "attendance": attendance,
    }


def answer(rows: Rows, as_of: date) -> Row:
    (found,) = indicators(history_of(rows), CATALOGUE, as_of).collect().rows(named=True)
    together = dict(indicators_on(history_of(rows), CATALOGUE, [as_of, as_of + timedelta(days=5)]))
    assert together[as_of].collect().rows(named=True) == [found]
    row: Row = found
    return row


def test_lessons_at_a_school_that_closed_do_not_count_for_ever() -> None:
    """Half of the days at school a were missed; of 50 at school b, 9 of the last 45."""
    gone = lessons("a", DAYS["a"][::2], "unexcused") + lessons("a", DAYS["a"][1::2], "late")
    there = lessons("b", DAYS["b"][:41], "present") + lessons("b", DAYS["b"][41:50], "unexcused")
    as_of = DAYS["b"][49]
    rows = registers(gone + there)
    found = answer(rows, as_of)
    assert found["attendance_rate_45d"] == 36 / 45
    assert found["attendance_trend_40d"] == pytest.approx(-45)
    assert found["late_arrivals_20d"] == 0
    assert found["unexcused_hours_4w"] == 9 * 40 / 60
    assert found["absent_days_year"] == 9
    told = trace_value(history_of(rows), CATALOGUE, "p", "attendance_rate_45d", as_of)
    assert told.spans == {"b": (DAYS["b"][5], as_of)}
    assert told.sums == {"attended": 36, "expected": 45}
    assert {row["day"] for row in told.counted} == set(DAYS["b"][5:50])


def test_without_a_row_at_the_present_school_nothing_is_known() -> None:
    """However many there are of the school before; the trace says so."""
    rows = registers(lessons("a", DAYS["a"], "unexcused"))
    assert answer(rows, DAYS["b"][49])["attendance_rate_45d"] is None
    for day, why in ((49, "no-rows"), (9, "no-window")):
        told = trace_value(
            history_of(rows), CATALOGUE, "p", "attendance_rate_45d", DAYS["b"][day]
        )  # fmt: skip
        assert told.why == why
        assert "a" not in told.spans


def test_days_before_the_move_count_where_both_schools_windows_go() -> None:
    """Ten days ago from a school that goes on: all of the last 45 days count, 35 of them there."""
    rows = registers([], came=DAYS["b"][50])
    for row in rows["school_days"]:
        row["school"] = "b" if row["school"] == "a" else row["school"]
    rows["school_days"] += [
        {"id": f"c{day}", "school": "c", "day": day, "recorded": EARLY} for day in DAYS["b"]
    ]
    rows["enrolments"][0] |= {"school": "c", "begins": AUTUMN, "ends": DAYS["b"][49]}
    rows["attendance"] = lessons("c", DAYS["b"][:50], "late")
    rows["attendance"] += lessons("b", DAYS["b"][50:60], "unexcused")
    as_of = DAYS["b"][59]
    assert answer(rows, as_of)["attendance_rate_45d"] == round(35 / 45, 4)
    told = trace_value(history_of(rows), CATALOGUE, "p", "attendance_rate_45d", as_of)
    assert told.spans == dict.fromkeys("bc", (DAYS["b"][15], as_of))


def test_weeks_begin_on_monday_also_where_the_present_school_began_later() -> None:
    """School b opened on a Friday; four days of its first week were at the school before."""
    monday = AUTUMN - timedelta(days=4)
    before = weekdays(monday, 4)
    rows = registers(lessons("a", before, "unexcused") + lessons("b", DAYS["b"][:16], "present"))
    rows["school_days"] += [
        {"id": f"a{day}", "school": "a", "day": day, "recorded": EARLY}
        for day in before + DAYS["b"]
    ]
    rows["enrolments"][0] |= {"ends": before[-1]}
    as_of = DAYS["b"][15]
    assert answer(rows, as_of)["unexcused_hours_4w"] == round(4 * 40 / 60, 2)
    told = trace_value(history_of(rows), CATALOGUE, "p", "unexcused_hours_4w", as_of)
    assert told.spans == dict.fromkeys("ab", (monday, as_of))


def test_events_at_a_school_that_closed_count_no_longer_and_need_no_coverage() -> None:
    """School a had a year of its own, that never ended; its last days nobody vouched for."""
    rows = registers([])
    own = {"id": "own", "school": "a", "begins": SPRING, "ends": AUTUMN + timedelta(days=300)}
    rows["sessions"].append({**YEAR, **own, "recorded": EARLY})
    fight = {"pupil": "p", "role": "actor", "recorded": EARLY}
    rows["incidents"] = [
        {**fight, "id": school, "school": school, "day": DAYS[school][30]} for school in "ab"
    ]
    rows["coverage"] = [
        {
            "id": register, "register": register, "school": "b", "begins": AUTUMN,
            "ends": DAYS["b"][49], "recorded": moment(DAYS["b"][49], 20),
        }
        for register in ("incidents", "activity")
    ]  # fmt: skip
    found = answer(rows, DAYS["b"][49])
    assert found["incident_days_rate_year"] == round(1 / 50, 4)
    assert found["lms_active_days_20d"] == 0
