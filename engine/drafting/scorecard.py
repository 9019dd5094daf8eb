"""Scorecards: whole points for each step that is reached, added up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.drafting.calibrate import Counts
from engine.drafting.steps import Axis, Places
from engine.errors import DataError, Problem
from engine.replay.history import OUTCOME


class Part(NamedTuple):
    """What one step adds to the score: its axis, its place there from the mildest, its points."""

    axis: int
    place: int
    points: int


Card = tuple[Part, ...]


@dataclass(frozen=True)
class Rows:
    """Rows as a search sees them: how many steps each reaches on each axis, and who left (1, 0).

    `reached` has a line for each axis and a column for each row; `sizes` is how many steps there
    are to each axis.
    """

    reached: Places
    left: NDArray[np.intp]
    sizes: tuple[int, ...]

    def part(self, chosen: NDArray[np.intp]) -> Rows:
        """Return some of the rows, by their numbers."""
        return Rows(np.ascontiguousarray(self.reached[:, chosen]), self.left[chosen], self.sizes)

    def adds(self, part: Part) -> NDArray[np.intp]:
        """Return what one step adds to each row's score."""
        found: NDArray[np.intp] = (self.reached[part.axis] > part.place) * np.intp(part.points)
        return found

    def scores(self, card: Card) -> NDArray[np.intp]:
        """Return each row's score."""
        total = np.zeros(len(self.left), dtype=np.intp)
        for part in card:
            total += self.adds(part)
        return total

    def counts(self, card: Card) -> tuple[Counts, Counts]:
        """Return by score how many stayed, and how many left."""
        return counts(self.scores(card), self.left)


def counts(scores: NDArray[np.intp], left: NDArray[np.intp]) -> tuple[Counts, Counts]:
    """Return by score how many stayed, and how many left."""
    size = int(scores.max(initial=0)) + 1
    pairs = np.bincount(scores * 2 + left, minlength=2 * size).reshape(size, 2)
    return pairs[:, 0], pairs[:, 1]


def rows_of(labelled: pl.DataFrame, axes: Sequence[Axis]) -> Rows:
    """Return a history's rows of which the outcome is known, as a search sees them.

    Raises `DataError` where there are none.
    """
    if not labelled.height:
        hint = "give the outcomes of pupils who left (1) and of pupils who stayed (0)"
        raise DataError(Problem("no-outcomes", "no row has an outcome", None, hint))
    reached = [axis.reached(labelled[axis.indicator.name]) for axis in axes]
    left = labelled[OUTCOME].to_numpy().astype(np.intp)
    none = np.zeros((0, labelled.height), dtype=np.uint8)
    return Rows(np.stack(reached) if reached else none, left, tuple(a.size for a in axes))


def plain(card: Card) -> Card:
    """Return the card with its points divided by what divides them all.

    >>> plain((Part(0, 1, 2), Part(1, 0, 4)))
    (Part(axis=0, place=1, points=1), Part(axis=1, place=0, points=2))
    """
    shared = math.gcd(*(part.points for part in card)) or 1
    return tuple(part._replace(points=part.points // shared) for part in card)
