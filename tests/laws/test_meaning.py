"""Laws of the meaning: Kleene's logic, growing knowledge, ladders, offers, fingerprints."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.column import column_type
from engine.condition import (
    And,
    Comparison,
    Condition,
    Flag,
    Known,
    Not,
    Or,
    Param,
    Truth,
    Value,
    atoms,
    both,
    either,
    operands,
    opposite,
    ordered,
    pushed,
    text,
)
from engine.executors.reference import Reference, question
from engine.meaning import Answer, Meaning, Outcome
from engine.ruleset import Criterion, Ruleset, Step
from tests.strategies import INDICATORS, SUPPORT, cases, conditions, rulesets, values

TRUTHS: tuple[Truth, ...] = (True, None, False)
Record = dict[str, Value | None]


def rank(truth: Truth) -> int:
    """Order truths as Kleene does: false below unknown below true."""
    return {False: 0, None: 1, True: 2}[truth]


@pytest.mark.parametrize(("first", "second"), list(product(TRUTHS, TRUTHS)))
def test_kleene_tables(first: Truth, second: Truth) -> None:
    """``and`` is the least of two truths, ``or`` the greatest, ``not`` the mirror."""
    assert rank(both(first, second)) == min(rank(first), rank(second))
    assert rank(either(first, second)) == max(rank(first), rank(second))
    assert rank(opposite(first)) == 2 - rank(first)
    record = {"flagged": first, "need": second}
    parts = (Flag("flagged"), Flag("need"))
    assert question(And(parts))(record) is both(first, second)
    assert question(Or(parts))(record) is either(first, second)
    assert question(Not(parts[0]))(record) is opposite(first)
    assert question(Known("flagged"))(record) is (first is not None)


def bound(name: str) -> st.SearchStrategy[Value | None]:
    return values(INDICATORS[name], [0, 1])


RECORDS = st.fixed_dictionaries({name: bound(name) for name in SUPPORT})


@given(conditions(SUPPORT, params=False), RECORDS)
def test_pushing_negations_inwards_changes_no_answer(condition: Condition, record: Record) -> None:
    """``pushed`` keeps every answer, and its negated form is Kleene's opposite."""
    answer = question(condition)(record)
    assert question(pushed(condition))(record) is answer
    assert question(pushed(condition, negated=True))(record) is opposite(answer)


def outcome(ruleset: Ruleset, record: Record) -> Outcome:
    return Meaning(ruleset).outcome(Reference(ruleset).truths(record))


def asked_whether_known(ruleset: Ruleset) -> set[str]:
    """Return what stands under ``known``: it speaks of knowledge, so learning may turn it."""
    found = (atom for clause in ruleset.clauses for atom in atoms(clause.condition))
    return {atom.indicator for atom in found if isinstance(atom, Known)}


@given(cases(), st.data())
def test_learning_a_value_never_reverses_an_answer_nor_leaves_the_interval(
    case: tuple[Ruleset, list[Record]], data: st.DataObject
) -> None:
    """Known answers stand, intervals only narrow, and what was surely offered stays offered."""
    ruleset, (before, *_) = case
    known = ruleset.catalogue.indicators
    fixed = asked_whether_known(ruleset)
    after = {
        name: data.draw(values(known[name], [0, 1]))
        if value is None and name not in fixed
        else value
        for name, value in before.items()
    }
    old, new = outcome(ruleset, before), outcome(ruleset, after)
    for name, verdict in old.verdicts.items():
        if verdict.answer is not Answer.UNKNOWN:
            assert new.verdicts[name].answer is verdict.answer
    if new.score is None or old.score is None:
        assert old.score is None or all(
            verdict.answer in (Answer.UNKNOWN, Answer.OUTSIDE) for verdict in old.verdicts.values()
        )
        return
    assert old.score <= new.score <= new.possible_score <= old.possible_score  # type: ignore[operator]
    assert old.level <= new.level <= new.possible_level <= old.possible_level  # type: ignore[operator]
    assert set(old.offers) <= set(new.offers)


@given(cases())
def test_a_ladder_never_counts_twice(case: tuple[Ruleset, list[Record]]) -> None:
    """A score is the sum of one step a rule at most."""
    ruleset, records = case
    for record in records:
        found = outcome(ruleset, record)
        most = sum(max(ruleset.points(step) for step in rule.steps) for rule in ruleset.rules)
        steps = [(rule, found.verdicts[rule.id].step) for rule in ruleset.rules]
        counted = sum(ruleset.points(rule.steps[step - 1]) for rule, step in steps if step)
        assert found.score in (None, counted)
        assert (found.possible_score or 0) <= most


def without_offers(ruleset: Ruleset) -> Ruleset:
    """Return the ruleset without its offers, and without the rules that only offer."""
    rules = tuple(
        replace(rule, steps=tuple(bare(step) for step in rule.steps))
        for rule in ruleset.rules
        if not rule.offers_only
    )
    return replace(ruleset, rules=rules)


def bare(step: Step) -> Step:
    nothing = step.points is None and step.at_least is None
    return replace(step, offers=step.offers if nothing else ())


@given(cases())
def test_offers_never_change_a_score_or_level(case: tuple[Ruleset, list[Record]]) -> None:
    """Taking offers away leaves scores and levels as they were."""
    ruleset, records = case
    plain = without_offers(ruleset)
    for record in records:
        with_offers, none = outcome(ruleset, record), outcome(plain, record)
        for name in ("score", "possible_score", "level", "possible_level"):
            assert getattr(with_offers, name) == getattr(none, name)


@given(cases())
def test_equal_decision_hashes_give_equal_answers(case: tuple[Ruleset, list[Record]]) -> None:
    """Texts, order of rules and unused parameters change the content hash, never an answer."""
    ruleset, records = case
    other = replace(
        ruleset,
        title=replace(ruleset.title, en="another title"),
        rules=tuple(replace(rule, advice=None, source="") for rule in reversed(ruleset.rules)),
        examples=(),
    )
    assert other.content_hash != ruleset.content_hash
    assert other.decision_hash == ruleset.decision_hash
    for record in records:
        assert outcome(other, record) == outcome(ruleset, record)


def turned(condition: Condition) -> Condition:
    """Return the condition with the parts of every ``and`` and ``or`` in reverse."""
    match condition:
        case And(parts) | Or(parts):
            return replace(condition, parts=tuple(turned(part) for part in reversed(parts)))
        case Not(part):
            return Not(turned(part))
        case _:
            return condition


@given(conditions(SUPPORT), RECORDS)
def test_the_order_of_parts_is_no_difference(condition: Condition, record: Record) -> None:
    """Turned round, a condition is written in one order, and answers the same."""
    assert text(ordered(turned(condition))) == text(ordered(condition))
    if not any(isinstance(operand, Param) for _, _, operand in operands(condition)):
        assert question(ordered(condition))(record) is question(condition)(record)


@given(rulesets(), rulesets(), st.data())
def test_different_answers_have_different_decision_hashes(
    one: Ruleset, other: Ruleset, data: st.DataObject
) -> None:
    """Wherever two rulesets answer differently, their decision hashes differ."""
    names = sorted({*one.reads, *other.reads})
    record = {name: data.draw(values(INDICATORS[name], [0, 1])) for name in names}
    if outcome(one, record) != outcome(other, record):
        assert one.decision_hash != other.decision_hash


def test_every_type_has_a_column_type() -> None:
    """The canonical frame can hold each declared type."""
    assert {str(column_type(indicator)) for indicator in INDICATORS.values()} >= {
        "Float64",
        "Int32",
        "Boolean",
    }


def test_the_least_level_is_a_criterion_of_nothing() -> None:
    """A comparison with a missing value is unknown, even in a population."""
    assert question(Comparison("grade", ">=", 1))({"grade": None}) is None
    assert Criterion(Flag("flagged")).at(3) is None
