"""A pupil's way through school: where, in which grade, and what each semester is like."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from service.synth.calendar import DAY, SchoolYear, Semester
from service.synth.places import School
from service.synth.pupils import Pupil
from service.synth.risk import Signs

Exit = Literal[
    "moved_school", "stage_completed", "graduated", "left", "moved_abroad", "school_closed",
    "unknown",
]  # fmt: skip
Fate = Literal["left", "graduated", "moved_abroad", "unknown"]
NOT_ASSESSED, EXEMPT = 0, -1
MARKED_FROM = 4  # in grades 1 to 3 work is described, not marked
MOVES, MOVES_FAR, ABROAD, LOST = 0.006, 0.004, 0.0024, 0.0006  # chances in a semester


@dataclass(slots=True)
class Enrolment:
    """One pupil in one grade of one school, for a school year or a part of it."""

    pupil: Pupil
    school: School
    grade: int
    class_name: str
    year: SchoolYear
    begins: date
    ends: date
    exit: Exit | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """One enrolment in one semester, from its first to its last day, with what it is like.

    `marks` has one entry a course of the grade, in order; it is empty for who is not there at the
    end, and in the first grades. `ill_from` is the first day of a long illness, if there is one.
    """

    enrolment: Enrolment
    semester: Semester
    begins: date
    ends: date
    signs: Signs
    marks: tuple[int, ...]
    ill_from: date | None = None

    @property
    def pupil(self) -> Pupil:
        """Who."""
        return self.enrolment.pupil


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a school career ended, and `known`: the day on which that was recorded."""

    pupil: Pupil
    fate: Fate
    day: date
    known: date
    really: Fate | None = None  # what an unknown fate is found to be, months later


@dataclass(slots=True)
class Life:
    """A pupil at school: what changes from semester to semester."""

    pupil: Pupil
    school: School
    grade: int
    letter: int
    drift: float = 0.0
    fails: int = 0
    new_stage: bool = False
    enrolments: list[Enrolment] = field(default_factory=list)
    been: tuple[str, ...] = ()  # schools already left in this year

    @property
    def enrolment(self) -> Enrolment:
        """The enrolment of the present."""
        return self.enrolments[-1]

    @property
    def class_name(self) -> str:
        """Grade and letter: 7b."""
        return f"{self.grade}{chr(ord('a') + self.letter)}"


def marks_of(
    life: Life, signs: Signs, effect: float, courses: int, *, ill: bool
) -> tuple[int, ...]:
    """Return a semester's marks: by course a mark, `NOT_ASSESSED` or `EXEMPT`."""
    if life.grade < MARKED_FROM:
        return ()
    draw = life.pupil.draw
    unmarked = min(0.5, 0.003 * math.exp(signs.strain) + 0.25 * signs.truant + 0.08 * ill)
    level, random, gauss = signs.mark + effect + 0.5, draw.random, draw.gauss
    if life.grade < 7:
        level += 0.5
    return tuple(
        (NOT_ASSESSED if luck < unmarked else EXEMPT)
        if (luck := random()) < unmarked + 0.004
        else min(10, max(1, int(gauss(level, 1.05))))
        for _ in range(courses)
    )


def failed(marks: tuple[int, ...]) -> int:
    """Return how many courses a pupil failed or was not assessed in."""
    return sum(NOT_ASSESSED <= mark < 4 for mark in marks)


def later(life: Life, day: date, mean: float) -> date:
    """Return the day on which something that happened is recorded, some days later."""
    return day + DAY * (1 + int(life.pupil.draw.expovariate(1 / mean)))
