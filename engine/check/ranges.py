"""Conditions that are always or never true, and thresholds that nobody owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.check.critical import critical_records
from engine.condition import And, Number, Op, operands, pushed
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


def never_together(ruleset: Ruleset) -> Iterator[Problem]:
    """Find steps that no pupil can meet to whom the rule applies."""
    for rule in ruleset.rules:
        for step in rule.steps if rule.applies_to else ():
            parts = (step.when.tree, rule.applies_to.tree) if rule.applies_to else ()
            whole = ruleset.bound(And(parts))
            records = critical_records(ruleset, [whole])
            if records and not any(question(whole)(record) for record in records):
                message = f"'{rule.id}' can hold for no pupil to whom it applies"
                hint = "'when' and 'applies_to' exclude each other: mend one of them"
                yield Problem("never-true", message, step.when.place, hint)


def too_fine(ruleset: Ruleset) -> Iterator[Problem]:
    """Find thresholds finer than the values that they are compared with."""
    for _, criterion in ruleset.criteria:
        for atom, _, operand in operands(ruleset.bound(criterion.tree)):
            indicator = ruleset.catalogue.indicators[atom.indicator]
            if isinstance(operand, int | float) and round(operand, indicator.decimals) != operand:
                digits = indicator.decimals
                message = (
                    f"{operand} is finer than '{indicator.name}', rounded to {digits} decimals"
                )
                hint = "round the threshold, or declare more decimals"
                place = criterion.at(atom.offset)
                yield Problem("too-fine", message, place, hint, "warning")


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
