"""The law of tuning: whatever cells answer is what full replays count, for every combination."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.column import column_type
from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Not,
    Number,
    Operand,
    Or,
    Param,
)
from engine.errors import RuleError
from engine.executors.columns import Columns
from engine.replay.history import OUTCOME
from engine.ruleset import Criterion, Parameter, Rule, Ruleset
from engine.tuning.answers import answers, plan
from engine.tuning.blocks import population_moves
from engine.tuning.build import build
from engine.tuning.cells import PACK, Cells
from engine.tuning.distinct import Ints
from engine.tuning.grid import Grid, grid_of
from engine.tuning.passes import Passes, passes
from engine.tuning.surface import Surface, surface
from engine.tuning.tally import OUTCOMES, Answers, Group, Tally
from tests import strategies as draws

Rows = list[dict[str, Any]]
OUTCOME_OF = {False: "stayed", True: "left", None: "unknown"}
COMPARED = ("rate", "mean", "count", "fails", "grade")
THRESHOLDS = tuple(f"{letter}_{name}" for name in COMPARED for letter in "pq")
WEIGHTS = ("w_one", "w_two", "w_three")
CUTS = ("c_one", "c_two")
RARELY = st.integers(0, 9).map(lambda drawn: drawn == 0)
SOMETIMES = st.integers(0, 2).map(lambda drawn: drawn == 0)


@dataclass(frozen=True)
class Case:
    """A ruleset, a grid of some of its parameters, and a history."""

    ruleset: Ruleset
    grid: Grid
    rows: pl.DataFrame


def named(draw: st.DrawFn, condition: Condition) -> Condition:
    """Put parameters in the place of some of a condition's numbers."""

    def operand(indicator: str, now: Operand) -> Any:  # noqa: ANN401  what it was, or a parameter
        if isinstance(now, str) or indicator not in COMPARED or draw(SOMETIMES):
            return now
        return Param(f"{draw(st.sampled_from('ppq'))}_{indicator}")

    match condition:
        case Comparison(indicator, _, now):
            return replace(condition, operand=operand(indicator, now))
        case Between(low, _, indicator, _, high):
            ends = {"low": operand(indicator, low), "high": operand(indicator, high)}
            return replace(condition, **ends)
        case Not(part):
            return Not(named(draw, part))
        case And(parts) | Or(parts):
            return type(condition)(tuple(named(draw, part) for part in parts))
        case _:
            return condition


@st.composite
def tunable(draw: st.DrawFn) -> Ruleset:
    """Draw a ruleset of which thresholds, points, cut-offs, and who is asked, may be parameters."""
    ruleset = draw(draws.rulesets())
    label = ruleset.title
    values: dict[str, Number] = {n: draw(draws.numbers(n[2:])) for n in THRESHOLDS}
    values |= {n: 3 - at for at, n in enumerate(WEIGHTS)} | {
        n: 2 * at + 1 for at, n in enumerate(CUTS)
    }
    rules = []
    for rule in ruleset.rules:
        weights = iter(WEIGHTS) if draw(st.booleans()) else iter(())
        steps = [
            replace(
                step,
                when=Criterion(named(draw, step.when.tree)),
                points=step.points and Param(name) if (name := next(weights, "")) else step.points,
            )
            for step in rule.steps
        ]
        applies = rule.applies_to and Criterion(named(draw, rule.applies_to.tree))
        rules.append(replace(rule, steps=tuple(steps), applies_to=applies))
    levels = ruleset.levels
    if draw(SOMETIMES):
        cuts = (levels[1].start and Param("c_one"), levels[2].start and Param("c_two"))
        last = levels[3].start and 9
        levels = tuple(
            replace(level, start=start)
            for level, start in zip(levels, (None, *cuts, last), strict=True)
        )
    population = ruleset.population
    if population and draw(RARELY):
        population = Criterion(named(draw, population.tree))
    parameters = {
        name: Parameter(name, label, "things", value, "tests", (-50, 50), 0.5)
        for name, value in values.items()
    }
    return replace(
        ruleset,
        rules=tuple(rule for rule in rules if _ordered(rule, values)),
        levels=levels,
        catalogue=draws.CATALOGUE,
        parameters={**ruleset.parameters, **parameters},
        population=population,
        examples=(),
    )


def _ordered(rule: Rule, values: Mapping[str, Number]) -> bool:
    points = [
        values[p.name] if isinstance(p, Param) else p or 0 for p in (s.points for s in rule.steps)
    ]
    return points == sorted(points, reverse=True)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case; few values a parameter, so that all combinations can be replayed."""
    ruleset = draw(tunable())
    used = sorted(ruleset.used_parameters & {*THRESHOLDS, *WEIGHTS, *CUTS})
    names = draw(st.permutations(used))[:4]
    values: dict[str, list[Number]] = {}
    for name in names:
        weights = st.sampled_from([0, 1, 2, 3, 5, 8, 1.5])
        possible = draws.numbers(name[2:]) if name in THRESHOLDS else weights
        values[name] = draw(st.lists(possible, min_size=1, max_size=2))
    grid = grid_of(ruleset, values=values)
    return Case(ruleset, grid, draw(histories(ruleset, grid)))


@st.composite
def histories(draw: st.DrawFn, ruleset: Ruleset, grid: Grid) -> pl.DataFrame:
    """Draw rows with values at, beside and between all candidates."""
    known = ruleset.catalogue.indicators
    tuned = {t.name[2:]: list(t.values) for t in grid.tuned if t.name in THRESHOLDS}
    records = {
        name: draws.values(known[name], [*draws.thresholds(ruleset, name), *tuned.get(name, [])])
        for name in ruleset.reads
    }
    found = draw(st.lists(st.fixed_dictionaries(records), min_size=3, max_size=12))
    types = {name: column_type(known[name]) for name in ruleset.reads}
    rows = pl.DataFrame(found, schema=types, height=len(found))
    outcomes = [draw(st.sampled_from([True, False, None])) for _ in found]
    sexes = [draw(st.sampled_from(["f", "m", None])) for _ in found]
    return rows.with_columns(
        pl.Series(OUTCOME, outcomes, pl.Boolean), pl.Series("sex", sexes, pl.String)
    )


def combinations(grid: Grid) -> list[tuple[tuple[int, ...], dict[str, Number]]]:
    """Return each combination's places and values."""
    places = product(*(range(length) for length in grid.shape))
    return [(at, grid.values(at)) for at in places]


def replayed(ruleset: Ruleset, rows: pl.DataFrame, values: Mapping[str, Number]) -> Rows | None:
    """Return the rows with scores and levels of a full replay, None where laws refuse it."""
    try:
        candidate = ruleset.with_parameters(values)
    except RuleError:
        return None
    return Columns(candidate).run(rows.lazy()).collect().to_dicts()


def who(row: Mapping[str, Any]) -> tuple[str, tuple[str | None]]:
    return OUTCOME_OF[row[OUTCOME]], (row["sex"],)


def listed(counts: Ints, groups: tuple[Group, ...]) -> Counter[tuple[Any, ...]]:
    """Return what an array [number, outcome, group] counts, one by one."""
    return Counter(
        {
            (int(number), OUTCOMES[outcome], groups[group]): int(counts[number, outcome, group])
            for number, outcome, group in np.argwhere(counts)
        }
    )


def agree(tally: Tally, rows: Rows, groups: tuple[Group, ...]) -> None:
    """Hold a tally against rows, counted one by one."""
    inside = [row for row in rows if row["score"] is not None]
    for name, found in (
        ("score", tally.sure.scores),
        ("level", tally.sure.levels),
        ("possible_score", tally.possible.scores),
        ("possible_level", tally.possible.levels),
    ):
        assert listed(found, groups) == Counter((row[name], *who(row)) for row in inside), name
    outside = Counter((0, *who(row)) for row in rows if row["score"] is None)
    assert listed(tally.outside[None], groups) == outside


def held_to(asked: Answers, case: Case) -> None:
    """Hold every tally against its replay."""
    for _, values in combinations(case.grid):
        rows = replayed(case.ruleset, case.rows, values)
        if rows is None:
            with pytest.raises(RuleError):
                asked.tally(values)
        else:
            agree(asked.tally(values), rows, asked.groups)


@given(case=cases(), longest=st.sampled_from([2, PACK]))
def test_every_tally_is_what_a_replay_counts(case: Case, longest: int) -> None:
    """Scores, levels, sure and possible, outcomes, groups, who is outside: for each combination."""
    if population_moves(case.ruleset, case.grid):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.tuning.cells.PACK", longest)  # whether codes are put together or not
        held_to(build(case.ruleset, case.grid, case.rows, ["sex"]), case)


@settings(max_examples=settings().max_examples // 2)
@given(case=cases())
def test_a_surface_is_all_replays_at_every_cut(case: Case) -> None:
    """At each level, and with none, the counts of all combinations and cuts are the replays'."""
    if population_moves(case.ruleset, case.grid):
        return
    cells = build(case.ruleset, case.grid, case.rows, ["sex"])
    uncut = tuple(replace(level, start=None) for level in case.ruleset.levels)
    without = replace(case.ruleset, levels=uncut)
    ids = [None, *(level.id for level in case.ruleset.levels[1:])]
    asked = {level: surface(cells, level) for level in ids}
    for at, values in combinations(case.grid):
        rows = replayed(case.ruleset, case.rows, values)
        lifted = replayed(without, case.rows, values)
        for level, found in asked.items():
            assert found.lawful[at] == (rows is not None)
            if rows is not None:
                _cuts_agree(found, at, rows, lifted if level else None)


def _cuts_agree(found: Surface, at: tuple[int, ...], rows: Rows, lifted: Rows | None) -> None:
    """Hold one combination's counts, at all cuts, against a replay, and one without cut-offs."""
    inside = [number for number, row in enumerate(rows) if row["score"] is not None]
    groups, rank = found.cells.groups, found.rank
    for world, of_all in (("sure", found.sure), ("possible", found.possible)):
        score, level = (
            ("score", "level") if world == "sure" else ("possible_score", "possible_level")
        )
        counts = np.broadcast_to(of_all, (*found.grid.shape, *of_all.shape[-3:]))[at]
        for cut in range(counts.shape[0]):
            expected = Counter(
                (0, *who(rows[n]))
                for n in inside
                if rows[n][score] >= cut or (lifted and lifted[n][level] >= rank)
            )
            assert listed(counts[cut][None], groups) == expected
        if rank:
            reached = Counter((0, *who(rows[n])) for n in inside if rows[n][level] >= rank)
            flagged = found.flagged("sure" if world == "sure" else "possible")
            assert listed(flagged[at][None], groups) == reached


@settings(max_examples=settings().max_examples // 2)
@given(case=cases(), data=st.data())
def test_a_part_of_a_surface_is_that_part_of_the_whole(case: Case, data: st.DataObject) -> None:
    """Holding parameters picks the surface's places at which they have these values."""
    if population_moves(case.ruleset, case.grid):
        return
    cells = build(case.ruleset, case.grid, case.rows)
    vary = [name for name in case.grid.names if data.draw(st.booleans())]
    at = [data.draw(st.integers(0, length - 1)) for length in case.grid.shape]
    held = {n: v for n, v in case.grid.values(at).items() if n not in vary}
    whole, part = surface(cells, "urgent"), surface(cells, "urgent", vary, held)
    places = tuple(
        slice(None) if name in vary else slice(place, place + 1)
        for name, place in zip(case.grid.names, at, strict=True)
    )
    for world in ("sure", "possible"):
        assert np.array_equal(whole.flagged(world)[places], part.flagged(world))
    assert np.array_equal(whole.lawful[places], part.lawful)


@settings(max_examples=settings().max_examples // 4)
@given(case=cases())
def test_passes_answer_as_cells_do(case: Case) -> None:
    """The fallback too is what replays count, for several candidates at once; it says why it is."""
    asked = passes(case.ruleset, case.grid, case.rows, ["sex"])
    held_to(asked, case)
    lawful = [
        v for _, v in combinations(case.grid) if replayed(case.ruleset, case.rows, v) is not None
    ]
    for values, tally in zip(lawful, asked.tallies(lawful), strict=True):
        rows = replayed(case.ruleset, case.rows, values)
        assert rows is not None
        agree(tally, rows, asked.groups)
    moves = population_moves(case.ruleset, case.grid)
    chosen = answers(case.ruleset, case.grid, case.rows)
    assert isinstance(chosen, Passes if moves else Cells)
    assert bool(chosen.notes) == moves
    assert moves == bool(plan(case.ruleset, case.grid, case.rows).why_not)
