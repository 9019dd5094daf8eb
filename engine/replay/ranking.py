"""Ranking: how often a pupil who left has a higher score than one who stayed (AUC).

Pairs of equal scores count half. The interval is DeLong's, by way of Obuchowski's for pupils who
stand in several rows (*Nonparametric analysis of clustered ROC curve data*, 1997), on the logit
scale, with Student's quantile for as many pupils as there are of the rarer outcome; for fewer than
ten of them it would promise too much, and there is none. A score that could still rise is taken as
it surely is; `least` and `most` are what the ranking would be if what is unknown turned out for the
worst and for the best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl
from scipy.special import stdtrit

from engine.canonical import KEY
from engine.replay.history import OUTCOME
from engine.replay.intervals import CONFIDENCE
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST


@dataclass(frozen=True)
class Ranking:
    """The AUC with its 95 % interval, and its bounds over all that is unknown; None: no value."""

    auc: float | None = None
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None


def ranking(replay: Replay) -> Ranking:
    """Return how well the score ranks the rows whose outcome is known; levels, without points.

    There is none where all left or all stayed, and none for fewer than ten pupils.
    """
    asked = replay.rows.lazy().filter(pl.col(OUTCOME).is_not_null())
    pairs = asked.group_by(*replay.ranks_by, OUTCOME).len().collect(engine="streaming")
    pupils = pl.col(KEY).n_unique() if replay.repeated else pl.len()
    known = asked.select(pupils).collect(engine="streaming").item()
    sure, possible = (_by_score(pairs, name) for name in replay.ranks_by)
    if known < SMALLEST or not _both(sure):
        return Ranking()
    auc = _auc(sure, sure)
    low, high = _interval(auc, *_spread(replay, sure, auc))
    return Ranking(auc, low, high, _auc(sure, possible), _auc(possible, sure))


def _by_score(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return how many left and stayed with each score, the lowest first."""
    left, stayed = (pl.col("len").filter(pl.col(OUTCOME) == out).sum() for out in (True, False))
    counted = pairs.group_by(pl.col(name).cast(pl.Int64).alias("score"))
    return counted.agg(left.cast(pl.Int64).alias("left"), stayed.cast(pl.Int64).alias("stayed"))


def _both(counted: pl.DataFrame) -> bool:
    return bool(counted["left"].sum() and counted["stayed"].sum())


def _auc(leavers: pl.DataFrame, others: pl.DataFrame) -> float:
    """Return the AUC where those who left have the one's scores, those who stayed the other's."""
    left = leavers.select("score", "left", stayed=pl.lit(0, pl.Int64))
    stayed = others.select("score", pl.lit(0, pl.Int64).alias("left"), "stayed")
    both = _placed(pl.concat([left, stayed]).group_by("score").agg(pl.col("left", "stayed").sum()))
    return float((both["left"] * both["above"]).sum()) / int(both["left"].sum())


def _placed(counted: pl.DataFrame) -> pl.DataFrame:
    """Return for each score the share of those who stayed below it, and who left above it."""
    found = counted.sort("score")
    below = pl.col("stayed").cum_sum() - pl.col("stayed") / 2
    over = pl.col("left").sum() - pl.col("left").cum_sum() + pl.col("left") / 2
    return found.with_columns(
        (below / pl.col("stayed").sum()).alias("above"),
        (over / pl.col("left").sum()).alias("under"),
    )


def _spread(replay: Replay, sure: pl.DataFrame, auc: float) -> tuple[float, int]:
    """Return the variance of the AUC, and how many pupils there are of the rarer outcome."""
    placed = _placed(sure)
    if replay.repeated:
        scored = replay.rows.lazy().select(
            KEY, OUTCOME, pl.col(replay.ranks_by[0]).cast(pl.Int64).alias("score")
        )
        joined = scored.join(placed.lazy().select("score", "above", "under"), on="score")
        left = pl.col(OUTCOME).fill_null(value=False)
        stayed = (~pl.col(OUTCOME)).fill_null(value=False)
        units = joined.group_by(KEY).agg(
            ((pl.col("above") - auc) * left).sum().alias("above"),
            ((pl.col("under") - auc) * stayed).sum().alias("under"),
            left.any().alias("left"),
            stayed.any().alias("stayed"),
        )
    else:
        units = placed.lazy().with_columns(pl.col("above", "under") - auc)
    sums = units.select(
        (pl.col("above") ** 2 * pl.col("left")).sum().alias("above"),
        (pl.col("under") ** 2 * pl.col("stayed")).sum().alias("under"),
        (pl.col("above") * pl.col("under")).sum().alias("both"),
        pl.col("left").sum().alias("leavers"),
        pl.col("stayed").sum().alias("stayers"),
        (pl.col("left").cast(pl.Int64) + pl.col("stayed") > 0).sum().alias("units"),
    )
    found = sums.collect(engine="streaming").row(0, named=True)
    leavers, stayers = found["leavers"], found["stayers"]
    rarer = min(leavers, stayers)
    if rarer < SMALLEST:
        return 0.0, rarer
    rows = [int(sure[name].sum()) for name in ("left", "stayed")]
    apart = found["above"] * leavers / (leavers - 1) / rows[0] ** 2
    apart += found["under"] * stayers / (stayers - 1) / rows[1] ** 2
    if not replay.repeated:
        return float(apart), rarer
    units_ = found["units"]
    both = 2 * found["both"] * units_ / (units_ - 1) / rows[0] / rows[1]
    return float(apart + both), rarer


def _interval(auc: float, spread: float, rarer: int) -> tuple[float | None, float | None]:
    """Return the ends of the interval; none can be told where every pair is in order."""
    if spread <= 0 or not 0 < auc < 1:
        return None, None
    middle = math.log(auc / (1 - auc))
    width = float(stdtrit(rarer - 1, (1 + CONFIDENCE) / 2)) * math.sqrt(spread) / (auc * (1 - auc))
    low, high = (1 / (1 + math.exp(-(middle + side * width))) for side in (-1, 1))
    return low, high
