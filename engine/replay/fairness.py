"""Fairness: whether a cut treats groups of pupils alike.

Differences are between a group and all others whose group is known, with Newcombe's interval
(*Interval estimation for the difference between independent proportions*, 1998, method 10), made
from the intervals of both shares. Groups behind which fewer than ten pupils stand are not shown,
and no share of a group tells more than the figures by group do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from engine.replay.cuts import Cut
from engine.replay.figures import figures, figures_for
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST

COMPARED = ("recall", "false_alarm_rate", "precision", "flagged_share", "cannot_say_share")
_MEMBER = "__member"


def gaps(replay: Replay, cut: Cut, by: str) -> pl.DataFrame:
    """Return how far each group of the column `by` lies from all others, share by share.

    ``group``, ``share`` (one of `COMPARED`), ``here``, ``elsewhere``, ``gap`` (their difference),
    ``gap_low`` and ``gap_high`` (its 95 % interval). Null where there is nothing to share, or where
    it would speak of fewer than ten pupils: a share that `engine.replay.figures.figures` hides has
    no gap.
    """
    told = {line[by]: line for line in figures(replay, cut, by).rows(named=True)}
    groups = _groups(replay, by)
    found = [line for name in groups for line in _gaps(replay, cut, by, told[name])]
    numbers = ("here", "elsewhere", "gap", "gap_low", "gap_high")
    schema = {"group": pl.String, "share": pl.String, **dict.fromkeys(numbers, pl.Float64)}
    return pl.DataFrame(found, schema=schema, orient="row")


def _groups(replay: Replay, by: str) -> list[str]:
    """Return the groups that are large enough beside others that are, too."""
    known = replay.rows.select(replay.dimension(by), "pupil_key").drop_nulls(by)
    sizes = known.group_by(by).agg(pl.col("pupil_key").n_unique().alias("pupils"))
    total = known["pupil_key"].n_unique()
    inside = (pl.col("pupils") >= SMALLEST) & (total - pl.col("pupils") >= SMALLEST)
    return sizes.filter(inside)[by].sort().to_list()


def _gaps(replay: Replay, cut: Cut, by: str, told: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yield the gaps of one group, of which the figures by group tell so much."""
    group = told[by]
    lines = figures_for(replay, cut, (replay.dimension(by) == group).alias(_MEMBER))
    both = {line[_MEMBER]: line for line in lines.rows(named=True)}
    here, elsewhere = both[True], both[False]
    for name in COMPARED:
        x, x_low, x_high = (here[f"{name}{end}"] for end in ("", "_low", "_high"))
        y, y_low, y_high = (elsewhere[f"{name}{end}"] for end in ("", "_low", "_high"))
        if None in (x, y, told[name]):  # of one and of all, the other could be had
            yield group, name, None, None, None, None, None
            continue
        down = ((x - x_low) ** 2 + (y_high - y) ** 2) ** 0.5
        up = ((x_high - x) ** 2 + (y - y_low) ** 2) ** 0.5
        yield group, name, x, y, x - y, max(-1.0, x - y - down), min(1.0, x - y + up)
