"""The reference of stated facts, the school career and groups."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from tests.engine.indicators.reference import Answer, Row, World, newest

WINDOWS = {
    "low_income": "semester", "parent_abroad": "semester", "long_illness": "semester",
    "club_member": "semester", "trusted_adult": "semester", "on_track": "school_year",
    "language_support_need": "school_year", "special_needs_support": "school_year",
}  # fmt: skip
FLAGS = ("out_of_family_care", *(kind for kind in WINDOWS if kind != "special_needs_support"))


def stated_to(world: World, row: Row) -> date:
    said: date = row["ends"] or max(row["begins"], row["recorded"].date())
    return min(said, world.as_of)


def facts(world: World, pupil: str) -> dict[str, Answer]:
    begun = [r for r in world.of("circumstances", pupil) if r["begins"] <= world.as_of]

    enrolment = world.enrolment(pupil)

    def last(kind: str) -> Row | None:
        row = newest((row for row in begun if row["kind"] == kind), "begins")
        window = None
        if enrolment and kind in WINDOWS:
            window = world.session(enrolment["school"], WINDOWS[kind])
        since = window[0] if window else world.as_of
        return None if row is None or (row["ends"] and row["ends"] < since) else row

    answers: dict[str, Answer] = {}
    for kind in FLAGS:
        row = last(kind)
        if row and row["value"] in (0, 1):
            answers[kind] = (row["value"] == 1, stated_to(world, row))
    if row := last("travel_minutes"):
        answers["travel_minutes"] = (int(row["value"]), stated_to(world, row))
    row = last("special_needs_support")
    if enrolment and world.kind_of_school(enrolment) == "special":
        answers["special_needs_support"] = (True, world.as_of)
    elif row:
        answers["special_needs_support"] = (row["value"] > 0, stated_to(world, row))
    if row := newest(world.happened("surveys", pupil)):
        answers["wellbeing_score"] = (row["score"], row["day"])
    return answers


def exams(world: World, pupil: str) -> dict[str, Answer]:
    rows = world.happened("exams", pupil)
    lasts = [newest(r for r in rows if r["subject"] == s) for s in ("mathematics", "language")]
    found = [row for row in lasts if row]
    if not found:
        return {}
    day = max(row["day"] for row in found)
    near = [row for row in found if row["day"] > a_year_before(day)]
    return {"state_test_percentile": (min(row["percentile"] for row in near), day)}


def a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def measures(world: World, pupil: str) -> dict[str, Answer]:
    enrolment = world.enrolment(pupil)
    bounds = world.session(enrolment["school"], "semester") if enrolment else None
    if bounds is None:
        return {}
    rows = [
        row
        for row in world.of("measures", pupil)
        if row["begins"] <= bounds[1] and (row["ends"] is None or row["ends"] >= bounds[0])
    ]
    if not rows or any(row["delivered"] is None for row in rows):
        return {}
    share = sum(1 for row in rows if row["delivered"]) / len(rows)
    return {"measures_delivered_rate": (share, max(stated_to(world, row) for row in rows))}


def school_year(day: date, turns: int = 8) -> int:
    return day.year if day.month >= turns else day.year - 1


def career(world: World, pupil: str) -> dict[str, Answer]:
    begun = world.begun(pupil)
    person = next((row for row in world.rows["pupils"] if row["id"] == pupil), {})
    values: dict[str, Any] = {
        "grades_repeated": repeated(world, begun, person.get("repeated_before")),
        "school_moves_12m": moves(world, begun),
        "new_stage": new_stage(world, begun),
    }
    return {n: (v, world.as_of) for n, v in values.items() if v is not None}


def repeated(world: World, begun: list[Row], before: int | None) -> int | None:
    years: dict[int, Row] = {}
    for row in begun:
        years[school_year(row["begins"])] = row
    line = sorted(years)
    grades = [years[year]["grade"] for year in line]
    total = before if before is not None else entered(begun[0])
    if total is None or (len(grades) > 1 and None in grades):
        return None
    for n in range(1, len(line)):
        passed, advanced = line[n] - line[n - 1], grades[n] - grades[n - 1]
        if passed > 1 and advanced != passed:
            return None
        if passed == 1 and advanced == 0:
            last_years = world.kind_of_school(years[line[n]]) == "vocational" and grades[n] == 12
            third = n >= 2 and grades[n - 2] == 12
            total += 0 if last_years and not third else 1
    return total


def entered(first: Row) -> int | None:
    day = first["begins"]
    in_time = date(day.year, 8, 1) <= day <= date(day.year, 9, 14)
    return 0 if in_time and in_first_grade(first) else None


def in_first_grade(first: Row) -> bool:
    return first["grade"] is not None and first["grade"] <= 1


def school_on(world: World, school: str, day: date) -> str:
    for _ in range(4):
        org = world.orgs.get(school, {})
        on = org.get("succeeded_on")
        if org.get("successor") and (on is None or on <= day):
            school = org["successor"]
    return school


def moved(world: World, before: Row, row: Row) -> bool:
    return school_on(world, before["school"], row["begins"]) != school_on(
        world, row["school"], row["begins"]
    )


def moves(world: World, begun: list[Row]) -> int | None:
    start = a_year_before(world.as_of)
    first = begun[0]
    if first["begins"] > start and entered(first) is None:
        return None
    excused = ("stage_completed", "school_closed", "graduated")
    return sum(
        1
        for before, row in pairwise(begun)
        if row["begins"] > start and moved(world, before, row) and before["exit"] not in excused
    )


def stage(grade: int) -> int:
    return 0 if grade == 0 else 1 if grade <= 9 else 2


def new_stage(world: World, begun: list[Row]) -> bool | None:
    year = max(school_year(world.as_of, 9), *(school_year(row["begins"]) for row in begun))
    new = unclear = False
    before: Row | None = None
    for row in begun:
        if school_year(row["begins"]) == year:
            if before is None:
                new |= in_first_grade(row)
                unclear |= not in_first_grade(row)
            elif None in (row["grade"], before["grade"]):
                new |= moved(world, before, row)
                unclear = True
            else:
                new |= moved(world, before, row) or stage(row["grade"]) != stage(before["grade"])
        before = row
    return True if new else None if unclear else False


def persons(world: World, pupil: str) -> dict[str, Answer]:
    enrolment = world.enrolment(pupil)
    assert enrolment is not None
    person = next((row for row in world.rows["pupils"] if row["id"] == pupil), {})
    kind = world.kind_of_school(enrolment)
    values: dict[str, Any] = {
        "grade": enrolment["grade"],
        "school_type": kind,
        "sex": person.get("sex"),
        "municipality_type": world.orgs.get(
            school_on(world, person.get("lives_in") or "", world.as_of), {}
        ).get("municipality_type"),
    }
    born, begins = person.get("born"), enrolment["begins"]
    sure = born and begins.replace(year=begins.year - 40) <= born <= begins
    if sure and enrolment["grade"] is not None:
        year = max(school_year(world.as_of, 9), school_year(enrolment["begins"]))
        usual = year - 6 - enrolment["grade"]
        late = 1 if kind == "vocational" and enrolment["grade"] == 12 else 0
        values["years_overage"] = max(0, usual - person["born"].year - late)
    return {name: (value, world.as_of) for name, value in values.items() if value is not None}
