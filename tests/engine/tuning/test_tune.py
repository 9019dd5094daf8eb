"""Tuning: the best of all combinations within a capacity, shown to be better or not proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.condition import Comparison, Number, Param
from engine.errors import DataError, RuleError
from engine.load import load
from engine.replay.cuts import at_level
from engine.replay.figures import counts
from engine.replay.history import History
from engine.replay.replay import replay
from engine.ruleset import Criterion, Parameter, Ruleset
from engine.tuning.build import build
from engine.tuning.goal import Goal, Landscape, undominated
from engine.tuning.grid import grid_of
from engine.tuning.surface import surface
from engine.tuning.tune import WORTH, tune, tuned_names
from engine.tuning.tuned import Wish, tuned
from tests.pasts import RULES, past

LV = load(RULES)
FEW = ("absence_support", "core_fails_support", "incidents_support")
FLAGGED = 786  # by the present values


def with_tunable(*names: str) -> Ruleset:
    """Return the ruleset of which only these parameters can be tuned."""
    parameters = {n: replace(p, tunable=n in names) for n, p in LV.parameters.items()}
    return replace(LV, parameters=parameters)


def replayed(values: Mapping[str, Number], history: History | None = None) -> dict[str, int]:
    ruleset = LV.with_parameters(values)
    return counts(replay(history or past(), ruleset), at_level(ruleset)).row(0, named=True)


@pytest.fixture(scope="module")
def by_replay() -> list[tuple[dict[str, Number], dict[str, int], dict[str, list[int]]]]:
    """Return all combinations of `FEW` with what replays count, in all and by sex."""
    grid = grid_of(LV, FEW)
    found = []
    for values in product(*(t.values for t in grid.tuned)):
        named = dict(zip(grid.names, values, strict=True))
        made = replay(past(), LV.with_parameters(named))
        by_sex = counts(made, at_level(LV), "sex").to_dict(as_series=False)
        found.append((named, counts(made, at_level(LV)).row(0, named=True), by_sex))
    return found


def apart(by_sex: Mapping[str, list[int]]) -> float:
    """Return the larger of the groups' differences in recall and in false alarms."""
    shares = [
        [part / whole for part, whole in zip(by_sex[hit], by_sex[of], strict=True)]
        for hit, of in (("caught", "left"), ("false_alarms", "stayed"))
    ]
    return max(abs(first - second) for first, second in shares)


@settings(deadline=None)
@given(most=st.integers(300, 1100), gap=st.none() | st.floats(0.01, 0.2))
def test_the_best_of_a_landscape_is_the_best_of_all_replays(
    by_replay: list[tuple[dict[str, Number], dict[str, int], dict[str, list[int]]]],
    most: int,
    gap: float | None,
) -> None:
    """Fewest beyond the goal, then most caught, then fewest flagged, for any capacity and gap."""
    goal = Goal("support", most, {} if gap is None else {"sex": gap})
    cells = build(LV, grid_of(LV, FEW), past().rows, tuple(goal.gaps))
    home = {name: LV.parameters[name].value for name in FEW}
    land = Landscape(surface(cells, "support"), home, cells.tally({}).sure.reached(0), goal)
    best = land.best(home)

    def rank(line: Mapping[str, int], by_sex: Mapping[str, list[int]]) -> tuple[float, ...]:
        beyond = 0 if gap is None else round(max(apart(by_sex) - gap, 0), 9)
        return max(line["flagged"] - most, 0), beyond, -line["caught"], line["flagged"]

    chosen = next((n, s) for values, n, s in by_replay if values == best.values)
    assert rank(*chosen) == min(rank(line, by_sex) for _, line, by_sex in by_replay)
    assert (best.flagged, best.caught, best.false_alarms) == tuple(
        chosen[0][name] for name in ("flagged", "caught", "false_alarms")
    )
    if gap is not None:
        assert best.gaps["sex"] == pytest.approx(apart(chosen[1]), abs=1e-12)


def test_what_tuning_finds_is_what_a_replay_counts_and_no_front_point_beats_another() -> None:
    """The figures of a search are exact, and the best is worth about all that could be had."""
    few = with_tunable(*FEW, "absence_watch", "incidents_watch", "fails_urgent")
    found = tune(few, past().rows, Goal("support", 1000))
    for each in (found.present, found.best, *found.front[:: len(found.front) // 4]):
        line = replayed(each.values)
        assert (each.flagged, each.caught) == (line["flagged"], line["caught"])
    pairs = [(each.flagged, each.caught) for each in found.front]
    assert pairs == sorted(pairs)
    assert len({caught for _, caught in pairs}) == len(pairs)
    within = max(each.caught for each in found.front if each.flagged <= 1000)
    moved = sum(found.best.values[n] != found.present.values[n] for n in found.best.values)
    assert found.best.flagged <= 1000
    assert within - found.best.caught <= WORTH * within * (len(found.best.values) - moved)


def test_the_order_of_rows_changes_nothing() -> None:
    """The same rows and seed give the same values."""
    few = with_tunable(*FEW)
    found = [
        tune(few, rows, Goal("support", 500, {"sex": 0.1}), seed=4)
        for rows in (past().rows, past().rows.sample(fraction=1, shuffle=True, seed=1))
    ]
    assert found[0] == found[1]


def test_a_capacity_that_no_values_can_keep_is_missed_by_as_little_as_can_be() -> None:
    """Rather than taking values out of their bounds."""
    few = with_tunable(*FEW)
    found = tune(few, past().rows, Goal("support", 1))
    assert found.best.flagged == min(each.flagged for each in found.front)


def test_only_parameters_that_can_change_a_level_are_tuned() -> None:
    """Those of offers, and those that law has fixed, stay as they are."""
    names = tuned_names(LV)
    assert "absence_watch" in names
    assert not {"long_travel", "unexcused_limit"} & set(names)
    with pytest.raises(RuleError, match="no parameter that can be tuned"):
        tuned_names(with_tunable())


@pytest.mark.parametrize("shared", [False, True])
def test_whom_a_ruleset_is_for_is_not_tuned(*, shared: bool) -> None:
    """A search would leave out whom it cannot tell; nor where a rule asks the same parameter."""
    last = Parameter("last", LV.title, "plain", 9, "tests", (5, 12), 1)
    asked = Criterion(Comparison("grade", "<=", Param("last")))

    def about(ruleset: Ruleset) -> Ruleset:
        rules = tuple(replace(r, applies_to=asked if shared else None) for r in ruleset.rules)
        known = {**ruleset.parameters, "last": last}
        return replace(ruleset, population=asked, rules=rules, parameters=known, examples=())

    two = about(with_tunable("absence_watch"))
    assert tuned_names(two) == ("absence_watch",)
    assert set(tune(two, past().rows, Goal("support", 500)).best.values) == {"absence_watch"}
    with pytest.raises(RuleError, match=r"but those of its population \(last\)"):
        tune(about(with_tunable()), past().rows, Goal("support", 500))


def test_rows_that_a_ruleset_is_not_for_tune_nothing() -> None:
    """Nor no rows at all."""
    young = replace(LV, population=Criterion(Comparison("grade", "<", 5)), examples=())
    with pytest.raises(DataError, match=r"none of 4000 rows is in the population"):
        tune(young, past().rows, Goal("support", 500))
    with pytest.raises(DataError, match=r"there are no rows to count"):
        tune(LV, past().rows.clear(), Goal("support", 500))
    with pytest.raises(DataError, match=r"there are no rows \[no-population\]"):
        replay(replace(past(), rows=past().rows.clear()), LV)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_the_undominated_are_those_that_nothing_beats(pairs: list[tuple[int, int]]) -> None:
    """Pair by pair; of equals one is kept, and the fewest flagged come first."""
    kept = [pairs[at] for at in undominated(*zip(*pairs, strict=True))] if pairs else []
    beaten = {
        one
        for one in pairs
        for other in pairs
        if other != one and other[0] <= one[0] and other[1] >= one[1]
    }
    assert kept == sorted(set(pairs) - beaten)


def test_tuning_is_tried_on_cohorts_that_it_has_not_seen() -> None:
    """What is said of a cohort comes of values tuned on earlier ones alone."""
    found = tuned(past(), with_tunable("absence_watch", "absence_support"), Wish(share=0.3))
    assert found.split is not None
    assert found.candidate.learnt is not None
    assert found.candidate.learnt.cohorts == ("2020", "2021", "2022")
    assert [each.cohort for each in found.trials] == ["2021", "2022"]
    for each in found.trials:
        here = past().rows.filter(pl.col("cohort") == each.cohort)
        line = replayed({}, replace(past(), rows=here))
        assert (each.flagged[0], each.caught[0]) == (line["flagged"], line["caught"])
        assert each.caught[1] - each.caught[0] == each.newly_caught - each.no_longer_caught
    assert found.candidate.learnt.gains is found.gains
    assert found.goal.most == 900  # three cohorts of a thousand rows


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_outcomes_give_no_reason_to_change_anything(seed: int) -> None:
    """Whatever a search finds in noise does not hold on the next cohort."""
    shuffled = past().rows["outcome"].shuffle(seed)
    noise = replace(past(), rows=past().rows.with_columns(shuffled))
    assert not tuned(noise, with_tunable(*FEW), Wish(seed=seed)).gains


def test_few_outcomes_are_declined_or_marked() -> None:
    """Thresholds that people chose do better there."""
    few = replace(past(), rows=past().rows.head(1200))
    ruleset = with_tunable("absence_watch")
    with pytest.raises(DataError, match="too few outcomes to learn from"):
        tuned(few, ruleset, Wish())
    found = tuned(few, ruleset, Wish(small_data=True))
    assert found.seen.too_few
    assert not found.trials
    assert found.candidate.learnt is not None
    assert found.candidate.learnt.gains is None  # it was not tried
    assert found.candidate.learnt.sought is not None
    assert found.candidate.learnt.sought.small_data


def with_leak() -> History:
    """Return a history in which incidents were entered when pupils left."""
    leak = pl.when("outcome").then(9).otherwise(0).cast(pl.Int32).alias("incidents_semester")
    return replace(past(), rows=past().rows.with_columns(leak))


def test_what_looks_like_a_leak_is_not_tuned_by_unless_a_person_says_it_is_none() -> None:
    """Only where a rule that flags reads it; the candidate remembers who trusted what."""
    few = with_tunable("absence_watch")
    with pytest.raises(DataError, match="'incidents_semester' cannot be searched by"):
        tuned(with_leak(), few, Wish())
    found = tuned(with_leak(), few, Wish(no_leak=("incidents_semester",)))
    assert found.candidate.learnt is not None
    assert found.candidate.learnt.no_leak == ("incidents_semester",)
    asking = (rule for rule in few.rules if "incidents_semester" not in str(rule))
    without = replace(few, rules=tuple(asking), examples=())
    other = tuned(with_leak(), without, Wish(share=0.2)).candidate.learnt
    assert other is not None
    assert other.no_leak == ()


def test_a_goal_names_groups_of_the_history_and_flags_somebody() -> None:
    """Else nothing could be tuned for."""
    for wish, said in ((Wish(gaps={"sexx": 0.1}), "sexx"), (Wish(share=0.0), "nobody")):
        with pytest.raises(DataError, match=said):
            tuned(past(), LV, wish)


def test_a_capacity_is_of_as_of_days_whatever_cohorts_they_are_in() -> None:
    """Two days in each of three cohorts are six. Without days cohorts count, but no unknown one."""
    day = pl.when(pl.int_range(pl.len()) < 2000).then("as_of")
    rows = past().rows.with_columns(day.otherwise(pl.col("as_of").dt.offset_by("-2mo")))
    one = pl.when(pl.int_range(pl.len()) % 1001 > 0).then(pl.lit("one"))
    undated = past().rows.drop("as_of")
    few = with_tunable("absence_watch")
    for made, days in ((rows, 6), (undated, 3), (undated.with_columns(cohort=one), 1)):
        assert tuned(replace(past(), rows=made), few, Wish(plans=38)).goal.most == 38 * days


def test_a_share_is_taken_exactly() -> None:
    """In floats, 0.141 of three thousand is less than 423."""
    assert tuned(past(), with_tunable("absence_watch"), Wish(share=0.141)).goal.most == 423


def test_the_front_changes_no_number_needlessly() -> None:
    """Where the present values do as well as any others, they are the ones shown."""
    few = with_tunable(*FEW)
    read = ("attendance_rate_45d", "failed_courses", "failed_core_courses", "incidents_semester")
    unknown = past().rows.with_columns(pl.lit(None, past().rows[n].dtype).alias(n) for n in read)
    found = tune(few, unknown, Goal("support", FLAGGED))
    assert found.front == (found.present,)
