"""Conditions that answer although what they ask is not known.

Only ``known`` can do that. Each indicator under it is taken away, one record after another: where
the answer was open before, and is sure without the value, a missing value has decided.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.critical import critical_records
from engine.condition import And, Condition, Known, Truth, Value, atoms
from engine.errors import Place, Problem
from engine.executors.reference import question
from engine.ruleset import Ruleset

Record = dict[str, Value | None]


def missing_as_answer(ruleset: Ruleset) -> Iterator[Problem]:
    """Find conditions that turn missing values into a sure no, or into a sign of risk."""
    if ruleset.population:
        where = ruleset.population
        yield from _findings("the population", ruleset.bound(where.tree), where.place, ruleset)
    for rule in ruleset.rules:
        for step in rule.steps:
            parts = [step.when.tree, *([rule.applies_to.tree] if rule.applies_to else [])]
            whole = ruleset.bound(parts[0] if len(parts) == 1 else And(tuple(parts)))
            found = _findings(f"'{rule.id}'", whole, step.when.place, ruleset)
            yield from (p for p in found if p.code == "missing-as-safe" or not rule.offers_only)


def _findings(
    what: str, condition: Condition, place: Place | None, ruleset: Ruleset
) -> Iterator[Problem]:
    decided = _decided_by_absence(condition, ruleset)
    if False in decided:
        hint = "leave known(...) out: a comparison with a missing value is unknown by itself"
        message = f"{what} takes a missing value for 'no': it would call pupils safe"
        yield Problem("missing-as-safe", message, place, hint)
    if True in decided:
        hint = "no data is not a risk; what is unknown is reported as 'cannot say'"
        yield Problem("missing-as-risk", f"{what} takes a missing value for a sign", place, hint)


def _decided_by_absence(condition: Condition, ruleset: Ruleset) -> set[Truth]:
    """Return the sure answers that a value's absence gives, and some value would turn round."""
    asked = sorted({a.indicator for a in atoms(condition) if isinstance(a, Known)})
    records = critical_records(ruleset, [condition]) if asked else None
    if records is None:
        return set()
    ask = question(condition)
    with_value: dict[tuple[str, object], set[Truth]] = {}
    without: list[tuple[str, object, Truth]] = []
    for record in records:
        answer = ask(record)
        for name in asked:
            rest = tuple((n, v) for n, v in record.items() if n != name)
            if record[name] is None:
                without.append((name, rest, answer))
            else:
                with_value.setdefault((name, rest), set()).add(answer)
    return {
        answer
        for name, rest, answer in without
        if answer is not None and (not answer) in with_value.get((name, rest), set())
    }
