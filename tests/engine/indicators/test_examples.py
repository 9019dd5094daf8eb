"""Each unit by a few examples that a coordinator can check by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.indicators.compute import indicators
from engine.indicators.table import SOURCES
from engine.load import load_catalogue
from engine.registers.schema import REGISTERS
from tests.engine.indicators.drawn import Rows, history_of
from tests.engine.indicators.examples import EXAMPLES, Example, on, registers

RULES = Path(__file__).parents[3] / "rules"
CATALOGUE = load_catalogue(RULES / "examples" / "oulad")  # with all that examples add to it
UNITS = {name for source in SOURCES for name in source.figures}
CASES = [(name, example) for name, examples in EXAMPLES.items() for example in examples]


@pytest.mark.parametrize(
    ("name", "example"), CASES, ids=[f"{name}: {example.say}" for name, example in CASES]
)
def test_a_unit_gives_what_its_example_says(name: str, example: Example) -> None:
    """The value as the catalogue declares it, of the one pupil."""
    alone = replace(CATALOGUE, indicators={name: CATALOGUE.indicators[name]})
    history = history_of(declared(registers(example)))
    (row,) = indicators(history, alone, on(example.at)).collect().rows(named=True)
    assert row[name] == example.value
    assert type(row[name]) is bool or not isinstance(example.value, bool)
    assert (row[f"{name}.observed_on"] is None) == (example.value is None)


def test_each_unit_has_examples_with_a_value_and_one_without() -> None:
    """A new unit needs some too; what is never unknown or never known is shown by one only."""
    assert set(EXAMPLES) == UNITS
    for name, examples in EXAMPLES.items():
        values = [example.value for example in examples]
        assert None in values, name
        assert any(value is not None for value in values), name
        assert len({example.say for example in examples}) == len(examples), name


def declared(rows: Rows) -> Rows:
    """Return rows with the columns of their registers only."""
    return {
        name: [{n: v for n, v in row.items() if n in REGISTERS[name].schema} for row in each]
        for name, each in rows.items()
    }
