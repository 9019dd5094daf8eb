"""Who is where: orgs, sessions, school days, courses, pupils, enrolments, and what is covered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from random import Random

import polars as pl

from engine.registers.schema import COVERED
from service.synth.calendar import DAY, SchoolYear, at
from service.synth.courses import COURSES
from service.synth.lives import Enrolment
from service.synth.places import STATE, School
from service.synth.pupils import Pupil
from service.synth.table import Rows
from service.synth.world import World


def orgs(world: World) -> pl.DataFrame:
    """Return the state, municipalities and schools; a merger is a later version of one."""
    rows, begins = Rows("orgs"), at(date(world.plan.start_year, 8, 20))
    rows.add(STATE, "Sintētiska valsts", "state", *[None] * 5, recorded=begins)
    for place in world.places.municipalities.values():
        own = (f"Pašvaldība {place.key[1:]}", "municipality", STATE, None, place.kind)
        rows.add(place.key, *own, None, None, recorded=begins)
        if place.succeeded_on:
            merged = (place.successor, place.succeeded_on)
            rows.add(place.key, *own, *merged, recorded=at(place.succeeded_on), version=1)
    for school in world.places.schools.values():
        kind = ("school", school.municipality, school.type, school.kind)
        rows.add(school.key, f"Skola {school.key[1:]}", *kind, None, None, recorded=begins)
    return rows.frame()


def courses(world: World) -> pl.DataFrame:
    """Return the courses."""
    rows, begins = Rows("courses"), at(date(world.plan.start_year, 8, 20))
    for key, (title, core) in COURSES.items():
        rows.add(key, title, core, recorded=begins)
    return rows.frame()


def sessions(world: World) -> pl.DataFrame:
    """Return school years, their semesters, and the term of each semester."""
    rows = Rows("sessions")
    for year in world.years:
        recorded = at(year.begins - DAY * 12)
        rows.add(year.key, "school_year", year.begins, year.ends, None, None, recorded=recorded)
        for semester in year.semesters:
            span = (semester.begins, semester.ends)
            rows.add(semester.key, "semester", *span, year.key, None, recorded=recorded)
            rows.add(semester.term, "term", *span, semester.key, None, recorded=recorded)
    return rows.frame()


def school_days(world: World) -> pl.DataFrame:
    """Return the days of teaching of every school, each recorded on its morning."""
    rows = Rows("school_days")
    for year in world.years:
        for school in world.places.schools.values():
            if school.closes is None or year.year <= school.closes:
                for semester in year.semesters:
                    for day in world.days_of(school.key, semester):
                        rows.add(None, school.key, day, recorded=at(day, 6))
    return rows.frame()


def coverage(world: World) -> pl.DataFrame:
    """Return what each school says, after each week, that it has sent in full."""
    rows = Rows("coverage")
    for year in world.years:
        for school in world.places.schools.values():
            if school.closes is not None and year.year > school.closes:
                continue
            for begins, ends in _weeks(year):
                silent = school.is_silent(begins) or school.is_silent(ends)
                if silent and school.sent is None:
                    continue
                recorded = at(ends + DAY, 6)
                if silent and school.sent is not None:
                    recorded = max(recorded, at(school.sent))
                for register in _kept(school):
                    rows.add(None, school.key, register, begins, ends, recorded=recorded)
    return rows.frame()


def _kept(school: School) -> list[str]:
    """Return the registers that a school keeps."""
    without = set() if school.conduct else {"incidents", "sanctions"}
    without |= set() if school.platform else {"activity", "work"}
    return [register for register in COVERED if register not in without]


def _weeks(year: SchoolYear) -> Iterator[tuple[date, date]]:
    """Yield the weeks of a school year, from its first day to its last."""
    begins = year.begins
    while begins <= year.ends:
        ends = min(begins + DAY * (6 - begins.weekday()), year.ends)
        yield begins, ends
        begins = ends + DAY


def enrolments(world: World) -> pl.DataFrame:
    """Return enrolments as planned to the end of the year, and as they ended where that differs."""
    rows, draw = Rows("enrolments"), world.plan.stream("enrolments")
    for number, each in enumerate(world.enrolments):
        key = f"E{number + 1:07d}"
        begins = at(each.begins + DAY * _first_lag(each, draw), 7)
        who = (each.pupil.key, each.school.key, each.begins)
        what = (each.grade, each.class_name, each.school.type)
        rows.add(key, *who, each.year.over, *what, None, recorded=begins)
        if each.exit is not None:
            ended = at(_end_known(each, draw), 11)
            rows.add(
                key, *who, each.ends, *what, each.exit,
                recorded=max(ended, begins + DAY), version=1,
            )  # fmt: skip
    return rows.frame()


def _first_lag(each: Enrolment, draw: Random) -> int:
    if each.begins != each.year.begins:
        return draw.randint(0, 5)
    return draw.randint(2, 20) if draw.random() < 0.02 else 0


def _end_known(each: Enrolment, draw: Random) -> date:
    """Return the day on which the end of an enrolment is recorded."""
    match each.exit:
        case "stage_completed" | "graduated" | "school_closed":
            return max(date(each.ends.year, 6, draw.randint(10, 29)), each.ends - DAY * 70)
        case "moved_school":
            return each.ends + DAY * draw.randint(0, 6)
        case _:
            return each.ends + DAY * (3 + int(draw.expovariate(0.12)))


def pupils(world: World) -> pl.DataFrame:
    """Return pupils; who moves to a school far away lives there from then on: a version."""
    rows, draw = Rows("pupils"), world.plan.stream("homes")
    careers: dict[str, list[Enrolment]] = defaultdict(list)
    for each in world.enrolments:
        careers[each.pupil.key].append(each)
    for pupil in world.pupils:
        career = careers[pupil.key]
        home, version = pupil.home, 0
        _add(rows, pupil, home, career[0].begins, version)
        for before, after in pairwise(career):
            there = after.school.municipality
            if before.exit == "moved_school" and before.school.municipality != there:
                home, version = there, version + 1
                _add(rows, pupil, home, after.begins + DAY * draw.randint(1, 40), version)
    return rows.frame()


def _add(rows: Rows, pupil: Pupil, home: str, day: date, version: int) -> None:
    rows.add(
        pupil.key, pupil.born, pupil.sex, pupil.language, home, pupil.repeated_before,
        recorded=at(day, 7), version=version,
    )  # fmt: skip


def outcomes(world: World) -> pl.DataFrame:
    """Return how careers ended; some unknown ends are cleared up months later."""
    rows, draw = Rows("outcomes"), world.plan.stream("outcomes")
    for number, each in enumerate(world.outcomes):
        key = f"O{number + 1:06d}"
        rows.add(key, each.pupil.key, each.day, each.fate, recorded=at(each.known))
        if each.really:
            later = at(each.known + DAY * draw.randint(60, 240))
            rows.add(key, each.pupil.key, each.day, each.really, recorded=later, version=1)
    return rows.frame()
