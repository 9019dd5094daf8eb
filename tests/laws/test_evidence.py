"""Laws of evidence: what is given as a reason is true, and the way back leads back."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from engine.assess import Assessor, Evidence
from engine.condition import Number, Op, Value, indicators
from engine.executors.reference import question
from engine.ruleset import Ruleset
from tests.ruletext import INDICATORS, rule, rules, ruleset
from tests.strategies import cases

COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
Record = dict[str, Value | None]


def is_true(evidence: Evidence) -> bool:
    """Return whether a piece of evidence says something true of its own value."""
    if evidence.threshold is None:  # known(x), or not known(x)
        return (evidence.value is None) == evidence.negated
    if isinstance(evidence.threshold, tuple):
        return (evidence.value in evidence.threshold) != evidence.negated
    return COMPARE[evidence.op](evidence.value, evidence.threshold)


@given(case=cases())
def test_every_piece_of_evidence_is_true(case: tuple[Ruleset, list[Record]]) -> None:
    """Value, operator and threshold fit; a parameter's value is the threshold."""
    drawn, records = case
    for record in records:
        for reason in Assessor(drawn).assess(record).reasons:
            for each in reason.evidence:
                assert is_true(each)
                assert each.value == record[each.indicator]
                if each.parameter:
                    assert drawn.parameters[each.parameter].value == each.threshold


@given(case=cases())
def test_evidence_is_enough(case: tuple[Ruleset, list[Record]]) -> None:
    """Forgetting everything but the evidence leaves the step's condition true."""
    drawn, records = case
    conditions = {clause.name: clause.condition for clause in drawn.clauses}
    for record in records:
        for reason in Assessor(drawn).assess(record).reasons:
            condition = conditions[f"{reason.rule}.{reason.step}"]
            seen = {each.indicator: record[each.indicator] for each in reason.evidence}
            kept = {name: seen.get(name) for name in indicators(condition)}
            assert question(condition)(kept) is True


@given(case=cases())
def test_the_way_back_leads_back(case: tuple[Ruleset, list[Record]]) -> None:
    """At `back` the comparison fails; at every valid value nearer to the pupil's it holds."""
    drawn, records = case
    for record in records:
        for reason in Assessor(drawn).assess(record).reasons:
            for each in reason.evidence:
                check_way_back(each, drawn)


def check_way_back(evidence: Evidence, drawn: Ruleset) -> None:
    indicator = drawn.catalogue.indicators[evidence.indicator]
    if evidence.distance is None:
        assert evidence.back is None
        return
    value, threshold = evidence.value, evidence.threshold
    assert isinstance(value, int | float)
    assert isinstance(threshold, int | float)
    assert evidence.distance == pytest.approx(abs(value - threshold), abs=10**-indicator.decimals)
    grid = 10**indicator.decimals
    holds = COMPARE[evidence.op]
    if evidence.back is None:
        if evidence.op not in ("==", "!="):
            end = indicator.high if evidence.op in ("<", "<=") else indicator.low
            assert holds(end, threshold)
        return
    assert not holds(evidence.back, threshold)
    step = 1 if value > evidence.back else -1
    assert holds(round(evidence.back * grid + step) / grid, threshold)
    assert indicator.low <= evidence.back <= indicator.high


def test_evidence_of_each_kind() -> None:
    """One telling example of each atom, to the letter."""
    limit = """
  limit:
    label: {lv: Robeža, en: Limit}
    unit: marks
    value: 2
    bounds: [1, 9]
    step: 1
    source: tests
"""
    several = ruleset(
        rules(
            rule("2 <= fails < 5 and attendance_rate_45d <= 0.9"),
            rule("low_marks > $limit or fails > 9 or not (incidents < 3)", name="two"),
            rule(
                "low_income and not known(course_mark)", name="three", follows="offers: [transport]"
            ),
            parameters=limit,
        ),
        indicators=INDICATORS,
    )
    record: Record = {
        "fails": 3,
        "attendance_rate_45d": 0.9,
        "low_marks": 5,
        "incidents": 3,
        "low_income": True,
        "course_mark": None,
    }
    found = {reason.rule: reason.evidence for reason in Assessor(several).assess(record).reasons}
    assert found == {
        "one": (
            Evidence("fails", 3, ">=", 2, None, 1, 1),
            Evidence("fails", 3, "<", 5, None, 2, 5),
            Evidence("attendance_rate_45d", 0.9, "<=", 0.9, None, 0.0, 0.9001),
        ),
        "two": (
            Evidence("low_marks", 5, ">", 2, "limit", 3, 2),
            Evidence("incidents", 3, ">=", 3, None, 0, 2),
        ),
        "three": (
            Evidence("low_income", True, "==", True),
            Evidence("course_mark", None, "==", None, negated=True),
        ),
    }


@pytest.mark.parametrize(
    ("when", "value", "back"),
    [
        ("fails <= 4", 3, 5),
        ("fails < 4", 3, 4),
        ("fails >= 4", 6, 3),
        ("fails > 4", 6, 4),
        ("attendance_rate_45d <= 0.9", 0.5, 0.9001),
        ("attendance_rate_45d < 0.9", 0.5, 0.9),
        ("fails == 4", 4, None),
        ("fails != 4", 3, None),
        ("fails >= 0", 6, None),
    ],
)
def test_the_way_back_is_the_nearest(when: str, value: Number, back: Number | None) -> None:
    """The nearest value at which the sign goes; an equality has no way in one direction."""
    name = when.split(maxsplit=1)[0]
    (reason,) = Assessor(ruleset(rules(rule(when)))).assess({name: value}).reasons
    assert reason.evidence[0].back == back


def test_evidence_of_categories() -> None:
    """A category is said to be one of those listed, or, negated, none of them."""
    text = INDICATORS.replace("use: audit", "use: scoring")
    for when, negated in (("sex in {f}", False), ("sex not in {m}", True)):
        found = Assessor(ruleset(rules(rule(when)), indicators=text)).assess({"sex": "f"})
        listed = ("m",) if negated else ("f",)
        assert found.reasons[0].evidence == (Evidence("sex", "f", "==", listed, negated=negated),)


def test_reasons_stand_by_their_gravity() -> None:
    """First what guarantees the highest level, then by points, then by name."""
    several = ruleset(
        rules(
            rule("fails > 0", name="b"),
            rule("fails > 1", name="a"),
            rule("fails > 2", name="c", follows="points: 3"),
            rule("fails > 3", name="d", follows="at_least: watch"),
            rule("fails > 4", name="e", follows="at_least: high"),
        )
    )
    reasons = Assessor(several).assess({"fails": 9}).reasons
    assert [reason.rule for reason in reasons] == ["e", "d", "c", "a", "b"]
    assert all(one.points >= two.points or two.at_least for one, two in pairwise(reasons[2:]))
