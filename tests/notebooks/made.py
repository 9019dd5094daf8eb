"""A small history that anybody may see through: nobody in it exists, and the risk is plain.

Pupils get a risk at random; the worse it is, the more they are absent and fail, and the likelier
they leave. Boys are absent a little more for the same risk, so that groups differ.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl

SEED = 7
YEARS = range(2018, 2024)


def write_history(path: Path, pupils: int = 500) -> Path:
    """Write a history with a row for each pupil of six school years, and return its path."""
    draw = Random(SEED)  # noqa: S311  nothing here is a secret
    rows = [_row(draw, year, number) for year in YEARS for number in range(pupils)]
    pl.DataFrame(rows).write_parquet(path)
    return path


def _row(draw: Random, year: int, number: int) -> dict[str, object]:
    day = date(year, 12, 19)
    risk = draw.gauss(0, 1)
    left = draw.random() < 1 / (1 + 2.718281828 ** (3.2 - 1.3 * risk))
    boy = draw.random() < 0.5
    absent = min(0.6, max(0.0, 0.04 + 0.025 * risk + 0.01 * boy + draw.gauss(0, 0.02)))
    fails = max(0, round(draw.gauss(0.4 + 0.7 * risk, 0.8)))
    known = draw.random() > 0.05
    return {
        "pupil_key": f"P-{year}-{number:04d}",
        "school": f"S{number % 6 + 1:03d}",
        "grade": 5 + number % 8,
        "cohort": f"{year}",
        "as_of": day,
        "outcome": None if draw.random() < 0.02 else left,
        "left_on": day + timedelta(draw.randint(20, 300)) if left else None,
        "attendance_rate_45d": round(1 - absent, 4) if known else None,
        "unexcused_lessons_semester": max(0, round(draw.gauss(5 + 6 * risk, 5))),
        "failed_core_courses": min(fails, 4),
        "failed_courses": fails,
        "mean_mark": round(min(10, max(1, 6.5 - 0.9 * risk + draw.gauss(0, 0.7))), 2),
        "mark_trend": round(draw.gauss(-0.15 * risk, 0.5), 2) if known else None,
        "not_assessed_courses": max(0, round(draw.gauss(0.3 * risk, 0.6))),
        "on_track": fails < 3,
        "grades_repeated": int(draw.random() < 0.03 + 0.02 * (risk > 1)),
        "sex": "male" if boy else "female",
        "home_language": draw.choice(["latvian", "latvian", "russian", "ukrainian"]),
        "observed_on": day,
    }
