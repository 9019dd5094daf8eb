"""Running sums give what a figure declares, or say which figure they cannot give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from engine.indicators.attendance import late_arrivals_20d
from engine.indicators.by_pupil import Asked
from engine.indicators.figure import Part
from engine.indicators.grid import Grid
from engine.registers.calendar import Calendar
from tests.engine.indicators.drawn import START, history_of


@pytest.mark.parametrize(
    "other",
    [
        {"window": None},
        {"until": "as_of"},
        {"rows": pl.col("late") > 1},
        {"parts": {"late": Part(pl.col("late"), "least")}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_figure_that_running_sums_cannot_give_is_named(other: dict[str, Any]) -> None:
    """Its developer reads which one it is and what to do, before anything is added up."""
    grid = Grid.of(Calendar.known(history_of({}), START))
    figure = late_arrivals_20d()
    assert len(Asked(grid, {"late_arrivals": figure}))
    with pytest.raises(ValueError, match=r"^late_arrivals: .* in engine\.indicators\.table$"):
        Asked(grid, {"late_arrivals": replace(figure, **other)})
