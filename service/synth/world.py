"""All lives together: who enters when and in which class, and how each year goes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from service.synth.calendar import SchoolYear, Semester, days_of_school, school_years
from service.synth.courses import courses_of
from service.synth.lives import Enrolment, Life, Outcome, Stay
from service.synth.places import SCHOOL_SIZE, Places, School, make_places
from service.synth.plan import Plan
from service.synth.pupils import TWIN_BIRTHS, Pupil, make_pupil, make_twin
from service.synth.turning import live, next_school, turn_year

CLASS_SIZE = 27
NEWCOMERS = 0.004  # share of pupils who come from elsewhere in a year, at any grade
Progress = Callable[[str], None]


@dataclass
class World:
    """Everything that happened, before registers wrote it down."""

    plan: Plan
    places: Places
    years: tuple[SchoolYear, ...]
    pupils: list[Pupil] = field(default_factory=list)
    entered: dict[str, SchoolYear] = field(default_factory=dict)
    enrolments: list[Enrolment] = field(default_factory=list)
    stays: dict[Semester, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    outcomes: list[Outcome] = field(default_factory=list)

    days: dict[tuple[str, Semester], tuple[date, ...]] = field(default_factory=dict)
    shifts: dict[tuple[str, int, int], float] = field(default_factory=dict)

    def days_of(self, school: str, semester: Semester) -> tuple[date, ...]:
        """Return a school's days of teaching in a semester."""
        if (school, semester) not in self.days:
            year = self.years[semester.year - self.plan.start_year]
            every = days_of_school(self.plan, school, year)
            for part in year.semesters:
                within = tuple(day for day in every if part.begins <= day <= part.ends)
                self.days[school, part] = within
        return self.days[school, semester]

    def span_of(self, stay: Stay) -> tuple[tuple[date, ...], int, int]:
        """Return the days of a stay's semester, and where its own begin and are over."""
        days = self.days_of(stay.enrolment.school.key, stay.semester)
        return days, bisect_left(days, stay.begins), bisect_right(days, stay.ends)

    def marks_effect(self, life: Life, semester: Semester) -> tuple[float, int]:
        """Return by how much a class's marks lie above others', and how many courses it has."""
        which = (life.school.key, semester.year - life.grade, life.letter)
        if which not in self.shifts:
            self.shifts[which] = self.plan.stream("class", *which).gauss(0, 0.35)
        return self.shifts[which], len(courses_of(life.grade, life.school.type))


def make_world(plan: Plan, progress: Progress = lambda _: None) -> World:
    """Return the world of a plan; `progress` is told each school year as it begins."""
    world = World(plan, make_places(plan), school_years(plan))
    lives: list[Life] = []
    for year in world.years:
        progress(year.name)
        lives += _entrants(world, year, len(lives))
        _form_classes(lives)
        for life in lives:
            enrol(world, life, year)
        for semester in year.semesters:
            lives = [life for life in lives if live(world, life, year, semester)]
        lives = [life for life in lives if turn_year(world, life, year)]
    return world


def enrol(world: World, life: Life, year: SchoolYear) -> None:
    """Begin the enrolment of a new school year."""
    begun = Enrolment(
        life.pupil, life.school, life.grade, life.class_name, year, year.begins, year.over
    )
    life.enrolments.append(begun)
    world.enrolments.append(begun)


def _entrants(world: World, year: SchoolYear, present: int) -> list[Life]:
    """Return who enters: all grades in the first year; then first-graders and newcomers."""
    plan = world.plan
    first = year == world.years[0]
    wanted = plan.pupils - present
    newcomers = min(wanted, round(NEWCOMERS * plan.pupils))
    found: list[Life] = []
    while len(found) < wanted:
        draw = plan.stream("entry", len(world.pupils))
        anywhere = first or len(found) < newcomers
        found.append(_enter(world, draw.randint(1, 12) if anywhere else 1, year))
        if draw.random() < TWIN_BIRTHS and len(found) < wanted:
            found.append(_twin(world, found[-1], year))
    return found


def _enter(world: World, grade: int, year: SchoolYear) -> Life:
    """Return a new pupil at a school near home that teaches the grade."""
    number = len(world.pupils)
    draw = world.plan.stream("home", number)
    schools = [s for s in world.places.schools.values() if s.type == "general" and 1 in s.grades]
    weights = [s.weight * SCHOOL_SIZE[s.kind] for s in schools]
    near = draw.choices(schools, weights)[0]
    pupil = make_pupil(world.plan, number, near, grade, year.year)
    life = Life(pupil, near, grade, 0, drift=draw.gauss(0, 0.7), new_stage=grade in (1, 10))
    life.school = first_school(world, life, near, year)
    world.pupils.append(pupil)
    world.entered[pupil.key] = year
    return life


def first_school(world: World, life: Life, near: School, year: SchoolYear) -> School:
    """Return the school of someone who enters: the near one, where it suits."""
    special = world.places.choices(life.grade, "special", year.year, None)
    if special and life.pupil.special_needs and life.pupil.draw.random() < 0.15:
        return special[0]
    return next_school(world, life, near, year.year)


def _twin(world: World, life: Life, year: SchoolYear) -> Life:
    pupil = make_twin(world.plan, len(world.pupils), life.pupil)
    world.pupils.append(pupil)
    world.entered[pupil.key] = year
    return Life(pupil, life.school, life.grade, 0, drift=life.drift, new_stage=life.new_stage)


def _form_classes(lives: list[Life]) -> None:
    """Put pupils into classes: who has a place in a class keeps it, twins go together."""
    groups: dict[tuple[str, int], list[Life]] = defaultdict(list)
    for life in lives:
        groups[life.school.key, life.grade].append(life)
    for group in groups.values():
        count = -(-len(group) // CLASS_SIZE)
        letters = {life.pupil.key: life for life in group}
        for number, life in enumerate(group):
            if life.letter >= count or life.new_stage:
                life.letter = number % count
            twin = letters.get(life.pupil.twin_of or "")
            if twin:
                life.letter = twin.letter
