"""A trace tells the same number as the table, from rows that anybody can add up."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.indicators.compute import indicators
from engine.indicators.trace import trace_value
from engine.indicators.words import trace_words
from engine.load import load_catalogue
from engine.text import LANGUAGES
from tests.engine.indicators.drawn import AS_OF, EARLY, START, Rows, history_of, moment, registers

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "rules" / "lv")
FEWER = settings(max_examples=max(5, settings().max_examples // 10))
SUMS = {
    "unexcused_lessons_semester": "unexcused",
    "absent_days_year": "absent",
    "late_arrivals_20d": "late",
    "failed_courses": "insufficient",
    "incidents_semester": "incidents",
    "sanctions_year": "sanctions",
}


@FEWER
@given(registers(), AS_OF, st.sampled_from(sorted(CATALOGUE.indicators)))
def test_a_trace_tells_the_value_of_the_table(rows: Rows, as_of: date, indicator: str) -> None:
    """Value and day are those of the table; what the rows of a total add up to is the value."""
    history = history_of(rows)
    for row in indicators(history, CATALOGUE, as_of).collect().iter_rows(named=True):
        found = trace_value(history, CATALOGUE, row["pupil_key"], indicator, as_of)
        assert (found.value, found.observed_on) == (
            row[indicator],
            row[f"{indicator}.observed_on"],
        )
        for language in LANGUAGES:
            assert CATALOGUE.indicators[indicator].label[language] in trace_words(
                found, CATALOGUE, language
            )
        if indicator in SUMS and found.value is not None:
            part = f"+{SUMS[indicator]}"
            assert sum(each[part] or 0 for each in found.counted) == found.value


def small() -> Rows:
    """Return one pupil with a lesson corrected, one deleted, one recorded late."""
    day = START + timedelta(days=3)
    lesson = {"pupil": "p", "school": "a", "day": day, "lesson": 1}
    return {
        "orgs": [{"id": "a", "type": "school", "recorded": EARLY}],
        "sessions": [
            {
                "id": "s1", "type": "semester", "begins": START, "ends": START + timedelta(90),
                "recorded": EARLY,
            }
        ],
        "school_days": [
            {"id": str(n), "school": "a", "day": START + timedelta(n), "recorded": EARLY}
            for n in range(60)
        ],
        "enrolments": [
            {"id": "e", "pupil": "p", "school": "a", "begins": day, "grade": 5, "recorded": EARLY}
        ],
        "attendance": [
            {**lesson, "id": "1", "status": "unexcused", "recorded": moment(day),
             "ended": moment(day, 48)},
            {**lesson, "id": "1", "status": "medical", "recorded": moment(day, 48)},
            {**lesson, "id": "2", "lesson": 2, "status": "unexcused", "recorded": moment(day)},
            {**lesson, "id": "3", "lesson": 3, "status": "unexcused", "recorded": moment(day, 240)},
        ],
    }  # fmt: skip


def test_each_version_says_what_it_was_on_the_day() -> None:
    """The old version is superseded, the correction known, and the late lesson not yet known."""
    as_of = START + timedelta(days=6)
    found = trace_value(history_of(small()), CATALOGUE, "p", "unexcused_lessons_semester", as_of)
    states = [(v.values["id"], v.values["status"], v.state) for v in found.versions]
    assert states == [
        ("1", "unexcused", "superseded"),
        ("1", "medical", "known"),
        ("2", "unexcused", "known"),
        ("3", "unexcused", "later"),
    ]
    assert (found.value, found.observed_on) == (1, START + timedelta(days=3))
    assert found.spans == {"a": (START, as_of)}
    assert "not yet known" in trace_words(found, CATALOGUE, "en")


def test_rows_outside_the_window_are_counted_and_not_shown() -> None:
    """Those of days before it, and of days that had not come."""
    rows = small()
    others = [
        {**rows["attendance"][2], "id": str(n), "day": day, "recorded": moment(day)}
        for n, day in enumerate((START - timedelta(days=1), START + timedelta(days=20)), 4)
    ]
    rows["attendance"] += others
    as_of = START + timedelta(days=6)
    found = trace_value(history_of(rows), CATALOGUE, "p", "unexcused_lessons_semester", as_of)
    assert {v.values["id"] for v in found.versions} == {"1", "2", "3"}
    assert found.beside == len(others)
    assert "outside the window or older: 2" in trace_words(found, CATALOGUE, "en")


def test_a_value_that_is_too_old_says_so() -> None:
    """After its limit the document says that an assessment takes the value as unknown."""
    as_of = START + timedelta(days=200)
    found = trace_value(history_of(small()), CATALOGUE, "p", "unexcused_lessons_semester", as_of)
    assert found.value == 2
    assert found.stale
    assert "Novecojusi" in trace_words(found, CATALOGUE, "lv")


def test_a_pupil_or_an_indicator_that_is_not_there_is_refused() -> None:
    """The error names no pupil; a near name is suggested."""
    history = history_of(small())
    with pytest.raises(DataError, match="not enrolled") as error:
        trace_value(history, CATALOGUE, "nobody", "grade", START)
    assert "nobody" not in str(error.value)
    with pytest.raises(DataError, match="did you mean 'grade'"):
        trace_value(history, CATALOGUE, "p", "grades", START)
