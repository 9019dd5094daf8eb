"""Parameters that nobody uses, or that are compared with another unit than their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.condition import Param, operands
from engine.errors import Place, Problem
from engine.ruleset import Ruleset


def _uses(ruleset: Ruleset) -> Iterator[tuple[str, str, str, Place | None]]:
    """Yield each use of a parameter: its name, the unit there, by what, and where."""
    for _, criterion in ruleset.criteria:
        for atom, _, operand in operands(criterion.tree):
            if isinstance(operand, Param):
                unit = ruleset.catalogue.indicators[atom.indicator].unit
                yield operand.name, unit, atom.indicator, criterion.at(atom.offset)
    for rule in ruleset.rules:
        for step in rule.steps:
            if isinstance(step.points, Param):
                yield step.points.name, "points", "points", step.place
    for level in ruleset.levels:
        if isinstance(level.start, Param):
            yield level.start.name, "points", "a level", level.place


def unused(ruleset: Ruleset) -> Iterator[Problem]:
    """Find parameters that no condition, points or level uses."""
    used = {name for name, *_ in _uses(ruleset)}
    for parameter in ruleset.parameters.values():
        if parameter.name not in used:
            message = f"the parameter '{parameter.name}' is used nowhere"
            hint = "use it, or take it away"
            yield Problem("unused-parameter", message, parameter.place, hint, "warning")


def units(ruleset: Ruleset) -> Iterator[Problem]:
    """Find parameters of one unit compared with an indicator of another, or with several."""
    met: dict[str, set[str]] = defaultdict(set)
    for name, unit, what, place in _uses(ruleset):
        met[name].add(unit)
        declared = ruleset.parameters[name].unit
        if unit != declared:
            message = f"'{name}' is declared in {declared}, and '{what}' counts {unit}"
            hint = "compare it with the right indicator, or correct the unit"
            yield Problem("unit-mismatch", message, place, hint)
    for name, units_met in met.items():
        if len(units_met) > 1:
            message = (
                f"'{name}' is shared by rules with different units: {', '.join(sorted(units_met))}"
            )
            hint = "declare a parameter for each unit"
            yield Problem("mixed-units", message, ruleset.parameters[name].place, hint)
