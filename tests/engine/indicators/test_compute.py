"""Each indicator against its reference, on random registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from engine.indicators.compute import indicators
from engine.indicators.table import SOURCES
from engine.load import load_catalogue
from tests.engine.indicators import reference_life as life
from tests.engine.indicators import reference_school as school
from tests.engine.indicators.drawn import AS_OF, PUPILS, Rows, history_of, registers
from tests.engine.indicators.reference import Answer, World

RULES = Path(__file__).parents[3] / "rules"
CATALOGUE = load_catalogue(RULES / "lv")
EVERY = load_catalogue(RULES / "examples" / "oulad")  # with all that examples add to it
FEWER = settings(max_examples=max(10, settings().max_examples // 5))
Reference = Callable[[World, str], dict[str, Answer]]
PARTS: dict[str, tuple[Reference, tuple[str, ...], tuple[str, ...]]] = {
    "attendance": (
        school.attendance,
        ("attendance",),
        (
            "attendance_rate_45d", "attendance_rate_year", "unexcused_lessons_semester",
            "unexcused_hours_4w", "absent_days_semester", "absent_days_year", "late_arrivals_20d",
            "attendance_trend_40d", "medical_absence_share",
        ),
    ),
    "marks": (
        school.marks,
        ("marks",),
        (
            "failed_core_courses", "failed_courses", "near_fails", "mean_mark", "mean_score",
            "mark_trend", "not_assessed_courses",
        ),
    ),
    "behaviour": (
        school.behaviour,
        ("incidents", "sanctions"),
        ("incidents_semester", "incident_days_rate_year", "sanctions_year"),
    ),
    "activity": (
        school.activity,
        ("activity",),
        ("lms_active_days_20d", "late_work_rate_20d", "late_work_rate_year"),
    ),
    "facts": (
        life.facts,
        ("circumstances", "surveys"),
        (
            *life.FLAGS, "travel_minutes", "special_needs_support", "wellbeing_score",
        ),
    ),
    "exams": (life.exams, ("exams",), ("state_test_percentile",)),
    "measures": (life.measures, ("measures",), ("measures_delivered_rate",)),
    "career": (life.career, (), ("grades_repeated", "school_moves_12m", "new_stage")),
    "persons": (
        life.persons,
        (),
        ("grade", "school_type", "sex", "municipality_type", "years_overage", "home_language"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_indicators_are_what_the_reference_says(part: str) -> None:
    """Value and day agree for every pupil enrolled, in order, and nobody else is answered for."""
    reference, names, covered = PARTS[part]
    wanted_only = {name: EVERY.indicators[name] for name in covered}
    catalogue = replace(EVERY, indicators=wanted_only)

    @FEWER
    @given(registers(names), AS_OF)
    def check(rows: Rows, as_of: date) -> None:
        found = indicators(history_of(rows), catalogue, as_of).collect(engine="streaming")
        world = World.known(rows, as_of)
        enrolled = {pupil for pupil in PUPILS if world.enrolment(pupil)}
        assert found["pupil_key"].to_list() == sorted(enrolled)
        for row in found.iter_rows(named=True):
            enrolment = world.enrolment(row["pupil_key"])
            assert enrolment is not None
            assert row["school"] == enrolment["school"]
            wanted = reference(world, row["pupil_key"])
            for name in covered:
                value, day = wanted.get(name, (None, None))
                got = (row[name], row[f"{name}.observed_on"])
                assert got[1] == day, (name, row["pupil_key"])
                assert close(name, got[0], value), (name, row["pupil_key"])

    check()


def close(name: str, got: object, wanted: object) -> bool:
    """Return whether a value is the one wanted, or that rounded to the indicator's decimals."""
    if not (isinstance(got, float) and isinstance(wanted, float | int)):
        return got == wanted
    return bool(abs(got - wanted) * 10 ** EVERY.indicators[name].decimals <= 0.5000001)


def test_the_reference_answers_for_every_unit() -> None:
    """None is left to itself, whichever catalogue declares it."""
    named = {name for _, _, covered in PARTS.values() for name in covered}
    assert named == {name for source in SOURCES for name in source.figures}
    assert named == set(EVERY.indicators)
