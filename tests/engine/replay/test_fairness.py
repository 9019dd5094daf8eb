"""Fairness: differences between groups, and what tells them apart."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.load import load
from engine.replay.cuts import at_level
from engine.replay.fairness import COMPARED, gaps, proxies
from engine.replay.figures import counted_by, shares
from engine.replay.replay import Replay, replay
from tests.pasts import RULES, past
from tests.ruletext import rule, rules, ruleset

LV = load(RULES)


def replayed() -> Replay:
    return replay(past(), LV)


def test_a_gap_is_the_difference_between_a_group_and_all_others() -> None:
    """With two groups, each lies as far from the other as the other from it."""
    found = gaps(replayed(), at_level(LV), "sex")
    lines = {(line["group"], line["share"]): line for line in found.rows(named=True)}
    by_sex = shares(counted_by(replayed(), at_level(LV), pl.col("sex").cast(pl.String)))
    values = {line["sex"]: line for line in by_sex.rows(named=True)}
    for name in COMPARED:
        female, male = lines["female", name], lines["male", name]
        assert female["gap"] == pytest.approx(values["female"][name] - values["male"][name])
        assert female["gap"] == pytest.approx(-male["gap"])
        assert female["gap_low"] == pytest.approx(-male["gap_high"])
        assert female["gap_low"] < female["gap"] < female["gap_high"]


def test_groups_of_fewer_than_ten_pupils_are_not_shown() -> None:
    """Nor is a group beside which fewer than ten others stand."""
    few = past().rows.with_row_index("n").with_columns(
        pl.when(pl.col("n") < 8).then(pl.lit("a")).when(pl.col("n") < 400).then(pl.lit("b"))
        .otherwise(pl.lit("c")).alias("school")
    )  # fmt: skip
    made = replayed()
    small = Replay(LV, made.rows.with_columns(few["school"]), made.outside, (), (), "", "all")
    assert set(gaps(small, at_level(LV), "school")["group"]) == {"b", "c"}
    assert set(proxies(small, "school")["group"]) <= {"b", "c"}


@given(
    st.lists(
        st.tuples(st.integers(0, 4) | st.none(), st.booleans()), min_size=24, max_size=40
    ).filter(lambda rows: 10 <= sum(member for _, member in rows) <= len(rows) - 10)
)
def test_a_proxy_is_told_by_counting_pairs(rows: list[tuple[int | None, bool]]) -> None:
    """How often a pupil of the group has the higher value; half of equals."""
    ruled = ruleset(rules(rule("fails >= 1")))
    made = {
        "pupil_key": [f"p{n}" for n in range(len(rows))],
        "fails": pl.Series([fails for fails, _ in rows], dtype=pl.Int32),
        "school": ["ab"[member] for _, member in rows],
    }
    found = Replay(ruled, pl.DataFrame(made), {}, (), (), "", "all")
    told = {line["group"]: line for line in proxies(found, "school").rows(named=True)}
    mine = [fails for fails, member in rows if member and fails is not None]
    theirs = [fails for fails, member in rows if not member and fails is not None]
    if not mine or not theirs:
        assert told["b"]["auc"] is None
        return
    pairs = [(x > y) + (x == y) / 2 for x, y in product(mine, theirs)]
    auc = sum(pairs) / len(pairs)
    if abs(auc - 0.5) < 0.005:
        assert "b" not in told
    else:
        assert told["b"]["auc"] == pytest.approx(auc)
        assert told["b"]["known"] == pytest.approx(len(mine) / sum(m for _, m in rows))
