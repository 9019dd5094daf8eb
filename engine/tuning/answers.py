"""Who answers: cells where there are few enough, else passes over the rows; and a plan beforehand.

How many cells there will be is told from a sample. Each row more brings fewer new cells than the
row before it, so that what a sample of half the size has, and what the whole sample has, bound how
they go on growing (Heaps' law).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.ruleset import Ruleset
from engine.text import Text
from engine.tuning.blocks import Block, Parts, parts_of, population_moves
from engine.tuning.build import build
from engine.tuning.grid import Grid
from engine.tuning.passes import passes
from engine.tuning.tally import Answers

MOST_CELLS = 4_000_000  # with more, an answer takes as long as a pass over ten million rows
MOST_TRUTHS = 2**28  # of a block: classes times candidates of each rung, a byte each
SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What answering will take, said before it is begun.

    `cells` are those to be expected, of both worlds; `building` and `keeping` are bytes, at most
    while cells are built (beside the rows) and to be expected afterwards. `why_not` says why cells
    will not serve, None where they will.
    """

    rows: int
    combinations: int
    cells: int
    building: int
    keeping: int
    why_not: Text | None


def plan(
    ruleset: Ruleset,
    grid: Grid,
    rows: pl.DataFrame,
    by: Sequence[str] = (),
    most_cells: int = MOST_CELLS,
) -> Plan:
    """Return what answering candidates on a grid will take, from a sample of the rows."""
    parts = parts_of(ruleset, grid)
    truths = max((_truths(block, rows.height) for block in parts.blocks), default=0)
    why_not, cells = None, 0
    if population_moves(ruleset, grid):
        why_not = _POPULATION
    elif truths > MOST_TRUTHS:
        why_not = _SHARED
    else:
        cells = _expected(ruleset, grid, rows, by)
        if cells > most_cells:
            why_not = _too_many(cells)
    building = rows.height * _bytes_a_row(parts) + truths
    keeping = cells * (8 + 2 * len(parts.blocks)) + truths
    return Plan(rows.height, grid.combinations, cells, building, keeping, why_not)


def answers(
    ruleset: Ruleset,
    grid: Grid,
    rows: pl.DataFrame,
    by: Sequence[str] = (),
    most_cells: int = MOST_CELLS,
) -> Answers:
    """Return who answers candidates on a grid, about the rows of a history.

    The values of the columns `by` make the groups by which rows are counted. Where it is passes,
    their note says why. Raises `DataError` where there are no rows, or not such a column.
    """
    planned = plan(ruleset, grid, rows, by, most_cells)
    if planned.why_not:
        return passes(ruleset, grid, rows, by, planned.why_not)
    return build(ruleset, grid, rows, by)


def _expected(ruleset: Ruleset, grid: Grid, rows: pl.DataFrame, by: Sequence[str]) -> int:
    """Return how many cells are to be expected: at most two a row, one in each world."""
    most = 2 * rows.height
    every = rows.height // SAMPLE
    if every < 2:
        return most
    half, whole = (
        build(ruleset, grid, rows.gather_every(every * times), by).size for times in (2, 1)
    )
    growth = math.log2(max(whole / half, 1))
    return min(most, round(whole * math.pow(every, growth)))


def _truths(block: Block, rows: int) -> int:
    """Return how many truths a block's classes may hold while they are sought."""
    places = math.prod(scale.missing + 1 for scale in block.scales.values())
    classes = min(rows, places * int(math.pow(3, min(len(block.fixed), 60))))
    rungs = (rung for ladder in block.ladders for rung in ladder)
    return classes * sum(map(block.combinations, rungs))


def _bytes_a_row(parts: Parts) -> int:
    """Return how many bytes a row takes while cells are built, at most.

    Fixed scores and levels take 12, who a row is 4, codes while they are joined and counted 16, and
    the table of counts 32; beside these, places, classes and truths of each block.
    """
    fixed = sum(len(block.fixed) for block in parts.blocks)
    return 64 + 8 * len(parts.blocks) + fixed


_POPULATION = Text(
    "Kandidāti atšķiras ar to, kurus skolēnus vērtē, tāpēc katram no jauna tiek skatītas visas "
    "rindas: tas ir lēnāk, bet tikpat precīzi.",
    "Candidates differ in whom they assess, so that all rows are looked at anew for each: slower, "
    "and as exact.",
)
_SHARED = Text(
    "Vienā nosacījumā ir par daudz kandidātu kopā, tāpēc katram no jauna tiek skatītas visas "
    "rindas: tas ir lēnāk, bet tikpat precīzi. Ātrāk būs ar mazāk vērtībām.",
    "One condition has too many candidates together, so that all rows are looked at anew for each: "
    "slower, and as exact. Fewer values make it faster.",
)


def _too_many(cells: int) -> Text:
    return Text(
        f"Kandidāti izšķir pārāk daudz skolēnu grupu (ap {cells}), tāpēc katram no jauna tiek "
        "skatītas visas rindas: tas ir lēnāk, bet tikpat precīzi. Ātrāk būs, ja vienlaikus "
        "skaņos mazāk parametru vai ar lielāku soli.",
        f"Candidates tell too many groups of pupils apart (some {cells}), so that all rows are "
        "looked at anew for each: slower, and as exact. Tuning fewer parameters at once, or with a "
        "coarser step, makes it faster.",
    )
