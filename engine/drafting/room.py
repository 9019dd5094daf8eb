"""Room to tune in: bounds and steps of drafted numbers, such that neighbours never cross."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from engine.condition import Number, exact
from engine.drafting.steps import Axis

MOST = 10  # steps to either side of a threshold
_FINENESS = 20  # steps, at least, in all of what was searched
MORE_POINTS = 3


def threshold_room(
    axis: Axis, thresholds: Sequence[Number], at: int
) -> tuple[tuple[Number, Number], Number]:
    """Return the bounds and the step of one of a ladder's thresholds.

    The step is 1, 2 or 5 of a decimal place. Bounds lie whole steps away, within what was
    searched, and not beyond the middle between neighbours, which belongs to the lower one.
    """
    value = _decimal(thresholds[at])
    least, most = _decimal(min(axis.thresholds)), _decimal(max(axis.thresholds))
    others = [_decimal(t) for n, t in enumerate(thresholds) if n != at]
    below = [(t + value) / 2 for t in others if t < value]
    above = [(t + value) / 2 for t in others if t > value]
    low, high = max([least, *below]), min([most, *above])
    room = [way for way in (value - low, high - value, (most - least) / _FINENESS) if way]
    step = _round_step(min(room, default=Decimal(0)), axis.indicator.decimals)
    reach = (value - low) / step
    down = min(MOST, max(0, math.ceil(reach) - 1) if below else math.floor(reach))
    up = min(MOST, math.floor((high - value) / step))
    return (_plain(value - down * step), _plain(value + up * step)), _plain(step)


def points_room(points: Sequence[int], at: int, top: int | None = None) -> tuple[int, int]:
    """Return the bounds of one of a ladder's points or of cut-offs, which rise.

    >>> [points_room((2, 3, 7), at) for at in range(3)]
    [(1, 2), (3, 5), (6, 10)]
    """
    value = points[at]
    low = (points[at - 1] + value) // 2 + 1 if at else 1
    high = (value + points[at + 1]) // 2 if at + 1 < len(points) else top or value + MORE_POINTS
    return low, max(high, value)


def _round_step(wide: Decimal, decimals: int) -> Decimal:
    """Return the largest 1, 2 or 5 of a decimal place that is no wider, of so many decimals."""
    least = Decimal(1).scaleb(-decimals)
    if wide <= least:
        return least
    power = Decimal(1).scaleb(wide.adjusted())
    return max(least, next(size * power for size in (5, 2, 1) if size * power <= wide))


def _decimal(number: Number) -> Decimal:
    return Decimal(repr(number))


def _plain(number: Decimal) -> Number:
    return exact(float(number))
