"""Whom an answer is for: the pupils enrolled on a day, each once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from engine.indicators.stays import in_order


def enrolled(known: Mapping[str, pl.LazyFrame], as_of: date) -> pl.LazyFrame:
    """Return one row for each pupil enrolled on `as_of`: pupil, school, grade and so on.

    Of several enrolments that day the latest begun counts, ties going by the school's code.
    """
    return of_stays(in_order(known["enrolments"]), as_of)


def of_stays(stays: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Return the same of enrolments that are in order, with all their columns."""
    day = pl.lit(as_of)
    there = (pl.col("begins") <= day) & (pl.col("ends").is_null() | (pl.col("ends") >= day))
    latest = (pl.col("pupil") != pl.col("pupil").shift(-1)).fill_null(value=True)
    return stays.filter(there).filter(latest)


def typed(enrolments: pl.LazyFrame, orgs: pl.LazyFrame) -> pl.LazyFrame:
    """Return enrolments with ``school_type``: of those that name none it is the school's."""
    kind = orgs.select(pl.col("id").alias("school"), pl.col("school_type").alias("_type"))
    return (
        enrolments.join(kind, on="school", how="left", maintain_order="left")
        .with_columns(pl.coalesce("school_type", "_type").alias("school_type"))
        .drop("_type")
    )
