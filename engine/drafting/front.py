"""Flagged against caught: what each cut of a score would flag, and from where levels start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drafting.drafted import Start
from engine.drafting.scorecard import Card, Rows
from engine.replay.small import SMALLEST

ABOVE = 1.25
AIMED = "support"  # the level that flags the share asked for
LEVELS = (("watch", 2.0), (AIMED, 1.0), ("high", 0.5))  # times the share that is to be flagged


@dataclass(frozen=True)
class Point:
    """What is flagged from a score on: shares of all rows, and of those who left.

    `cannot_say` is the share of rows that are not flagged, and could be, were all known of them.
    """

    score: int
    flagged: float
    precision: float
    recall: float
    cannot_say: float


def front(
    rows: Rows, card: Card, unknown: NDArray[np.bool_], pupils: NDArray[np.intp]
) -> tuple[Point, ...]:
    """Return points for the scores that rows have, the highest first; `unknown` is by axis, row.

    No cut flags fewer and catches more than another of them: together they are the front. Each
    flags ten `pupils` more than the one before, so that none tells of fewer, nor do two together.
    """
    scores = rows.scores(card)
    possible = scores.copy()
    for part in card:
        possible += unknown[part.axis] * part.points
    total, gone = len(rows.left), int(rows.left.sum())
    found: list[Point] = []
    shown = 0
    for score in sorted({int(score) for score in scores if score > 0}, reverse=True):
        flagged = scores >= score
        fresh = np.unique(pupils[flagged]).size
        if fresh - shown < SMALLEST:
            continue
        shown = fresh
        hits, many = int(rows.left[flagged].sum()), int(flagged.sum())
        could = int((~flagged & (possible >= score)).sum())
        found.append(Point(score, many / total, hits / many, hits / gone, could / total))
    return tuple(found)


def starts(points: Sequence[Point], flagged: float) -> tuple[Start, ...]:
    """Return from which scores levels hold.

    ``support`` starts where the share flagged is nearest to the one asked for, ``watch`` where it
    is nearest to twice, and ``high`` to half of it, none more than a quarter above. A level for
    which no score is left is left out; ``support`` then starts at the highest score.
    """
    found: dict[str, Point] = {}
    for level in (AIMED, "watch", "high"):
        share = flagged * dict(LEVELS)[level]
        room = [p for p in points if p.flagged <= ABOVE * share]
        free = [p for p in room if _fits(level, p, found.get(AIMED))]
        if free or level == AIMED:
            found[level] = min(free or points[:1], key=lambda p: (abs(p.flagged - share), p.score))
    return tuple(
        Start(level, found[level].score, found[level].flagged, found[level].precision)
        for level, _ in LEVELS
        if level in found
    )


def _fits(level: str, point: Point, support: Point | None) -> bool:
    if support is None:
        return True
    return point.score < support.score if level == "watch" else point.score > support.score
