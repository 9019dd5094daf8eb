"""The frames over which figures are evaluated: one row a pupil's day, mark of a term, and so on.

Each source is made from registers as they were known, and has the columns ``pupil``, ``day``, a
flag for each window that its figures use, and what its rows add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.registers.calendar import DAY, SCHOOL, Calendar

PUPIL = "pupil"
Known = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Given:
    """What sources are made of: registers as known when `as_of` ended, and what follows from them.

    `known` keeps the column ``recorded``. `cohort` has one row for each pupil to answer for.
    """

    as_of: date
    known: Known
    calendar: Calendar
    cohort: pl.LazyFrame


def happened(rows: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Return the rows whose day has come: what is entered ahead of its day does not count yet."""
    return rows.filter(pl.col(DAY) <= as_of)


def in_school_days(rows: pl.LazyFrame, days: pl.DataFrame) -> pl.LazyFrame:
    """Return the rows that lie on school days of their own school, with the days' window flags."""
    return rows.join(days.lazy(), on=[SCHOOL, DAY], how="inner")
