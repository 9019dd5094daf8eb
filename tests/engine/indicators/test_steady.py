"""Many days at once: what came late, was corrected, or was no school day yet, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.indicators import steady
from engine.indicators.compute import indicators
from engine.indicators.many import indicators_on
from engine.indicators.table import SOURCES
from engine.load import load_catalogue
from tests.engine.indicators.drawn import EARLY, STATUSES, Row, Rows, history_of, moment

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "rules" / "lv")
OF_LESSONS = replace(
    CATALOGUE, indicators={name: CATALOGUE.indicators[name] for name in SOURCES[0].figures}
)
START = date(2023, 9, 1)
DAYS = [day for n in range(110) if (day := START + timedelta(days=n)).weekday() < 5]
ASKED = DAYS[30:72:12]
PUPILS = [f"p{n}" for n in range(8)]


def lessons(chance: Random, fate: str) -> list[Row]:
    """Return two lessons for each pupil and day, of whom some are at two schools on some days."""
    found: list[Row] = []
    for number, pupil in enumerate(PUPILS):
        for day in DAYS:
            there = ("a", "b") if number % 3 == 0 and chance.random() < 0.4 else ("ab"[number % 2],)
            for school in there:
                status = chance.choices(STATUSES, (4, 1, 4, 1, 1))[0]
                row = {"id": f"{pupil}{day}{school}", "pupil": pupil, "school": school, "day": day}
                row |= {"lesson": 1, "status": status, "recorded": moment(day)}
                if fate != "in time" and chance.random() < 0.02:
                    later = moment(day, 24 * chance.choice((1, 4, 30)))
                    if fate == "corrected":
                        found.append({**row, "ended": later})
                        row["status"] = chance.choice(STATUSES)
                    row["recorded"] = later
                found.append(row)
    return found


def registers(chance: Random, fate: str, calendar: str) -> Rows:
    """Return registers in which school b has some days of its calendar said late, or taken back."""
    school_days: list[Row] = []
    for school in "ab":
        for n, day in enumerate(DAYS):
            row = {"id": f"{school}{n}", "school": school, "day": day, "recorded": EARLY}
            if school == "b" and n in (20, 40) and calendar != "steady":
                row[calendar] = moment(DAYS[50])
            school_days.append(row)
    ends = DAYS[-1] + timedelta(60)
    return {
        "orgs": [{"id": school, "type": "school", "recorded": EARLY} for school in "ab"],
        "sessions": [
            {"id": kind, "type": kind, "begins": START, "ends": ends, "recorded": EARLY}
            for kind in ("semester", "school_year")
        ],
        "school_days": school_days,
        "pupils": [{"id": pupil, "recorded": EARLY} for pupil in PUPILS],
        "enrolments": [
            {
                "id": pupil, "pupil": pupil, "school": "ab"[number % 2], "begins": START,
                "grade": 5, "recorded": EARLY if number < 6 else moment(DAYS[50]),
            }
            for number, pupil in enumerate(PUPILS)
        ],
        "attendance": lessons(chance, fate),
    }  # fmt: skip


@pytest.mark.parametrize("fate", ["in time", "late", "corrected"])
@pytest.mark.parametrize("calendar", ["steady", "recorded", "ended"])
@pytest.mark.parametrize("rows", [60, 400_000])
def test_days_together_are_as_each_day_alone(
    fate: str, calendar: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts and whole; the answers differ from day to day."""
    monkeypatch.setattr(steady, "ROWS", rows)
    chance = Random(f"{fate} {calendar}")  # noqa: S311  no secret
    history = history_of(registers(chance, fate, calendar))
    found = {day: frame.collect() for day, frame in indicators_on(history, OF_LESSONS, ASKED)}
    for day, frame in found.items():
        alone = indicators(history, OF_LESSONS, day).collect()
        assert alone["absent_days_year"].null_count() < alone.height
        assert_frame_equal(frame, alone)
    assert len({str(frame.rows()) for frame in found.values()}) == len(ASKED)


def test_a_lesson_at_a_second_school_that_is_told_late_changes_the_day_from_then_on() -> None:
    """Absent all day, as far as is known; then present at the other school."""
    first = {"pupil": "p0", "lesson": 1, "school": "a", "status": "unexcused"}
    rows = registers(Random(0), "in time", "steady")  # noqa: S311  no secret
    rows["attendance"] = [
        {**first, "id": str(day), "day": day, "recorded": moment(day)} for day in DAYS
    ]
    told = {"id": "b", "school": "b", "status": "present", "recorded": moment(DAYS[60])}
    rows["attendance"].append({**first, **told, "day": DAYS[40]})
    found = dict(indicators_on(history_of(rows), OF_LESSONS, [DAYS[40], DAYS[60]]))
    absent = [frame.collect()["absent_days_year"][0] for frame in found.values()]
    assert absent == [41, 60]


def test_a_pupil_may_have_more_lessons_than_sixteen_bits_count() -> None:
    """80,000 lessons missed are 80,000, asked for alone or with other days."""
    rows = registers(Random(0), "in time", "steady")  # noqa: S311  no secret
    whole = history_of(rows)
    some = whole.frames["attendance"].filter(pl.col("pupil") == "p1", pl.col("day") <= DAYS[1])
    missed = some.with_columns(
        pl.lit("unexcused").cast(some.collect_schema()["status"]).alias("status")
    )
    times = pl.LazyFrame({"n": range(40_000)})
    attendance = missed.join(times, how="cross").drop("n")
    history = replace(whole, frames={**whole.frames, "attendance": attendance})
    for day, frame in indicators_on(history, OF_LESSONS, DAYS[:2]):
        found = frame.filter(pl.col("pupil_key") == "p1").collect()
        assert found["unexcused_lessons_semester"].to_list() == [40_000 * (1 + DAYS.index(day))]
