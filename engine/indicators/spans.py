"""Which days count in a window after a move: those in that of their school and of the present one.

A school that has closed has days no more: its last 45 school days stay those of its last spring,
and a pupil who came from it would carry them for years. So a day at another school counts only
where it lies in the window of that school and in that of the school where the pupil is now.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.registers.calendar import BEGINS, ENDS, SCHOOL, Calendar, Window
from engine.registers.numbered import PUPIL

Numbers = NDArray[Any]  # whole numbers
Stretch = tuple[Numbers, Numbers]  # what comes first, and what comes after the last
FROM, TO = "_from", "_to"
_NOW = "_now"


def common(*stretches: Stretch) -> Stretch:
    """Return what stretches have in common; what comes first comes after, where that is nothing.

    >>> mine, other = (np.array([1, 1]), np.array([9, 4])), (np.array([5, 5]), np.array([12, 12]))
    >>> first, after = common(mine, other)
    >>> first.tolist(), after.tolist()
    ([5, 5], [9, 5])
    """
    firsts, afters = zip(*stretches, strict=True)
    first: Numbers = np.maximum.reduce(firsts)
    return first, np.maximum(np.minimum.reduce(afters), first)


class Seen:
    """Rows at places, seen from the places where their pupils are now (`present`, -1 for nowhere).

    `moved` are those that were at another place, `now` their pupils' places now.
    """

    def __init__(self, place: Numbers, present: Numbers) -> None:
        self.place = place
        self.moved = np.flatnonzero((present != place) & (present >= 0))
        self.now = present[self.moved]

    def stretch(self, sides: Stretch) -> Stretch:
        """Return the stretch of each row that counts; `sides` has those of the places."""
        first, after = sides
        mine = first.take(self.place), after.take(self.place)
        return self.narrowed(mine, (first.take(self.now), after.take(self.now)))

    def narrowed(self, mine: Stretch, now: Stretch) -> Stretch:
        """Return rows' own stretches, of those that moved what they have in common with `now`."""
        if not len(self.moved):
            return mine
        first, after = (side.copy() for side in mine)
        moved = first[self.moved], after[self.moved]
        first[self.moved], after[self.moved] = common(moved, now)
        return first, after


def spans(
    rows: pl.LazyFrame, cohort: pl.LazyFrame, calendar: Calendar, window: Window
) -> pl.LazyFrame:
    """Return rows of pupils at schools with the days from and to which the window counts there.

    Both are null where the school or the one where the pupil is now has no such window; the first
    is after the last where they have nothing in common.
    """
    bounds = calendar.bounds(window).lazy().rename({BEGINS: FROM, ENDS: TO})
    now = cohort.select(PUPIL, SCHOOL).join(bounds, on=SCHOOL)
    now = now.select(PUPIL, *(pl.col(side).alias(side + _NOW) for side in (FROM, TO)))
    there = pl.col(FROM).is_not_null() & pl.col(FROM + _NOW).is_not_null()
    first, last = pl.max_horizontal(FROM, FROM + _NOW), pl.min_horizontal(TO, TO + _NOW)
    return (
        rows.join(bounds, on=SCHOOL, how="left")
        .join(now, on=PUPIL, how="left")
        .with_columns(pl.when(there).then(first).alias(FROM), pl.when(there).then(last).alias(TO))
        .drop(FROM + _NOW, TO + _NOW)
    )
