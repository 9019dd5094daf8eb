"""Building cells: one pass over the history, after which the history is needed no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engine.condition import Condition
from engine.executors.columns import Columns, truth
from engine.ruleset import Ruleset
from engine.tuning.blocks import Block, Parts, parts_of
from engine.tuning.cells import Cells, Side
from engine.tuning.classes import UNKNOWN, WORLDS, Classes, classify
from engine.tuning.distinct import Column, distinct, small
from engine.tuning.grid import Grid
from engine.tuning.rows import SCORES, coded, grouped, with_absent
from engine.tuning.tally import OUTCOMES


def build(ruleset: Ruleset, grid: Grid, rows: pl.DataFrame, by: Sequence[str] = ()) -> Cells:
    """Group the rows of a history into cells; the values of the columns `by` make the groups.

    Indicators that the rows have not are unknown throughout. The grid must leave the population as
    it is (`engine.tuning.blocks.population_moves`). Raises `DataError` where there are no rows.
    """
    groups, group = grouped(rows, by)
    parts = parts_of(ruleset, grid)
    rows = with_absent(ruleset, rows)
    conditions = tuple(dict.fromkeys(part for block in parts.blocks for part in block.fixed))
    fixed = _fixed(ruleset, parts, conditions, rows)
    truths = {part: Column(fixed[str(n)].to_numpy(), 3) for n, part in enumerate(conditions)}
    who = _who(rows, fixed["score"], group)

    def classified(block: Block) -> list[tuple[Classes, Column]]:
        places = {name: scale.places(rows[name]) for name, scale in block.scales.items()}
        return list(classify(block, ruleset, places, {part: truths[part] for part in block.fixed}))

    found = [classified(block) for block in parts.blocks]
    sides = {
        world: _side([each[at] for each in found], fixed.select(SCORES[world]), who)
        for at, world in enumerate(WORLDS)
    }
    outside = np.bincount(who.codes, minlength=who.size)[who.size // 2 :]
    return Cells(ruleset, grid, groups, sides, outside.reshape(len(OUTCOMES), len(groups)))


def _fixed(
    ruleset: Ruleset, parts: Parts, conditions: Sequence[Condition], rows: pl.DataFrame
) -> pl.DataFrame:
    """Return what the fixed rules bring each row, and the coded truths of fixed conditions."""
    asked = [
        truth(ruleset.bound(part)).cast(pl.UInt8).fill_null(UNKNOWN).alias(str(number))
        for number, part in enumerate(conditions)
    ]
    brought = [name for names in SCORES.values() for name in names]
    scored = Columns(parts.fixed).run(rows.lazy())
    return scored.select(*brought, *asked).collect(engine="streaming")


def _who(rows: pl.DataFrame, score: pl.Series, group: Column) -> Column:
    """Code outcome and group; rows outside the population come after all others."""
    who = coded(rows, group)
    if not score.null_count():
        return Column(who.codes, 2 * who.size)
    outside = score.is_null().to_numpy()
    return Column(small(who.codes + outside * who.size, 2 * who.size), 2 * who.size)


def _side(found: Sequence[tuple[Classes, Column]], brought: pl.DataFrame, who: Column) -> Side:
    """Count the rows of one world that are assessed, by their classes and by who they are."""
    columns = [_column(series.fill_null(0)) for series in brought]
    still = distinct([*columns, who])
    points, least, people = still.columns
    first = still.column(small(np.arange(people.size), people.size), people.size)
    cells = distinct([first, *(column for _, column in found)])
    assessed = people[cells.columns[0]] < who.size // 2
    codes = tuple(
        small(codes[assessed], size)
        for codes, size in zip(
            cells.columns, (first.size, *(c.size for c, _ in found)), strict=True
        )
    )
    classes = tuple(classes for classes, _ in found)
    return Side(
        points.astype(np.int64),
        least.astype(np.int64),
        people.astype(np.int64),
        classes,
        codes,
        cells.counts[assessed],
    )


def _column(series: pl.Series) -> Column:
    codes = series.to_numpy()
    return Column(codes, int(codes.max(initial=0)) + 1)
