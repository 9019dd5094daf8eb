"""Attendance by lesson: every row is where a lesson can be, and versions follow each other."""

from __future__ import annotations

import polars as pl
import pytest

from service.synth.attendance import attendance
from service.synth.trouble import JOURNALS, ended_journals
from service.synth.world import World

KEY = ["pupil", "school", "day", "lesson"]


@pytest.fixture(scope="module")
def lessons(world: World) -> pl.DataFrame:
    """All lessons of a world, without ended journals."""
    none = pl.DataFrame(schema=JOURNALS)
    return pl.concat([attendance(world, semester, none) for semester in world.stays])


def test_a_lesson_is_on_a_school_day_within_an_enrolment(
    world: World, lessons: pl.DataFrame
) -> None:
    """Of that school, and one enrolment only."""
    days = {
        (school, day)
        for semester in world.stays
        for school in world.places.schools
        for day in world.days_of(school, semester)
    }
    held = lessons.select("school", "day").unique()
    assert set(held.iter_rows()) <= days
    stays = pl.DataFrame(
        [(e.pupil.key, e.school.key, e.begins, e.ends) for e in world.enrolments],
        schema=["pupil", "school", "begins", "ends"], orient="row",
    )  # fmt: skip
    pupil_days = lessons.select("pupil", "school", "day").unique()
    within = pupil_days.join(stays, on=["pupil", "school"]).filter(
        pl.col("day").is_between("begins", "ends")
    )
    assert within.height == pupil_days.height


def test_versions_of_a_lesson_follow_each_other(lessons: pl.DataFrame) -> None:
    """At most two; the first recorded no sooner than the day, the second later, and no worse."""
    first, second = (lessons.filter(pl.col("version") == number) for number in (0, 1))
    assert first.height + second.height == lessons.height
    assert not first.select(KEY).is_duplicated().any()
    assert not second.select(KEY).is_duplicated().any()
    assert (lessons["recorded"].dt.date() >= lessons["day"]).all()
    both = second.join(first, on=KEY, suffix="_first")
    assert both.height == second.height > 0
    assert (both["recorded"] > both["recorded_first"]).all()
    assert (both["status_first"] == "unexcused").all()
    assert both["status"].is_in(["excused", "medical"]).all()


def test_a_long_illness_is_no_truancy(world: World, lessons: pl.DataFrame) -> None:
    """What stands in the end on the days of a long illness is nearly all medical."""
    final = lessons.sort("version").unique(KEY, keep="last")
    ill = [
        (stay.pupil.key, stay.ill_from, stay.ends)
        for stays in world.stays.values()
        for stay in stays
        if stay.ill_from and not stay.signs.truant
    ]
    assert ill
    frame = pl.DataFrame(ill, schema=["pupil", "begins", "ends"], orient="row")
    days = final.join(frame, on="pupil").filter(pl.col("day").is_between("begins", "ends"))
    absent = days.filter(pl.col("status").is_in(["unexcused", "excused", "medical"]))
    assert (absent["status"] == "medical").mean() > 0.8  # type: ignore[operator]


def test_most_lessons_are_attended(lessons: pl.DataFrame) -> None:
    """Absence is a few per cent, most of it excused in the end."""
    final = lessons.sort("version").unique(KEY, keep="last")
    share = dict(final["status"].value_counts(normalize=True).iter_rows())
    assert 0.88 < share["present"] < 0.97
    assert 0.02 < share["medical"] < 0.06
    assert 0.003 < share["unexcused"] < share["medical"]


def test_a_silent_school_sends_nothing_or_sends_late(world: World, lessons: pl.DataFrame) -> None:
    """Rows of silent months are not there, or were recorded when the school sent them."""
    silent = [school for school in world.places.schools.values() if school.silent]
    assert silent
    for school in silent:
        assert school.silent
        first, after = school.silent
        rows = lessons.filter(
            (pl.col("school") == school.key) & (pl.col("day") >= first) & (pl.col("day") < after)
        )
        if school.sent is None:
            assert rows.height == 0
        else:
            assert (rows["recorded"].dt.date() >= school.sent).all()


def test_an_ended_journal_has_no_row_after_its_end(world: World) -> None:
    """And rows until then; other classes go on."""
    semester = world.years[0].semesters[0]
    ended = ended_journals(world, world.years[0])
    rows = attendance(world, semester, ended)
    whole = attendance(world, semester, ended.clear())
    classes = {
        (stay.pupil.key, stay.enrolment.school.key): stay.enrolment.class_name
        for stay in world.stays[semester]
    }
    assert ended.height
    for school, class_name, until in ended.iter_rows():
        mine = [pupil for (pupil, s), name in classes.items() if (s, name) == (school, class_name)]
        there = pl.col("pupil").is_in(mine) & (pl.col("school") == school)
        assert rows.filter(there & (pl.col("day") > until)).height == 0
        assert rows.filter(there).height < whole.filter(there).height
    others = ~pl.col("school").is_in(ended["school"].to_list())
    count = [each.filter(others & (pl.col("version") == 0)).height for each in (rows, whole)]
    assert count[0] == count[1]
