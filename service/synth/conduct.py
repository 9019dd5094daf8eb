"""Conduct and engagement: incidents, sanctions, days on the learning platform, surveys."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import polars as pl

from engine.registers.schema import MOMENT, REGISTERS
from service.synth.calendar import DAY, Semester, at
from service.synth.lives import Stay
from service.synth.plan import poisson, uniforms
from service.synth.table import Rows, columns_of, lagging, written
from service.synth.world import World

HURT, SEEN = 0.03, 0.02  # incidents a semester in which a pupil was hurt, or saw it
WITHDRAWN = 0.01  # share of incidents that were entered by mistake and are deleted
KIND = REGISTERS["activity"].schema["kind"]


def incidents(world: World, semester: Semester) -> pl.DataFrame:
    """Return a semester's conduct incidents, of schools that keep such a register."""
    rows, draw = Rows("incidents"), world.plan.stream("incidents", semester.key)
    for stay in _kept(world, semester):
        days, low, high = world.span_of(stay)
        roles = (("actor", stay.signs.conduct), ("victim", HURT), ("witness", SEEN))
        for role, mean in roles if high > low else ():
            for _ in range(poisson(draw, mean * (high - low) / 80)):
                _incident(rows, stay, days[draw.randrange(low, high)], role, draw)
    return rows.frame()


def _incident(rows: Rows, stay: Stay, day: date, role: str, draw: Random) -> None:
    recorded = written(stay.enrolment.school, day, lagging(draw, 4, 0.02, 25))
    if recorded is None:
        return
    about = (stay.pupil.key, stay.enrolment.school.key, day, role)
    key = f"I{stay.semester.key}-{len(rows.rows)}"
    rows.add(key, *about, recorded=recorded)
    if draw.random() < WITHDRAWN:
        rows.add(key, *about, recorded=recorded + DAY * draw.randint(3, 30), version=1, gone=True)


def sanctions(world: World, semester: Semester) -> pl.DataFrame:
    """Return a semester's formal sanctions."""
    rows, draw = Rows("sanctions"), world.plan.stream("sanctions", semester.key)
    kinds, weights = ("warning", "reprimand", "exclusion", "other"), (60, 28, 4, 8)
    for stay in _kept(world, semester):
        days, low, high = world.span_of(stay)
        for _ in range(poisson(draw, 0.12 * stay.signs.conduct) if high > low else 0):
            day = days[draw.randrange(low, high)]
            recorded = written(stay.enrolment.school, day, draw.randint(0, 4))
            if recorded is not None:
                rows.add(
                    f"K{semester.key}-{len(rows.rows)}", stay.pupil.key,
                    stay.enrolment.school.key, day, draw.choices(kinds, weights)[0],
                    recorded=recorded,
                )  # fmt: skip
    return rows.frame()


def _kept(world: World, semester: Semester) -> list[Stay]:
    """Return the stays at schools that keep a register of conduct."""
    return [stay for stay in world.stays[semester] if stay.enrolment.school.conduct]


def surveys(world: World, semester: Semester) -> pl.DataFrame:
    """Return the voluntary survey on wellbeing from grade 5 on: who is strained answers less."""
    rows, draw = Rows("surveys"), world.plan.stream("surveys", semester.key)
    first = date(semester.year, 11, 9) if semester.number == 1 else date(semester.year + 1, 4, 6)
    for number, stay in enumerate(world.stays[semester]):
        day = first + DAY * draw.randint(0, 11)
        if stay.enrolment.grade < 5 or not stay.begins <= day <= stay.ends:
            continue
        if draw.random() < min(0.9, max(0.15, 0.62 - 0.08 * stay.signs.strain)):
            score = min(10.0, max(0.0, draw.gauss(6.9 - 0.7 * stay.signs.strain, 1.4)))
            key = f"V{semester.key}-{number}"
            rows.add(key, stay.pupil.key, day, round(score, 1), recorded=at(day))
    return rows.frame()


def activity(world: World, semester: Semester) -> pl.DataFrame:
    """Return days on the learning platform and work that was due there, in bulk.

    A piece of work that was due has one row: `due` if it came in time, else `late` or `missing`.
    """
    draw = world.plan.stream("activity", semester.key)
    frame = _platform_days(world, semester)
    frame = frame.with_columns(
        on=uniforms(draw, frame.height), work=uniforms(draw, frame.height),
        how=uniforms(draw, frame.height),
    )  # fmt: skip
    active = frame.filter(pl.col("on") < 0.6 - 0.07 * pl.col("strain"))
    badly = (0.09 + 0.05 * pl.col("strain")).clip(0.01, 0.6)
    missing = pl.when(pl.col("how") < badly / 2).then(pl.lit("missing"))
    kind = missing.when(pl.col("how") < badly).then(pl.lit("late")).otherwise(pl.lit("due"))
    work = frame.filter(pl.col("work") < 0.2)
    both = pl.concat(
        [active.with_columns(kind=pl.lit("active").cast(KIND)),
         work.with_columns(kind=kind.cast(KIND))]
    )  # fmt: skip
    numbers = pl.int_range(pl.len()).cast(pl.String)
    return both.with_columns(
        id=pl.format("A{}-{}", pl.lit(semester.key), numbers),
        version=pl.lit(0, pl.UInt8), gone=pl.lit(value=False),
    ).select(list(columns_of("activity")))  # fmt: skip


def _platform_days(world: World, semester: Semester) -> pl.DataFrame:
    """Return each pupil's days of teaching at schools with a platform that send them."""
    stays = [
        (stay.pupil.key, stay.enrolment.school.key, stay.begins, stay.ends, stay.signs.strain)
        for stay in world.stays[semester]
        if stay.enrolment.school.platform
    ]
    days: list[tuple[str, date, datetime]] = []
    for school in world.places.schools.values():
        for day in world.days_of(school.key, semester) if school.platform else ():
            recorded = written(school, day)
            if recorded is not None:
                days.append((school.key, day, recorded + timedelta(hours=7)))
    people = pl.DataFrame(
        stays, orient="row",
        schema={"pupil": pl.String, "school": pl.String, "begins": pl.Date, "ends": pl.Date,
                "strain": pl.Float32},
    )  # fmt: skip
    calendar = pl.DataFrame(
        days, orient="row", schema={"school": pl.String, "day": pl.Date, "recorded": MOMENT}
    )
    both = people.join(calendar, on="school", how="inner", maintain_order="left_right")
    return both.filter(pl.col("day").is_between("begins", "ends"))
