"""Outcomes as labels: what became of pupils within a horizon after an as-of day.

Labels know all that registers hold, also what was recorded long after the as-of day; indicators
never do. Of a day whose horizon is not over, nothing is known of anybody: leavers are found out
first, and without those who stay they would look like all there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from engine.registers.calendar import DAY
from engine.registers.history import History
from engine.registers.schema import RECORDED

HORIZON = 365  # days
SETTLES = timedelta(30)  # how long schools take to find out, and to record, that somebody left
YEAR_ENDS = timedelta(14)  # how far apart the last days of schools' terms lie
SEEN = ("enrolments", "marks", "attendance", "outcomes")
PUPIL, LEFT = "pupil", "left"
_LOST = ("moved_abroad", "unknown", "died")
_DONE = ("graduated", "not_completed")


def known_until(history: History) -> date | None:
    """Return the day up to which the registers know of pupils; None where they hold nothing.

    It is the last day on which an enrolment, a mark, a lesson or an outcome was recorded.
    """
    asked = [history.frames[name].select(pl.col(RECORDED).max().dt.date()) for name in SEEN]
    found = pl.concat(pl.collect_all(asked, engine="streaming"))[RECORDED].max()
    return found if isinstance(found, date) else None


def is_over(as_of: date, horizon: int, until: date | None) -> bool:
    """Return whether registers that reach to `until` can say what came of a day's pupils."""
    return until is not None and as_of + timedelta(horizon) + SETTLES <= until


def labels(history: History, as_of: date, until: date, horizon: int = HORIZON) -> pl.LazyFrame:
    """Return one row for each pupil of the registers: pupil, outcome, left_on, gone.

    ``outcome`` is true where the pupil left within `horizon` days after the day `as_of`; false
    where the pupil was at school at its end, or finished, be it later; null where the registers,
    which reach to `until`, do not say, or say that the pupil moved abroad, died or was lost sight
    of.
    ``left_on`` is the day of leaving, where outcome is true. ``gone`` is true where the pupil had
    left by the as-of day and was not at school afterwards, whenever that was found out.
    """
    known = history.versions(until)
    day, end = pl.lit(as_of), as_of + timedelta(horizon)
    begun = (
        known["enrolments"]
        .group_by(PUPIL)
        .agg(
            pl.col("begins").filter(pl.col("begins") <= day).max().alias("begun"),
            pl.col("begins").filter(_there(known["school_days"], end)).max().alias("there"),
        )
    )
    found = begun.join(_ends(known, as_of, end), on=PUPIL, how="left")
    outcome = (
        pl.when(not is_over(as_of, horizon, until))
        .then(None)
        .when(pl.col("left_on").is_not_null())
        .then(statement=True)
        .when("done")
        .then(statement=False)
        .when(pl.col("there") >= pl.col("lost_on").fill_null(pl.col("there")))
        .then(statement=False)
    )
    gone = (pl.col("left_before") >= pl.col("begun")).fill_null(value=False)
    settled = found.with_columns(outcome.cast(pl.Boolean).alias("outcome"), gone.alias("gone"))
    left_on = pl.when("outcome").then("left_on").alias("left_on")
    return settled.select(PUPIL, "outcome", left_on, "gone")


def _there(school_days: pl.LazyFrame, end: date) -> pl.Expr:
    """Return whether an enrolment lasts to a day, or to the last days of school before it."""
    taught = school_days.filter(pl.col(DAY) <= end).select(pl.col(DAY).max())
    last = taught.collect(engine="streaming").item()
    lasts = pl.col("ends").is_null() | (pl.col("ends") >= (last or end) - YEAR_ENDS)
    gone = pl.col("exit").is_in([LEFT, *_LOST]) & (pl.col("ends") <= end)
    return (pl.col("begins") <= end) & lasts & ~gone.fill_null(value=False)


def _ends(known: Mapping[str, pl.LazyFrame], as_of: date, end: date) -> pl.LazyFrame:
    """Return how pupils' careers ended: left_on and lost_on in time, left_before, and done."""
    event, day = pl.col("event"), pl.col(DAY)
    inside, before = (day > as_of) & (day <= end), day <= as_of
    return (
        _events(known["outcomes"], known["enrolments"])
        .group_by(PUPIL)
        .agg(
            day.filter((event == LEFT) & inside).min().alias("left_on"),
            day.filter((event == LEFT) & before).max().alias("left_before"),
            day.filter(event.is_in(_LOST) & inside).max().alias("lost_on"),
            (event.is_in(_DONE) & (day >= as_of)).any().alias("done"),
        )
    )


def _events(outcomes: pl.LazyFrame, enrolments: pl.LazyFrame) -> pl.LazyFrame:
    """Return how school careers ended: pupil, day, event.

    An enrolment's exit says so too, unless another begins after it or the register of outcomes
    speaks of the pupil.
    """
    said = outcomes.select(PUPIL, DAY, pl.col("outcome").cast(pl.String).alias("event"))
    last = pl.col("begins").max().over(PUPIL) <= pl.col("ends")
    exits = (
        enrolments.filter(last, pl.col("exit").is_in([LEFT, "graduated", *_LOST]))
        .select(PUPIL, pl.col("ends").alias(DAY), pl.col("exit").cast(pl.String).alias("event"))
        .join(said.select(PUPIL), on=PUPIL, how="anti")
    )
    return pl.concat([said, exits])
