"""Unknown throughout: what tuned numbers are compared with, and no row has a value of.

Such a number can take any value and change nothing. That nothing was found to change then says
nothing of the number.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from engine.condition import Param, indicators, operands
from engine.errors import DataError, Problem
from engine.ruleset import Rule, Ruleset
from engine.tuning.tune import tuned_names


def unknown_throughout(ruleset: Ruleset, rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the indicators of tuned numbers that are unknown in all rows, sorted.

    Raises `DataError` where no tuned number could change anything for want of them, `RuleError` as
    `tuned_names`.
    """
    asked = {name: _asked(ruleset, name) for name in tuned_names(ruleset)}
    empty = {name for each in asked.values() for name in each if _empty(rows, name)}
    starts = {each.start.name for each in ruleset.levels if isinstance(each.start, Param)}
    if all(each <= empty and name not in starts for name, each in asked.items()):
        message = f"unknown in all rows that would be tuned on: {', '.join(sorted(empty))}"
        hint = (
            f"no number of '{ruleset.id}' that can be tuned makes a difference without them: "
            "give their values, or let other numbers be tuned"
        )
        raise DataError(Problem("no-indicators", message, None, hint))
    return tuple(sorted(empty))


def _asked(ruleset: Ruleset, parameter: str) -> set[str]:
    """Return the indicators that a parameter is compared with, or gives points for."""
    scoring = (rule for rule in ruleset.rules if not rule.offers_only)
    return {name for rule in scoring for name in _of_rule(rule, parameter)}


def _of_rule(rule: Rule, parameter: str) -> Iterable[str]:
    whens = [step.when.tree for step in rule.steps]
    for when in [*whens, *([rule.applies_to.tree] if rule.applies_to else [])]:
        for atom, _, operand in operands(when):
            if operand == Param(parameter):
                yield atom.indicator
    for step in rule.steps:
        if step.points == Param(parameter):
            yield from indicators(step.when.tree)


def _empty(rows: pl.DataFrame, name: str) -> bool:
    return name not in rows.columns or rows[name].null_count() == rows.height
