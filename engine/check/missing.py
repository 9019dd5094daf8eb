"""Conditions that answer although nothing is known."""

from __future__ import annotations

from collections.abc import Iterator

from engine.condition import indicators
from engine.errors import Problem
from engine.executors.reference import question
from engine.ruleset import Ruleset


def missing_as_answer(ruleset: Ruleset) -> Iterator[Problem]:
    """Find conditions that turn missing values into a sure no, or into a sign of risk."""
    for rule in ruleset.rules:
        for step in rule.steps:
            condition = ruleset.bound(step.when.tree)
            answer = question(condition)(dict.fromkeys(indicators(condition)))
            if answer is False:
                message = f"'{rule.id}' takes missing values for 'no': it would call them safe"
                hint = (
                    "leave known(...) out: a comparison with a missing value is unknown by itself"
                )
                yield Problem("missing-as-safe", message, step.when.place, hint)
            if answer is True and not rule.offers_only:
                message = f"'{rule.id}' takes missing values for a sign of risk"
                hint = "no data is not a risk; what is unknown is reported as 'cannot say'"
                yield Problem("missing-as-risk", message, step.when.place, hint)
