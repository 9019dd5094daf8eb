"""Ladders with gaps, with overlaps, or with steps that are never reached."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.check.critical import critical_records, critical_values
from engine.condition import indicators
from engine.errors import Problem
from engine.executors.reference import question
from engine.ruleset import Rule, Ruleset
from engine.words.quantities import number


def unreachable_steps(ruleset: Ruleset) -> Iterator[Problem]:
    """Find steps before which another step always holds."""
    for rule in ruleset.rules:
        conditions = [ruleset.bound(step.when.tree) for step in rule.steps]
        records = critical_records(ruleset, conditions) if len(conditions) > 1 else None
        if records is None:
            continue
        asked = [question(condition) for condition in conditions]
        reached, held = set(), set()
        for record in records:
            holding = [n for n, ask in enumerate(asked) if ask(record)]
            held |= set(holding)
            reached |= set(holding[:1])
        for missed in sorted(held - reached):
            message = (
                f"step {missed + 1} of '{rule.id}' is never reached: an earlier step always holds"
            )
            hint = "the first step that holds counts: list the most severe first"
            yield Problem("unreachable-step", message, rule.steps[missed].when.place, hint)


def gaps_and_overlaps(ruleset: Ruleset) -> Iterator[Problem]:
    """Find holes between the bands of one indicator, and bands that overlap in part."""
    for rule in ruleset.rules:
        read = {name for s in rule.steps for name in indicators(s.when.tree)}
        if len(rule.steps) > 1 and len(read) == 1:
            indicator = ruleset.catalogue.indicators[read.pop()]
            if indicator.numeric:
                yield from _bands(rule, indicator.name, ruleset)


def _bands(rule: Rule, name: str, ruleset: Ruleset) -> Iterator[Problem]:
    conditions = [ruleset.bound(step.when.tree) for step in rule.steps]
    found = critical_values(ruleset.catalogue.indicators[name], conditions)
    values = [value for value in found if not isinstance(value, str)]
    bands = [{v for v in values if question(c)({name: v})} for c in conditions]
    covered = set().union(*bands)
    inside = [v for v in values if covered and min(covered) < v < max(covered)]
    holes = [v for v in inside if v not in covered]
    if holes:
        shown = number(holes[0], "en")
        message = (
            f"{name} of {shown} is in no step of '{rule.id}', though lower and higher values are"
        )
        hint = "let neighbouring steps meet: '<' and '>=', or '<=' and '>'"
        yield Problem("ladder-gap", message, rule.steps[-1].when.place, hint)
    for (first, upper), (second, lower) in combinations(enumerate(bands, 1), 2):
        if upper & lower and upper - lower and lower - upper:
            message = f"steps {first} and {second} of '{rule.id}' overlap in part"
            hint = "for the shared values only the first of them counts; let the bands meet instead"
            place = rule.steps[second - 1].when.place
            yield Problem("ladder-overlap", message, place, hint)
