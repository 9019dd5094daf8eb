"""Whom an answer is for: the pupils enrolled on a day, each once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from engine.indicators.stays import in_order


def enrolled(known: Mapping[str, pl.LazyFrame], as_of: date) -> pl.LazyFrame:
    """Return one row for each pupil enrolled on `as_of`: pupil, school, grade, school_type.

    Of several enrolments that day the latest begun counts, ties going by the school's code.
    Where an enrolment names no programme, it is of the school's type.
    """
    return of_stays(in_order(known["enrolments"]), known["orgs"], as_of)


def of_stays(stays: pl.LazyFrame, orgs: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Return the same of enrolments that are in order, with all their columns."""
    day = pl.lit(as_of)
    there = (pl.col("begins") <= day) & (pl.col("ends").is_null() | (pl.col("ends") >= day))
    kind = orgs.select(pl.col("id").alias("school"), pl.col("school_type").alias("_type"))
    return (
        stays.filter(there)
        .filter((pl.col("pupil") != pl.col("pupil").shift(-1)).fill_null(value=True))
        .join(kind, on="school", how="left", maintain_order="left")
        .with_columns(pl.coalesce("school_type", "_type").alias("school_type"))
        .drop("_type")
    )
