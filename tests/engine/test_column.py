"""A column's values are, to the last bit, what the canonicaliser of one value gives."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from engine.canonical import canonical_value
from engine.column import canonical_columns, date_column
from engine.indicator import Indicator
from engine.indicators.compute import canonical
from engine.load import load_catalogue

CATALOGUE = load_catalogue(Path(__file__).parents[2] / "rules" / "lv")
ROUNDED = [each for each in CATALOGUE.indicators.values() if each.type in ("ratio", "number")]


def drawn(indicator: Indicator) -> list[float]:
    """Return values over the whole range: as written with the declared decimals, and others."""
    low, width = float(indicator.low), float(indicator.high - indicator.low)
    scale = 10**indicator.decimals
    spread = [low + width * part / 1999 for part in range(2000)]
    halves = [low + (part + 0.5) / scale for part in range(100)]
    wanted = [*spread, *(round(value * scale) / scale for value in spread), *halves]
    return [value for value in wanted if indicator.low <= value <= indicator.high]


@pytest.mark.parametrize("indicator", ROUNDED, ids=lambda each: each.name)
def test_a_column_is_rounded_as_one_value_is(indicator: Indicator) -> None:
    """0.96 is the number nearest to 0.96, read from a file as well as computed from registers."""
    values = drawn(indicator)
    wanted = [canonical_value(indicator, value) for value in values]
    (column,) = canonical_columns({"pupil_key": pl.String(), indicator.name: pl.Float64()},
                                  [indicator], None)[1:]  # fmt: skip
    frame = pl.DataFrame({indicator.name: values})
    for value in (column.value, canonical(pl.col(indicator.name), indicator)):
        assert frame.select(value).to_series().to_list() == wanted


@pytest.mark.parametrize("zone", [None, ZoneInfo("Europe/Riga"), ZoneInfo("UTC")])
def test_a_moment_is_of_the_day_that_it_is_in_its_zone(zone: ZoneInfo | None) -> None:
    """Midnight in Riga is no day of the evening before."""
    moments = [datetime(2026, 10, 15, hour, tzinfo=zone) for hour in (0, 12, 23)]
    frame = pl.DataFrame({"as_of": moments}, schema={"as_of": pl.Datetime("us", zone)})
    days = frame.select(date_column("as_of", frame.schema["as_of"], None).value).to_series()
    assert days.to_list() == [date(2026, 10, 15)] * 3
