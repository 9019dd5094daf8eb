"""Marks on other scales than the Latvian one: declared, judged by it, and never mixed up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.indicator import Catalogue
from engine.indicators.compute import indicators
from engine.load import load_catalogue
from tests.engine.registers.exports import MARKS, place, read, rejected

SCALES = "sourcedId,metadata.low,metadata.high,metadata.passesFrom\npercent,0,100,40\nodd,1,6,\n"
HEADER = f"{MARKS.strip()},scoreScaleSourcedId\n"
NAMES = ("failed_courses", "failed_core_courses", "near_fails", "mean_mark", "mean_score")


def catalogue(root: Path) -> Catalogue:
    """Return the indicators of marks, `mean_score` among them."""
    found = load_catalogue(root / "rules" / "examples" / "oulad")
    return replace(found, indicators={name: found.indicators[name] for name in NAMES})


@pytest.mark.parametrize(
    ("mark", "problem"),
    [
        ("78.5,percent", None),
        ("0,percent", None),
        ("100.5,percent", "range"),
        ("-1,percent", "range"),
        ("7,odd", "range"),
        ("11,", "range"),
        ("8.5,", "not-whole"),
    ],
)
def test_a_mark_lies_on_its_own_scale(tmp_path: Path, mark: str, problem: str | None) -> None:
    """Whole and up to 10 where no scale is named; else within what the scale says."""
    marks = f"{HEADER}m1,p1,s1,c1,y,2025-10-01,fully graded,{mark}\n"
    reading = read(place(tmp_path / "a", scoreScales=SCALES, marks=marks))
    assert rejected(reading) == ([(2, "score", problem)] if problem else [])


def test_a_scale_that_nobody_declared_is_rejected(tmp_path: Path) -> None:
    """It is a key that points nowhere."""
    marks = f"{HEADER}m1,p1,s1,c1,y,2025-10-01,fully graded,3,other\n"
    reading = read(place(tmp_path / "a", scoreScales=SCALES, marks=marks))
    assert rejected(reading) == [(2, "scoreScaleSourcedId", "key-unknown")]


TERM = "sourcedId,type,startDate,endDate\ny,semester,2025-09-01,2026-01-10\n"


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        # 4 of 10 passes, and is the lowest that does; 39 of 100 fails
        (["4,", "39,percent"], (1, 1, 1, 4.0, 36.2)),
        (["8,", "40,percent"], (0, 0, 0, 8.0, 58.9)),
        # a scale that does not say what passes: nobody knows whether 2 of 6 fails
        (["8,", "2,odd"], (None, None, 0, 8.0, 48.9)),
        (["78.5,percent"], (0, None, None, None, 78.5)),
    ],
)
def test_figures_of_marks_on_several_scales(
    tmp_path: Path, root: Path, marks: list[str], expected: tuple[object, ...]
) -> None:
    """A Latvian mean is of Latvian marks; what fails is said by each scale, or by nobody."""
    rows = "".join(
        f"m{n},p1,s1,{course},y,2025-12-01,fully graded,{mark}\n"
        for n, (course, mark) in enumerate(zip(("c2", "c1"), marks, strict=False))
    )
    folder = place(tmp_path / "a", scoreScales=SCALES, marks=HEADER + rows, academicSessions=TERM)
    found = indicators(read(folder).history, catalogue(root), date(2025, 12, 31)).collect()
    assert found.filter(pupil_key="p1").select(NAMES).row(0) == expected


def test_the_gradebook_s_line_items_name_a_scale(tmp_path: Path) -> None:
    """As OneRoster has it."""
    files = {
        "classes": "sourcedId,courseSourcedId,schoolSourcedId\nk,c1,s1\n",
        "lineItems": "sourcedId,classSourcedId,gradingPeriodSourcedId,scoreScaleSourcedId\n"
        "l,k,y,percent\n",
        "results": "sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate\n"
        "r,l,p1,fully graded,77,2025-10-01\n",
    }
    reading = read(place(tmp_path / "a", scoreScales=SCALES, **files))
    assert rejected(reading) == []
    assert reading.history.frames["marks"].select("mark", "scale").collect().row(0) == (
        77.0,
        "percent",
    )
