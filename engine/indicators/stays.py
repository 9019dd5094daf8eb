"""Stays at schools: enrolments in order, and until when those without an end go on."""

from __future__ import annotations

import polars as pl

from engine.registers.pupil_days import A_DAY

PUPIL, _, SCHOOL = A_DAY


def in_order(enrolments: pl.LazyFrame) -> pl.LazyFrame:
    """Return enrolments pupil by pupil, as they begin; of one day, ties go by school's code."""
    return enrolments.sort(
        PUPIL, "begins", SCHOOL, "id", descending=[False, False, True, True]
    ).select(pl.exclude("id"))


def closed(stays: pl.LazyFrame) -> pl.LazyFrame:
    """Let those of stays in order that have no end go on until the pupil's next one begins."""
    following = pl.when(pl.col(PUPIL).shift(-1) == pl.col(PUPIL)).then(
        pl.col("begins").shift(-1) - pl.duration(days=1)
    )
    return stays.with_columns(pl.coalesce("ends", following).alias("ends"))
