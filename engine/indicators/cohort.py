"""Whom an answer is for: the pupils enrolled on a day, each once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl


def enrolled(known: Mapping[str, pl.LazyFrame], as_of: date) -> pl.LazyFrame:
    """Return one row for each pupil enrolled on `as_of`: pupil, school, grade, school_type.

    Of several enrolments that day the latest begun counts, ties going by the school's code.
    """
    day = pl.lit(as_of)
    there = (pl.col("begins") <= day) & (pl.col("ends").is_null() | (pl.col("ends") >= day))
    return (
        known["enrolments"]
        .filter(there)
        .sort("begins", "school", "id", descending=[True, False, False])
        .unique("pupil", keep="first", maintain_order=True)
        .select("pupil", "school", "begins", "grade", "school_type")
    )
