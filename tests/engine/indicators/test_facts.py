"""A fact that has ended is no fact; what stands wrong or empty in a register is unknown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.indicators.compute import indicators
from engine.indicators.facts import FACTS_OF
from engine.registers.calendar import SEMESTER, YEAR
from engine.registers.schema import CIRCUMSTANCES
from tests.engine.indicators.drawn import EARLY, Row, Rows, history_of
from tests.engine.indicators.test_compute import CATALOGUE

AS_OF = date(2024, 3, 1)  # in the semester that began on 8 January
SESSIONS = {
    "school_year": (date(2023, 9, 1), date(2024, 5, 31)),
    "semester": (date(2024, 1, 8), date(2024, 5, 31)),
}


def answer(
    facts: tuple[Row, ...] = (),
    pupil: Row | None = None,
    stays: tuple[Row, ...] = ({"begins": date(2023, 9, 1), "grade": 5},),
    **others: list[Row],
) -> Row:
    """Return what is told of one pupil on the day."""
    rows: Rows = {
        "orgs": [{"id": "a", "type": "school"}, *others.pop("places", [])],
        "sessions": [
            {"id": kind, "type": kind, "begins": begins, "ends": ends}
            for kind, (begins, ends) in SESSIONS.items()
        ],
        "pupils": [{"id": "p", **(pupil or {})}],
        "enrolments": [
            {"id": f"e{n}", "pupil": "p", "school": "a", **stay} for n, stay in enumerate(stays)
        ],
        "circumstances": [
            {"id": f"f{n}", "pupil": "p", "value": 1.0, **fact} for n, fact in enumerate(facts)
        ],
        **others,
    }
    dated = {name: [{"recorded": EARLY, **row} for row in each] for name, each in rows.items()}
    (row,) = indicators(history_of(dated), CATALOGUE, AS_OF).collect().rows(named=True)
    found: Row = row
    return found


@pytest.mark.parametrize(
    ("kind", "ends", "known"),
    [
        ("out_of_family_care", date(2024, 3, 1), True),
        ("out_of_family_care", date(2024, 2, 29), False),
        ("low_income", date(2024, 1, 8), True),
        ("low_income", date(2024, 1, 7), False),
        ("language_support_need", date(2023, 9, 1), True),
        ("language_support_need", date(2023, 8, 31), False),
    ],
)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_fact_counts_if_it_held_in_the_window(
    kind: str, ends: date, value: float, *, known: bool
) -> None:
    """One that ended before is unknown, be it a yes or a no; an earlier one comes not back."""
    open_end = {"kind": kind, "begins": date(2022, 9, 1), "value": 1 - value}
    ended = {"kind": kind, "begins": date(2022, 10, 1), "ends": ends, "value": value}
    assert answer((open_end, ended))[kind] == (bool(value) if known else None)


def test_the_windows_of_facts_are_those_of_the_catalogue() -> None:
    """Of the semester, of the school year, or of the day itself."""
    words = {kind: w for window, w in ((SEMESTER, "semester"), (YEAR, "school year"))
             for kind in FACTS_OF[window]}  # fmt: skip
    for kind in CIRCUMSTANCES:
        assert CATALOGUE.indicators[kind].window == words.get(kind, "now"), kind


def test_a_place_that_was_merged_is_what_it_has_become() -> None:
    """From the day of the merger on."""
    new = {"id": "new", "type": "municipality", "municipality_type": "town"}
    old = {"id": "old", "type": "municipality", "municipality_type": "rural", "successor": "new"}
    for days, kind in ((0, "town"), (1, "rural")):
        merged = {**old, "succeeded_on": AS_OF + timedelta(days=days)}
        found = answer(pupil={"lives_in": "old"}, places=[new, merged])
        assert found["municipality_type"] == kind


@pytest.mark.parametrize(
    ("born", "years"),
    [(date(2012, 3, 1), 0), (date(2010, 3, 1), 2), (date(2023, 10, 1), None),
     (date(1983, 8, 1), None), (date(1983, 10, 1), 29)],
)  # fmt: skip
def test_a_month_of_birth_that_cannot_be_gives_no_age(born: date, years: int | None) -> None:
    """After the enrolment began, or more than 40 years before."""
    assert answer(pupil={"born": born})["years_overage"] == years


@pytest.mark.parametrize(
    ("before", "now", "new"), [(9, 10, True), (8, 9, False), (None, 9, None), (9, None, None)]
)
def test_a_grade_that_is_not_entered_tells_of_no_stage(
    before: int | None, now: int | None, *, new: bool | None
) -> None:
    """Nor whether it was repeated."""
    stays = (
        {"begins": date(2022, 9, 1), "ends": date(2023, 5, 31), "grade": before},
        {"begins": date(2023, 9, 1), "grade": now},
    )  # fmt: skip
    found = answer(pupil={"repeated_before": 0}, stays=stays)
    assert found["new_stage"] is new
    assert found["grades_repeated"] == (None if new is None else 0)


@pytest.mark.parametrize(("scale", "near"), [(None, 1), ("percent", None)])
def test_marks_on_other_scales_alone_tell_of_no_near_fail(
    scale: str | None, near: int | None
) -> None:
    """Four per cent is no four."""
    mark = {
        "id": "m", "pupil": "p", "school": "a", "course": "c", "session": "semester",
        "day": date(2024, 2, 1), "status": "marked", "mark": 4.0, "scale": scale,
    }  # fmt: skip
    scales = [{"id": "percent", "low": 0.0, "high": 100.0}]
    assert answer(marks=[mark], scales=scales)["near_fails"] == near
