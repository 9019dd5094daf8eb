"""Intervals hold what they promise, also where pupils stand in several rows."""

from __future__ import annotations

import numpy as np
import polars as pl

from engine.replay.cuts import at_score
from engine.replay.figures import counts, shares
from engine.replay.intervals import interval
from engine.replay.ranking import ranking
from engine.replay.replay import Replay
from tests.ruletext import rule, rules, ruleset

RULESET = ruleset(rules(rule("fails >= 1")))
PUPILS, DRAWS = 120, 150


def drawn(random: np.random.Generator, pupils: int) -> Replay:
    """Return pupils of up to six rows each, all with one outcome, and with scores alike."""
    trouble, times = random.normal(size=pupils), random.integers(1, 7, pupils)
    pupil = np.repeat(np.arange(pupils), times)
    left = (random.random(pupils) < 1 / (1 + np.exp(1 - 1.5 * trouble)))[pupil]
    score = np.minimum(random.poisson(np.exp(0.6 * trouble[pupil])), 9)
    rows = pl.DataFrame(
        {"pupil_key": pupil, "outcome": left, "score": score},
        schema={"pupil_key": pl.String, "outcome": pl.Boolean, "score": pl.UInt8},
        strict=False,
    ).with_columns(possible_score=pl.col("score"), level=pl.lit(0, pl.UInt8))
    return Replay(RULESET, rows, {}, (), (), "drawn")


def test_intervals_of_pupils_in_several_rows_hold_the_truth_nineteen_times_in_twenty() -> None:
    """As if rows were strangers, they would not: that is what the design effect is for."""
    random = np.random.default_rng(1)
    every = drawn(random, 100_000)
    truth = shares(counts(every, at_score(2))).row(0, named=True)
    auc = ranking(every).auc or 0
    names = ("precision", "recall", "flagged_share", "left_share")
    held = dict.fromkeys((*names, "as if strangers", "auc"), 0)
    for _ in range(DRAWS):
        found = drawn(random, PUPILS)
        line = shares(counts(found, at_score(2))).row(0, named=True)
        for name in names:
            held[name] += line[f"{name}_low"] <= truth[name] <= line[f"{name}_high"]
        low, high = interval(line["left"], line["rows"])
        held["as if strangers"] += bool(low <= truth["left_share"] <= high)
        value = ranking(found)
        assert value.low is not None
        assert value.high is not None
        held["auc"] += value.low <= auc <= value.high
    shares_ = {name: times / DRAWS for name, times in held.items()}
    assert shares_.pop("as if strangers") < 0.85
    assert min(shares_.values()) >= 0.91
