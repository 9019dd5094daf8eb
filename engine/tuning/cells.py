"""Cells: a history grouped once, so that every candidate on a grid is answered from the groups.

A cell holds all rows that no candidate tells apart: they are of one class in every block, have the
same fixed points and least level, the same outcome and group. Whatever a candidate's figures are
sums of, they are sums over cells; so answers are exact, and take as long as there are cells.
The sure world and the possible one are counted apart, because no figure needs both of one row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from engine.condition import Number
from engine.ruleset import Ruleset
from engine.text import Text
from engine.tuning.classes import WORLDS, Classes, World
from engine.tuning.distinct import Codes, Column, Ints, packed
from engine.tuning.grid import Grid
from engine.tuning.tally import OUTCOMES, Counted, Counts, Group, Tally
from engine.tuning.weights import top_score

PACK = 2**16  # so long a code may be that stands for several axes


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

    @cached_property
    def packs(self) -> tuple[tuple[tuple[int, ...], Ints], ...]:
        """The codes put together, several axes in one while it stays short: fewer look-ups.

        Each pack names its axes. Those that may lift to a level come first.
        """
        sizes = (self.points.size, *(classes.size for classes in self.classes))
        order = sorted(range(len(sizes)), key=lambda axis: not self._lifts(axis))
        packs: list[list[int]] = [[]]
        for axis in order:
            if packs[-1] and math.prod(sizes[a] for a in (*packs[-1], axis)) > PACK:
                packs.append([])
            packs[-1].append(axis)
        return tuple(
            (tuple(axes), packed([Column(self.codes[axis], sizes[axis]) for axis in axes]))
            for axes in packs
        )

    @cached_property
    def one_lifts(self) -> bool:
        """Whether at most one pack lifts to a level."""
        return sum(any(map(self._lifts, axes)) for axes, _ in self.packs) < 2

    def _lifts(self, axis: int) -> bool:
        """Whether an axis may bring a least level."""
        return self.classes[axis - 1].block.lifts if axis else bool(self.least.any())


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
        """Count one world's cells by score and level; `reached` is the rank of each score.

        A cell's place in the count adds up from what its classes bring, but for least levels, of
        which the highest counts: where only one pack lifts, they add up too.
        """
        ranks, size = len(self.ruleset.levels), reached.size
        adds, leasts = [side.who * (ranks * size) + side.points], [side.least]
        for classes in side.classes:
            points, least = classes.brings(self.ruleset, self.grid, part)
            adds.append(points.ravel().astype(np.int64))
            leasts.append(least.ravel().astype(np.int64))
        at, lifts = np.zeros(side.counts.size, np.int64), []
        for axes, codes in side.packs:
            add = reduce(np.add.outer, (adds[axis] for axis in axes)).ravel()
            least = reduce(np.maximum.outer, (leasts[axis] for axis in axes)).ravel()
            if side.one_lifts:
                add += least * size
            elif least.any():
                lifts.append(least.take(codes))
            at += add.take(codes)
        if lifts:
            at += reduce(np.maximum, lifts) * size
        people = len(OUTCOMES) * len(self.groups)
        found = np.bincount(at, side.counts, people * ranks * size).astype(np.int64)
        levels = np.maximum(np.arange(ranks)[:, None], reached).ravel()
        by_level = np.stack(
            [np.bincount(levels, some, ranks) for some in found.reshape(people, -1)]
        )
        by_score = found.reshape(people, ranks, size).sum(axis=1)
        shape = (-1, len(OUTCOMES), len(self.groups))
        return Counted(by_score.T.reshape(shape), by_level.T.astype(np.int64).reshape(shape))
