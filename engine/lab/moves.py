"""What a candidate flags, from its tally: the numbers beside the sliders, exact counts of rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.lab.histogram import cuts, of_tally
from engine.tuning.tally import LEFT, STAYED, Counts, Tally


@dataclass(frozen=True, slots=True)
class Flagged:
    """What one cut flags: rows, by outcome; shares are None where there is nothing to share.

    `could` counts rows that are not surely flagged, but would be if all were known of them.
    """

    rows: int
    left: int
    flagged: int
    caught: int
    false_alarms: int
    could: int

    @property
    def missed(self) -> int:
        """Those who left and were not surely flagged."""
        return self.left - self.caught

    @property
    def flagged_share(self) -> float | None:
        """Of all rows, the share flagged."""
        return _share(self.flagged, self.rows)

    @property
    def precision(self) -> float | None:
        """Of the flagged whose outcome is known, the share who left."""
        return _share(self.caught, self.caught + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Of those who left, the share flagged."""
        return _share(self.caught, self.left)


def by_level(tally: Tally, rank: int) -> Flagged:
    """Return what a level and all above it flag."""
    return _flagged(tally, tally.flagged(rank), tally.cannot_say(rank))


def by_score(tally: Tally, score: int) -> Flagged:
    """Return what a score and all above it flag, whatever the levels say."""
    sure = tally.sure.scores[score:].sum(axis=0)
    return _flagged(tally, sure, tally.possible.scores[score:].sum(axis=0) - sure)


def room(tally: Tally, places: int) -> int | None:
    """Return the least score from which on no more rows are flagged than there are places.

    Pupils of equal score are flagged together or not at all. None where already the highest score
    has too many of them.
    """
    fits = cuts(of_tally(tally)).filter(pl.col("flagged") <= places)
    return int(fits["score"][0]) if fits.height else None


def _flagged(tally: Tally, sure: Counts, could: Counts) -> Flagged:
    by_outcome, every = sure.sum(axis=1), tally.sure.levels.sum(axis=(0, 2))
    return Flagged(
        rows=int(every.sum()),
        left=int(every[LEFT]),
        flagged=int(by_outcome.sum()),
        caught=int(by_outcome[LEFT]),
        false_alarms=int(by_outcome[STAYED]),
        could=int(could.sum()),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
