"""Who the pupils are: what the register says of them, and what it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal

from service.synth.places import School
from service.synth.plan import Plan

Sex = Literal["female", "male"]
LANGUAGES = ("latvian", "russian", "ukrainian", "other")
TWIN_BIRTHS = 0.015


@dataclass(slots=True)
class Pupil:
    """A pupil.

    `strain` (a standard normal, shifted a little by what the field knows of leavers) and `ability`
    are hidden. `draw` is the pupil's own stream. `home` is the municipality of residence.
    """

    key: str
    born: date
    sex: Sex
    language: str
    home: str
    strain: float
    ability: float
    low_income: bool
    care: bool
    parent_abroad: bool
    special_needs: bool
    repeated_before: int
    travel: int
    draw: Random
    twin_of: str | None = None


def make_pupil(plan: Plan, number: int, near: School, grade: int, year: int) -> Pupil:
    """Return the pupil with this number, who begins `grade` in `year` and lives near a school."""
    draw, rural = plan.stream("pupil", number), near.kind == "rural"
    sex: Sex = "male" if draw.random() < 0.51 else "female"
    low_income = draw.random() < (0.2 if rural else 0.13)
    care, parent_abroad = draw.random() < 0.012, draw.random() < 0.04
    strain = draw.gauss(0, 1) + 0.35 * (sex == "male") + 0.1 * rural
    strain += 0.3 * low_income + 0.5 * care + 0.2 * parent_abroad
    before = int(grade > 1 and draw.random() < 0.012 * min(grade, 8) ** 0.5 * max(0, 1 + strain))
    return Pupil(
        key=plan.key("P", "pupil", number),
        born=date(year - 6 - grade - before, draw.randint(1, 12), 1),
        sex=sex,
        language=draw.choices(LANGUAGES, (62, 33, 1.5, 3.5))[0],
        home=near.municipality,
        strain=strain,
        ability=draw.gauss(0, 1) - 0.3 * strain,
        low_income=low_income,
        care=care,
        parent_abroad=parent_abroad,
        special_needs=draw.random() < 0.07,
        repeated_before=before,
        travel=min(120, max(3, round(draw.lognormvariate(3.2 if rural else 2.7, 0.5)))),
        draw=draw,
    )


def make_twin(plan: Plan, number: int, first: Pupil) -> Pupil:
    """Return the twin of a pupil: born in the same month, of the same family, another person."""
    draw = plan.stream("pupil", number)
    return Pupil(
        key=plan.key("P", "pupil", number),
        born=first.born,
        sex="male" if draw.random() < 0.51 else "female",
        language=first.language,
        home=first.home,
        strain=0.5 * first.strain + draw.gauss(0, 0.87),
        ability=0.5 * first.ability + draw.gauss(0, 0.87),
        low_income=first.low_income,
        care=first.care,
        parent_abroad=first.parent_abroad,
        special_needs=draw.random() < 0.07,
        repeated_before=first.repeated_before,
        travel=first.travel,
        draw=draw,
        twin_of=first.key,
    )
