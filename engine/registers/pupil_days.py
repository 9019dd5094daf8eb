"""Lessons gathered into pupils' days: how many of each kind a pupil had on a day at a school.

A pupil's day has versions as its lessons have: where one of them is corrected, or comes later, the
day from then on is another one. Only days count in ``recorded`` and ``ended``, as in every answer.
"""

from __future__ import annotations

import polars as pl

from engine.registers.schema import ENDED, RECORDED

A_DAY = ("pupil", "day", "school")
COUNTS = ("expected", "attended", "late", "unexcused", "medical")
SCHEMA = pl.Schema({
    "pupil": pl.String(),
    "day": pl.Date(),
    "school": pl.String(),
    **dict.fromkeys(COUNTS, pl.UInt16()),
    RECORDED: pl.Date(),
    ENDED: pl.Date(),
})  # fmt: skip


def pupil_days(lessons: pl.LazyFrame) -> pl.DataFrame:
    """Return the days of all lessons with all versions, pupil by pupil and day by day.

    `lessons` are rows of the register of attendance in canonical form.
    """
    since, until = pl.col(RECORDED).dt.date(), pl.col(ENDED).dt.date()
    lasting = until.is_null() | (since < until)  # else no day ended while it was known
    together = (
        lessons.filter(lasting)
        .group_by(*A_DAY, since, until)
        .agg(_counts())
        .collect(engine="streaming")
    )
    ordered = together.select(*SCHEMA).cast(SCHEMA).sort(*A_DAY, RECORDED)
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in A_DAY)
    again = ordered.select(same.fill_null(value=False)).to_series()
    if not again.any():
        return ordered
    several = again | again.shift(-1, fill_value=False)
    parts = [ordered.filter(~several), _in_turn(ordered.filter(several))]
    return pl.concat(parts).sort(*A_DAY, RECORDED)


def _counts() -> list[pl.Expr]:
    """Return the aggregates that count lessons by what became of them."""
    status = pl.col("status")
    return [
        pl.len().alias("expected"),
        status.is_in(["present", "late"]).sum().alias("attended"),
        (status == "late").sum().alias("late"),
        (status == "unexcused").sum().alias("unexcused"),
        (status == "medical").sum().alias("medical"),
    ]


def _in_turn(parts: pl.DataFrame) -> pl.DataFrame:
    """Return days whose lessons were not all known at the same times: one version after another."""
    signed = parts.with_columns(pl.col(COUNTS).cast(pl.Int64))
    known = signed.drop(ENDED)
    gone = signed.drop_nulls(ENDED).drop(RECORDED).rename({ENDED: RECORDED})
    changes = pl.concat([known, gone.with_columns(-pl.col(COUNTS)).select(known.columns)])
    return (
        changes.group_by(*A_DAY, RECORDED)
        .agg(pl.col(COUNTS).sum())
        .sort(*A_DAY, RECORDED)
        .with_columns(
            pl.col(COUNTS).cum_sum().over(A_DAY),
            pl.col(RECORDED).shift(-1).over(A_DAY).alias(ENDED),
        )
        .filter(pl.col("expected") > 0)
        .select(*SCHEMA)
        .cast(SCHEMA)
    )
