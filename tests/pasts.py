"""Histories that are made up in numbers, for tests that need many rows: nobody in them exists."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from engine.frame import ROW
from engine.load import load_catalogue
from engine.replay.history import History, history_of
from engine.table import Table

RULES = Path(__file__).parents[1] / "rules" / "lv"


@cache
def past(rows: int = 4000, cohorts: int = 4, seed: int = 1) -> History:
    """Return rows of pupils who leave the more often, the less they attend and the more they fail.

    One in twelve leaves; of one in thirty nobody knows. One value in twenty is missing. Each pupil
    stands in two cohorts.
    """
    draw = np.random.default_rng(seed)
    strain = draw.normal(size=rows)
    attendance = np.clip(1 - draw.gamma(2, 0.02, rows) * np.exp(0.7 * strain), 0, 1).round(4)
    fails = np.minimum(draw.poisson(0.5 * np.exp(0.6 * strain)), 20)
    chance = 1 / (1 + np.exp(3.1 - 1.1 * strain))
    number = np.arange(rows)
    frame = pl.DataFrame(
        {
            "pupil_key": [f"P-{pupil}" for pupil in number // 2],
            "as_of": [date(2020 + at % cohorts, 12, 20) for at in number],
            "cohort": [str(2020 + at % cohorts) for at in number],
            "school": [f"s{at}" for at in draw.integers(0, 12, rows)],
            "outcome": _with_gaps(draw, (draw.random(rows) < chance).astype(int), 30),
            "attendance_rate_45d": _with_gaps(draw, attendance, 20),
            "failed_courses": _with_gaps(draw, fails, 20),
            "failed_core_courses": _with_gaps(
                draw, np.minimum(fails, draw.integers(0, 5, rows)), 20
            ),
            "incidents_semester": _with_gaps(draw, draw.poisson(np.exp(strain) / 3), 20),
            "grade": draw.integers(5, 13, rows),
            "sex": np.where(draw.random(rows) < 0.5 + 0.1 * np.tanh(strain), "male", "female"),
        }
    )
    table = Table(frame.with_row_index(ROW, offset=1).lazy(), tuple(frame.columns))
    return history_of(table, load_catalogue(RULES), f"{seed:064}")


def _with_gaps(draw: np.random.Generator, values: np.ndarray, one_in: int) -> pl.Series:
    return pl.Series(values).set(pl.Series(draw.random(len(values)) < 1 / one_in), None)
