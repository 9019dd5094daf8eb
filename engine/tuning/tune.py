"""Tuning: the values of a ruleset's own parameters that would have served a history best.

A ruleset has more parameters than all combinations of them can be counted. So a few are varied at a
time, in all combinations exactly, while the others are held; sweep after sweep, until no sweep
finds anything better, from the present values and from others drawn with the seed. At the end,
whatever moved without being worth a change of the rules moves back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from engine.condition import Number
from engine.errors import DataError, Problem, RuleError
from engine.replay.replay import nobody
from engine.ruleset import Ruleset
from engine.tuning.blocks import population_parameters
from engine.tuning.build import build
from engine.tuning.goal import Found, Goal, Landscape, undominated
from engine.tuning.grid import Grid, grid_of
from engine.tuning.surface import surface

AT_ONCE = 20_000  # combinations of one surface
SWEEPS = 10
STARTS = 2  # beside the present values
WORTH = 0.01  # of those caught: what a change of one number must bring
Values = Mapping[str, Number]


@dataclass(frozen=True)
class Tuning:
    """What was found: the best combination, the present one, and those that no other beats."""

    present: Found
    best: Found
    front: tuple[Found, ...]


def tuned_names(ruleset: Ruleset) -> tuple[str, ...]:
    """Return the parameters that can be tuned and can change a score or a level, in order.

    None that says whom the ruleset is for: to leave pupils out is no way to be right more often.
    Raises `RuleError` where there is none.
    """
    scoring = tuple(rule for rule in ruleset.rules if not rule.offers_only)
    used = replace(ruleset, rules=scoring, examples=()).used_parameters
    able = tuple(n for n, p in ruleset.parameters.items() if p.tunable and p.bounds and n in used)
    asked = population_parameters(ruleset)
    found = tuple(name for name in able if name not in asked)
    if not found:
        message = f"'{ruleset.id}' has no parameter that can be tuned"
        hint = "declare thresholds as $parameters with bounds and a step, not as plain numbers"
        if able:
            message += f" but those of its population ({', '.join(able)})"
            hint += "; whom a ruleset is for, people decide"
        raise RuleError(Problem("not-tunable", message, None, hint))
    return found


def tune(
    ruleset: Ruleset,
    rows: pl.DataFrame,
    goal: Goal,
    seed: int = 1,
    watch: Callable[[str], None] = lambda _: None,
) -> Tuning:
    """Return the values that meet a goal best on rows of a history; `watch` hears how far it is.

    The same rows, goal and seed give the same values, whatever the order of rows. Raises
    `RuleError` where no parameter can be tuned or the goal's level is unknown, `DataError` where
    there are no rows, or the ruleset is for none of them.
    """
    return _Search(ruleset, rows, goal, seed, watch).run()


class _Search:
    def __init__(
        self,
        ruleset: Ruleset,
        rows: pl.DataFrame,
        goal: Goal,
        seed: int,
        watch: Callable[[str], None],
    ) -> None:
        self.ruleset, self.rows, self.goal, self.watch = ruleset, rows, goal, watch
        self.grid = grid_of(ruleset, tuned_names(ruleset))
        self.home = self.grid.values(t.present for t in self.grid.tuned)
        self.blocks = tuple(_blocks(self.grid))
        self.draw = np.random.default_rng(seed)
        self.front: list[Found] = []

    def run(self) -> Tuning:
        here = self._landscape(self.home, ())
        if not here.assessed.any():
            raise DataError(nobody(self.ruleset, self.rows.height))
        present = here.best(self.home)
        found = [self._settled(start) for start in self._starts()]
        best = min(found, key=self._rank)
        best = self._worthwhile(best)
        every = [present, best, *self.front]  # of equals the first is kept: no needless changes
        kept = undominated([each.flagged for each in every], [each.caught for each in every])
        return Tuning(present, best, tuple(every[at] for at in kept))

    def _starts(self) -> Iterator[Values]:
        yield self.home
        for _ in range(STARTS):
            drawn = {t.name: t.values[self.draw.integers(len(t.values))] for t in self.grid.tuned}
            try:
                self.ruleset.with_parameters(drawn)
            except RuleError:  # a ladder or levels out of order
                continue
            yield drawn

    def _settled(self, start: Values) -> Found:
        """Return where sweeps from a start come to rest."""
        found = self._landscape(start, ()).best(self.home)
        for sweep in range(SWEEPS):
            before = found
            for number, block in enumerate(self.blocks, 1):
                self.watch(f"{sweep + 1}: {number}/{len(self.blocks)}")
                land = self._landscape(found.values, block)
                self.front += land.front()
                found = min(found, land.best(self.home), key=self._rank)
            if self._rank(found) == self._rank(before):
                break
        return found

    def _worthwhile(self, found: Found) -> Found:
        """Take back, one after the other, the moves that bring next to nothing."""
        for name, value in self.home.items():
            if found.values[name] == value:
                continue
            try:
                without = self._landscape({**found.values, name: value}, ()).best(self.home)
            except RuleError:
                continue
            lost = found.caught - without.caught
            if (
                self.goal.missed(without) <= self.goal.missed(found)
                and lost <= WORTH * found.caught
            ):
                found = without
        return found

    def _landscape(self, values: Values, block: tuple[str, ...]) -> Landscape:
        """Return what the combinations of a block do, the other parameters held."""
        held = self.ruleset.with_parameters(values)
        cells = build(held, grid_of(held, block), self.rows, tuple(self.goal.gaps))
        found = surface(cells, self.goal.level)
        return Landscape(found, values, cells.tally({}).sure.reached(0), self.goal)

    def _rank(self, found: Found) -> tuple[object, ...]:
        """Return what orders combinations, the best first."""
        places = self.grid.places(found.values)
        away = [abs(at - t.present) for at, t in zip(places, self.grid.tuned, strict=True)]
        changed = sum(steps > 0 for steps in away)
        return (*self.goal.missed(found), -found.caught, found.flagged, changed, sum(away), places)


def _blocks(grid: Grid) -> Iterator[tuple[str, ...]]:
    """Yield the parameters a few at a time, neighbours in the ruleset together."""
    block: list[str] = []
    combinations = 1
    for tuned in grid.tuned:
        if block and combinations * len(tuned.values) > AT_ONCE:
            yield tuple(block)
            block, combinations = [], 1
        block.append(tuned.name)
        combinations *= len(tuned.values)
    yield tuple(block)
