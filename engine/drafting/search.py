"""The search for a scorecard: steps are added one by one, and swapped as long as that is a gain.

A scorecard is judged by the deviance of the logistic curve through its score. For each indicator
one table, score by steps reached, answers for every threshold at once, and for every number of
points by a shift of the score: a round takes one count of the rows for each indicator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drafting.calibrate import Counts, Floats, fit
from engine.drafting.scorecard import Card, Part, Rows

MAX_POINTS = 5  # of one step
FIRST_POINTS = 3  # of the first: later ones can weigh less as well as more
LEAST_GAIN = 0.5  # of deviance: less is no reason for a change
LEAST_ROWS = 20  # on either side of a step
_ROUGH, _FINE = 3, 12  # rounds of Newton's method for all, and how many are then judged exactly


@dataclass(frozen=True)
class Move:
    """One change that the search made: what went, what came, and the deviance after it."""

    gone: Part | None
    come: Part
    deviance: float


@dataclass(frozen=True)
class Stage:
    """The best scorecard found with so many steps, its deviance, and the moves that led to it."""

    card: Card
    deviance: float
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Found:
    """A step to add, and the deviance with it."""

    part: Part
    deviance: float


class Search:
    """A search over rows; the same rows in any order lead to the same scorecards."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def stages(self, steps: int) -> Iterator[Stage]:
        """Yield the best scorecard found of no step, of one, and so on, as long as steps gain."""
        card: Card = ()
        stayed, left = self.rows.counts(card)
        best = float(fit(stayed, left).deviance(stayed, left))
        yield Stage(card, best)
        for _ in range(steps):
            found = self._best(card, self.rows.scores(card))
            if found is None or found.deviance > best - LEAST_GAIN:
                return
            move = Move(None, found.part, found.deviance)
            stage = self._swapped(Stage((*card, found.part), found.deviance, (move,)))
            card, best = stage.card, stage.deviance
            yield stage

    def _swapped(self, stage: Stage) -> Stage:
        """Take each step out in turn, and put in the best one, until none brings a gain.

        The best one may be the same step elsewhere, or with other points.
        """
        card, best, moves = stage.card, stage.deviance, list(stage.moves)
        scores = self.rows.scores(card)
        turn, settled = 0, 0
        while len(card) > 1 and settled < len(card):
            part = card[turn % len(card)]
            rest = tuple(other for other in card if other != part)
            without = scores - self.rows.adds(part)
            found = self._best(rest, without)
            settled += 1
            if found and found.part != part and found.deviance < best - LEAST_GAIN:
                moves.append(Move(part, found.part, found.deviance))
                at = turn % len(card)
                card = (*card[:at], found.part, *card[at + 1 :])
                scores, best = without + self.rows.adds(found.part), found.deviance
                settled = 1
            turn += 1
        return Stage(card, best, tuple(moves))

    def _best(self, card: Card, scores: NDArray[np.intp]) -> Found | None:
        """Return the step that is best to add to a card by which rows have these scores."""
        met, whole = self._beyond(scores)
        sizes = met.sum((-1, -2))
        free = (sizes >= LEAST_ROWS) & (sizes <= len(scores) - LEAST_ROWS)
        for part in card:
            free[part.axis, part.place] = False
        axis, place = np.nonzero(free)
        if not len(axis):
            return None
        met = met[axis, place]
        points = np.arange(1, MAX_POINTS + 1) if card else np.array([FIRST_POINTS])
        shape = (2, len(points), len(axis), len(whole) + MAX_POINTS)
        tables = np.zeros(shape)  # of outcomes, points, places, scores
        tables[..., : len(whole)] = np.moveaxis(whole - met, -1, 0)[:, None]
        for at, number in enumerate(points.tolist()):
            tables[:, at, :, number : number + len(whole)] += np.moveaxis(met, -1, 0)
        least, lost = _least(*tables.reshape(2, -1, shape[-1]))
        at, where = divmod(least, len(axis))
        return Found(Part(int(axis[where]), int(place[where]), int(points[at])), lost)

    def _beyond(self, scores: NDArray[np.intp]) -> tuple[Counts, Counts]:
        """Return how many rows reach each step, and how many there are: by score and outcome.

        The former is by axis and place as well.
        """
        stride, top = max(self.rows.sizes, default=0) + 1, int(scores.max(initial=0)) + 1
        base = (scores * 2 + self.rows.left) * stride
        cells = [np.bincount(base + n, minlength=2 * top * stride) for n in self.rows.reached]
        by_steps = np.array(cells).reshape(len(cells), top, 2, stride)
        beyond = by_steps[..., ::-1].cumsum(-1)[..., ::-1]
        return np.moveaxis(beyond[..., 1:], -1, 1), beyond[0, ..., 0]


def _least(stayed: Floats, left: Floats) -> tuple[int, float]:
    """Return which counts have the least deviance: all judged roughly, the best of them exactly."""
    rough = fit(stayed, left, _ROUGH).deviance(stayed, left)
    chosen = np.sort(np.argsort(rough, kind="stable")[:_FINE])
    fine = fit(stayed[chosen], left[chosen]).deviance(stayed[chosen], left[chosen])
    least = int(np.argmin(np.round(fine, 6)))  # of equals the first: fewest points, mildest step
    return int(chosen[least]), float(fine[least])
