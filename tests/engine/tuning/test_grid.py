"""Candidate values: exact, in bounds, with the present one; places; parts of a grid."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import OutOfBoundsError, RuleError
from engine.load import load
from engine.ruleset import Parameter, Ruleset
from engine.text import Text
from engine.tuning.grid import Grid, Tuned, grid_of, steps

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    """Return the ruleset in force."""
    return load(ROOT / "rules" / "lv")


def parameter(low: float, high: float, step: float, value: float | None = None) -> Parameter:
    label = Text("Robeža", "Limit")
    return Parameter(
        "limit", label, "ratio", low if value is None else value, "t", (low, high), step
    )


def test_values_do_not_drift() -> None:
    """What counts up by tenths or hundredths hits the floats that people write."""
    assert 0.7 + 0.1 != 0.8
    assert steps(parameter(0.6, 0.9, 0.1)) == (0.6, 0.7, 0.8, 0.9)
    found = steps(parameter(0.85, 0.99, 0.01))
    assert found == tuple(float(f"0.{n}") for n in range(85, 100))
    assert found[5] == 0.9


@given(
    low=st.integers(-500, 500),
    count=st.integers(0, 60),
    step=st.integers(1, 40),
    rest=st.integers(0, 39),
    digits=st.integers(0, 4),
)
def test_values_are_the_decimals_from_bound_to_bound(
    low: int, count: int, step: int, rest: int, digits: int
) -> None:
    """Each is the decimal that it would be on paper, and the last lies within the bounds."""
    unit = Decimal(1).scaleb(-digits)
    high = low + count * step + rest % step
    ends = [float(n * unit) for n in (low, high, step)]
    found = steps(parameter(*ends))
    assert found == tuple(float((low + at * step) * unit) for at in range(count + 1))
    assert all(isinstance(n, int) == (n == int(n)) for n in found)


def test_too_many_values_are_refused() -> None:
    """A step too fine for its bounds says what to do."""
    with pytest.raises(OutOfBoundsError, match="too-many-values"):
        steps(parameter(0, 1, 0.0001))


def test_by_default_all_that_can_be_tuned_is(ruleset: Ruleset) -> None:
    """What regulation fixes is not; the present value is always a candidate."""
    grid = grid_of(ruleset)
    assert "absence_watch" in grid.names
    assert "unexcused_limit" not in grid.names
    for tuned in grid.tuned:
        assert tuned.values[tuned.present] == ruleset.parameters[tuned.name].value
        assert list(tuned.values) == sorted(set(tuned.values))
    assert grid.values(grid.places({})) == {n: ruleset.parameters[n].value for n in grid.names}


def test_no_names_are_no_parameters(ruleset: Ruleset) -> None:
    """Who asks for none gets none, and not all."""
    assert grid_of(ruleset, []) == grid_of(ruleset, values={}) == Grid(())


def test_values_of_ones_own_are_taken_with_the_present_one(ruleset: Ruleset) -> None:
    """They may lie between steps, in any order, but within bounds."""
    grid = grid_of(ruleset, values={"absence_watch": [0.965, 0.93]})
    assert grid == Grid((Tuned("absence_watch", (0.93, 0.95, 0.965), 1),))
    with pytest.raises(OutOfBoundsError, match="outside the bounds"):
        grid_of(ruleset, values={"absence_watch": [0.5]})
    with pytest.raises(OutOfBoundsError, match="finite"):
        grid_of(ruleset, values={"absence_watch": [float("nan")]})


def test_what_cannot_be_tuned_is_refused(ruleset: Ruleset) -> None:
    """A fixed parameter, and one that there is not."""
    with pytest.raises(OutOfBoundsError, match="cannot be tuned"):
        grid_of(ruleset, ["unexcused_limit"])
    with pytest.raises(RuleError, match="did you mean 'absence_watch'"):
        grid_of(ruleset, ["absence_wach"])


def test_a_grid_knows_its_places(ruleset: Ruleset) -> None:
    """A value that is no candidate is told the nearest ones, a name the nearest name."""
    grid = grid_of(ruleset, ["absence_watch", "absence_support"])
    at = grid.places({"absence_watch": 0.93, "absence_support": 0.92})
    assert grid.values(at) == {"absence_support": 0.92, "absence_watch": 0.93}
    with pytest.raises(OutOfBoundsError, match=r"nearest are 0\.93 and 0\.94"):
        grid.places({"absence_watch": 0.934})
    with pytest.raises(RuleError, match="did you mean 'absence_watch'"):
        grid.only(["absence_wach"], {})


def test_a_part_of_a_grid_holds_the_others(ruleset: Ruleset) -> None:
    """Held parameters have one value, the given one or the present one."""
    grid = grid_of(ruleset, ["absence_watch", "absence_support", "absence_high"])
    part = grid.only(["absence_watch"], {"absence_high": 0.84})
    assert part.shape == (1, 1, 6)
    assert part.tuned[0].values == (0.84,)
    assert part.tuned[1].values == (0.9,)
    within = grid.within(part)
    for whole, tuned in zip(grid.tuned, part.tuned, strict=True):
        assert np.take(whole.values, within[tuned.name]).tolist() == list(tuned.values)
