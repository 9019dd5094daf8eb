"""The reference executor: each condition becomes one plain Python closure."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, assert_never

from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Op,
    Or,
    Record,
    Truth,
    both,
    either,
    opposite,
)
from engine.meaning import Truths
from engine.ruleset import Ruleset

Question = Callable[[Record], Truth]

_COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


class Reference:
    """Answers clauses by closures, compiled once for a ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._questions = tuple(question(clause.condition) for clause in ruleset.clauses)

    def truths(self, record: Record) -> Truths:
        """Return the truth of each clause for one record."""
        return tuple([ask(record) for ask in self._questions])


def question(condition: Condition) -> Question:
    """Return the closure that answers a condition whose parameters are filled in."""
    match condition:
        case Comparison(indicator, op, operand):
            return _comparison(indicator, _COMPARE[op], operand)
        case Between(low, low_op, indicator, high_op, high):
            return _between(indicator, low, _COMPARE[low_op], _COMPARE[high_op], high)
        case Member(indicator, categories):
            return _comparison(
                indicator, lambda value, known: value in known, frozenset(categories)
            )
        case Flag(indicator):
            return lambda record: record[indicator]  # type: ignore[return-value]
        case Known(indicator):
            return lambda record: record[indicator] is not None
        case Not(part):
            inner = question(part)
            return lambda record: opposite(inner(record))
        case And(parts):
            return _joined([question(part) for part in parts], both, start=True)
        case Or(parts):
            return _joined([question(part) for part in parts], either, start=False)
        case _:
            assert_never(condition)


def _comparison(indicator: str, compare: Callable[[Any, Any], bool], operand: object) -> Question:
    def ask(record: Record) -> Truth:
        value = record[indicator]
        return None if value is None else compare(value, operand)

    return ask


def _between(
    indicator: str,
    low: object,
    low_compare: Callable[[Any, Any], bool],
    high_compare: Callable[[Any, Any], bool],
    high: object,
) -> Question:
    def ask(record: Record) -> Truth:
        value = record[indicator]
        return None if value is None else low_compare(low, value) and high_compare(value, high)

    return ask


def _joined(
    questions: list[Question], join: Callable[[Truth, Truth], Truth], *, start: bool
) -> Question:
    def ask(record: Record) -> Truth:
        truth: Truth = start
        for part in questions:
            truth = join(truth, part(record))
        return truth

    return ask
