"""Law of the canonicaliser: a record and a frame come out alike, value for value."""

from __future__ import annotations

import math

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from engine.canonical import KEY, canonical_key, canonical_value
from engine.errors import DataError
from engine.frame import ROW, canonical_frame
from engine.indicator import Indicator
from tests.strategies import INDICATORS, numbers

NUMERIC = [indicator for indicator in INDICATORS.values() if indicator.numeric]


def near(indicator: Indicator) -> st.SearchStrategy[float]:
    """Draw any float, and often one beside a half step of the indicator's grid."""
    around = numbers(indicator.name).map(float)
    beside = around.map(lambda n: math.nextafter(n, 99.0)) | around.map(
        lambda n: math.nextafter(n, -99.0)
    )
    return st.floats() | st.floats(indicator.low - 1, indicator.high + 1) | around | beside


@given(st.sampled_from(NUMERIC).flatmap(lambda i: st.tuples(st.just(i), near(i))))
@example((INDICATORS["rate"], -0.00001))
@example((INDICATORS["mean"], 0.125))
def test_a_number_is_the_same_online_and_in_bulk(drawn: tuple[Indicator, float]) -> None:
    """Both round alike, refuse the same numbers for the same reason, and know no negative zero."""
    indicator, raw = drawn
    table = pl.LazyFrame({ROW: [1], KEY: ["p"], indicator.name: [raw]})
    found = canonical_frame(table, [indicator])
    rows = found.rows.collect()
    try:
        value = canonical_value(indicator, raw)
    except DataError as error:
        assert rows.height == 0
        assert found.rejects["problem"].to_list() == [error.problems[0].code]
        return
    assert found.rejects.height == 0
    bulk = rows[indicator.name].item()
    assert (bulk, math.copysign(1, bulk)) == (value, math.copysign(1, value))  # type: ignore[arg-type]
    assert canonical_value(indicator, value) == value


@given(st.text(max_size=12))
@example("\U00013460")  # a letter in newer Unicode only
@example("Ķ-1\n")
def test_a_key_is_accepted_online_as_in_bulk(key: str) -> None:
    """The two patterns for keys are one."""
    found = canonical_frame(pl.LazyFrame({ROW: [1], KEY: [key]}), [])
    try:
        canonical_key(key)
    except DataError:
        assert found.rows.collect().height == 0
        return
    assert found.rows.collect()[KEY].to_list() == [key]


@given(st.text(max_size=8))
def test_text_in_a_number_column_is_a_number_or_a_reject(text: str) -> None:
    """No text becomes a number by guessing; blank is missing."""
    indicator = INDICATORS["count"]
    table = pl.LazyFrame({ROW: [1], KEY: ["p"], "count": [text]})
    found = canonical_frame(table, [indicator])
    rows = found.rows.collect()
    if rows.height:
        value = rows["count"].item()
        assert value == (float(text) if text.strip() else None)
    else:
        assert found.rejects.height == 1
