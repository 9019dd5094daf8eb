"""Every indicator is computed, or named with the reason, and its page tells of it."""

from __future__ import annotations

import re
from pathlib import Path

from engine.indicators.table import NOT_GIVEN, SOURCES
from engine.load import load_catalogue
from engine.registers.schema import REGISTERS

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue(ROOT / "rules" / "lv").indicators
UNITS = {unit.__name__: unit for source in SOURCES for unit in source.units}


def test_every_indicator_is_a_unit_or_named_with_a_reason() -> None:
    """None is left out and none is computed twice; units may serve other catalogues too."""
    assert set(CATALOGUE) <= set(UNITS) | set(NOT_GIVEN)
    assert not set(UNITS) & set(NOT_GIVEN)
    assert len(UNITS) == sum(len(source.units) for source in SOURCES)
    assert all(NOT_GIVEN.values())
    assert all(source.register in REGISTERS for source in SOURCES)


def test_every_unit_says_what_it_means() -> None:
    """A unit has a docstring, and its window is the one that the catalogue declares."""
    words = {
        "days_45": "45 school days", "days_40": "40 school days", "days_20": "20 school days",
        "weeks_4": "4 school weeks", "semester": "semester", "year": "school year",
    }  # fmt: skip
    for name, unit in UNITS.items():
        assert unit.__doc__
        window = unit().window
        if window is not None and name in CATALOGUE:
            assert words[window.name] == CATALOGUE[name].window, name


def test_the_page_of_indicators_tells_of_each_once() -> None:
    """Each indicator stands at the head of one line of the list, and no other name does."""
    page = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8")
    heads = re.findall(r"^- ((?:`\w+`(?:, )?)+): ", page, re.MULTILINE)
    named = [name for head in heads for name in re.findall(r"`(\w+)`", head)]
    assert len(named) == len(set(named))
    assert set(CATALOGUE) <= set(named) <= set(UNITS)
