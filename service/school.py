"""A demonstration school: one that does not exist, with the dirt of registers that do.

The school is drawn from one seed. A pupil has a hidden strain that moves attendance, marks and
conduct together. Then come the troubles of real registers: newcomers without marks, long medical
absence, a class whose journal nobody filled in, single gaps, pupils without any data, and rows
that cannot be read.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from engine.canonical import KEY

AS_OF = date(2026, 1, 16)
SCHOOL_DAYS = 78
LESSONS_A_DAY = 7
NO_SURVEY = 0.3  # the survey on wellbeing is voluntary
Row = dict[str, object]


def write_school(path: Path, pupils: int, seed: int) -> None:
    """Write the school's indicators as CSV, dirt included; the same seed gives the same bytes."""
    rows = list(_rows(pupils, random.Random(seed)))  # noqa: S311  a school is no secret
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def _rows(pupils: int, draw: random.Random) -> Iterator[Row]:
    keys: list[str] = []
    for number in range(pupils):
        key = hashlib.sha256(f"{draw.random()}{number}".encode()).hexdigest()[:8]
        keys.append(f"P-{key.upper()}")
        row = {KEY: keys[-1], **_pupil(draw)}
        yield _with_trouble(row, draw)
    if pupils > 20:
        yield from _unreadable(keys, draw)


def _pupil(draw: random.Random) -> Row:
    """Return one pupil's indicators: all hang on one hidden strain, each with noise of its own."""
    strain = draw.gauss(0, 1)
    grade = draw.randint(1, 12)
    return {
        "school": "demo",
        "school_type": "general",
        "class": f"{grade}{draw.choice('abc')}",
        "grade": grade,
        **_attendance(strain, draw),
        **_marks(strain, draw),
        **_conduct(strain, draw),
        **_circumstances(strain, draw),
    }


def _attendance(strain: float, draw: random.Random) -> Row:
    absence = min(0.6, max(0.0, 0.034 + 0.034 * strain + draw.gauss(0, 0.018)))
    expected = SCHOOL_DAYS * LESSONS_A_DAY
    truant = expected * absence * max(0.0, 0.05 + 0.12 * strain)
    unexcused = max(0, round(truant + draw.gauss(0, 1)))
    return {
        "attendance_rate_45d": round(1 - absence, 4),
        "attendance_rate_45d.observed_on": AS_OF.isoformat(),
        "unexcused_lessons_semester": unexcused,
        "absent_days_semester": round(SCHOOL_DAYS * absence),
        "late_arrivals_20d": max(0, round(1 + 1.5 * strain + draw.gauss(0, 1))),
        "attendance_trend_40d": round(draw.gauss(-0.8 * strain, 2.5), 2),
        "medical_absence_share": round(draw.uniform(0.3, 0.9), 2) if absence else "",
    }


def _marks(strain: float, draw: random.Random) -> Row:
    mean = min(10.0, max(2.5, 7.0 - 1.1 * strain + draw.gauss(0, 0.6)))
    fails = _times(11, 0.02 + (4.8 - mean) * 0.12, draw)
    return {
        "failed_core_courses": _times(fails, 0.4, draw),
        "failed_courses": fails,
        "near_fails": _times(11, (6.5 - mean) * 0.08, draw),
        "mean_mark": round(mean, 2),
        "mark_trend": round(draw.gauss(-0.15 * strain, 0.4), 2),
        "not_assessed_courses": _times(11, 0.008 + 0.012 * strain, draw),
        "on_track": str(fails < 3).lower(),
    }


def _conduct(strain: float, draw: random.Random) -> Row:
    return {
        "incidents_semester": _times(6, 0.03 + 0.05 * strain, draw),
        "incident_days_rate_year": round(max(0.0, draw.gauss(0.004 + 0.006 * strain, 0.005)), 4),
        "sanctions_year": _times(1, 0.02 + 0.03 * strain, draw),
        "grades_repeated": _times(1, 0.01 + 0.02 * strain, draw),
        "school_moves_12m": _times(1, 0.05 + 0.02 * strain, draw),
    }


def _circumstances(strain: float, draw: random.Random) -> Row:
    chances = {
        "low_income": 0.14 + 0.05 * strain,
        "out_of_family_care": 0.012,
        "parent_abroad": 0.04,
        "language_support_need": 0.05,
        "special_needs_support": 0.07,
        "long_illness": 0.0,
    }
    wellbeing = round(min(10.0, max(1.0, draw.gauss(6.8 - strain, 1.2))), 1)
    return {
        "travel_minutes": max(3, round(draw.lognormvariate(2.9, 0.6))),
        **{name: str(draw.random() < chance).lower() for name, chance in chances.items()},
        "wellbeing_score": "" if draw.random() < NO_SURVEY else wellbeing,
    }


def _times(tries: int, chance: float, draw: random.Random) -> int:
    """Return how often something with this chance happens in so many tries."""
    return sum(draw.random() < chance for _ in range(tries))


_MARKS = (
    "on_track",
    "failed_core_courses",
    "failed_courses",
    "near_fails",
    "mean_mark",
    "mark_trend",
)
_KEPT = (KEY, "school", "school_type", "class", "grade")


def _with_trouble(row: Row, draw: random.Random) -> Row:
    """Return the row with what registers do to it."""
    luck = draw.random()
    if luck < 0.008:  # nobody sent anything
        return {name: value if name in _KEPT else "" for name, value in row.items()}
    if luck < 0.04:  # a newcomer: no marks yet, and no attendance long enough to count
        blank = {*_MARKS, "attendance_rate_45d", "attendance_trend_40d", "not_assessed_courses"}
        return {name: "" if name in blank else value for name, value in row.items()} | {
            "school_moves_12m": 1
        }
    if luck < 0.06:  # long illness: absent, and excused
        days = draw.randint(15, 40)
        return row | {
            "attendance_rate_45d": round(1 - days / 45, 4),
            "absent_days_semester": days,
            "unexcused_lessons_semester": 0,
            "medical_absence_share": round(draw.uniform(0.92, 1), 2),
            "long_illness": "true",
        }
    if row["class"] == "8c":  # the journal of this class ends in October
        return row | {"attendance_rate_45d.observed_on": "2025-10-03"}
    if luck < 0.12:  # a single gap
        return row | {draw.choice([name for name in row if name not in _KEPT]): ""}
    return row


def _unreadable(keys: list[str], draw: random.Random) -> Iterator[Row]:
    """Yield rows that nobody can read: text, per cents, a key twice, no key."""
    for place, wrong in (
        (3, {"mean_mark": "nv"}),
        (5, {"attendance_rate_45d": "87"}),
        (8, {"failed_courses": "1.5"}),
        (13, {"low_income": "maybe"}),
    ):
        yield {KEY: f"{keys[place]}-X", **_pupil(draw), **wrong}
    yield {KEY: keys[0], **_pupil(draw)}
    yield {KEY: "", **_pupil(draw)}
