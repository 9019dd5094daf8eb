"""Surfaces: all combinations of a grid at once, at every cut.

A surface has an axis for each parameter that varies. Its counts are what as many full replays would
count, and are made from the cells by `engine.tuning.contract`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.condition import Number
from engine.errors import DataError, Problem, RuleError, did_you_mean
from engine.tuning.cells import Cells
from engine.tuning.classes import World
from engine.tuning.contract import contracted, memory_needed
from engine.tuning.distinct import Ints
from engine.tuning.grid import Grid
from engine.tuning.tally import OUTCOMES
from engine.tuning.weights import lawful, numbers

MEMORY = 2**31  # bytes that making a surface may take, where nobody says otherwise


@dataclass(frozen=True)
class Surface:
    """What full replays of all combinations of a grid count, at each cut.

    `grid` has an axis for each parameter, of length 1 for those that are held. `rank` is the level
    that rules may lift to; None leaves lifting out.
    """

    cells: Cells
    grid: Grid
    rank: int | None

    @cached_property
    def lawful(self) -> NDArray[np.bool_]:
        """Whether the ruleset's laws allow each combination: [an axis a parameter].

        What is counted for a combination that they refuse means nothing.
        """
        found = lawful(self.cells.ruleset, self.grid)
        return np.broadcast_to(found, self.grid.shape)

    @cached_property
    def sure(self) -> Ints:
        """Count rows whose score is at least each cut, or that are lifted to the level.

        [an axis a parameter, cut from 0, outcome, group]; an axis has length 1 where its parameter
        makes no difference. At the last cut, above all scores, are those who are lifted.
        """
        return self._counts("sure")

    @cached_property
    def possible(self) -> Ints:
        """Count rows as `sure` does, of whom it can be so."""
        return self._counts("possible")

    def flagged(self, world: World = "sure") -> Ints:
        """Count the rows that reach the level: [an axis a parameter, outcome, group].

        Where cut-offs are tuned, each combination has its own. Without a level none are flagged.
        """
        counts = self.sure if world == "sure" else self.possible
        ruleset = self.cells.ruleset
        levels = ruleset.levels[self.rank or len(ruleset.levels) :]
        start = next((level.start for level in levels if level.start is not None), None)
        last = np.full((1,) * len(self.grid.tuned), counts.shape[-3] - 1)
        cut = last if start is None else np.minimum(numbers(ruleset, self.grid, start), last)
        at = np.maximum(cut, 0).astype(np.int64)[..., None, None, None]
        shape = (*self.grid.shape, *counts.shape[-3:])
        at = np.broadcast_to(at, (*self.grid.shape, 1, *counts.shape[-2:]))
        return np.take_along_axis(np.broadcast_to(counts, shape), at, -3)[..., 0, :, :]

    def _counts(self, world: World) -> Ints:
        found, names = contracted(self.cells, world, self.grid, self.rank)
        people = (len(OUTCOMES), len(self.cells.groups))
        lengths = {t.name: len(t.values) for t in self.grid.tuned}
        others = [name for name in self.grid.names if name not in names]
        shape = [lengths[name] for name in names] + [1] * len(others)
        found = found.reshape(-1, *people, *shape)
        axes = [3 + [*names, *others].index(name) for name in self.grid.names]
        return found.transpose(*axes, 0, 1, 2)


def surface(
    cells: Cells,
    level: str | None,
    vary: Iterable[str] | None = None,
    held: Mapping[str, Number] | None = None,
    memory: int = MEMORY,
) -> Surface:
    """Return the surface over the parameters `vary` (all, if left out), the others being held.

    `level` is the id of the level that pupils are flagged from; None leaves what rules lift out.
    What `held` does not name keeps its present value. Raises `RuleError` as `Grid.only` and for an
    unknown level, and `DataError` where it would take more than `memory` bytes.
    """
    grid = cells.grid.only(cells.grid.names if vary is None else vary, held or {})
    ids = [one.id for one in cells.ruleset.levels]
    if level is not None and level not in ids[1:]:
        hint = did_you_mean(level, ids[1:]) or f"levels: {', '.join(ids[1:])}"
        message = f"there is no level '{level}' above the least"
        raise RuleError(Problem("unknown-name", message, None, hint))
    needed = memory_needed(cells, grid)
    if needed > memory:
        message = (
            f"{grid.combinations} combinations would take {needed / 1e9:.1f} GB of memory, "
            f"and {memory / 1e9:.1f} GB are allowed"
        )
        hint = "vary fewer parameters at once, give fewer values, or declare a coarser 'step'"
        raise DataError(Problem("too-many-combinations", message, None, hint))
    return Surface(cells, grid, None if level is None else ids.index(level))
