"""The steps that a ladder may have: for each indicator a few round numbers, the mildest first.

Thresholds lie between values that were seen, where quantiles of the known values fall, denser at
the bad end, and each is the roundest number that separates the same neighbours as well: 0.9 rather
than 0.8974. What a step asks follows the declared direction, never the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.condition import Comparison, Condition, Flag, Not, Number, Op, Param
from engine.indicator import Indicator

THRESHOLDS = 30
TAIL = 1.5  # the k-th of n thresholds stands at the share (k / (n + 1)) ** TAIL of the worst values
Places = NDArray[np.uint8]  # counts of steps: there are at most `THRESHOLDS` to an indicator

DIRECTIONS = ("higher_is_worse", "lower_is_worse")


@dataclass(frozen=True)
class Axis:
    """One indicator and the steps that a ladder on it may have, the mildest first.

    `thresholds` rise where higher is worse (a step holds at its threshold and above it), and fall
    where lower is worse (it holds below its threshold). A flag has one step and no threshold.
    """

    indicator: Indicator
    thresholds: tuple[Number, ...] = ()

    @property
    def rising(self) -> bool:
        """Whether higher values are worse."""
        return self.indicator.direction == "higher_is_worse"

    @property
    def op(self) -> Op:
        """How a step compares a value with its threshold."""
        return ">=" if self.rising else "<"

    @property
    def size(self) -> int:
        """How many steps there are to choose from."""
        return len(self.thresholds) or 1

    def condition(self, operand: Number | Param | None) -> Condition:
        """Return what a step asks, of this threshold or parameter; of none for a flag."""
        name = self.indicator.name
        if operand is None:
            return Flag(name) if self.rising else Not(Flag(name))
        return Comparison(name, self.op, operand)

    def reached(self, values: pl.Series) -> Places:
        """Return how many of the steps hold for each value; none for one that is missing."""
        if self.indicator.type == "flag":
            return (values == self.rising).fill_null(value=False).to_numpy().astype(np.uint8)
        known = values.is_not_null().to_numpy()
        numbers = values.cast(pl.Float64).fill_null(0.0).to_numpy()
        ordered = np.sort(np.array(self.thresholds, dtype=np.float64))
        at_or_below = np.searchsorted(ordered, numbers, side="right")
        counted = at_or_below if self.rising else len(ordered) - at_or_below
        return np.where(known, counted, 0).astype(np.uint8)


def may_score(indicator: Indicator) -> bool:
    """Return whether a drafted rule may read an indicator.

    Only what is declared for scoring, says which end is worse, and has an order.
    """
    return (
        indicator.use == "scoring"
        and indicator.direction in DIRECTIONS
        and indicator.type != "category"
    )


def axes(rows: pl.DataFrame, indicators: Iterable[Indicator]) -> tuple[Axis, ...]:
    """Return an axis for each indicator that rules may read and that tells rows apart, by name."""
    found = []
    for indicator in sorted(indicators, key=lambda i: i.name):
        if not may_score(indicator):
            continue
        known = rows[indicator.name].drop_nulls()
        if indicator.type == "flag":
            if known.n_unique() == 2:
                found.append(Axis(indicator))
        elif thresholds := _thresholds(known, indicator):
            found.append(Axis(indicator, thresholds))
    return tuple(found)


def _thresholds(known: pl.Series, indicator: Indicator) -> tuple[Number, ...]:
    """Return the thresholds of a numeric indicator, the mildest first."""
    values = np.sort(known.cast(pl.Float64).to_numpy())
    distinct = np.unique(values)
    if len(distinct) <= THRESHOLDS + 1:
        gaps = list(pairwise(distinct))
    else:
        gaps = _gaps(values, rising=indicator.direction == "higher_is_worse")
    chosen = sorted({roundest(low, high, indicator.decimals) for low, high in gaps})
    numbers = [int(n) if indicator.type == "count" or n == int(n) else n for n in chosen]
    inside = [n for n in numbers if indicator.low < n <= indicator.high]
    return tuple(inside if indicator.direction == "higher_is_worse" else reversed(inside))


def _gaps(values: NDArray[np.float64], *, rising: bool) -> list[tuple[float, float]]:
    """Return between which values each threshold may stand: around quantiles, dense at the end."""
    places = np.arange(1, 2 * THRESHOLDS + 2) / (2 * THRESHOLDS + 2)
    worst = places**TAIL  # every second one is a threshold's own place, the others lie between
    shares = 1 - worst if rising else worst
    cut = values[np.minimum((shares * len(values)).astype(int), len(values) - 1)]
    pairs = [sorted((cut[n], cut[n + 2])) for n in range(0, 2 * THRESHOLDS, 2)]
    return [(float(low), float(high)) for low, high in pairs if low < high]


def roundest(low: float, high: float, decimals: int) -> float:
    """Return the roundest number above `low` and up to `high`, of at most so many decimals.

    `high` itself has no more decimals than that.

    >>> roundest(0.8731, 0.9127, 4), roundest(4, 5, 0), roundest(11.2, 13.1, 2)
    (0.9, 5.0, 12.0)
    """
    for power in range(math.ceil(math.log10(high - low)) + 1, -decimals - 1, -1):
        for size in (5, 2, 1):
            number = round(math.floor(high / (size * 10.0**power) + 1e-9) * size * 10.0**power, 9)
            if low < number <= high:
                return round(number, decimals) + 0.0
    return high
