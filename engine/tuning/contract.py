"""Contraction: cells summed over one block after the other, for all combinations at once.

Cells are a table of counts by class of each block, score, and whom they count. To sum over a block
is to let each class's rows move up by the points that a combination brings it: one product with a
matrix of 0 and 1 for each number of points that the block can bring. What is left in the end are
counts by score for each combination, at the cost of a few additions a combination. Counts are
whole, so products are exact: in single precision below 2 ** 24 rows, in double below 2 ** 53.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from engine.tuning.cells import Cells, Side
from engine.tuning.classes import Classes, World
from engine.tuning.distinct import Codes, Column, Distinct, Ints, distinct
from engine.tuning.grid import Grid
from engine.tuning.tally import OUTCOMES

LIFTED = -1  # an effect: to the last row, whatever the score
EXACT_SINGLE = 2**24

Floats = NDArray[np.floating[Any]]


class Varying(NamedTuple):
    """A block that varies, and its effect: points or `LIFTED`, [class, combination]."""

    classes: Classes
    effect: Codes


class Table(NamedTuple):
    """Counts, [entry, combination]; no two entries have equal codes, row and person.

    `columns` are the entries' classes in the blocks that are still to be summed over, `row` their
    score or, as the last row, that they are lifted.
    """

    columns: tuple[Column, ...]
    row: Column
    who: Column
    counts: Floats


def contracted(
    cells: Cells, world: World, grid: Grid, rank: int | None
) -> tuple[Ints, tuple[str, ...]]:
    """Return counts at or above each cut, [cut, person, combination], and what makes the latter.

    `grid` is the part of the cells' grid that is asked for. The last cut, above all scores, counts
    those who are lifted to the level of the `rank` or above. The combinations are those of the
    parameters named, the last of them changing fastest.
    """
    varying, table = _begun(cells, cells.sides[world], grid, rank)
    for block in varying:
        table = _summed(block, table)
    shape = (table.row.size, table.who.size, table.counts.shape[1])
    found = np.zeros(shape, table.counts.dtype)
    found[table.row.codes, table.who.codes] = table.counts
    upwards = found[::-1]
    np.cumsum(upwards, axis=0, out=upwards)
    names = (t.name for block in varying for t in block.classes.block.tuned)
    whole = np.int32 if table.counts.dtype == np.float32 else np.int64
    return found.astype(whole), tuple(names)


def _begun(cells: Cells, side: Side, grid: Grid, rank: int | None) -> tuple[list[Varying], Table]:
    """Return the blocks that vary, and the cells with what all others bring in their rows."""
    fixed, *codes = side.codes
    rows = cells.top + 2
    row = _moved(np.int64(0), _effect(side.points, side.least, rank), rows)[fixed]
    found: list[tuple[Varying, Column]] = []
    for classes, code in zip(side.classes, codes, strict=True):
        brought = classes.brings(cells.ruleset, cells.grid, grid)
        effect = _effect(*brought, rank).reshape(classes.size, -1)
        if effect.shape[1] == 1:
            row = _moved(row, effect.ravel()[code], rows)
        else:
            found.append((Varying(classes, effect), Column(code, classes.size)))
    found.sort(key=lambda one: one[0].effect.shape[1] / one[0].effect.shape[0])
    people = len(OUTCOMES) * len(cells.groups)
    columns = [column for _, column in found]
    alike = distinct([*columns, Column(row, rows), Column(side.who[fixed], people)])
    counts = alike.summed(side.counts)
    exact = np.float32 if counts.sum() < EXACT_SINGLE else np.float64
    table = Table(*_columns(alike, columns, rows, people), counts[:, None].astype(exact))
    return [varying for varying, _ in found], table


def _summed(block: Varying, table: Table) -> Table:
    """Sum over the first block of a table's columns."""
    first, *others = table.columns
    rest = distinct([*others, table.row, table.who])
    keys, combinations = rest.counts.size, table.counts.shape[1]
    cube = np.zeros((keys, combinations, first.size), table.counts.dtype)
    cube[rest.spread(np.arange(keys)), :, first.codes] = table.counts
    flat = cube.reshape(-1, first.size)
    effects = np.unique(block.effect)
    *still, row, who = rest.columns
    moved = [_moved(row, effect, table.row.size) for effect in effects]
    columns = [
        *(
            Column(np.tile(c, effects.size), column.size)
            for c, column in zip(still, others, strict=True)
        ),
        Column(np.concatenate(moved), table.row.size),
        Column(np.tile(who, effects.size), table.who.size),
    ]
    after = distinct(columns)
    places = after.spread(np.arange(after.counts.size)).reshape(effects.size, keys)
    made = combinations * block.effect.shape[1]
    counts = np.zeros((after.counts.size, made), cube.dtype)
    for effect, place in zip(effects, places, strict=True):
        brought = (flat @ (block.effect == effect).astype(cube.dtype)).reshape(keys, made)
        ones = np.ones(keys, cube.dtype)
        counts += csr_array((ones, (place, np.arange(keys))), (after.counts.size, keys)) @ brought
    return Table(*_columns(after, others, table.row.size, table.who.size), counts)


def _effect(points: Ints, least: Ints, rank: int | None) -> Codes:
    """Return points, or `LIFTED` where a rule lifts to the rank or above."""
    whole = points.astype(np.int64)
    return whole if rank is None else np.where(least >= rank, LIFTED, whole)


def _moved(row: Ints | np.int64, effect: Ints | np.int64, rows: int) -> Codes:
    """Return the rows after an effect; the last row is where those are who are lifted."""
    last = rows - 1
    return np.where((row == last) | (effect == LIFTED), last, row + effect)


def _columns(
    found: Distinct, columns: Sequence[Column], rows: int, people: int
) -> tuple[tuple[Column, ...], Column, Column]:
    *codes, row, who = found.columns
    named = tuple(Column(c, column.size) for c, column in zip(codes, columns, strict=True))
    return named, Column(row, rows), Column(who, people)


def memory_needed(cells: Cells, grid: Grid) -> int:
    """Return how many bytes contraction takes at most, for one world of a part of the grid."""
    return max(_needed(cells, side, grid) for side in cells.sides.values())


def _needed(cells: Cells, side: Side, grid: Grid) -> int:
    lengths = {t.name: len(t.values) for t in grid.tuned}
    rows = (cells.top + 2) * len(OUTCOMES) * len(cells.groups)
    blocks = [
        (classes.size, math.prod(lengths[t.name] for t in classes.block.tuned))
        for classes in side.classes
    ]
    blocks = sorted((b for b in blocks if b[1] > 1), key=lambda b: b[1] / b[0])
    entries, made, most = side.counts.size, 1, 0
    number = 4 if side.counts.sum() < EXACT_SINGLE else 8
    for at, (classes, combinations) in enumerate(blocks):
        room = rows * math.prod(size for size, _ in blocks[at + 1 :])
        keys = min(entries, room)
        entries = min(keys * (cells.top + 2), room)
        tables = keys * made * classes + (keys + 2 * entries) * made * combinations
        most = max(most, tables * number + classes * combinations * 16)
        made *= combinations
    return max(most, 2 * rows * made * number)
