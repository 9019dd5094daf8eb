"""Scales: an indicator's values told apart only as far as candidate values do.

A scale has the values that an indicator is compared with, in order. Each of them stands at an odd
place, and whatever lies between two of them, below or above all, at the even place between: so
places are ordered as values are, and every comparison comes out the same on places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.condition import Number, Op
from engine.tuning.distinct import Column, Ints, blocks

FEW = 64  # up to so many values it is quicker to compare with each than to search


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that an indicator is compared with, ascending, and by which operators.

    Where only one side of a value is ever asked for (``<`` and ``>=``, or ``<=`` and ``>``), what
    equals it is put with that side, which keeps places few.
    """

    values: tuple[Number, ...]
    ops: frozenset[Op]

    @property
    def missing(self) -> int:
        """The place of a missing value, above all others."""
        return 2 * len(self.values) + 2

    def place(self, value: Number) -> int:
        """Return the place of one of the scale's values."""
        return 2 * self.values.index(value) + 1

    def places(self, column: pl.Series) -> Column:
        """Return the place of each value of a column."""
        size = self.missing + 1
        numbers = column.cast(pl.Float64).fill_null(math.inf).to_numpy()
        found = np.empty(len(column), np.min_scalar_type(size - 1))
        for block in blocks(len(column)):
            found[block] = self._among(numbers[block])
        return Column(found, size)

    def _among(self, values: NDArray[np.float64]) -> Ints:
        """Return the places of numbers; infinity stands for what is missing."""
        if self.ops <= {"<", ">="}:
            return 2 * self._passed(values, equal=True)
        if self.ops <= {"<=", ">"}:
            return 2 * self._passed(values, equal=False)
        return self._passed(values, equal=True) + self._passed(values, equal=False)

    def _passed(self, values: NDArray[np.float64], *, equal: bool) -> Ints:
        """Count the scale's values below each number, and those equal to it if so asked."""
        if len(self.values) > FEW:
            found: Ints = np.searchsorted(self.values, values, side="right" if equal else "left")
        else:
            found = np.zeros(values.size, np.uint8)
            for value in self.values:
                passed: NDArray[np.bool_] = values >= value if equal else values > value
                np.add(found, passed.view(np.uint8), out=found)  # a view spares a conversion
        missing: NDArray[np.bool_] = values == math.inf
        return found + missing


def scale_of(found: Iterable[tuple[Op, Iterable[Number]]]) -> Scale:
    """Return the scale of all these comparisons with one indicator."""
    asked = [(op, tuple(values)) for op, values in found]
    values = sorted({value for _, some in asked for value in some})
    return Scale(tuple(values), frozenset(op for op, _ in asked))
