"""Proxies: how often a value is worse, counted pair by pair."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from engine.load import load, load_catalogue
from engine.replay.history import read_history
from engine.replay.proxies import proxies
from engine.replay.replay import Replay, replay
from tests.conftest import ROOT
from tests.notebooks.made import write_history


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """Return what the default rules say of a small history."""
    path = write_history(tmp_path_factory.mktemp("history") / "history.parquet", 200)
    rules = ROOT / "rules" / "lv"
    return replay(read_history(path, load_catalogue(rules)), load(rules))


def by_pairs(replayed: Replay, name: str, group: str, *, rises: bool) -> float:
    """Return the share of pairs in which the one of the group is worse, ties counted half."""
    rows = replayed.rows.filter(~pl.col("outcome")).drop_nulls(["sex", name])
    mine = rows.filter(sex=group)[name].to_list()
    others = rows.filter(pl.col("sex") != group)[name].to_list()
    worse = sum((a > b if rises else a < b) + (a == b) / 2 for a in mine for b in others)
    return float(worse / (len(mine) * len(others)))


@pytest.mark.parametrize(
    ("name", "rises"),
    [("attendance_rate_45d", False), ("failed_courses", True), ("on_track", False)],
)
def test_a_share_is_that_of_all_pairs(name: str, rises: bool, replayed: Replay) -> None:  # noqa: FBT001
    """For ratios, counts and flags, whichever end is worse; both groups add up to one."""
    found = proxies(replayed, "sex").filter(indicator=name)
    shares = dict(found.select("group", "worse").iter_rows())
    for group, share in shares.items():
        assert share == pytest.approx(by_pairs(replayed, name, group, rises=rises))
    assert sum(shares.values()) == pytest.approx(1)


def test_a_group_that_differs_is_told(replayed: Replay) -> None:
    """Boys were made to be absent more: the interval leaves one half out; marks do not tell."""
    found = proxies(replayed, "sex").filter(group="male")
    ends = {n: (low, high) for n, low, high in found.select(
        "indicator", "worse_low", "worse_high").iter_rows()}  # fmt: skip
    assert ends["attendance_rate_45d"][0] > 0.5
    low, high = ends["mean_mark"]
    assert low < 0.5 < high


def test_only_indicators_that_score_are_looked_at(replayed: Replay) -> None:
    """What only offers help raises nobody's score."""
    names = set(proxies(replayed, "sex")["indicator"])
    assert "mean_mark" in names
    assert not names & {"low_income", "grade", "special_needs_support"}


def test_groups_of_fewer_than_ten_have_no_number(replayed: Replay) -> None:
    """Nine boys among girls: neither side has a share."""
    boys, girls = (replayed.rows.filter(sex=each) for each in ("male", "female"))
    few = replace(replayed, rows=pl.concat([boys.head(9), girls]))
    found = proxies(few, "sex")
    assert found["suppressed"].all()
    assert found["worse"].null_count() == found.height
