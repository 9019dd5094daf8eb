"""Calibration: of a hundred pupils with this score, how many left."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from engine.canonical import KEY
from engine.replay.cuts import Cut
from engine.replay.figures import counted_by, shares
from engine.replay.history import OUTCOME
from engine.replay.lines import Between, of_levels
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST


def calibration(replay: Replay, lines: Iterable[pl.Expr] = ()) -> pl.DataFrame:
    """Return the observed frequency of leaving for each score, or band of scores.

    Neighbouring scores are one band until at least ten pupils with a known outcome stand behind
    it, and none or ten at least between where it begins and where a level does, or one of the
    `lines` of other cuts: else their figures less the band's would tell of fewer. Columns:
    ``score_from``, ``score_to``, ``pupils``, ``rows``, ``left``, ``stayed``, ``unknown``,
    ``unsettled`` (rows whose score could still rise), and ``observed`` with ``observed_low`` and
    ``observed_high``. Empty where there are not ten such pupils.
    """
    bands = _bands(replay, Between(replay, [*of_levels(replay), *lines]))
    scores = [score for band in bands for score in band]
    numbers = [number for number, band in enumerate(bands) for _ in band]
    cell = pl.col("score").replace_strict(scores, numbers, default=None, return_dtype=pl.Int64)
    counted = counted_by(replay, _UNSETTLED, cell.alias("band"))
    ends = pl.DataFrame(
        {"score_from": [band[0] for band in bands], "score_to": [band[-1] for band in bands]},
        schema=_ENDS,
    ).with_row_index("band")
    found = shares(counted).join(ends.cast({"band": pl.Int64}), on="band", maintain_order="left")
    renamed = {name.replace("left_share", "observed"): name for name in _SHARE}
    return found.select(
        *("score_from", "score_to", "pupils", "rows", "left", "stayed", "unknown"),
        pl.col("cannot_say").alias("unsettled"),
        *(pl.col(name).alias(new) for new, name in renamed.items()),
    )


_SHARE = ("left_share", "left_share_low", "left_share_high")
_ENDS = {"score_from": pl.Int64(), "score_to": pl.Int64()}
_UNSETTLED = Cut(pl.lit(0, pl.UInt8), (pl.col("possible_score") > pl.col("score")).cast(pl.UInt8))


def _bands(replay: Replay, between: Between) -> list[list[int]]:
    """Return the scores that occur, in bands with at least ten pupils each.

    A pupil of several rows counts at the highest of their scores alone: so none counts twice.
    """
    known = replay.rows.lazy().filter(pl.col(OUTCOME).is_not_null()).select(KEY, "score")
    highest = known.group_by(KEY).agg(pl.max("score")) if replay.repeated else known
    at = dict(highest.group_by("score").len().collect(engine="streaming").iter_rows())
    bands: list[list[int]] = [[]]
    behind = 0
    for score in sorted(replay.rows["score"].unique()):
        if behind >= SMALLEST and not between.few(score):
            bands.append([])
            behind = 0
        bands[-1].append(score)
        behind += at.get(score, 0)
    if behind < SMALLEST:
        last = bands.pop()
        if not bands:
            return []
        bands[-1] += last
    return bands
