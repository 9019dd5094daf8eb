"""What happens to a pupil: in a semester, and when the school year turns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from service.synth.calendar import DAY, SchoolYear, Semester
from service.synth.lives import (
    ABROAD,
    LOST,
    MOVES,
    MOVES_FAR,
    Enrolment,
    Fate,
    Life,
    Outcome,
    Stay,
    failed,
    later,
    marks_of,
)
from service.synth.places import School
from service.synth.plan import chance
from service.synth.risk import Signs, drifted, leaves, show, strain_now

if TYPE_CHECKING:
    from service.synth.world import World

LONG_ILLNESS = 0.006  # chance in a semester, whatever the strain
FADES = 0.6  # share of leavers who stay away, unexcused, for the weeks before they leave
NOT_BACK = 0.5  # share of those who leave in spring who sit out the year and do not come back


@dataclass(frozen=True, slots=True)
class Now:
    """A pupil in a semester, and a `day` of it on which something may happen."""

    world: World
    life: Life
    semester: Semester
    signs: Signs
    day: date


def live(world: World, life: Life, year: SchoolYear, semester: Semester) -> bool:
    """Live one semester, write down the stays, and say whether the pupil is still at school."""
    draw, pupil = life.pupil.draw, life.pupil
    life.drift = drifted(life.drift, draw)
    base = pupil.strain + life.school.effect
    strain = strain_now(base, life.drift, life.grade, new_stage=life.new_stage)
    signs = show(strain, pupil, life.school.type)
    gone = leaves(signs, life.grade, life.school.type, life.fails, draw)
    luck, now = draw.random(), Now(world, life, semester, signs, _some_day(world, life, semester))
    if gone and not (semester.number == 2 and draw.random() < NOT_BACK):
        faded = replace(signs, truant=signs.truant or draw.random() < FADES)
        return _end(replace(now, signs=faded), "left")
    if luck < ABROAD + LOST:
        return _end(now, "moved_abroad" if luck < ABROAD else "unknown")
    begins = _begins(life, semester)
    if luck > 1 - (MOVES + MOVES_FAR) * (1 + max(0, strain) / 2):
        begins = _move(now, far=luck > 1 - MOVES_FAR)
    ill_from = _some_day(world, life, semester) if draw.random() < LONG_ILLNESS else None
    effect, courses = world.marks_effect(life, semester)
    marks = marks_of(life, signs, effect, courses, ill=ill_from is not None)
    life.fails = failed(marks)
    stay = Stay(life.enrolment, semester, begins, semester.ends, signs, marks, ill_from)
    world.stays[semester].append(stay)
    return not (gone and _stay_away(world, life, year))


def turn_year(world: World, life: Life, year: SchoolYear) -> bool:
    """Turn to the next year: up, or the same grade again, perhaps elsewhere, or the end."""
    draw = life.pupil.draw
    life.new_stage, life.been = False, ()
    if life.fails >= 3 and draw.random() < (0.3 if life.grade > 4 else 0.1):
        return _go_on(world, life, year)  # repeats
    if life.grade == 12:
        life.enrolment.exit = "graduated"
        day = date(year.year + 1, 6, draw.randint(12, 28))
        life.enrolment.ends = day
        world.outcomes.append(Outcome(life.pupil, "graduated", day, later(life, day, 6)))
        return False
    life.grade += 1
    return _go_on(world, life, year)


def next_school(world: World, life: Life, near: School, year: int) -> School:
    """Return where a pupil goes on: the same school if it can be, else one that is near."""
    draw, places = life.pupil.draw, world.places
    if life.grade == 10 or (life.grade > 10 and not life.enrolments):
        taste = -0.75 + 0.7 * life.pupil.strain - 0.5 * life.pupil.ability
        if draw.random() < chance(taste):
            schools = places.choices(life.grade, "vocational", year, None)
            weights = [1 + 4 * (school.municipality == near.municipality) for school in schools]
            return draw.choices(schools, weights)[0]
    open_ = near.closes is None or year <= near.closes
    if life.grade in near.grades and open_:
        return near
    schools = places.choices(life.grade, "general", year, near.municipality)
    return draw.choices(schools, [school.weight for school in schools])[0]


def _go_on(world: World, life: Life, year: SchoolYear) -> bool:
    """Find the school of the next year; if it is another, say why the enrolment ends."""
    draw, before = life.pupil.draw, life.school
    following = year.year + 1
    life.school = next_school(world, life, before, following)
    stage = life.grade == 10 and life.enrolment.grade == 9
    if life.school is not before:
        closed = before.closes is not None and following > before.closes
        life.enrolment.exit = "school_closed" if closed and not stage else "stage_completed"
        life.new_stage = True
    elif draw.random() < 2 * MOVES:
        other = _elsewhere(world, life, following, far=draw.random() < 0.4)
        if other is not None:
            life.school, life.new_stage = other, True
            life.enrolment.exit = "moved_school"
    life.new_stage = life.new_stage or stage
    return True


def _stay_away(world: World, life: Life, year: SchoolYear) -> bool:
    """Let a pupil finish the year and not come back; school finds out in autumn."""
    enrolment = life.enrolment
    enrolment.exit = "stage_completed" if life.grade == 9 else "left"
    day = date(year.year + 1, 9, 1)
    known = later(life, day + DAY * 14, 14)
    world.outcomes.append(Outcome(life.pupil, "left", day, known))
    return True


def _end(now: Now, fate: Literal["left", "moved_abroad", "unknown"]) -> bool:
    """End a school career within a semester."""
    draw, enrolment = now.life.pupil.draw, now.life.enrolment
    begins = _begins(now.life, now.semester)
    enrolment.ends, enrolment.exit = max(now.day, begins), fate
    stay = Stay(enrolment, now.semester, begins, enrolment.ends, now.signs, ())
    now.world.stays[now.semester].append(stay)
    really: Fate | None = None
    if fate == "unknown" and draw.random() < 0.6:
        really = "left" if draw.random() < 0.5 else "moved_abroad"
    known = later(now.life, enrolment.ends + DAY * 7, 14)
    now.world.outcomes.append(Outcome(enrolment.pupil, fate, enrolment.ends, known, really))
    return False


def _move(now: Now, *, far: bool) -> date:
    """Move to another school within a semester, if there is one; return the first day there."""
    life, semester, day = now.life, now.semester, now.day
    begins = _begins(life, semester)
    other = _elsewhere(now.world, life, semester.year, far=far)
    if other is None or not begins < day < semester.ends - DAY * 7:
        return begins
    before = life.enrolment
    before.ends, before.exit = day, "moved_school"
    now.world.stays[semester].append(Stay(before, semester, begins, day, now.signs, ()))
    life.been = (*life.been, before.school.key)
    life.school, life.letter = other, 0
    after = Enrolment(
        life.pupil, other, life.grade, life.class_name, before.year, day + DAY, before.year.over
    )
    life.enrolments.append(after)
    now.world.enrolments.append(after)
    return after.begins


def _elsewhere(world: World, life: Life, year: int, *, far: bool) -> School | None:
    """Return another school of the same type, in the same municipality or in another."""
    here = life.school
    found = [
        school
        for school in world.places.choices(life.grade, here.type, year, None)
        if school is not here
        and school.key not in life.been
        and (school.municipality != here.municipality) == far
    ]
    return life.pupil.draw.choice(found) if found else None


def _begins(life: Life, semester: Semester) -> date:
    return max(semester.begins, life.enrolment.begins)


def _some_day(world: World, life: Life, semester: Semester) -> date:
    """Return a day of teaching in the semester, neither its first nor its last."""
    days = world.days_of(life.school.key, semester)
    return days[life.pupil.draw.randrange(8, len(days) - 4)]
