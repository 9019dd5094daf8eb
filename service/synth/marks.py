"""Marks: one a course and semester, recorded at its end, some later, some corrected."""

from __future__ import annotations

from datetime import date
from statistics import NormalDist

import polars as pl

from service.synth.calendar import DAY, Semester, at
from service.synth.courses import courses_of
from service.synth.lives import EXEMPT, NOT_ASSESSED, Stay
from service.synth.table import Rows, lagging, written
from service.synth.world import World

CORRECTED = 0.006  # share of marks that were entered wrongly and are put right later
STATUS = {NOT_ASSESSED: "not_assessed", EXEMPT: "exempt"}


def marks(world: World, semester: Semester, ended: set[tuple[str, str]]) -> pl.DataFrame:
    """Return a semester's marks; classes in `ended` have none, as their journal ended.

    Beside the register's columns there is ``class_name``, which the gradebook needs.
    """
    classes: list[str] = []
    rows, draw = Rows("marks"), world.plan.stream("marks", semester.key)
    for number, stay in enumerate(world.stays[semester]):
        each = stay.enrolment
        if not stay.marks or (each.school.key, each.class_name) in ended:
            continue
        days = world.days_of(each.school.key, semester)
        taught = courses_of(each.grade, each.school.type)
        for place, (course, mark) in enumerate(zip(taught, stay.marks, strict=True)):
            day = max(days[-1 - place % 6], stay.begins)
            recorded = written(each.school, day, lagging(draw, 2, 0.01, 30))
            if recorded is None:
                continue
            key = f"R{semester.key}-{number}-{place}"
            about = (stay.pupil.key, each.school.key, course, semester.term, day)
            first = _slip(mark, draw.random(), draw.random())
            rows.add(key, *about, *_entered(first), recorded=recorded)
            classes.append(each.class_name)
            if first != mark:
                put_right = recorded + DAY * draw.randint(2, 45)
                rows.add(key, *about, *_entered(mark), recorded=put_right, version=1)
                classes.append(each.class_name)
    return rows.frame().with_columns(pl.Series("class_name", classes, dtype=pl.String))


def _slip(mark: int, luck: float, way: float) -> int:
    """Return the mark as it is entered at first: mostly right."""
    if luck >= CORRECTED or mark < 1:
        return mark
    return mark - 1 if (way < 0.7 and mark > 1) or mark == 10 else mark + 1


def _entered(mark: int) -> tuple[str, int | None, None]:
    """Return a mark as it stands in the register: status, mark, and no scale but the Latvian."""
    return STATUS.get(mark, "marked"), mark if mark >= 1 else None, None


def exams(world: World, semester: Semester) -> pl.DataFrame:
    """Return the state tests of grades 3, 6, 9 and 12 in May: percentiles, recorded in June."""
    rows, draw = Rows("exams"), world.plan.stream("exams", semester.key)
    stays = world.stays[semester] if semester.number == 2 else []
    for number, stay in enumerate(stays):
        if stay.enrolment.grade % 3 or stay.ends < semester.ends:
            continue
        for place, subject in enumerate(("mathematics", "language")):
            if draw.random() < 0.03:  # absent on the day
                continue
            day = date(semester.year + 1, 5, 10 + 4 * place)
            day = max(day + DAY * max(0, 7 - day.isoweekday() - 4), stay.begins)
            percentile = _percentile(stay, draw.gauss(0, 0.6))
            recorded = at(date(semester.year + 1, 6, 14))
            rows.add(
                f"X{semester.year}-{number}-{place}", stay.pupil.key, day, subject, percentile,
                recorded=recorded,
            )  # fmt: skip
    return rows.frame()


def _percentile(stay: Stay, noise: float) -> float:
    """Return where a result stands among all: better where marks are, with noise."""
    score = 0.75 * stay.pupil.ability - 0.25 * stay.signs.strain + noise
    return round(100 * NormalDist().cdf(score), 1)
