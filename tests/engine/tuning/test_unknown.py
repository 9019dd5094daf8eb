"""Unknown throughout: named, and refused where nothing else could be tuned."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from engine.condition import Param
from engine.errors import DataError
from engine.load import load
from engine.ruleset import Parameter, Ruleset
from engine.tuning.tuned import Wish, tuned
from engine.tuning.unknown import unknown_throughout
from tests.pasts import RULES, past

LV = load(RULES)
ABSENCE, INCIDENTS = "attendance_rate_45d", "incidents_semester"


def with_tunable(*names: str) -> Ruleset:
    parameters = {n: replace(p, tunable=n in names) for n, p in LV.parameters.items()}
    return replace(LV, parameters=parameters)


def without(*names: str, known: int = 0) -> pl.DataFrame:
    """Return rows in which only the first `known` have values of these."""
    kept = pl.int_range(pl.len()) < known
    return past().rows.with_columns(pl.when(kept).then(pl.col(name)).alias(name) for name in names)


def test_one_known_value_is_enough_to_be_known() -> None:
    """Whether that is enough to learn from, trials say."""
    two = with_tunable("absence_watch", "incidents_support")
    assert unknown_throughout(two, past().rows) == ()
    assert unknown_throughout(two, without(INCIDENTS)) == (INCIDENTS,)
    assert unknown_throughout(two, past().rows.drop(INCIDENTS)) == (INCIDENTS,)
    assert unknown_throughout(two, without(INCIDENTS, ABSENCE, known=5)) == ()


def test_numbers_that_can_change_nothing_are_not_tuned() -> None:
    """The refusal names what is unknown; one number that can be tuned is enough to go on."""
    history = replace(past(), rows=without(ABSENCE))
    with pytest.raises(DataError, match=rf"unknown in all rows .*: {ABSENCE}") as refused:
        tuned(history, with_tunable("absence_watch", "absence_support"), Wish(plans=100))
    assert "no-indicators" in str(refused.value)
    found = tuned(history, with_tunable("absence_watch", "incidents_support"), Wish(plans=100))
    assert found.unknown == (ABSENCE,)


def test_points_tell_by_what_they_are_given_for_and_a_cut_off_by_the_score() -> None:
    """So a cut-off can be tuned whatever is unknown."""
    worth = Parameter("worth", LV.title, "plain", 2, "tests", (1, 4), 1, tunable=True)
    parameters = {**with_tunable().parameters, "worth": worth}
    rules = tuple(
        replace(rule, steps=tuple(replace(step, points=Param("worth")) for step in rule.steps))
        for rule in LV.rules
        if "absence_watch" in str(rule)
    )
    pointed = replace(LV, rules=rules, parameters=parameters, examples=())
    with pytest.raises(DataError, match=ABSENCE):
        unknown_throughout(pointed, without(ABSENCE))
    one, start = with_tunable("absence_watch"), replace(worth, value=9, bounds=(8, 10))
    parameters = {**one.parameters, "start": start}
    levels = (*one.levels[:-1], replace(one.levels[-1], start=Param("start")))
    cut_off = replace(one, levels=levels, parameters=parameters, examples=())
    assert unknown_throughout(cut_off, without(ABSENCE)) == (ABSENCE,)
