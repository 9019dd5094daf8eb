"""Attendance: lessons attended and missed, by the school days of the school that they were in.

A row of the source is one pupil's day at one school: how many lessons were expected, attended,
and missed without excuse or for medical reasons. A late pupil attended. A medical absence is
never unexcused.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only, share
from engine.registers.calendar import (
    DAYS_20,
    DAYS_40,
    DAYS_45,
    EARLIER_20,
    SEMESTER,
    WEEKS_4,
    YEAR,
    Window,
)

# A lesson lasts 40 minutes in Latvia (state standard of basic education, Cabinet Regulation 747 of
# 2018; quoted from memory: check it before relying on the figure).
LESSON_MINUTES = 40


def _rate(window: Window) -> Figure:
    parts = {"attended": Part(pl.col("attended")), "expected": Part(pl.col("expected"))}
    return Figure(parts, lambda of: share(of["attended"], of["expected"]), window)


def attendance_rate_45d() -> Figure:
    """Lessons attended as a share of lessons expected: a ratio over the last 45 school days."""
    return _rate(DAYS_45)


def attendance_rate_year() -> Figure:
    """Lessons attended as a share of lessons expected: a ratio over the school year."""
    return _rate(YEAR)


def unexcused_lessons_semester() -> Figure:
    """Lessons missed without excuse in the semester, in lessons."""
    return Figure({"unexcused": Part(pl.col("unexcused"))}, only("unexcused"), SEMESTER)


def unexcused_hours_4w() -> Figure:
    """Time missed without excuse in 4 school weeks, in hours of 60 minutes.

    No register says when a report was made, so the count does not start anew after one.
    """
    hours = LESSON_MINUTES / 60
    unexcused = {"unexcused": Part(pl.col("unexcused"))}
    return Figure(unexcused, lambda of: of["unexcused"] * hours, WEEKS_4)


def _absent_days(window: Window) -> Figure:
    return Figure({"absent": Part(pl.col("absent"), "days")}, only("absent"), window)


def absent_days_semester() -> Figure:
    """Days of the semester with lessons of which the pupil attended none at any school, in days."""
    return _absent_days(SEMESTER)


def absent_days_year() -> Figure:
    """Days of the school year with lessons of which the pupil attended none at any school."""
    return _absent_days(YEAR)


def late_arrivals_20d() -> Figure:
    """Lessons to which the pupil came late in the last 20 school days, in times."""
    return Figure({"late": Part(pl.col("late"))}, only("late"), DAYS_20)


def attendance_trend_40d() -> Figure:
    """Attendance in the later 20 of the last 40 school days less that in the earlier 20.

    In percentage points; unknown where either half has no lessons.
    """
    attended, expected = pl.col("attended"), pl.col("expected")
    parts = {
        "attended_later": Part(attended, window=DAYS_20),
        "expected_later": Part(expected, window=DAYS_20),
        "attended_earlier": Part(attended, window=EARLIER_20),
        "expected_earlier": Part(expected, window=EARLIER_20),
    }
    return Figure(
        parts,
        lambda of: (
            100 * share(of["attended_later"], of["expected_later"])
            - 100 * share(of["attended_earlier"], of["expected_earlier"])
        ),
        DAYS_40,
    )


def medical_absence_share() -> Figure:
    """Lessons missed for medical reasons as a share of all missed in the semester: a ratio.

    Unknown where none was missed: there is nothing to take a share of.
    """
    parts = {"medical": Part(pl.col("medical")), "missed": Part(pl.col("missed"))}
    return Figure(parts, lambda of: share(of["medical"], of["missed"]), SEMESTER)


FIGURES = (
    attendance_rate_45d,
    attendance_rate_year,
    unexcused_lessons_semester,
    unexcused_hours_4w,
    absent_days_semester,
    absent_days_year,
    late_arrivals_20d,
    attendance_trend_40d,
    medical_absence_share,
)
