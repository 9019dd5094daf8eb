"""Rows by score, and what each cut of the score flags: exact sums, before anything is drawn.

A histogram has ``score``, ``left``, ``stayed``, ``unknown``: rows with this score, by outcome.
"""

from __future__ import annotations

import polars as pl

from engine.replay.history import OUTCOME
from engine.replay.replay import Replay
from engine.tuning.tally import OUTCOMES, Tally

KINDS = ("left", "stayed", "unknown")


def of_replay(replay: Replay) -> pl.DataFrame:
    """Return the histogram of a replay's sure scores."""
    outcome = pl.col(OUTCOME)
    kinds = (outcome, ~outcome, outcome.is_null())
    counted = [kind.sum().cast(pl.Int64).alias(n) for n, kind in zip(KINDS, kinds, strict=True)]
    scores = replay.rows.lazy().group_by(pl.col("score").cast(pl.Int64)).agg(counted)
    return scores.sort("score").collect(engine="streaming")


def of_tally(tally: Tally) -> pl.DataFrame:
    """Return the histogram of a candidate's sure scores, without those that nobody has."""
    counts = tally.sure.scores.sum(axis=2)
    found = pl.DataFrame({"score": range(len(counts))}, schema={"score": pl.Int64}).with_columns(
        pl.Series(name, counts[:, OUTCOMES.index(name)], pl.Int64) for name in KINDS
    )
    return found.filter(pl.sum_horizontal(KINDS) > 0)


def cuts(histogram: pl.DataFrame) -> pl.DataFrame:
    """Return what flagging each score and all above it does, the lowest score first.

    Columns: ``score``, ``flagged`` (rows), ``caught``, ``false_alarms``, and the shares
    ``flagged_share``, ``precision`` and ``recall``, null where there is nothing to take a share of.
    """
    above = histogram.sort("score", descending=True).select(
        "score",
        pl.sum_horizontal(KINDS).cum_sum().alias("flagged"),
        pl.col("left").cum_sum().alias("caught"),
        pl.col("stayed").cum_sum().alias("false_alarms"),
    )
    rows = int(histogram.select(pl.sum_horizontal(KINDS).sum()).item())
    left = int(histogram["left"].sum())
    known = pl.col("caught") + pl.col("false_alarms")
    return above.with_columns(
        flagged_share=_share(pl.col("flagged"), pl.lit(rows)),
        precision=_share(pl.col("caught"), known),
        recall=_share(pl.col("caught"), pl.lit(left)),
    ).sort("score")


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
