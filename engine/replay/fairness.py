"""Fairness: whether a cut treats groups of pupils alike, and what stands in for a group.

Rules cannot read group attributes, but what they read may tell the group all the same: a proxy.
Differences are between a group and all others whose group is known, with Newcombe's interval
(*Interval estimation for the difference between independent proportions*, 1998, method 10), made
from the intervals of both shares. Groups behind which fewer than ten pupils stand are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from engine.indicator import Indicator
from engine.replay.cuts import Cut
from engine.replay.figures import counted_by, shares
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST

COMPARED = ("recall", "false_alarm_rate", "precision", "flagged_share", "cannot_say_share")
_MEMBER = "__member"
_WIDE = 0.005  # of an AUC beside 0.5: what no proxy tells is not listed


def gaps(replay: Replay, cut: Cut, by: str) -> pl.DataFrame:
    """Return how far each group of the column `by` lies from all others, share by share.

    ``group``, ``share`` (one of `COMPARED`), ``here``, ``elsewhere``, ``gap`` (their difference),
    ``gap_low`` and ``gap_high`` (its 95 % interval). Null where there is nothing to share.
    """
    found = [line for group in _groups(replay, by) for line in _gaps(replay, cut, by, group)]
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


def _gaps(replay: Replay, cut: Cut, by: str, group: str) -> Iterator[tuple[object, ...]]:
    member = (replay.dimension(by) == group).alias(_MEMBER)
    counted = counted_by(replay, cut, member).filter(pl.col(_MEMBER).is_not_null())
    elsewhere, here = shares(counted.sort(_MEMBER)).rows(named=True)
    for name in COMPARED:
        x, x_low, x_high = (here[f"{name}{end}"] for end in ("", "_low", "_high"))
        y, y_low, y_high = (elsewhere[f"{name}{end}"] for end in ("", "_low", "_high"))
        if x is None or y is None:
            yield group, name, x, y, None, None, None
            continue
        down = ((x - x_low) ** 2 + (y_high - y) ** 2) ** 0.5
        up = ((x_high - x) ** 2 + (y - y_low) ** 2) ** 0.5
        yield group, name, x, y, x - y, max(-1.0, x - y - down), min(1.0, x - y + up)


def proxies(replay: Replay, by: str) -> pl.DataFrame:
    """Return how well each indicator that the ruleset scores with tells the groups of `by` apart.

    ``group``, ``indicator``, ``auc`` (how often a pupil of the group has a higher value than one of
    the others; 0.5 tells nothing, equal values count half), ``known`` and ``known_elsewhere`` (for
    how many of them there is a value, as missing may be a proxy too); the strongest first.
    """
    known = replay.ruleset.catalogue.indicators
    read = [known[name] for name in replay.ruleset.reads if known[name].use == "scoring"]
    here = replay.rows.lazy().with_columns(replay.dimension(by).alias(_MEMBER))
    found = [
        (group, indicator.name, *_told(here, group, indicator))
        for group in _groups(replay, by)
        for indicator in read
        if indicator.type != "category"
    ]
    numbers = dict.fromkeys(("auc", "known", "known_elsewhere"), pl.Float64)
    table = pl.DataFrame(
        found, schema={"group": pl.String, "indicator": pl.String, **numbers}, orient="row"
    )
    strength = (pl.col("auc") - 0.5).abs()
    return table.filter(strength.is_null() | (strength >= _WIDE)).sort(
        strength, "group", "indicator", descending=[True, False, False], nulls_last=True
    )


def _told(
    rows: pl.LazyFrame, group: str, indicator: Indicator
) -> tuple[float | None, float | None, float | None]:
    """Return the AUC of a group against the others, and the shares with a value in both."""
    member, value = pl.col(_MEMBER) == group, pl.col(indicator.name)
    counted = (
        rows.filter(pl.col(_MEMBER).is_not_null())
        .group_by(value.cast(pl.Float64).alias("value"))
        .agg(member.sum().cast(pl.Int64).alias("in"), (~member).sum().cast(pl.Int64).alias("out"))
        .collect(engine="streaming")
    )
    there = counted.drop_nulls("value").sort("value")
    inside, outside, mine, theirs = (
        int(part[name].sum()) for part in (counted, there) for name in ("in", "out")
    )
    auc = None
    if mine and theirs:
        below = there["out"].cum_sum() - there["out"] / 2
        auc = float((there["in"] * below).sum()) / mine / theirs
    return auc, mine / inside if inside else None, theirs / outside if outside else None
