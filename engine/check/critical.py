"""Critical values: the few at which a condition's answer can change.

Canonical values lie on a grid (`Indicator.decimals`) inside a valid range, so between two
neighbouring thresholds nothing changes. Trying each threshold, its neighbours and the ends of the
range is therefore a proof, not a sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import product

from engine.condition import Condition, Known, Value, atoms, indicators, operands
from engine.indicator import Indicator
from engine.ruleset import Ruleset

MAX_RECORDS = 20_000


def critical_values(indicator: Indicator, conditions: Iterable[Condition]) -> list[Value]:
    """Return an indicator's critical values for bound conditions, in order."""
    if indicator.type == "flag":
        return [False, True]
    if indicator.type == "category":
        return list(indicator.categories)
    grid = 10**indicator.decimals
    low, high = math.ceil(indicator.low * grid), math.floor(indicator.high * grid)
    places = {low, high}
    for condition in conditions:
        for atom, _, operand in operands(condition):
            if atom.indicator == indicator.name and isinstance(operand, int | float):
                nearest = round(operand * grid)
                places |= {nearest + shift for shift in (-1, 0, 1)}
    inside = sorted(place for place in places if low <= place <= high)
    return [place if indicator.type == "count" else place / grid for place in inside]


def critical_records(
    ruleset: Ruleset, conditions: list[Condition]
) -> Iterator[dict[str, Value | None]] | None:
    """Yield records that together bring out every answer of bound conditions; no value is missing.

    Indicators asked by ``known`` are also tried missing. None where there would be too many.
    """
    names = sorted({name for condition in conditions for name in indicators(condition)})
    asked = {a.indicator for c in conditions for a in atoms(c) if isinstance(a, Known)}
    axes: list[list[Value | None]] = []
    for name in names:
        values = critical_values(ruleset.catalogue.indicators[name], conditions)
        axes.append([*values, None] if name in asked else [*values])
    if math.prod(map(len, axes)) > MAX_RECORDS:
        return None
    return (dict(zip(names, values, strict=True)) for values in product(*axes))
