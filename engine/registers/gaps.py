"""Schools from which weeks are missing: before, between or instead of the attendance they sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from engine.registers.silent import STOPPED, Said
from engine.text import Text

_SHOWN = 5
_DAY = ["school", "day"]


def schools_with_gaps(good: pl.LazyFrame, school_days: pl.LazyFrame) -> Iterator[Said]:
    """Yield a finding where a school taught for days in a row of which it sent no attendance.

    `good` are rows of attendance, `school_days` those that hold now. They count from the first to
    the last day of any school's attendance. The days after a school's own last are no gap but an
    end, which `engine.registers.silent` tells of.
    """
    sent = good.select(_DAY).drop_nulls().unique().collect(engine="streaming")
    if sent.is_empty():
        return
    first, last = sent["day"].min(), sent["day"].max()
    taught = school_days.select(_DAY).unique().filter(pl.col("day").is_between(first, last))
    rows = list(_gaps(taught.collect(engine="streaming"), sent).iter_rows())
    if rows:
        lv = [f"{school} ({begins} - {ends}: {days})" for school, begins, ends, days in rows]
        en = [f"{school} ({begins} to {ends}: {days})" for school, begins, ends, days in rows]
        yield (
            "school-gap",
            Text(
                f"skolas, kuras par vairāk nekā {STOPPED} mācību dienām pēc kārtas nav atsūtījušas"
                f" apmeklējumu ({len(rows)}): {_listed(lv)}",
                f"schools that sent no attendance for more than {STOPPED} school days in a row"
                f" ({len(rows)}): {_listed(en)}",
            ),
        )


def _gaps(taught: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Return the gaps: school, first and last day, and how many school days they are."""
    there = pl.col("there").fill_null(value=False)
    marked = (
        taught.join(sent.with_columns(there=True), on=_DAY, how="left")
        .sort(_DAY)
        .with_columns(there, run=there.rle_id().over("school"))
    )
    ended = pl.col("there").any().over("school") & (
        pl.col("run") == pl.col("run").max().over("school")
    )
    return (
        marked.filter(~pl.col("there") & ~ended)
        .group_by("school", "run", maintain_order=True)
        .agg(begins=pl.col("day").min(), ends=pl.col("day").max(), days=pl.len())
        .filter(pl.col("days") > STOPPED)
        .drop("run")
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
