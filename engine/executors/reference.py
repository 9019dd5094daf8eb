"""The reference executor: each condition becomes one plain Python closure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

from engine.condition import (
    MIRRORED,
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
    opposite,
)
from engine.meaning import Truths
from engine.ruleset import Ruleset

Question = Callable[[Record], Truth]

# How each comparison is asked. Written out: a call of `operator.lt` would be half of its cost.
_COMPARE: dict[Op, Callable[[str, Any], Question]] = {
    "<": lambda name, limit: lambda of: None if (seen := of[name]) is None else seen < limit,
    "<=": lambda name, limit: lambda of: None if (seen := of[name]) is None else seen <= limit,
    "==": lambda name, limit: lambda of: None if (seen := of[name]) is None else seen == limit,
    "!=": lambda name, limit: lambda of: None if (seen := of[name]) is None else seen != limit,
    ">=": lambda name, limit: lambda of: None if (seen := of[name]) is None else seen >= limit,
    ">": lambda name, limit: lambda of: None if (seen := of[name]) is None else seen > limit,
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
            return _COMPARE[op](indicator, operand)
        case Between(low, low_op, indicator, high_op, high):
            above = _COMPARE[MIRRORED[low_op]](indicator, low)
            return _joined([above, _COMPARE[high_op](indicator, high)], settled=False)
        case Member(indicator, categories):
            return _member(indicator, frozenset(categories))
        case Flag(indicator):
            return lambda record: record[indicator]  # type: ignore[return-value]
        case Known(indicator):
            return lambda record: record[indicator] is not None
        case Not(part):
            inner = question(part)
            return lambda record: opposite(inner(record))
        case And(parts):
            return _joined([question(part) for part in parts], settled=False)
        case Or(parts):
            return _joined([question(part) for part in parts], settled=True)
        case _:
            assert_never(condition)


def _member(indicator: str, categories: frozenset[str]) -> Question:
    def ask(record: Record) -> Truth:
        value = record[indicator]
        return None if value is None else value in categories

    return ask


def _joined(questions: list[Question], *, settled: bool) -> Question:
    """Return Kleene's ``and`` (one false part settles it) or ``or`` (one true part does).

    Where no part settles it, it is unknown if any part is.
    """

    def ask(record: Record) -> Truth:
        truth: Truth = not settled
        for part in questions:
            found = part(record)
            if found is settled:
                return settled
            if found is None:
                truth = None
        return truth

    return ask
