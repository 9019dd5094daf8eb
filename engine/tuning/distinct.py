"""Combinations: which of the possible combinations of small codes occur, and how often.

Codes are joined into one number a row, as digits of a number are. While there are not too many
numbers they are looked up in a table that has a place for each; else what has been joined so far is
numbered anew, by those that occur.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Codes = NDArray[np.int64]

BLOCK = 2**15  # rows at a time
TABLE = 2**16  # how large a table may always be; beside many rows it may be larger
LONGEST = 2**62


class Column(NamedTuple):
    """A code for each row, from 0 to `size` - 1."""

    codes: Ints
    size: int


@dataclass(frozen=True)
class Distinct:
    """The combinations that occur, in the order of their codes.

    `columns` are the codes of each combination, `counts` how many rows have it.
    """

    columns: tuple[Ints, ...]
    counts: Codes
    _joined: Column
    _numbers: Codes

    def spread(self, values: Ints) -> Ints:
        """Return for each row what stands in `values` for its combination."""
        table = np.zeros(self._joined.size, values.dtype)
        table[self._numbers] = values
        return table[self._joined.codes]

    def summed(self, values: Codes) -> Codes:
        """Return for each combination the sum of its rows' values."""
        sums = np.bincount(self._joined.codes, values, self._joined.size)
        return sums[self._numbers].astype(np.int64)


def distinct(columns: Sequence[Column]) -> Distinct:
    """Return the combinations of the codes of at least one column."""
    joined, whole = _join(columns)
    counts = _counts(joined)
    numbers = np.flatnonzero(counts)
    if whole:
        codes = tuple(np.unravel_index(numbers, [column.size for column in columns]))
        return Distinct(codes, counts[numbers], joined, numbers)
    rows = np.zeros(joined.size, np.int64)
    rows[joined.codes] = np.arange(joined.codes.size)
    there = tuple(column.codes[rows[numbers]] for column in columns)
    return Distinct(there, counts[numbers], joined, numbers)


def packed(columns: Sequence[Column]) -> Ints:
    """Return one code a row for the combination of its codes, whether others occur or not."""
    sizes = [column.size for column in columns]
    codes = np.ravel_multi_index([column.codes for column in columns], sizes)
    return small(codes, math.prod(sizes))


def small(codes: Ints, size: int) -> Ints:
    """Return codes below `size` in the smallest type that holds them."""
    return codes.astype(np.min_scalar_type(max(size - 1, 0)))


def _join(columns: Sequence[Column]) -> tuple[Column, bool]:
    """Return one code a row for the combination of its codes, and whether it still tells them."""
    run, whole = [columns[0]], True
    for column in columns[1:]:
        if math.prod(each.size for each in (*run, column)) > LONGEST:
            run, whole = [_numbered(_digits(run))], False
        run.append(column)
    joined = _digits(run)
    if joined.size > max(TABLE, 4 * joined.codes.size):
        joined, whole = _numbered(joined), False
    return joined, whole


def _digits(columns: Sequence[Column]) -> Column:
    """Join codes as the digits of a number, a block of rows at a time, which stays in the cache."""
    first, *others = columns
    if not others:
        return first
    size = math.prod(column.size for column in columns)
    found = np.empty(first.codes.size, np.min_scalar_type(size - 1) if size <= TABLE else np.int64)
    kind: type[np.integer[Any]] = np.int32 if size < 2**31 else np.int64
    for start in range(0, found.size, BLOCK):
        block = slice(start, start + BLOCK)
        codes = first.codes[block].astype(kind)
        for column in others:
            np.multiply(codes, column.size, out=codes)
            np.add(codes, column.codes[block], out=codes)
        found[block] = codes
    return Column(found, size)


def _counts(column: Column) -> Codes:
    """Count the rows of each code; short tables a block of rows at a time, which spares copies."""
    if column.size > BLOCK:
        return np.bincount(column.codes, minlength=column.size)
    found = np.zeros(column.size, np.int64)
    for start in range(0, column.codes.size, BLOCK):
        found += np.bincount(column.codes[start : start + BLOCK], minlength=column.size)
    return found


def _numbered(column: Column) -> Column:
    """Give new numbers to the codes that occur, in the same order."""
    there, codes = np.unique(column.codes, return_inverse=True)
    return Column(codes, there.size)
