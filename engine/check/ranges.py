"""Conditions that are always or never true, and thresholds that nobody owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.check.critical import critical_records
from engine.condition import Number, Op, operands, pushed
from engine.errors import Place, Problem
from engine.executors.reference import question
from engine.ruleset import Ruleset
from engine.words.quantities import number


def constant_conditions(ruleset: Ruleset) -> Iterator[Problem]:
    """Find conditions that have one answer for every valid value."""
    for name, criterion in ruleset.criteria:
        condition = ruleset.bound(criterion.tree)
        records = critical_records(ruleset, [condition])
        answers = {question(condition)(record) for record in records} if records else set()
        if len(answers) == 1:
            said = "always" if answers.pop() else "never"
            message = f"the condition of '{name}' is {said} true within the valid ranges"
            hint = "compare it with the ranges in indicators.yaml"
            yield Problem(f"{said}-true", message, criterion.place, hint)


def missing_equality(ruleset: Ruleset) -> Iterator[Problem]:
    """Find ``< t`` in one rule beside ``> t`` in another, where t itself is in neither."""
    asked: dict[tuple[str, Number], dict[Op, tuple[str, Place | None]]] = defaultdict(dict)
    for rule in ruleset.rules:
        for step in rule.steps:
            for atom, op, operand in operands(pushed(ruleset.bound(step.when.tree))):
                if isinstance(operand, int | float):
                    asked[atom.indicator, operand].setdefault(op, (rule.id, step.when.place))
    for (name, threshold), ops in asked.items():
        if set(ops) == {"<", ">"} and ops["<"][0] != ops[">"][0]:
            shown = number(threshold, "en")
            message = (
                f"'{ops['<'][0]}' is below {shown} and '{ops['>'][0]}' above it: "
                f"{name} of exactly {shown} is in neither"
            )
            yield Problem("missing-equality", message, ops[">"][1], "make one of them '<=' or '>='")
