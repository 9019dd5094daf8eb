"""Passes: candidates answered by replays, several in one query, where cells would be too many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from engine.condition import Number
from engine.executors.columns import Columns
from engine.ruleset import Ruleset
from engine.text import Text
from engine.tuning.classes import WORLDS, World
from engine.tuning.grid import Grid
from engine.tuning.rows import SCORES, coded, grouped, with_absent
from engine.tuning.tally import OUTCOMES, Counted, Counts, Group, Tally
from engine.tuning.weights import top_score

AT_ONCE = 8  # replays in one query: they share its reading, and their answers' memory adds up
_WHO = "__who"


@dataclass(frozen=True)
class Passes:
    """The rows themselves: `engine.tuning.tally.Answers` by one replay a candidate."""

    ruleset: Ruleset
    grid: Grid
    groups: tuple[Group, ...]
    rows: pl.DataFrame = field(repr=False)
    notes: tuple[Text, ...] = ()

    def tally(self, values: Mapping[str, Number]) -> Tally:
        """Return a candidate's tally; see `Answers.tally`."""
        return self.tallies([values])[0]

    def tallies(self, candidates: Iterable[Mapping[str, Number]]) -> list[Tally]:
        """Return several candidates' tallies, a few replays a query."""
        chosen = [self.grid.values(self.grid.places(values)) for values in candidates]
        asked = [self._counting(self.ruleset.with_parameters(values)) for values in chosen]
        found: list[Tally] = []
        for start in range(0, len(asked), AT_ONCE):
            parts = slice(start, start + AT_ONCE)
            counts = pl.collect_all(asked[parts], engine="streaming")
            found += map(self._tally, chosen[parts], counts)
        return found

    def _counting(self, candidate: Ruleset) -> pl.LazyFrame:
        names = [name for world in WORLDS for name in SCORES[world]]
        return Columns(candidate).run(self.rows.lazy()).group_by(*names, _WHO).len()

    def _tally(self, values: Mapping[str, Number], counts: pl.DataFrame) -> Tally:
        inside = counts.drop_nulls("score")
        sure, possible = (self._counted(world, inside) for world in WORLDS)
        outside = counts.filter(pl.col("score").is_null())
        return Tally(values, sure, possible, self._table(outside, None, 1)[0])

    def _counted(self, world: World, counts: pl.DataFrame) -> Counted:
        score, level = SCORES[world]
        size = top_score(self.ruleset, self.grid) + 1
        ranks = len(self.ruleset.levels)
        return Counted(self._table(counts, score, size), self._table(counts, level, ranks))

    def _table(self, counts: pl.DataFrame, name: str | None, size: int) -> Counts:
        """Sum counts by a column, outcome and group: [column, outcome, group]."""
        people = len(OUTCOMES) * len(self.groups)
        at = counts[_WHO].to_numpy().astype(np.int64)
        if name:
            at += people * counts[name].to_numpy().astype(np.int64)
        found = np.bincount(at, counts["len"].to_numpy(), size * people).astype(np.int64)
        return found.reshape(size, len(OUTCOMES), len(self.groups))


def passes(
    ruleset: Ruleset, grid: Grid, rows: pl.DataFrame, by: Sequence[str] = (), *notes: Text
) -> Passes:
    """Keep of the rows what replays need; the values of the columns `by` make the groups.

    Raises `DataError` where there are no rows.
    """
    groups, group = grouped(rows, by)
    who = pl.Series(_WHO, coded(rows, group).codes)
    kept = with_absent(ruleset, rows).select(who, *ruleset.reads)
    return Passes(ruleset, grid, groups, kept, notes)
