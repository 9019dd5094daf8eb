"""Rules without examples: each needs one, one at a boundary, and one with a value missing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.condition import operands
from engine.errors import Problem
from engine.examples import about
from engine.meaning import Answer
from engine.ruleset import Rule, Ruleset


def examples(ruleset: Ruleset) -> Iterator[Problem]:
    """Find rules whose examples do not show the rule, its boundary and its silence."""
    for rule in ruleset.rules:
        shown = about(ruleset, rule.id)
        if not shown:
            hint = "add a sentence with 'given' and 'expect' to the .examples.yaml beside it"
            yield Problem("no-example", f"'{rule.id}' has no example", rule.place, hint)
            continue
        boundaries = _boundaries(rule, ruleset)
        if boundaries and not any(
            example.given.get(name) == value for example in shown for name, value in boundaries
        ):
            message = f"'{rule.id}' has no example at a boundary"
            hint = "; ".join(sorted({f"{name}: {value}" for name, value in boundaries})[:4])
            yield Problem("no-boundary-example", message, rule.place, f"give one of: {hint}")
        if not any(example.expect[rule.id] == Answer.UNKNOWN.value for example in shown):
            message = f"'{rule.id}' has no example with a value missing"
            yield Problem("no-missing-example", message, rule.place, "expect 'cannot say' there")


def _boundaries(rule: Rule, ruleset: Ruleset) -> set[tuple[str, float]]:
    """Return the (indicator, threshold) pairs of a rule."""
    return {
        (atom.indicator, operand)
        for step in rule.steps
        for atom, _, operand in operands(ruleset.bound(step.when.tree))
        if isinstance(operand, int | float)
    }
