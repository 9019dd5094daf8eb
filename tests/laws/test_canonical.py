"""Law of the canonicaliser: a record and a frame come out alike, value for value."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.canonical import KEY, canonical_value, pseudonym, reader
from engine.errors import DataError
from engine.frame import ROW, Canonicaliser, canonical_frame
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


def told(read: Callable[[object], object], raw: object) -> str:
    """Return what is made of a value, or why nothing is, as text that tells 1 from 1.0 and True."""
    try:
        return repr(read(raw))
    except DataError as error:
        return str(error)


@given(
    st.sampled_from(list(INDICATORS.values())).flatmap(
        lambda i: st.tuples(
            st.just(i),
            (near(i) if i.numeric else st.nothing())
            | st.integers(-3, 2000)
            | st.booleans()
            | st.none()
            | st.text(max_size=5)
            | st.sampled_from([*i.categories, 10**30]),
        )
    )
)
@example((INDICATORS["mean"], 0.125))
def test_the_quick_reader_gives_what_the_rule_says(drawn: tuple[Indicator, object]) -> None:
    """Of any value: the same canonical value, of the same type, or the same refusal."""
    indicator, raw = drawn
    assert told(reader(indicator), raw) == told(partial(canonical_value, indicator), raw)


def test_numbers_that_no_float_holds_are_read_by_the_rule_itself() -> None:
    """Beyond 2**53 the quick way could differ, so it is not taken."""
    wide = replace(NUMERIC[0], type="count", low=0, high=2**60)
    assert told(reader(wide), 2**53 + 1) == told(partial(canonical_value, wide), 2**53 + 1)


@given(st.text(max_size=12))
@example("\U00013460")  # a letter in newer Unicode only
@example("Ķ-1\n")
@example("010190-12345")
@example("32123456789")
@example("321234-56789")
def test_a_key_is_accepted_online_as_in_bulk(key: str) -> None:
    """The two patterns for keys are one."""
    found = canonical_frame(pl.LazyFrame({ROW: [1], KEY: [key]}), [])
    try:
        pseudonym(key)
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


DAY = date(2026, 1, 16)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            KEY: st.sampled_from(["p1", "p2", "p3", "", "-", None]) | st.text("pqr1", max_size=6),
            "count": st.sampled_from(["1", "2.0", "1,5", "x", "", None]) | st.text(max_size=3),
            "rate": st.floats() | st.floats(0, 1) | st.none(),
            "observed_on": st.dates(DAY - timedelta(400), DAY + timedelta(9)) | st.none(),
        }
    ),
    max_size=8,
)


@given(ROWS, st.booleans())
def test_a_table_that_somebody_waits_for_is_canonical_as_any_other(
    rows: list[dict[str, object]],
    dated: bool,  # noqa: FBT001  drawn
) -> None:
    """Kept expressions and one pass at once give the rows and rejects that a streamed table has."""
    known = [replace(INDICATORS[name], stale_after=200) for name in ("count", "rate", "mean")]
    schema = {KEY: pl.String, "count": pl.String, "rate": pl.Float64, "observed_on": pl.Date}
    table = pl.DataFrame(rows, schema=schema).with_row_index(ROW, 1)
    table = table if dated else table.drop("observed_on")
    streamed = canonical_frame(table.lazy(), known, as_of=DAY)
    canonicaliser = Canonicaliser(known)
    for _ in range(2):  # the second time with kept expressions
        found, rejects = canonicaliser.rows(table, DAY)
        assert_frame_equal(found, streamed.rows.collect())
        assert_frame_equal(rejects, streamed.rejects)
