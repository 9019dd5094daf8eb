"""Tallies: what a replay of one candidate would count, and who can answer with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.condition import Number
from engine.ruleset import Ruleset
from engine.text import Text
from engine.tuning.grid import Grid

OUTCOMES = ("stayed", "left", "unknown")
STAYED, LEFT, UNKNOWN_OUTCOME = range(3)

Counts = NDArray[np.int64]
Group = tuple[str | None, ...]


@dataclass(frozen=True)
class Counted:
    """Rows by score, [score, outcome, group], and by level, [rank, outcome, group]."""

    scores: Counts
    levels: Counts

    def reached(self, rank: int) -> Counts:
        """Count the rows at a level or above it: [outcome, group]."""
        return np.asarray(self.levels[rank:].sum(axis=0))


@dataclass(frozen=True)
class Tally:
    """What a full replay of one candidate counts.

    Outcomes stand in the order of `OUTCOMES`, groups in that of `Answers.groups`. `sure` counts by
    score and level, `possible` by possible score and level; rows `outside` the population are in
    neither ([outcome, group]). As no possible level is below the sure one, those of whom a
    candidate cannot say whether they reach a level are the difference.
    """

    values: Mapping[str, Number]
    sure: Counted
    possible: Counted
    outside: Counts

    def flagged(self, rank: int) -> Counts:
        """Count the rows that surely reach a level: [outcome, group]."""
        return self.sure.reached(rank)

    def cannot_say(self, rank: int) -> Counts:
        """Count the rows that possibly but not surely reach a level: [outcome, group]."""
        return self.possible.reached(rank) - self.sure.reached(rank)


class Answers(Protocol):
    """Answers for candidates on a grid, equal count for count to a replay of each."""

    @property
    def ruleset(self) -> Ruleset:
        """The ruleset whose parameters are tuned."""

    @property
    def grid(self) -> Grid:
        """The candidate values."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that occur, each the texts of the columns that make them."""

    @property
    def notes(self) -> tuple[Text, ...]:
        """What an analyst should know of how answers are had."""

    def tally(self, values: Mapping[str, Number]) -> Tally:
        """Return the tally of a candidate; parameters that are not named keep their values.

        Raises `RuleError` where the ruleset's laws refuse the candidate, where a parameter is not
        tuned, or a value is not on the grid.
        """

    def tallies(self, candidates: Iterable[Mapping[str, Number]]) -> list[Tally]:
        """Return the tallies of several candidates; errors as `tally`."""
