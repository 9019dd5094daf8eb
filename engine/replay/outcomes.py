"""Outcomes as labels: what became of pupils within a horizon after an as-of day.

Labels know all that registers hold, also what was recorded long after the as-of day; indicators
never do. Of a day whose horizon is not over, nothing is known of anybody: leavers are found out
first, and without those who stay they would look like all there are.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from engine.registers.calendar import DAY
from engine.registers.history import History
from engine.registers.schema import RECORDED

HORIZON = 365  # days
SETTLES = timedelta(30)  # how long schools take to find out, and to record, that somebody left
BREAK = timedelta(14)  # how much earlier than a year ago a school year may end
SEEN = ("enrolments", "marks", "attendance", "outcomes")
PUPIL = "pupil"
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
    where the pupil was at school at its end, or had finished; null where the registers, which reach
    to `until`, do not say, or say that the pupil moved abroad, died or was lost sight of.
    ``left_on`` is the day of leaving, where outcome is true. ``gone`` is true where the pupil had
    left by the as-of day and was not at school afterwards, whenever that was found out.
    """
    known = {name: frame.drop(RECORDED) for name, frame in history.versions(until).items()}
    events = _events(known["outcomes"], known["enrolments"])
    end, day = pl.lit(as_of + timedelta(horizon)), pl.lit(as_of)
    inside = (pl.col(DAY) > day) & (pl.col(DAY) <= end)
    left = pl.col("event") == "left"
    of_events = events.group_by(PUPIL).agg(
        pl.col(DAY).filter(left & inside).min().alias("left_on"),
        pl.col(DAY).filter(left & (pl.col(DAY) <= day)).max().alias("left_before"),
        (pl.col("event").is_in(_LOST) & inside).any().alias("lost"),
        (pl.col("event").is_in(_DONE) & (pl.col(DAY) <= end)).any().alias("done"),
    )
    goes_on = pl.col("ends").is_null() | (pl.col("ends") >= end - BREAK)
    ended = pl.col("exit").is_in(["left", *_LOST]).fill_null(value=False) & (pl.col("ends") <= end)
    of_enrolments = known["enrolments"].group_by(PUPIL).agg(
        (goes_on & ~ended).any().alias("there"), pl.col("begins").max().alias("last_begun")
    )
    outcome = (
        pl.when(~pl.lit(is_over(as_of, horizon, until)))
        .then(None)
        .when(pl.col("left_on").is_not_null())
        .then(statement=True)
        .when(pl.col("done").fill_null(value=False))
        .then(statement=False)
        .when(pl.col("there") & ~pl.col("lost").fill_null(value=False))
        .then(statement=False)
    )
    gone = pl.col("left_before") >= pl.col("last_begun")
    return (
        of_enrolments.join(of_events, on=PUPIL, how="left")
        .with_columns(outcome.alias("outcome"), gone.fill_null(value=False).alias("gone"))
        .with_columns(pl.when("outcome").then("left_on").alias("left_on"))
        .select(PUPIL, "outcome", "left_on", "gone")
    )


def _events(outcomes: pl.LazyFrame, enrolments: pl.LazyFrame) -> pl.LazyFrame:
    """Return how school careers ended: pupil, day, event.

    An enrolment's exit says so too, unless another begins after it or the register of outcomes
    speaks of the pupil.
    """
    said = outcomes.select(PUPIL, DAY, pl.col("outcome").cast(pl.String).alias("event"))
    last = pl.col("begins").max().over(PUPIL) <= pl.col("ends")
    exits = (
        enrolments.filter(last, pl.col("exit").is_in(["left", "graduated", *_LOST]))
        .select(PUPIL, pl.col("ends").alias(DAY), pl.col("exit").cast(pl.String).alias("event"))
        .join(said.select(PUPIL), on=PUPIL, how="anti")
    )
    return pl.concat([said, exits])
