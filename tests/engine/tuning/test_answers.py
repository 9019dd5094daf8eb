"""Who answers, what that takes, what is refused; scales; groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.condition import Op, Param
from engine.errors import DataError, RuleError
from engine.replay.history import OUTCOME
from engine.ruleset import Ruleset
from engine.tuning.answers import SAMPLE, answers, plan
from engine.tuning.build import build
from engine.tuning.cells import Cells
from engine.tuning.contract import memory_needed
from engine.tuning.grid import Grid, grid_of
from engine.tuning.passes import Passes, passes
from engine.tuning.scale import FEW, scale_of
from engine.tuning.surface import surface
from tests.ruletext import RULESET, rule, rules, ruleset

COMPARE: Mapping[Op, Any] = {"<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt}


def parameter(name: str, value: int, high: int) -> str:
    label = "{lv: Robeža, en: Limit}"
    bounds = f"bounds: [0, {high}], step: 1, source: tests"
    return f"\n  {name}: {{label: {label}, unit: marks, value: {value}, {bounds}}}"


def two_rules(population: str = "") -> Ruleset:
    """Two rules, each with a threshold of its own."""
    text = rules(
        rule("fails >= $many", name="fails", follows="points: 2"),
        rule("low_marks > $low", name="low", follows="points: 1\n    at_least: high"),
        parameters=parameter("many", 2, 20) + parameter("low", 3, 20) + parameter("first", 1, 12),
    )
    whole = ruleset(text)
    if not population:
        return whole
    return ruleset(text, ruleset=f"{RULESET}population: {population}\n")


WHOLE = two_rules()
GRID = grid_of(WHOLE, ["many", "low"])


def history(rows: int, seed: int = 1) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    columns = {name: draw.integers(0, 21, rows).astype(np.int32) for name in ("fails", "low_marks")}
    return pl.DataFrame(columns).with_columns(pl.Series(OUTCOME, draw.random(rows) < 0.2))


@given(
    values=st.lists(st.integers(-5, 5), min_size=1, max_size=4),
    op=st.sampled_from(sorted(COMPARE)),
    others=st.sets(st.sampled_from(sorted(COMPARE)), max_size=2),
    beside=st.sampled_from([1, 1 + FEW]),
    column=st.lists(st.none() | st.integers(-12, 12).map(lambda n: n / 2), min_size=1, max_size=9),
)
def test_places_compare_as_values_do(
    values: list[int], op: Op, others: set[Op], beside: int, column: list[float | None]
) -> None:
    """Whatever is compared comes out the same on a scale; what is missing has its own place."""
    longer = [*values, *range(100, 100 + beside)]
    scale = scale_of([(op, values), *((other, longer) for other in others)])
    found = scale.places(pl.Series(column, dtype=pl.Float64))
    for value, place in zip(column, found.codes.tolist(), strict=True):
        assert (place == scale.missing) == (value is None)
        if value is not None:
            for candidate in values:
                assert COMPARE[op](place, scale.place(candidate)) == COMPARE[op](value, candidate)


def test_whole_numbers_have_places_too() -> None:
    """A count's places are those of its numbers, with and without missing ones."""
    scale = scale_of([(">=", (2, 5))])
    assert scale.places(pl.Series([1, 2, 4, 5, 9], dtype=pl.Int32)).codes.tolist() == [
        0,
        2,
        2,
        4,
        4,
    ]
    assert scale.places(pl.Series([1, None, 5], dtype=pl.Int32)).codes.tolist() == [0, 6, 4]


def test_groups_are_those_that_occur_in_order() -> None:
    """Groups of two columns, a missing value last; counts of all groups are those of none."""
    rows = history(60).with_columns(
        pl.Series("sex", ["m", "f", None] * 20), pl.Series("new", [True, False] * 30)
    )
    cells = build(WHOLE, GRID, rows, ["sex", "new"])
    sexes = ("f", "m", None)
    assert cells.groups == tuple((sex, new) for sex in sexes for new in ("false", "true"))
    found, alone = cells.tally({"many": 7}), build(WHOLE, GRID, rows).tally({"many": 7})
    assert found.sure.levels.sum(axis=-1).tolist() == alone.sure.levels[..., 0].tolist()
    assert found.sure.levels.sum() == rows.height


def test_an_absent_indicator_is_unknown() -> None:
    """A history without a column answers as one in which nothing of it is known."""
    rows = history(50).drop("low_marks")
    unknown = rows.with_columns(pl.lit(None, pl.Int32).alias("low_marks"))
    one, other = (build(WHOLE, GRID, each).tally({"low": 5}) for each in (rows, unknown))
    assert one.possible.levels.tolist() == other.possible.levels.tolist()
    assert one.cannot_say(2).sum() == rows.height
    assert one.flagged(2).sum() == 0


@pytest.mark.parametrize("asked", [build, answers, passes])
@pytest.mark.parametrize("by", [(), ("sex",)])
def test_a_history_without_rows_is_refused(asked: Callable[..., object], by: tuple[str]) -> None:
    """With words, and not by whatever breaks first."""
    rows = history(5).with_columns(sex=pl.lit("f")).clear()
    assert plan(WHOLE, GRID, rows, by).cells == 0
    with pytest.raises(DataError, match=r"there are no rows to count \[empty\]"):
        asked(WHOLE, GRID, rows, by)


@pytest.mark.parametrize("asked", [build, answers, passes])
def test_groups_by_a_column_that_is_not_there_are_refused(asked: Callable[..., object]) -> None:
    """The error names it, and the nearest one that is there."""
    rows = history(5).with_columns(school=pl.lit("a"))
    with pytest.raises(DataError, match="no column 'scool'") as refused:
        asked(WHOLE, GRID, rows, ("scool",))
    assert refused.value.problems[0].hint == "did you mean 'school'?"


def test_a_plan_tells_the_cells_before_they_are_built() -> None:
    """From a sample it expects no fewer than there are, and not many more."""
    rows = history(5 * SAMPLE)
    planned, cells = plan(WHOLE, GRID, rows), build(WHOLE, GRID, rows)
    assert cells.size <= planned.cells <= 1.2 * cells.size
    assert planned.combinations == 21 * 21
    assert planned.why_not is None
    assert planned.building >= 40 * rows.height


def test_passes_answer_where_there_would_be_too_many_cells() -> None:
    """They say why, in both languages, and answer the same."""
    rows = history(300)
    many = answers(WHOLE, GRID, rows, most_cells=100)
    few = answers(WHOLE, GRID, rows)
    assert isinstance(many, Passes)
    assert isinstance(few, Cells)
    assert "lēnāk" in many.notes[0].lv
    assert "600" in many.notes[0].en
    assert not few.notes
    for values in ({}, {"many": 9}, {"low": 0, "many": 20}):
        one, other = many.tally(values), few.tally(values)
        assert one.values == other.values
        assert np.array_equal(one.sure.scores, other.sure.scores)
        assert np.array_equal(one.possible.levels, other.possible.levels)


def test_passes_answer_where_candidates_differ_in_whom_they_assess() -> None:
    """A population that is tuned has no cells."""
    whole = two_rules("grade >= $first")
    rows = history(40).with_columns(pl.Series("grade", [*range(1, 11)] * 4, pl.Int32))
    found = answers(whole, grid_of(whole, ["first", "many"]), rows)
    assert isinstance(found, Passes)
    assert "whom they assess" in found.notes[0].en
    assert [found.tally({"first": n}).outside.sum() for n in (1, 2, 10)] == [0, 4, 36]
    assert isinstance(answers(whole, grid_of(whole, ["many"]), rows), Cells)


def test_a_surface_that_would_take_too_much_memory_is_refused_before_it_is_made() -> None:
    """The error says how much, and what to do; a part that takes less is made."""
    cells = build(WHOLE, GRID, history(1000))
    most = memory_needed(cells, GRID) - 1
    with pytest.raises(DataError, match="too-many-combinations") as refused:
        surface(cells, "high", memory=most)
    assert "vary fewer parameters" in refused.value.problems[0].hint
    assert surface(cells, "high", ["low"], memory=most).flagged().shape == (1, 21, 3, 1)


def test_a_surface_asks_for_a_level_that_there_is() -> None:
    """The least level flags nobody, so it is none to ask for."""
    cells = build(WHOLE, GRID, history(10))
    for level in ("none", "hihg"):
        with pytest.raises(RuleError, match="no level"):
            surface(cells, level)
    assert surface(cells, None).flagged().sum() == 0


def test_nothing_tuned_is_answered_too() -> None:
    """A grid of no parameters has one combination: the ruleset itself."""
    rows = history(30)
    cells = build(WHOLE, Grid(()), rows)
    found = surface(cells, "high").flagged()
    assert np.array_equal(found, cells.tally({}).flagged(WHOLE.rank("high")))
    assert found.sum() > 0


def test_levels_that_start_at_one_score_are_unlawful_on_a_surface_as_in_a_ruleset() -> None:
    """Of two cut-offs that may meet, a surface tells the combinations that the laws refuse."""
    starts = (None, Param("many"), Param("low"))
    levels = tuple(
        replace(level, start=start) for level, start in zip(WHOLE.levels, starts, strict=True)
    )
    whole = replace(WHOLE, levels=levels)
    grid = grid_of(whole, values={"many": [1, 2, 3], "low": [2, 3]})
    found = surface(build(whole, grid, history(20)), "high").lawful
    assert found.tolist() == [[True, True], [False, True], [False, False]]
