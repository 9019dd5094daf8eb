"""Laws of suggesting: scores are the executors', order does not count, no better step is missed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.check import check
from engine.drafting.calibrate import Curves, auc, caught, fit
from engine.drafting.drafted import About, drafted, ladders
from engine.drafting.front import Point, front, starts
from engine.drafting.scorecard import Part, Rows, plain, rows_of
from engine.drafting.search import FIRST_POINTS, LEAST_ROWS, MAX_POINTS, Search
from engine.drafting.steps import THRESHOLDS, Axis, axes, roundest
from engine.drafting.suggest import suggest
from engine.executors.columns import Columns, truth
from engine.indicator import Catalogue, Direction, Indicator, Type, Unit
from engine.replay.trials import trials
from engine.text import Text
from tests.pasts import past


def declared(name: str, kind: Type, direction: Direction, decimals: int = 0) -> Indicator:
    """Return an indicator to draw values of."""
    label = Text(f"{name} latviski", f"{name} in English")
    unit = {"flag": "", "ratio": "ratio"}.get(kind, "days")
    high = {"flag": 0, "ratio": 1}.get(kind, 20)
    return Indicator(
        name, label, label, "learning", kind, "semester", direction, "tests", "scoring",
        unit=unit, decimals=decimals, high=high,
    )  # fmt: skip


INDICATORS = (
    declared("absent", "count", "higher_is_worse"),
    declared("mean", "number", "lower_is_worse", 1),
    declared("share", "ratio", "lower_is_worse", 2),
    declared("moved", "flag", "higher_is_worse"),
    declared("passed", "flag", "lower_is_worse"),
)
SLOW = min(settings().max_examples, 15)
DAYS = {"lv": {"one": "diena", "other": "dienas"}, "en": {"one": "day", "other": "days"}}
CATALOGUE = Catalogue(
    {i.name: i for i in INDICATORS},
    {"days": Unit("days", DAYS["lv"], DAYS["en"])},
    {"learning": Text("Mācības", "Learning")},
    {},
)
ABOUT = About(Text("Melnraksts", "A draft"), Text("Viens teksts", "One text"), "tests")


def drawn(seed: int, count: int = 120, gaps: float = 0.2) -> pl.DataFrame:
    """Return rows with values of every indicator, some missing, and outcomes that follow them."""
    draw = np.random.default_rng(seed)
    absent = draw.integers(0, 12, count)
    values = {
        "absent": pl.Series(absent, dtype=pl.Int32),
        "mean": pl.Series(draw.uniform(0, 20, count).round(1)),
        "share": pl.Series(draw.integers(0, 101, count) / 100),
        "moved": pl.Series(draw.random(count) < 0.3),
        "passed": pl.Series(draw.random(count) < 0.7),
    }
    missing = [draw.random(count) < gaps for _ in values]
    columns = {
        name: series.set(pl.Series(gone), None)
        for (name, series), gone in zip(values.items(), missing, strict=True)
    }
    left = draw.random(count) < 1 / (1 + np.exp(2 - absent / 4))
    return pl.DataFrame({"pupil_key": [f"p{n}" for n in range(count)], **columns, "outcome": left})


@st.composite
def cards(draw: st.DrawFn, found: Sequence[Axis]) -> tuple[Part, ...]:
    """Draw a scorecard over some axes."""
    places = [(n, p) for n, axis in enumerate(found) for p in range(axis.size)]
    chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=8, unique=True))
    return tuple(Part(*place, draw(st.integers(1, MAX_POINTS))) for place in chosen)


@given(st.integers(0, 10**6), st.data())
def test_a_drafted_ruleset_scores_as_its_scorecard_does(seed: int, data: st.DataObject) -> None:
    """Row for row, with missing values, sure and possible; and it passes every check."""
    rows = drawn(seed)
    found = axes(rows, INDICATORS)
    card = data.draw(cards(found))
    seen = rows_of(rows, found)
    unknown = np.array([rows[axis.indicator.name].is_null().to_numpy() for axis in found])
    points = front(seen, card, unknown, np.arange(rows.height)) or (Point(1, 0.1, 0.1, 0.1, 0.0),)
    ruleset = drafted(ladders(card, found), starts(points, 0.2), CATALOGUE, ABOUT)
    assert check(ruleset) == []
    scored = Columns(ruleset).run(rows.lazy()).collect()
    assert scored["score"].to_list() == seen.scores(card).tolist()
    possible = seen.scores(card) + sum(unknown[p.axis] * p.points for p in card)
    assert scored["possible_score"].to_list() == possible.tolist()


@given(st.integers(0, 10**6), st.integers(1, 40), st.data())
def test_no_two_cuts_tell_of_fewer_than_ten_pupils(
    seed: int, persons: int, data: st.DataObject
) -> None:
    """Each point flags ten pupils more than the one before, however many rows they have."""
    rows = drawn(seed)
    found = axes(rows, INDICATORS)
    card = data.draw(cards(found))
    seen = rows_of(rows, found)
    pupils = np.arange(rows.height) % persons
    points = front(seen, card, np.zeros((len(found), rows.height), np.bool_), pupils)
    flagged = [set(pupils[seen.scores(card) >= point.score]) for point in points]
    shown = [set[np.intp](), *flagged]
    assert all(len(more - fewer) >= 10 for fewer, more in pairwise(shown))


@given(st.integers(0, 10**6), st.data())
def test_whatever_is_tuned_within_bounds_keeps_ladders_in_order(
    seed: int, data: st.DataObject
) -> None:
    """Every combination of values on the grid is a ruleset, with no finding but of examples."""
    rows = drawn(seed)
    found = axes(rows, INDICATORS)
    card = data.draw(cards(found))
    levels = starts([Point(n, 1 / (n + 1), 0.5, 0.5, 0) for n in (9, 7, 4, 2, 1)], 0.2)
    ruleset = drafted(ladders(card, found), levels, CATALOGUE, ABOUT)
    chosen = {}
    for name, parameter in ruleset.parameters.items():
        assert parameter.bounds is not None
        assert parameter.step is not None
        low, high = parameter.bounds
        count = round((high - low) / parameter.step)
        assert low + count * parameter.step == pytest.approx(high)
        at = data.draw(st.integers(0, count))
        chosen[name] = round(low + at * parameter.step, 6)
    moved = ruleset.with_parameters(chosen)
    findings = {problem.code for problem in check(moved)}
    assert findings <= {"example", "no-boundary-example"}


@given(st.integers(0, 10**6))
def test_a_step_is_reached_where_its_condition_holds(seed: int) -> None:
    """At the threshold itself too, and never where the value is missing."""
    rows = drawn(seed)
    for axis in axes(rows, INDICATORS):
        name = axis.indicator.name
        assert axis.size <= THRESHOLDS
        operands = axis.thresholds or (None,)
        values = rows.select(name)
        if axis.thresholds:
            at = pl.DataFrame({name: axis.thresholds}, schema={name: rows[name].dtype})
            values = pl.concat([values, at])
        reached = axis.reached(values[name])
        for place, operand in enumerate(operands):
            holds = values.select(truth(axis.condition(operand)).fill_null(value=False))
            assert (reached > place).tolist() == holds.to_series().to_list()


@given(st.integers(0, 10**6), st.sampled_from([40, 120]))
def test_no_better_step_is_missed(seed: int, count: int) -> None:
    """The step added is the best of all, by trying each threshold and each number of points."""
    rows = drawn(seed, count, gaps=0.05)
    found = axes(rows, INDICATORS)
    seen = rows_of(rows, found)
    stages = list(Search(seen).stages(1))
    lost = {
        (axis, place): deviance(seen, (Part(axis, place, FIRST_POINTS),))
        for axis, place in product(range(len(found)), range(THRESHOLDS))
        if place < found[axis].size and allowed(seen, axis, place)
    }
    if len(stages) == 1:
        assert not lost or min(lost.values()) > stages[0].deviance - 0.5 - 1e-6
        return
    assert stages[1].deviance == pytest.approx(min(lost.values()), abs=1e-6)
    assert lost[stages[1].card[0][:2]] == pytest.approx(stages[1].deviance, abs=1e-6)


def deviance(seen: Rows, card: tuple[Part, ...]) -> float:
    """Return the deviance of a scorecard, worked out by itself."""
    stayed, left = seen.counts(card)
    return float(fit(stayed, left).deviance(stayed, left))


def allowed(seen: Rows, axis: int, place: int) -> bool:
    """Return whether enough rows stand on either side of a step."""
    met = int((seen.reached[axis] > place).sum())
    return LEAST_ROWS <= met <= len(seen.left) - LEAST_ROWS


@settings(max_examples=SLOW)
@given(st.integers(0, 10**6))
def test_every_move_of_a_search_is_a_gain_and_no_swap_is_left(seed: int) -> None:
    """Deviances fall, are those of the scorecards, and no other single step would do better."""
    seen = rows_of(rows := drawn(seed, 200, gaps=0.05), found := axes(rows, INDICATORS))
    last = math.inf
    for stage in Search(seen).stages(3):
        assert stage.deviance == pytest.approx(deviance(seen, stage.card), abs=1e-6)
        for move in stage.moves:
            assert move.deviance < last
            last = move.deviance
        last = stage.deviance
        if len(stage.card) != 2:
            continue
        for gone, (axis, place) in product(stage.card, product(range(len(found)), range(8))):
            kept = tuple(part for part in stage.card if part != gone)
            taken = {part[:2] for part in kept}
            if place < found[axis].size and (axis, place) not in taken:
                if not allowed(seen, axis, place):
                    continue
                for points in range(1, MAX_POINTS + 1):
                    other = deviance(seen, (*kept, Part(axis, place, points)))
                    assert other > stage.deviance - 0.5 - 1e-3


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=6),
    st.floats(-4, 4),
    st.floats(0, 3),
)
@example([(1, 0), (0, 1), (0, 1)], 0.0, 0.0)  # who left and who stayed lie apart: steps overshoot
@example([(48, 0), (0, 92), (0, 98)], -4.0, 3.0)
def test_no_curve_fits_better_than_the_one_that_was_fitted(
    pairs: list[tuple[int, int]], intercept: float, slope: float
) -> None:
    """Whatever other intercept and slope, as long as more points do not mean less risk."""
    stayed, left = (np.array(each) for each in zip(*pairs, strict=True))
    if not stayed.sum() or not left.sum():
        return
    fitted = fit(stayed, left).deviance(stayed, left)
    other = Curves(np.array(intercept), np.array(slope)).deviance(stayed, left)
    assert fitted <= other + 1e-3


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=14),
    st.floats(0.05, 0.95),
)
def test_ranks_and_cuts_are_what_pairs_and_lots_would_give(
    rows: list[tuple[int, bool]], flagged: float
) -> None:
    """AUC counts pairs one by one; a cut inside a tie takes every row of it by the same part."""
    scores, outcomes = (np.array(each) for each in zip(*rows, strict=True))
    left = outcomes.astype(np.intp)
    if left.all() or not left.any():
        return
    seen = Rows(scores[None, :].astype(np.uint8), left, (5,))
    card = tuple(Part(0, place, 1) for place in range(4))
    stayed, gone = seen.counts(card)
    pairs = list(product(scores[outcomes], scores[~outcomes]))
    wins = sum((a > b) + (a == b) / 2 for a, b in pairs)
    assert auc(stayed, gone) == pytest.approx(wins / len(pairs))
    room, hits = flagged * len(rows), 0.0
    for score in sorted(set(scores), reverse=True):
        tied = outcomes[scores == score]
        taken = min(room, len(tied))
        hits += taken * tied.mean()
        room -= taken
    precision, recall = caught(stayed, gone, flagged)
    assert precision == pytest.approx(hits / (flagged * len(rows)))
    assert recall == pytest.approx(hits / outcomes.sum())


@settings(max_examples=SLOW)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_and_columns_does_not_count(seed: int) -> None:
    """A shuffled history suggests the same, to the last digit."""
    history = past()
    draw = np.random.default_rng(seed)
    names = draw.permutation(history.rows.columns).tolist()
    mixed = history.rows.select(names).sample(fraction=1.0, shuffle=True, seed=seed)
    one = suggest(history)
    two = suggest(replace(history, rows=mixed))
    assert one.ruleset is not None
    assert two == one


@given(st.integers(0, 10**6), st.integers(0, 100))
def test_no_pupil_and_no_later_row_stands_on_both_sides_of_a_trial(seed: int, other: int) -> None:
    """Folds keep pupils or schools together and judge each row once; cohorts go forward in time."""
    history = past(2400, 4)
    rows = history.labelled.sample(fraction=1.0, shuffle=True, seed=seed)
    kind, parts = trials(rows, history.cohorts, other)
    assert kind == "cohorts"
    for trial in parts:
        assert rows["cohort"][trial.tune].max() < rows["cohort"][trial.judge].min()  # type: ignore[operator]
    for name in ("school", "pupil_key"):
        frame = rows if name == "school" else rows.drop("school")
        kind, parts = trials(frame.drop("cohort"), (), other)
        assert kind == {"school": "schools", "pupil_key": "pupils"}[name]
        for trial in parts:
            assert not set(rows[name][trial.tune]) & set(rows[name][trial.judge])
        gone = [int(rows["outcome"][trial.judge].sum()) for trial in parts]
        held = [len(trial.judge) for trial in parts]
        if name == "pupil_key":  # who has two rows
            assert max(gone) - min(gone) <= 2
            assert max(held) - min(held) <= 2
        judged = np.concatenate([trial.judge for trial in parts])
        assert sorted(judged.tolist()) == list(range(rows.height))


@given(st.floats(-1000, 1000), st.floats(0, 100), st.integers(0, 4))
def test_the_roundest_number_separates_the_same_neighbours(
    low: float, more: float, decimals: int
) -> None:
    """It lies above the lower and not above the upper, with no more decimals than declared."""
    low = round(low, decimals)
    high = round(low + more, decimals)
    if not low < high:
        return
    found = roundest(low, high, decimals)
    assert low < found <= high
    assert round(found, decimals) == found


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6))
def test_reduced_points_keep_their_ratios(points: list[int]) -> None:
    """Nothing but what divides all of them is taken away."""
    card = tuple(Part(0, place, each) for place, each in enumerate(points))
    reduced = [part.points for part in plain(card)]
    assert math.gcd(*reduced) == 1
    assert [each * points[0] for each in reduced] == [reduced[0] * each for each in points]
