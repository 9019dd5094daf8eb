"""Points and cut-offs over a grid: which combinations are lawful, and how high scores go.

Only points and cut-offs can break a law, as thresholds order nothing. The laws are those of
`engine.validity`: whole points, no ladder that rises, levels that start above one another.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.condition import Param
from engine.ruleset import Ruleset
from engine.tuning.grid import Grid
from engine.validity import MAX_POINTS


def lawful(ruleset: Ruleset, grid: Grid) -> NDArray[np.bool_]:
    """Return whether each combination is a ruleset: an axis a parameter, of length 1 if all one."""
    found = np.ones((1,) * len(grid.tuned), np.bool_)
    for rule in ruleset.rules:
        points = [numbers(ruleset, grid, step.points) for step in rule.steps]
        for here in points:
            found = found & _whole(here)
        for above, below in pairwise(points):
            found = found & (below <= above)
    before = numbers(ruleset, grid, None)
    for level in ruleset.levels:
        if level.start is not None:
            start = numbers(ruleset, grid, level.start)
            found = found & _whole(start) & (start > before)
            before = start
    return found


def top_score(ruleset: Ruleset, grid: Grid) -> int:
    """Return a score that no lawful combination goes beyond."""
    found = (
        max(float(numbers(ruleset, grid, step.points).max()) for step in rule.steps)
        for rule in ruleset.rules
    )
    return sum(int(min(points, MAX_POINTS)) for points in found)


def numbers(ruleset: Ruleset, grid: Grid, number: int | Param | None) -> NDArray[np.float64]:
    """Return points or a cut-off under each combination, along the axis of its parameter."""
    shape = [1] * len(grid.tuned)
    if isinstance(number, Param):
        for axis, tuned in enumerate(grid.tuned):
            if tuned.name == number.name:
                shape[axis] = len(tuned.values)
                return np.array(tuned.values, np.float64).reshape(shape)
    return np.full(shape, 0 if number is None else ruleset.value(number), np.float64)


def _whole(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = values == np.floor(values)
    return whole & (values >= 0) & (values <= MAX_POINTS)
