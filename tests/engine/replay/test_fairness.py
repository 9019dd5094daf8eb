"""Fairness: differences between groups, with their intervals."""

from __future__ import annotations

import polars as pl
import pytest

from engine.load import load
from engine.replay.cuts import at_level
from engine.replay.fairness import COMPARED, gaps
from engine.replay.figures import counted_by, shares
from engine.replay.replay import Replay, replay
from tests.pasts import RULES, past

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
