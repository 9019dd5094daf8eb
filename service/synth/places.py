"""The state, its municipalities and schools, and how schools differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from service.synth.calendar import SchoolYear, school_years
from service.synth.plan import Plan

Kind = Literal["state_city", "town", "rural"]
SchoolType = Literal["general", "vocational", "special"]
STATE = "LV"
KINDS: tuple[Kind, ...] = ("state_city", "rural", "town", "rural", "town", "state_city", "rural")
WEIGHT = {"state_city": 2.2, "town": 1.0, "rural": 0.6}  # pupils, relative to a town
SCHOOL_SIZE = {"state_city": 650, "town": 350, "rural": 160}
PER_MUNICIPALITY = 1200


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality; one may go up in another on a day, its `successor`."""

    key: str
    kind: Kind
    successor: str | None = None
    succeeded_on: date | None = None


@dataclass(frozen=True, slots=True)
class School:
    """A school.

    `effect` shifts the strain of all its pupils. `platform` and `conduct`: it has a learning
    platform, it keeps a register of conduct. `silent`: from and until when it sends nothing, and
    `sent`, the day on which it sends that after all, if it does. `closes` with that school year.
    """

    key: str
    municipality: str
    kind: Kind
    type: SchoolType
    grades: range
    weight: float
    effect: float
    platform: bool
    conduct: bool
    silent: tuple[date, date] | None = None
    sent: date | None = None
    closes: int | None = None

    def is_silent(self, day: date) -> bool:
        """Say whether the school sends nothing about this day while it goes on."""
        return self.silent is not None and self.silent[0] <= day < self.silent[1]


@dataclass(frozen=True)
class Places:
    """All municipalities and schools of a world, by key."""

    municipalities: dict[str, Municipality]
    schools: dict[str, School]

    def choices(self, grade: int, type_: SchoolType, year: int, within: str | None) -> list[School]:
        """Return the schools that teach this grade in this year, in a municipality or anywhere."""
        return [
            school
            for school in self.schools.values()
            if grade in school.grades
            and school.type == type_
            and within in (None, school.municipality)
            and (school.closes is None or year <= school.closes)
        ]


def make_places(plan: Plan) -> Places:
    """Return the places of a plan: small worlds have two municipalities, a large one up to 43."""
    count = max(2, min(43, round(plan.pupils / PER_MUNICIPALITY)))
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    total = sum(WEIGHT[kind] for kind in kinds)
    municipalities: dict[str, Municipality] = {}
    schools: dict[str, School] = {}
    for number, kind in enumerate(kinds):
        key = f"M{number + 1:02d}"
        municipalities[key] = Municipality(key, kind)
        pupils = plan.pupils * WEIGHT[kind] / total
        for type_, grades in _schools_of(number, kind, pupils):
            school = _school(plan, len(schools), municipalities[key], type_, grades)
            schools[school.key] = school
    merged = f"M{count:02d}"
    if plan.years > 1:
        gone = Municipality(merged, kinds[-1], "M01", date(plan.start_year + 1, 7, 1))
        municipalities[merged] = gone
    return Places(municipalities, _with_gaps(plan, schools))


def _schools_of(number: int, kind: Kind, pupils: float) -> list[tuple[SchoolType, range]]:
    """Return what schools a municipality has: type and grades of each."""
    general = max(1, round(pupils / SCHOOL_SIZE[kind]))
    found: list[tuple[SchoolType, range]] = [("general", range(1, 13))]
    found += [("general", range(1, 13) if n % 3 == 0 else range(1, 10)) for n in range(1, general)]
    if number == 0 or kind == "state_city" or number % 4 == 2:
        found.append(("vocational", range(10, 13)))
    if number == 0 and pupils > 300:
        found.append(("special", range(1, 10)))
    return found


def _school(
    plan: Plan, number: int, municipality: Municipality, type_: SchoolType, grades: range
) -> School:
    draw = plan.stream("school", number)
    return School(
        key=f"S{number + 1:03d}",
        municipality=municipality.key,
        kind=municipality.kind,
        type=type_,
        grades=grades,
        weight=draw.uniform(0.6, 1.4),
        effect=draw.gauss(0, 0.25),
        platform=draw.random() < 0.3 or number == 0,
        conduct=number == 0 or draw.random() < 0.85,
    )


def _with_gaps(plan: Plan, schools: dict[str, School]) -> dict[str, School]:
    """Let some schools but the first fall silent for some months, and one small school close."""
    years = school_years(plan)
    draw = plan.stream("gaps")
    basic = [s for s in schools.values() if s.type == "general" and s.grades.stop == 10]
    found = dict(schools)
    for number, key in enumerate(draw.sample(sorted(schools)[1:], max(1, len(schools) // 10))):
        found[key] = _silenced(found[key], draw.choice(years), late=number % 2 == 1)
    if basic and plan.years > 2:
        small = min(basic, key=lambda school: school.weight * SCHOOL_SIZE[school.kind])
        found[small.key] = replace(found[small.key], closes=plan.start_year + plan.years // 2)
    return found


def _silenced(school: School, year: SchoolYear, *, late: bool) -> School:
    first, last = date(year.year, 10, 1), date(year.year, 12, 1)
    return replace(school, silent=(first, last), sent=date(year.year + 1, 2, 10) if late else None)
