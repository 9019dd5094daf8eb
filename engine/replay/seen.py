"""What a search sees of a history, and whether that is enough to learn from.

Below about a hundred pupils who left, thresholds that people chose do better than tuned ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.canonical import KEY
from engine.errors import DataError, Problem
from engine.replay.history import OUTCOME
from engine.replay.rejects import rejects_words
from engine.words.phrases import PUPILS, ROWS
from engine.words.quantities import counted, number

LEAST_OUTCOMES = 100  # pupils of either outcome
LEAST_ROWS = 500
LEAST_AT_ALL = 20  # pupils of either outcome: below, nothing is learnt even where it is asked for


@dataclass(frozen=True)
class Seen:
    """What was tuned on: rows with a known outcome, pupils of either outcome, and other rows.

    A pupil who left after several as-of days left once.
    """

    rows: int
    left: int
    stayed: int
    unknown: int

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Seen:
        """Return what there is to learn from in rows of a history."""
        known = rows.filter(pl.col(OUTCOME).is_not_null())
        left = known.filter(OUTCOME)[KEY].n_unique()
        stayed = known[KEY].n_unique() - left
        return cls(known.height, left, stayed, rows.height - known.height)

    @property
    def rarer(self) -> int:
        """How many pupils have the rarer outcome."""
        return min(self.left, self.stayed)

    @property
    def too_few(self) -> bool:
        """Whether there is less than a search should see."""
        return self.rows < LEAST_ROWS or self.rarer < LEAST_OUTCOMES

    def check(self, rejects: pl.DataFrame, *, small_data: bool) -> None:
        """Raise `DataError` where there is too little to learn from, or for what is asked for.

        `rejects` are the history's: whoever finds too few rows should know of those set aside.
        """
        if self.rarer >= LEAST_AT_ALL and (small_data or not self.too_few):
            return
        left, rows = counted(self.left, PUPILS, "en"), counted(self.rows, ROWS, "en")
        stayed = number(self.stayed, "en")
        message = (
            f"too few outcomes to learn from: {left} left and {stayed} stayed, in {rows}; "
            f"there should be {LEAST_OUTCOMES} of either, and {LEAST_ROWS} rows"
        )
        if rejects.height:
            message += f". {rejects_words(rejects).en}"
        hint = "use what people chose: on so few data that does better than what a search finds"
        if self.rarer >= LEAST_AT_ALL:
            hint += "; or ask for it all the same (--small-data), marked as from too few data"
        raise DataError(Problem("small-data", message, None, hint))
