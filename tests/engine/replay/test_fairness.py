"""Fairness: differences between groups, with their intervals."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from engine.load import load
from engine.replay.cuts import at_level
from engine.replay.fairness import COMPARED, gaps
from engine.replay.figures import counted_by, figures, shares
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


@pytest.mark.parametrize("flagged", [9, 10])
def test_what_the_figures_hide_no_gap_tells(flagged: int) -> None:
    """What became of fewer than ten flagged is told of no group, nor of those beside it."""
    made = replayed()
    line = LV.rank("support")
    reached = pl.int_range(pl.len()).over(pl.col("level") >= line)
    small = (reached < flagged) & (pl.col("level") >= line)
    sex = pl.when(small | (pl.col("level") < line) & (reached < 300)).then(pl.lit("female"))
    rows = made.rows.unique("pupil_key", keep="first", maintain_order=True)
    apart = replace(made, rows=rows.with_columns(sex.otherwise(pl.lit("male")).alias("sex")))
    cut = at_level(LV)
    hidden = {
        line["sex"]: line["precision"] is None
        for line in figures(apart, cut, "sex").rows(named=True)
    }
    assert hidden == dict.fromkeys(("female", "male"), flagged < 10)
    for gap in gaps(apart, cut, "sex").rows(named=True):
        outcome = gap["share"] in {"precision", "recall", "false_alarm_rate"}
        for name in ("here", "elsewhere", "gap", "gap_low", "gap_high"):
            assert (gap[name] is None) == (outcome and flagged < 10), (gap, name)


def test_a_gap_is_hidden_where_the_figures_of_its_group_are() -> None:
    """Of several groups too, of which two are hidden for the sake of one."""
    rows = replayed().rows.with_columns(
        school=pl.when(pl.int_range(pl.len()) < 300).then(pl.lit("a"))
        .when(pl.int_range(pl.len()) < 700).then(pl.lit("b")).otherwise(pl.lit("c"))
    )  # fmt: skip
    few = pl.col("school") == "a"
    low = pl.col("level") < LV.rank("support")
    rows = rows.filter(~few | low | (pl.int_range(pl.len()).over(few, low) < 4))
    made = replace(replayed(), rows=rows)
    shown = {line["school"]: line for line in figures(made, at_level(LV), "school").to_dicts()}
    assert [name for name, line in shown.items() if line["recall"] is None] == ["a", "b"]
    for gap in gaps(made, at_level(LV), "school").rows(named=True):
        assert (gap["here"] is None) == (shown[gap["group"]][gap["share"]] is None)
