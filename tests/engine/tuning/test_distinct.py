"""Combinations of codes: those that occur, each counted, however many there might be."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tuning.distinct import FEW, LONGEST, TABLE, Column, distinct, packed, possible

SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=5)


@given(
    sizes=SIZES,
    rows=st.integers(1, 20),
    seed=st.integers(0, 2**32 - 1),
    limits=st.sampled_from([(TABLE, LONGEST), (1, LONGEST), (TABLE, 9), (1, 9)]),
)
def test_each_combination_is_found_once_and_counted(
    sizes: list[int], rows: int, seed: int, limits: tuple[int, int]
) -> None:
    """Counts, codes in order, sums, and what rows get back, whichever way they are numbered."""
    draw = np.random.default_rng(seed)
    columns = [Column(draw.integers(0, size, rows).astype(np.uint8), size) for size in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.tuning.distinct.TABLE", limits[0])
        patch.setattr("engine.tuning.distinct.LONGEST", limits[1])
        found = distinct(columns)
    seen = list(zip(*(column.codes.tolist() for column in columns), strict=True))
    expected = Counter(seen)
    codes = list(zip(*(column.tolist() for column in found.columns), strict=True))
    assert codes == sorted(expected)
    assert found.counts.tolist() == [expected[code] for code in codes]
    numbers = found.spread(np.arange(len(codes)))
    assert [codes[number] for number in numbers] == seen
    weights = np.arange(rows)
    sums = Counter[tuple[int, ...]]()
    for code, weight in zip(seen, weights.tolist(), strict=True):
        sums[code] += weight
    assert found.summed(weights).tolist() == [sums[code] for code in codes]


@given(sizes=SIZES, rows=st.integers(0, 20), seed=st.integers(0, 2**32 - 1))
def test_packed_codes_are_places_in_a_table_of_all(sizes: list[int], rows: int, seed: int) -> None:
    """A packed code looks up what its codes look up one by one."""
    draw = np.random.default_rng(seed)
    columns = [Column(draw.integers(0, size, rows).astype(np.uint8), size) for size in sizes]
    table = np.arange(np.prod(sizes)).reshape(sizes)
    one_by_one = table[tuple(column.codes for column in columns)]
    assert table.ravel()[packed(columns)].tolist() == one_by_one.tolist()


@given(
    sizes=SIZES,
    rows=st.integers(1, 20),
    seed=st.integers(0, 2**32 - 1),
    few=st.sampled_from([0, FEW]),
)
def test_what_is_looked_up_joins_as_what_is_written_out(
    sizes: list[int], rows: int, seed: int, few: int
) -> None:
    """Whether all combinations are taken or those that occur, rows are found under their codes."""
    draw = np.random.default_rng(seed)
    columns = [Column(draw.integers(0, size, rows).astype(np.uint8), size) for size in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.tuning.distinct.FEW", few)
        found = possible(columns)
    numbers = found.column(np.arange(found.counts.size), found.counts.size)
    joined = distinct([numbers, columns[0]])
    counted = {
        tuple(int(codes[number]) for codes in found.columns): int(count)
        for number, count in zip(joined.columns[0], joined.counts, strict=True)
    }
    seen = zip(*(column.codes.tolist() for column in columns), strict=True)
    assert counted == Counter(seen)
