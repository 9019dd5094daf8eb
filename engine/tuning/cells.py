"""Cells: a history grouped once, so that every candidate on a grid is answered from the groups.

A cell holds all rows that no candidate tells apart: they are of one class in every block, have the
same fixed points and least level, the same outcome and group. Whatever a candidate's figures are
sums of, they are sums over cells; so answers are exact, and take as long as there are cells.
The sure world and the possible one are counted apart, because no figure needs both of one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.condition import Number
from engine.ruleset import Ruleset
from engine.text import Text
from engine.tuning.classes import WORLDS, Classes, World
from engine.tuning.distinct import Codes, Ints
from engine.tuning.grid import Grid
from engine.tuning.tally import OUTCOMES, Counted, Counts, Group, Tally
from engine.tuning.weights import top_score


@dataclass(frozen=True)
class Side:
    """The cells of one world.

    Each cell has a fixed class, in `codes[0]`, and then one in each block. `points`, `least` and
    `who` say what a fixed class brings, and its outcome times groups plus group. `counts` are rows.
    """

    points: Codes
    least: Codes
    who: Codes
    classes: tuple[Classes, ...]
    codes: tuple[Ints, ...]
    counts: Codes


@dataclass(frozen=True)
class Cells:
    """The cells of a history for a grid: `engine.tuning.tally.Answers` without the history."""

    ruleset: Ruleset
    grid: Grid
    groups: tuple[Group, ...]
    sides: Mapping[World, Side]
    outside: Counts
    notes: tuple[Text, ...] = ()

    @property
    def size(self) -> int:
        """How many cells there are, of both worlds."""
        return sum(side.counts.size for side in self.sides.values())

    @cached_property
    def top(self) -> int:
        """The score that no combination goes beyond."""
        return top_score(self.ruleset, self.grid)

    def tally(self, values: Mapping[str, Number]) -> Tally:
        """Return a candidate's tally; see `Answers.tally`."""
        chosen = self.grid.values(self.grid.places(values))
        candidate = self.ruleset.with_parameters(chosen)
        part = self.grid.only((), chosen)
        reached = np.zeros(self.top + 1, np.int64)
        for rank, start in candidate.starts:
            reached[start:] = rank
        sure, possible = (self._counted(self.sides[w], part, reached) for w in WORLDS)
        return Tally(chosen, sure, possible, self.outside)

    def tallies(self, candidates: Iterable[Mapping[str, Number]]) -> list[Tally]:
        """Return several candidates' tallies."""
        return [self.tally(values) for values in candidates]

    def _counted(self, side: Side, part: Grid, reached: Codes) -> Counted:
        """Count one world's cells by score and level; `reached` is the rank of each score."""
        ranks, size = len(self.ruleset.levels), reached.size
        fixed, *codes = side.codes
        at = ((side.who * ranks + side.least) * size + side.points)[fixed]
        lifts = np.zeros(1, np.int64)
        for classes, code in zip(side.classes, codes, strict=True):
            points, least = classes.brings(self.ruleset, self.grid, part)
            if points.any():
                at += points.ravel()[code]
            if least.any():
                lifts = np.maximum(lifts, least.ravel()[code])
        if lifts.any():
            at += np.maximum(lifts - side.least[fixed], 0) * size
        people = len(OUTCOMES) * len(self.groups)
        found = np.bincount(at, side.counts, people * ranks * size).astype(np.int64)
        levels = np.maximum(np.arange(ranks)[:, None], reached).ravel()
        by_level = np.stack(
            [np.bincount(levels, some, ranks) for some in found.reshape(people, -1)]
        )
        by_score = found.reshape(people, ranks, size).sum(axis=1)
        shape = (-1, len(OUTCOMES), len(self.groups))
        return Counted(by_score.T.reshape(shape), by_level.T.astype(np.int64).reshape(shape))
