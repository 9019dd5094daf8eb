"""Cuts: from where on pupils count as flagged.

A level or a score is a line that each pupil meets alone. A capacity ("we can run 38 plans") or a
share takes those with the highest scores; where it ends among pupils of equal score, each of them
is flagged with the same chance, so that figures are what is to be expected over all orders of
them (McSherry and Najork, *Computing information retrieval performance measures efficiently in
the presence of tied scores*, 2008).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from engine.errors import DataError, Problem, did_you_mean
from engine.replay.replay import LEVEL, Replay
from engine.ruleset import Ruleset


@dataclass(frozen=True)
class Cut:
    """`flagged` is the chance of a row to be flagged: 0 or 1, between them only within ties.

    `cannot_say` is 1 for a row that is not flagged and could be, were all known of it; within ties
    the chance that it is not flagged.
    """

    flagged: pl.Expr
    cannot_say: pl.Expr


def default_level(ruleset: Ruleset) -> str:
    """Return the level from which help is meant to start: ``support``, where there is one.

    Else the second above the least, because the first only watches; or the one that there is.
    """
    ids = [level.id for level in ruleset.levels]
    return "support" if "support" in ids else ids[min(2, len(ids) - 1)]


def at_level(ruleset: Ruleset, level: str | None = None) -> Cut:
    """Return the cut that flags a level and all above it; `default_level` if left out."""
    chosen = default_level(ruleset) if level is None else level
    ids = [each.id for each in ruleset.levels]
    if chosen not in ids[1:]:
        message = f"'{chosen}' is not a level of '{ruleset.id}' that can be flagged"
        hint = did_you_mean(chosen, ids[1:]) or f"choose of: {', '.join(ids[1:])}"
        raise DataError(Problem("no-level", message, None, hint))
    return _line(LEVEL, "possible_level", ruleset.rank(chosen))


def at_score(score: int) -> Cut:
    """Return the cut that flags a score and all above it, whatever the levels say."""
    return _line("score", "possible_score", score)


def _line(sure: str, possible: str, least: int) -> Cut:
    flagged = pl.col(sure) >= least
    could = ~flagged & (pl.col(possible) >= least)
    return Cut(flagged.cast(pl.UInt8), could.cast(pl.UInt8))


def at_capacity(replay: Replay, plans: int, each: str | None = None) -> Cut:
    """Return the cut that flags as many rows as there can be plans: in all, or in `each` cohort.

    `each` may be any column by which there are figures. Where there are fewer rows, all are taken.
    """
    if plans < 1:
        message, hint = f"{plans} plans flag nobody", "give the number of plans, at least 1"
        raise DataError(Problem("range", message, None, hint))
    return _highest(replay, lambda _: plans, each)


def at_share(replay: Replay, share: float, each: str | None = None) -> Cut:
    """Return the cut that flags this share of rows, never more: 0.2 of 33 rows are 6."""
    if not 0 < share <= 1:
        hint = "give a share above 0 and at most 1, as 0.2"
        raise DataError(Problem("range", f"{share} is not a share", None, hint))
    return _highest(replay, lambda rows: int(Decimal(str(share)) * rows), each)


_ALL = "all"
_UNKNOWN = "\0"  # no column can hold it: the cell of rows of which the dimension is unknown


def _highest(replay: Replay, room: Callable[[int], int], each: str | None) -> Cut:
    """Return the cut that takes the highest scores of each cell, as many as `room` has."""
    sure, could = replay.ranks_by
    cell = pl.lit(_ALL) if each is None else replay.dimension(each).fill_null(_UNKNOWN)
    scores = replay.rows.lazy().group_by(cell.alias("cell"), sure).len()
    found = scores.sort("cell", sure, descending=True).collect(engine="streaming")
    ends = {
        str(name): _end(scores[sure].to_list(), scores["len"].to_list(), room)
        for (name,), scores in found.group_by("cell")
    }
    lines = list(ends)
    least, part = (
        cell.replace_strict(lines, [ends[name][at] for name in lines], return_dtype=dtype)
        for at, dtype in ((0, pl.Int64), (1, pl.Float64))
    )
    score, possible = pl.col(sure).cast(pl.Int64), pl.col(could).cast(pl.Int64)
    flagged = pl.when(score > least).then(1.0).when(score == least).then(part).otherwise(0.0)
    rises = ((possible > score) & (possible >= least)).cast(pl.Float64)
    return Cut(flagged, rises * (1 - flagged))


def _end(scores: list[int], counts: list[int], room: Callable[[int], int]) -> tuple[int, float]:
    """Return the score at which there is no more room, and which part of its rows still has some.

    `scores` go down, and `counts` says how many rows have each.

    >>> _end([9, 6, 3], [2, 4, 4], lambda rows: 5)
    (6, 0.75)
    """
    left = min(room(sum(counts)), sum(counts))
    if left == 0:
        return scores[0] + 1, 0.0
    for score, count in zip(scores, counts, strict=True):
        if left <= count:
            return score, left / count
        left -= count
    raise AssertionError(left)
