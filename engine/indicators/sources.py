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
    `pupil_days` are the known lessons gathered into pupils' days, where that was done already.
    """

    as_of: date
    known: Known
    calendar: Calendar
    cohort: pl.LazyFrame
    short: bool = True
    pupil_days: pl.LazyFrame | None = None

    def key(self, column: str) -> pl.Expr:
        """Return a short stand-in for a column of keys, which is grouped by in half the time.

        `short` says that no two keys have the same one; otherwise the keys stand for themselves.
        """
        return pl.col(column).hash() if self.short else pl.col(column)


def all_differ(known: Known) -> bool:
    """Return whether the short stand-ins of all pupils, and of all places, are different.

    Rows of other registers name pupils and places of these registers only.
    """
    for name in ("pupils", "orgs"):
        keys = known[name].select(pl.col("id").unique())
        found = keys.select(pl.len().alias("keys"), pl.col("id").hash().n_unique().alias("short"))
        keys_and_short = found.collect(engine="streaming").row(0)
        if keys_and_short[0] != keys_and_short[1]:
            return False
    return True


def happened(rows: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Return the rows whose day has come: what is entered ahead of its day does not count yet."""
    return rows.filter(pl.col(DAY) <= as_of)


def in_school_days(rows: pl.LazyFrame, days: pl.DataFrame) -> pl.LazyFrame:
    """Return the rows that lie on school days of their own school, with the days' window flags."""
    return rows.join(days.lazy(), on=[SCHOOL, DAY], how="inner")
