"""Circumstances that open an offer of help, what protects, and the measures of support plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import polars as pl

from service.synth.calendar import DAY, Semester, at
from service.synth.lives import Stay, failed
from service.synth.table import Rows
from service.synth.world import World

UNASKED = 0.03  # share of pupils of whom a school does not find out a circumstance in a year
MEASURES = (
    "teacher_consultation", "psychologist_consultation", "social_pedagogue_consultation",
    "assistant_support", "transport_compensation", "meals_compensation", "youth_initiative",
)  # fmt: skip


def circumstances(world: World, semester: Semester) -> pl.DataFrame:
    """Return the circumstances that are entered in a semester: those of the year in autumn."""
    rows, draw = Rows("circumstances"), world.plan.stream("circumstances", semester.key)
    for number, stay in enumerate(world.stays[semester]):
        if stay.begins != semester.begins:
            continue  # entered already at the school before
        key = f"C{semester.key}-{number}"
        recorded = at(stay.begins + DAY * draw.randint(3, 30))
        if semester.number == 1:
            for kind, value in _of_the_year(stay, draw):
                if draw.random() >= UNASKED:
                    span = (stay.begins, stay.enrolment.year.over)
                    rows.add(
                        f"{key}-{kind}", stay.pupil.key, kind, *span, float(value),
                        recorded=recorded,
                    )  # fmt: skip
        club = draw.random() < min(0.8, max(0.1, 0.48 - 0.1 * stay.signs.strain))
        span = (semester.begins, semester.ends)
        for kind, value in (("club_member", club), ("long_illness", False)):
            about = (f"{key}-{kind}", stay.pupil.key, kind, *span)
            rows.add(*about, float(value), recorded=recorded)
            if stay.ill_from and kind == "long_illness":
                known = max(at(stay.ill_from + DAY * 14), recorded + DAY)
                rows.add(*about, 1.0, recorded=known, version=1)
        _promotion(rows, key, stay, draw)
    return rows.frame()


def _of_the_year(stay: Stay, draw: Random) -> Iterator[tuple[str, float]]:
    pupil = stay.pupil
    changed = draw.random() < 0.04  # income rises and falls
    newly = pupil.language != "latvian" and stay.enrolment.grade <= 4
    yield "travel_minutes", pupil.travel
    yield "low_income", pupil.low_income != changed
    yield "out_of_family_care", pupil.care
    yield "parent_abroad", pupil.parent_abroad
    yield "special_needs_support", pupil.special_needs
    yield "language_support_need", draw.random() < (0.35 if newly else 0.01)


def _promotion(rows: Rows, key: str, stay: Stay, draw: Random) -> None:
    """Say whether the promotion conditions are met, once there are marks."""
    if not stay.marks:
        return
    semester = stay.semester
    spring = date(semester.year + 1, 5, 30)
    ends = spring if semester.number == 1 else date(semester.year + 1, 12, 20)
    recorded = at(semester.ends + DAY * draw.randint(1, 5))
    rows.add(
        f"{key}-on_track", stay.pupil.key, "on_track", semester.ends, ends,
        float(failed(stay.marks) < 3), recorded=recorded,
    )  # fmt: skip


def measures(world: World, semester: Semester) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the measures of support plans, and the trusted adults that the plans name.

    Who gets a plan is a school's judgement: it sees the strain, with much noise.
    """
    rows, adults = Rows("measures"), Rows("circumstances")
    draw = world.plan.stream("measures", semester.key)
    for number, stay in enumerate(world.stays[semester]):
        seen = stay.signs.strain + draw.gauss(0, 0.9)
        if seen < 2.6 or stay.begins != semester.begins or stay.ends < semester.begins + DAY * 40:
            continue
        begins = semester.begins + DAY * draw.randint(14, 28)
        for place, measure in enumerate(draw.sample(MEASURES, draw.randint(1, 3))):
            key = f"B{semester.key}-{number}-{place}"
            plan = (key, stay.pupil.key, begins, semester.ends, measure)
            rows.add(*plan, None, recorded=at(begins + DAY))
            done = at(semester.ends - DAY * draw.randint(0, 10))
            delivered = draw.random() < 0.72 and stay.ends == semester.ends
            rows.add(*plan, delivered, recorded=done, version=1)
        if draw.random() < 0.6:
            about = (stay.pupil.key, "trusted_adult", begins, semester.ends)
            adults.add(f"T{semester.key}-{number}", *about, 1.0, recorded=at(begins + DAY))
    return rows.frame(), adults.frame()
