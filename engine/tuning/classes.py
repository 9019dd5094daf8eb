"""Classes: rows of a block that no candidate tells apart.

Unknown is taken two ways. In the *sure* world a comparison with a missing value does not hold, in
the *possible* world it does; as negations stand before flags and categories only, a condition holds
in the first exactly where Kleene's logic says true, and in the second where it does not say false.
So each world is of plain truths, and has classes of its own. A class is known by its rungs' truths
under all candidate values, and after it has been found rows and values are needed no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.condition import (
    MIRRORED,
    And,
    Between,
    Comparison,
    Condition,
    Op,
    Operand,
    Or,
    Param,
)
from engine.ruleset import Ruleset, Step
from engine.tuning.blocks import Block, candidates
from engine.tuning.distinct import Codes, Column, Ints, possible, small
from engine.tuning.grid import Grid
from engine.tuning.scale import Scale
from engine.validity import MAX_POINTS

World = Literal["sure", "possible"]
WORLDS: tuple[World, ...] = get_args(World)
FALSE, TRUE, UNKNOWN = 0, 1, 2  # how the truths of what stays fixed are coded

Bools = NDArray[np.bool_]
_COMPARE: Mapping[Op, Any] = {"<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt}


@dataclass(frozen=True)
class Classes:
    """The classes of a block in one world.

    `truths` says for each ladder and rung whether it holds: [class, and an axis for each of the
    block's tuned parameters, of length 1 where the rung does not ask for it].
    """

    block: Block
    truths: tuple[tuple[Bools, ...], ...]
    size: int

    def brings(self, ruleset: Ruleset, grid: Grid, part: Grid) -> tuple[Ints, Ints]:
        """Return the points, and the least level's rank, that the block brings to each class.

        `part` is the part of the `grid` that is asked for. Both answers are [class, and an axis for
        each of the block's parameters], as long as `part` has values of it.
        """
        places = grid.within(part)
        at = [places[t.name] for t in self.block.tuned]
        points: Ints = np.zeros((self.size, *(1 for _ in at)), np.int32)
        least: Ints = np.zeros_like(points, np.uint8)
        for ladder, truths in zip(self.block.ladders, self.truths, strict=True):
            some, rank = np.zeros_like(points), np.zeros_like(least)
            for rung, truth in zip(reversed(ladder), reversed(truths), strict=True):
                holds = _taken(truth, at)
                some = np.where(holds, self._points(rung.step, ruleset, part), some)
                rank = np.where(holds, np.uint8(ruleset.rank(rung.step.at_least)), rank)
            points, least = points + some, np.maximum(least, rank)
        shape = (self.size, *(places.size for places in at))
        return np.broadcast_to(points, shape), np.broadcast_to(least, shape)

    def _points(self, step: Step, ruleset: Ruleset, part: Grid) -> Ints:
        if isinstance(step.points, Param):
            values = {t.name: t.values for t in part.tuned}
            for axis, tuned in enumerate(self.block.tuned):
                if tuned.name == step.points.name:
                    found = np.clip(values[tuned.name], 0, MAX_POINTS).astype(np.int32)
                    return _along(found, axis, self.block)
        return np.array(ruleset.points(step), np.int32)


def classify(
    block: Block, ruleset: Ruleset, places: Mapping[str, Column], fixed: Mapping[Condition, Column]
) -> Iterator[tuple[Classes, Column]]:
    """Yield the block's classes in each world, and the class of each row.

    `places` are the rows' places on the block's scales, `fixed` the coded truths of what no
    candidate changes.
    """
    names: list[str | Condition] = [*places, *fixed]
    found = possible([*places.values(), *fixed.values()])
    seen = dict(zip(names, found.columns, strict=True))
    for world in WORLDS:
        holds = _Truths(block, ruleset, seen, world)
        truths = [[holds(rung.when) for rung in ladder] for ladder in block.ladders]
        bits = [truth.reshape(found.counts.size, -1) for ladder in truths for truth in ladder]
        packed = np.packbits(np.concatenate(bits, axis=1), axis=1)
        _, first, alike = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        kept = tuple(tuple(truth[first] for truth in ladder) for ladder in truths)
        yield Classes(block, kept, first.size), found.column(small(alike, first.size), first.size)


class _Truths:
    """Whether conditions hold in a world: [what was seen, an axis for each tuned parameter]."""

    def __init__(
        self,
        block: Block,
        ruleset: Ruleset,
        seen: Mapping[str | Condition, Ints],
        world: World,
    ) -> None:
        self.block, self.ruleset, self.sure = block, ruleset, world == "sure"
        self.seen = {name: _along(codes, -1, block) for name, codes in seen.items()}

    def __call__(self, condition: Condition) -> Bools:
        """Return where a rung's condition, or a part of it, holds."""
        match condition:
            case _ if condition in self.seen:
                code = self.seen[condition]
                holds: Bools = code == TRUE if self.sure else code != FALSE
            case And(parts):
                holds = reduce(np.logical_and, map(self, parts))
            case Or(parts):
                holds = reduce(np.logical_or, map(self, parts))
            case Comparison(indicator, op, operand):
                holds = self._compare(indicator, op, operand)
            case Between(low, low_op, indicator, high_op, high):
                holds = self._compare(indicator, MIRRORED[low_op], low)
                holds = holds & self._compare(indicator, high_op, high)
            case _:
                raise AssertionError(condition)  # flags and categories have no parameters
        return holds

    def _compare(self, indicator: str, op: Op, operand: Operand) -> Bools:
        scale, place = self.block.scales[indicator], self.seen[indicator]
        holds: Bools = _COMPARE[op](place, self._places(scale, operand))
        missing: Bools = place == scale.missing
        return holds & ~missing if self.sure else holds | missing

    def _places(self, scale: Scale, operand: Operand) -> Ints:
        axis, values = candidates(self.block.tuned, self.ruleset, operand)
        found = np.array([scale.place(value) for value in values])
        return found if axis is None else _along(found, axis, self.block)


def _along(values: Ints, axis: int, block: Block) -> Ints:
    """Lay values along the axis of one of the block's parameters, or (-1) of what was seen."""
    shape = [1] * (len(block.tuned) + 1)
    shape[axis + 1] = values.size
    return values.reshape(shape)


def _taken(truth: Bools, at: Sequence[Codes]) -> Bools:
    """Return the truths at these places of each parameter's axis."""
    for axis, places in enumerate(at, 1):
        if truth.shape[axis] > 1:
            truth = truth.take(places, axis)
    return truth
