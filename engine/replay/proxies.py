"""Proxies: indicators by which a group could be told, among pupils who all stayed.

For each indicator that rules score by: how often a pupil of a group has a worse value than a pupil
of another group, ties counted half. 50 % tells nothing apart. Only those who stayed are compared,
for otherwise a group of which more leave would differ for that reason alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from engine.canonical import KEY
from engine.indicator import Indicator
from engine.replay.history import OUTCOME
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST

_NORMAL = 1.959963984540054  # the 97.5 % point of the normal distribution
WORSE = {"higher_is_worse": 1, "lower_is_worse": -1}


def proxies(replay: Replay, column: str) -> pl.DataFrame:
    """Return for each indicator and value of `column` how often such a pupil's value is worse.

    Columns: ``indicator``, ``group``, ``pupils`` (of the group), ``worse`` with ``worse_low`` and
    ``worse_high`` (95 %), and ``suppressed``, where fewer than ten pupils stand on either side.
    """
    group = replay.dimension(column).alias("group")
    rows = replay.rows.filter(~pl.col(OUTCOME)).with_columns(group).drop_nulls("group")
    known = replay.ruleset.catalogue.indicators
    lines = [
        (indicator.name, each, *_compared(rows, indicator, each))
        for indicator in (known[name] for name in replay.ruleset.reads)
        if indicator.use == "scoring" and indicator.direction in WORSE
        for each in rows["group"].unique().sort()
    ]
    shares = dict.fromkeys(("worse", "worse_low", "worse_high"), pl.Float64)
    schema = {"indicator": pl.String, "group": pl.String, "pupils": pl.Int64, **shares}
    found = pl.DataFrame(lines, schema=schema, orient="row")
    return found.with_columns(pl.col("worse").is_null().alias("suppressed"))


def _compared(rows: pl.DataFrame, indicator: Indicator, group: str) -> Iterator[float | None]:
    """Yield how many pupils of the group have a value, and the share with its interval."""
    there = rows.select(KEY, (pl.col("group") == group).alias("mine"), value=indicator.name)
    there = there.drop_nulls("value")
    mine, others = (there.filter(pl.col("mine") == side) for side in (True, False))
    pupils = [side[KEY].n_unique() for side in (mine, others)]
    yield pupils[0]
    if min(pupils) < SMALLEST:
        yield from (None, None, None)
        return
    sign = WORSE[indicator.direction]
    ranks = (there["value"].cast(pl.Float64) * sign).rank("average")
    above = float(ranks.filter(there["mine"]).sum()) - mine.height * (mine.height + 1) / 2
    share = above / (mine.height * others.height)
    wide = _NORMAL * _error(share, *pupils)
    yield from (share, max(0.0, share - wide), min(1.0, share + wide))


def _error(share: float, mine: int, others: int) -> float:
    """Return the standard error of such a share (Hanley and McNeil 1982), counting pupils."""
    one, two = share / (2 - share), 2 * share**2 / (1 + share)
    spread = share * (1 - share) + (mine - 1) * (one - share**2) + (others - 1) * (two - share**2)
    return float(np.sqrt(max(spread, 0.0) / (mine * others)))
