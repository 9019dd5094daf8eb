"""Combinations: which of the possible combinations of small codes occur, and how often.

Codes are joined into one number a row, as digits of a number are. While there are not too many
numbers they are looked up in a table that has a place for each; else what has been joined so far is
numbered anew, by those that occur. What is known of a combination reaches its rows by a table too,
and only where they are joined with others: it is never written out for all rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Codes = NDArray[np.int64]

BLOCK = 2**16  # rows at a time, so that they stay in the processor's cache
TABLE = 2**16  # how large a table may always be; beside many rows it may be larger
LONGEST = 2**62
FEW = 2**8  # so many combinations need not occur


class Column(NamedTuple):
    """A code for each row, from 0 to `size` - 1: with a table, what it has for the row's number."""

    codes: Ints
    size: int
    table: Ints | None = None

    def at(self, rows: slice | Ints) -> Ints:
        """Return the codes of some rows."""
        codes = self.codes[rows]
        return codes if self.table is None else self.table.take(codes)


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
        return self.column(values, 0).at(slice(None))

    def column(self, values: Ints, size: int) -> Column:
        """Return the same as a column of codes below `size`, which are looked up when asked for."""
        table = np.zeros(self._joined.size, values.dtype)
        table[self._numbers] = values
        return Column(self._joined.codes, size, table)

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
        return Distinct(_taken_apart(numbers, columns), counts[numbers], joined, numbers)
    rows = np.zeros(joined.size, np.int64)
    rows[joined.codes] = np.arange(joined.codes.size)
    there = tuple(column.at(rows[numbers]) for column in columns)
    return Distinct(there, counts[numbers], joined, numbers)


def possible(columns: Sequence[Column]) -> Distinct:
    """Return all combinations, uncounted, where they are few; else those that occur.

    To look for those that occur takes longer than to bear with some that do not.
    """
    size = math.prod(column.size for column in columns)
    if size > FEW:
        return distinct(columns)
    numbers = np.arange(size)
    codes = _taken_apart(numbers, columns)
    return Distinct(codes, np.zeros(size, np.int64), _digits(columns), numbers)


def packed(columns: Sequence[Column]) -> Ints:
    """Return one code a row for the combination of its codes, whether others occur or not."""
    sizes = [column.size for column in columns]
    codes = np.ravel_multi_index([column.codes for column in columns], sizes)
    return small(codes, math.prod(sizes))


def blocks(rows: int) -> Iterator[slice]:
    """Yield the rows, a block at a time."""
    for start in range(0, rows, BLOCK):
        yield slice(start, start + BLOCK)


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


def _taken_apart(numbers: Codes, columns: Sequence[Column]) -> tuple[Ints, ...]:
    """Return the codes that were joined into numbers."""
    return tuple(np.unravel_index(numbers, [column.size for column in columns]))


def _digits(columns: Sequence[Column]) -> Column:
    """Join codes as the digits of a number, a block of rows at a time, which stays in the cache."""
    first, *others = columns
    if not others and first.table is None:
        return first
    size = math.prod(column.size for column in columns)
    found = np.empty(first.codes.size, np.min_scalar_type(size - 1) if size <= TABLE else np.int64)
    kind: type[np.integer[Any]] = np.int32 if size < 2**31 else np.int64
    digits, weight = [], 1
    for codes, one, table in reversed(columns):
        digits.append((codes, weight, None if table is None else table.astype(kind) * kind(weight)))
        weight *= one
    for block in blocks(found.size):
        joined = np.zeros(found[block].size, kind)
        for codes, weight, table in digits:
            some = codes[block]
            joined += np.multiply(some, weight, dtype=kind) if table is None else table.take(some)
        found[block] = joined
    return Column(found, size)


def _counts(column: Column) -> Codes:
    """Count the rows of each code; short tables a block of rows at a time, which spares copies."""
    if column.size > BLOCK:
        return np.bincount(column.codes, minlength=column.size)
    found = np.zeros(column.size, np.int64)
    for block in blocks(column.codes.size):
        found += np.bincount(column.codes[block], minlength=column.size)
    return found


def _numbered(column: Column) -> Column:
    """Give new numbers to the codes that occur, in the same order."""
    there, codes = np.unique(column.codes, return_inverse=True)
    return Column(codes, there.size)
