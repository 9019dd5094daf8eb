"""Every lesson: drawn in bulk for a semester, with what was recorded first and what later."""

from __future__ import annotations

import polars as pl

from engine.registers.schema import MOMENT, REGISTERS
from service.synth.absences import LATE, UNEXCUSED, absent_days
from service.synth.calendar import Semester
from service.synth.courses import lessons_of
from service.synth.lives import Stay
from service.synth.plan import poisson, uniforms
from service.synth.world import World

STATUS = REGISTERS["attendance"].schema["status"]
LATE_JOURNAL = 0.02  # share of a class's days that are written into the journal days later
LAST = {"school": pl.String(), "class_name": pl.String(), "until": pl.Date()}


def attendance(world: World, semester: Semester, ended: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `attendance` for a semester: all versions, `version` 0 first.

    `ended` says which classes' journals end: `school`, `class_name`, `until`.
    """
    stays = world.stays[semester]
    draw = world.plan.stream("attendance", semester.key)
    frame = _stays(stays)
    days = _days(world, semester, frame, ended)
    days = days.join(
        absent_days(world, stays, draw), on=["stay", "number"], how="left", maintain_order="left"
    )
    lessons = days.with_columns(
        lesson=pl.int_ranges(1, pl.col("lessons") + 1, dtype=pl.Int32)
    ).explode("lesson")
    luck = uniforms(draw, lessons.height)
    skipped = luck < pl.col("skip")
    more = pl.when(pl.col("lesson") == 1).then(4).otherwise(0.25)  # mornings are the hardest
    late = luck < pl.col("skip") + more * pl.col("late")
    own = pl.when(skipped).then(UNEXCUSED).when(late).then(LATE).otherwise(0).cast(pl.UInt8)
    lessons = lessons.select(
        "stay", "day", "lesson", "recorded", "noted", pl.coalesce("status", own).alias("status")
    )
    return _versions(lessons, frame)


def _stays(stays: list[Stay]) -> pl.DataFrame:
    """Return one row a stay, in order."""
    rows = [
        (
            number, stay.pupil.key, stay.enrolment.school.key, stay.enrolment.class_name,
            stay.enrolment.grade, stay.enrolment.school.type, stay.begins, stay.ends,
            stay.signs.skip, stay.signs.late,
        )
        for number, stay in enumerate(stays)
    ]  # fmt: skip
    schema = {
        "stay": pl.UInt32, "pupil": pl.String, "school": pl.String, "class_name": pl.String,
        "grade": pl.Int32, "type": pl.String, "begins": pl.Date, "ends": pl.Date,
        "skip": pl.Float32, "late": pl.Float32,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _days(
    world: World, semester: Semester, stays: pl.DataFrame, ended: pl.DataFrame
) -> pl.DataFrame:
    """Return one row a stay and day that stands in a journal, and when it was written."""
    days = stays.join(
        _calendar(world, semester), on="school", how="inner", maintain_order="left_right"
    )
    days = days.filter(pl.col("day").is_between("begins", "ends"))
    days = days.join(ended, on=["school", "class_name"], how="left", maintain_order="left")
    days = days.filter(pl.col("until").is_null() | (pl.col("day") <= pl.col("until")))
    which = ["school", "class_name", "number"]
    late = _late_journals(world, semester, stays)
    days = days.join(late, on=which, how="left", maintain_order="left")
    week = [
        (grade, type_, weekday + 1, lessons_of(grade, type_, weekday))
        for grade in range(1, 13)
        for type_ in ("general", "vocational", "special")
        for weekday in range(5)
    ]
    schema = {"grade": pl.Int32, "type": pl.String, "weekday": pl.Int8, "lessons": pl.Int32}
    lessons = pl.DataFrame(week, schema=schema, orient="row")
    days = days.join(lessons, on=["grade", "type", "weekday"], how="left", maintain_order="left")
    written = pl.col("day").cast(MOMENT) + pl.duration(hours=15, days=pl.col("lag").fill_null(0))
    return days.select(
        "stay", "number", "day", "lessons", "skip", "late",
        recorded=pl.max_horizontal(written, "sent").dt.cast_time_unit("ms"),
    )  # fmt: skip


def _calendar(world: World, semester: Semester) -> pl.DataFrame:
    """Return each school's days of teaching that it ever sends, with `sent` where only later."""
    rows = [
        (school.key, number, day, day.isoweekday(), school.sent if silent else None)
        for school in world.places.schools.values()
        for number, day in enumerate(world.days_of(school.key, semester))
        if not (silent := school.is_silent(day)) or school.sent
    ]
    schema = {
        "school": pl.String, "number": pl.UInt16, "day": pl.Date, "weekday": pl.Int8,
        "sent": pl.Date,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("sent").cast(MOMENT))


def _late_journals(world: World, semester: Semester, stays: pl.DataFrame) -> pl.DataFrame:
    """Return the days of classes that are written later: `lag` in days."""
    draw = world.plan.stream("journal", semester.key)
    rows: dict[tuple[str, str, int], int] = {}
    for school, class_name in sorted(set(stays.select("school", "class_name").iter_rows())):
        count = len(world.days_of(school, semester))
        for _ in range(poisson(draw, count * LATE_JOURNAL)):
            rows[school, class_name, draw.randrange(count)] = draw.randint(1, 9)
    schema = {
        "school": pl.String, "class_name": pl.String, "number": pl.UInt16, "lag": pl.Int32,
    }  # fmt: skip
    return pl.DataFrame([(*key, lag) for key, lag in rows.items()], schema=schema, orient="row")


def _versions(lessons: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Return both versions where a note changed a row after it had been written."""
    noted = pl.col("noted").cast(MOMENT) + pl.duration(hours=9)
    corrected = noted > pl.col("recorded")
    first = lessons.with_columns(
        status=pl.when(corrected).then(pl.lit(UNEXCUSED, pl.UInt8)).otherwise("status"),
        version=pl.lit(0, pl.UInt8),
    )
    second = lessons.filter(corrected).with_columns(
        recorded=noted.dt.cast_time_unit("ms"), version=pl.lit(1, pl.UInt8)
    )
    both = pl.concat([first, second])
    names = stays.select("pupil", "school")[both["stay"]]
    return both.select(
        names["pupil"], names["school"], "day", "lesson",
        pl.col("status").cat.to(STATUS), "recorded", "version",
        pl.lit(value=False).alias("gone"),
    )  # fmt: skip
