"""The goal of tuning: whom a level may flag at most, and how far groups may lie apart.

Capacity comes first: a school that can run 38 plans gains nothing from a rule that flags a hundred.
Within it, the best combination catches most of those who left. Among equals, fewer are flagged, and
fewer numbers change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.condition import Number
from engine.tuning.surface import Surface
from engine.tuning.tally import LEFT, STAYED, Counts

Floats = NDArray[np.float64]
LEAST = 10  # who left, and who stayed, for a group to be compared


@dataclass(frozen=True)
class Goal:
    """At most `most` rows flagged at a level and above, and groups no further apart than `gaps`.

    `gaps` are by group column: the largest difference, between two of its groups, that the share
    caught of those who left and the share flagged of those who stayed may have.
    """

    level: str
    most: int
    gaps: Mapping[str, float] = field(default_factory=dict)

    def missed(self, found: Found) -> tuple[int, float]:
        """Return by how much a combination misses the goal: rows too many, and gaps too wide."""
        over = max(found.flagged - self.most, 0)
        apart = sum(max(found.gaps[by] - most, 0) for by, most in self.gaps.items())
        return over, round(apart, 9)

    def met(self, found: Found) -> bool:
        """Return whether a combination meets the goal."""
        return self.missed(found) == (0, 0)


@dataclass(frozen=True)
class Found:
    """What a combination does on the rows tuned on; `gaps` by group column, as in `Goal`."""

    values: Mapping[str, Number]
    flagged: int
    caught: int
    false_alarms: int
    gaps: Mapping[str, float]


@dataclass(frozen=True)
class Landscape:
    """What each combination of a surface does: [an axis a parameter].

    `held` are the values of all parameters, those that vary too; `assessed` are all assessed rows,
    [outcome, group].
    """

    surface: Surface
    held: Mapping[str, Number]
    assessed: Counts
    goal: Goal

    def best(self, home: Mapping[str, Number]) -> Found:
        """Return the combination that meets the goal best; `home` are the values to stay near.

        Where none meets it, the one that misses it least.
        """
        flagged, caught = self._flagged.ravel(), self._caught.ravel()
        over = np.maximum(flagged - self.goal.most, 0)
        apart = sum(
            (np.maximum(self._gaps[by] - most, 0).round(9) for by, most in self.goal.gaps.items()),
            np.zeros(self.surface.grid.shape),
        ).ravel()
        changed, moved = self._away(home)
        allowed = np.flatnonzero(self.surface.lawful.ravel())
        keys = (moved.ravel(), changed.ravel(), flagged, -caught, apart, over)
        order = np.lexsort([key[allowed] for key in keys])
        return self._at(int(allowed[order[0]]))

    def front(self) -> Iterator[Found]:
        """Yield the combinations that no other beats, the fewest flagged first."""
        allowed = np.flatnonzero(self.surface.lawful.ravel())
        flagged, caught = (x.ravel()[allowed] for x in (self._flagged, self._caught))
        for at in undominated(flagged, caught):
            yield self._at(int(allowed[at]))

    @cached_property
    def _counts(self) -> Counts:
        return np.asarray(self.surface.flagged())

    @cached_property
    def _flagged(self) -> Counts:
        return np.asarray(self._counts.sum(axis=(-2, -1)))

    @cached_property
    def _caught(self) -> Counts:
        return np.asarray(self._counts[..., LEFT, :].sum(axis=-1))

    @cached_property
    def _gaps(self) -> Mapping[str, Floats]:
        return {by: self._gap(by) for by in self.goal.gaps}

    def _gap(self, by: str) -> Floats:
        """Return how far apart the groups of a column lie, the larger of both differences."""
        groups = self.surface.cells.groups
        column = list(self.goal.gaps).index(by)
        names = sorted({group[column] or "" for group in groups})
        member = np.array([[(group[column] or "") == name for name in names] for group in groups])
        gaps = np.zeros(self.surface.grid.shape)
        for outcome in (LEFT, STAYED):
            total = self.assessed[outcome] @ member
            enough = total >= LEAST
            if enough.sum() > 1:
                shares = (self._counts[..., outcome, :] @ member)[..., enough] / total[enough]
                gaps = np.maximum(gaps, shares.max(axis=-1) - shares.min(axis=-1))
        return gaps

    def _away(self, home: Mapping[str, Number]) -> tuple[Counts, Counts]:
        """Return how many parameters differ from `home`, and by how many steps in all."""
        grid = self.surface.grid
        changed, moved = (np.zeros(grid.shape, np.int64) for _ in range(2))
        for axis, tuned in enumerate(grid.tuned):
            shape = [1] * len(grid.shape)
            shape[axis] = -1
            at = _nearest(tuned.values, home[tuned.name])
            steps = np.abs(np.arange(len(tuned.values)) - at).reshape(shape)
            changed, moved = changed + (steps > 0), moved + steps
        return changed, moved

    def _at(self, place: int) -> Found:
        grid = self.surface.grid
        where = np.unravel_index(place, grid.shape)
        counts = self._counts[where]
        return Found(
            {**self.held, **grid.values(int(at) for at in where)},
            int(counts.sum()),
            int(counts[LEFT].sum()),
            int(counts[STAYED].sum()),
            {by: float(self._gaps[by][where]) for by in self.goal.gaps},
        )


def undominated(flagged: ArrayLike, caught: ArrayLike) -> Iterator[int]:
    """Yield the places of what nothing beats: nothing else flags no more, and catches as many.

    The fewest flagged first; of equals the first.

    >>> list(undominated([5, 3, 3, 9, 5], [2, 1, 2, 4, 4]))
    [2, 4]
    """
    gone = np.asarray(caught)
    most = -1
    for at in np.lexsort((-gone, np.asarray(flagged))):
        if gone[at] > most:
            most = int(gone[at])
            yield int(at)


def _nearest(values: Sequence[Number], home: Number) -> int:
    return min(range(len(values)), key=lambda at: abs(values[at] - home))
