"""Engagement and wellbeing: the learning platform, and what pupils say in surveys.

Activity names no school, so its days are those of the school in which the pupil is enrolled on
the as-of date. Use of the platform and work due are covered each by itself: a source may send one
and not the other. Each counts up to the day until which that school's coverage of it has no gap.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only, share, tally
from engine.registers.calendar import DAYS_20, YEAR, Window

KIND = pl.col("kind")


def lms_active_days_20d() -> Figure:
    """School days of the last 20 on which the pupil used the learning platform, in days."""
    active = Part((KIND == "active") & pl.col("school_day"), "days")
    return Figure({"days": active}, only("days"), DAYS_20, until="days_20_until")


def late_work_rate_20d() -> Figure:
    """Work handed in late or not at all as a share of the work due in the last 20 school days.

    A ratio. Each piece of work is one row: handed in when due, late, or missing.
    """
    return _late_work(DAYS_20)


def late_work_rate_year() -> Figure:
    """Work handed in late or not at all as a share of the work due in the school year. A ratio."""
    return _late_work(YEAR)


def _late_work(window: Window) -> Figure:
    late = KIND.is_in(["late", "missing"]).fill_null(value=False)
    parts = {"late": tally(late), "due": tally(late | (KIND == "due").fill_null(value=False))}
    return Figure(
        parts, lambda of: share(of["late"], of["due"]), window, until=f"{window.name}_until"
    )


def wellbeing_score() -> Figure:
    """Give the pupil's own rating in the last survey answered, in points from 0 to 10."""
    return Figure({"score": Part(pl.col("score"), "same")}, only("score"))


ACTIVITY = (lms_active_days_20d,)
WORK = (late_work_rate_20d, late_work_rate_year)
SURVEYS = (wellbeing_score,)
