"""Blocks: what of a ruleset the candidates on a grid can change, and what stays fixed.

Rules that no tuned parameter touches bring every row the same under all candidates. The others form
blocks: rules that share a tuned parameter move together, and blocks move each on its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.condition import (
    And,
    Condition,
    Number,
    Op,
    Operand,
    Or,
    Param,
    atoms,
    operands,
    pushed,
)
from engine.ruleset import Criterion, Rule, Ruleset, Step
from engine.tuning.grid import Grid, Tuned
from engine.tuning.scale import Scale, scale_of


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a rule: all that must hold for it, the population and ``applies_to`` included.

    In `when`, negations stand only before flags and categories, and of the parts of an ``and`` or
    ``or`` those that no candidate changes stand together as one.
    """

    when: Condition
    step: Step


@dataclass(frozen=True)
class Block:
    """Ladders, the most severe rung first, that share tuned parameters with each other only."""

    tuned: tuple[Tuned, ...]
    ladders: tuple[tuple[Rung, ...], ...]
    scales: dict[str, Scale]
    fixed: tuple[Condition, ...]

    @property
    def lifts(self) -> bool:
        """Whether any rung lifts to a level."""
        return any(rung.step.at_least for ladder in self.ladders for rung in ladder)

    def combinations(self, rung: Rung) -> int:
        """Return how many combinations of values a rung's condition can tell apart."""
        asked = _parameters(rung.when)
        return math.prod(len(t.values) for t in self.tuned if t.name in asked)


@dataclass(frozen=True)
class Parts:
    """A ruleset taken apart: rules that stay fixed, as a ruleset without cut-offs, and blocks.

    The fixed ruleset's level is the one that its rules lift to, whatever the score.
    """

    fixed: Ruleset
    blocks: tuple[Block, ...]


def population_moves(ruleset: Ruleset, grid: Grid) -> bool:
    """Whether candidates differ in whom they assess."""
    return bool(population_parameters(ruleset) & set(grid.names))


def population_parameters(ruleset: Ruleset) -> set[str]:
    """Return the parameters that say whom a ruleset is for."""
    return _parameters(ruleset.population.tree) if ruleset.population else set()


def parts_of(ruleset: Ruleset, grid: Grid) -> Parts:
    """Take a ruleset apart by what the grid's parameters touch; offers are left out."""
    names = set(grid.names)
    scoring = [rule for rule in ruleset.rules if not rule.offers_only]
    touched = {rule.id: names & _touching(rule) for rule in scoring}
    levels = tuple(replace(level, start=None) for level in ruleset.levels)
    rest = tuple(rule for rule in scoring if not touched[rule.id])
    fixed = replace(ruleset, rules=rest, levels=levels, examples=())
    groups: list[tuple[set[str], list[Rule]]] = []
    for rule in scoring:
        if not touched[rule.id]:
            continue
        joined, members = set(touched[rule.id]), [rule]
        for group in [g for g in groups if g[0] & joined]:
            joined |= group[0]
            members = group[1] + members
            groups.remove(group)
        groups.append((joined, members))
    return Parts(fixed, tuple(_block(ruleset, grid, *group) for group in groups))


def _touching(rule: Rule) -> set[str]:
    """Return the parameters in a rule's conditions and points."""
    trees = [step.when.tree for step in rule.steps]
    trees += [rule.applies_to.tree] if rule.applies_to else []
    points = {s.points.name for s in rule.steps if isinstance(s.points, Param)}
    return points.union(*map(_parameters, trees))


def _parameters(condition: Condition) -> set[str]:
    return {operand.name for _, _, operand in operands(condition) if isinstance(operand, Param)}


def _block(ruleset: Ruleset, grid: Grid, names: set[str], rules: Iterable[Rule]) -> Block:
    tuned = tuple(t for t in grid.tuned if t.name in names)
    gates = [ruleset.population] if ruleset.population else []
    ladders = tuple(tuple(_rungs(rule, gates, names)) for rule in rules)
    whens = [rung.when for ladder in ladders for rung in ladder]
    compared: dict[str, list[tuple[Op, tuple[Number, ...]]]] = {}
    for when in whens:
        for atom in (each for each in atoms(when) if _parameters(each) & names):
            for _, op, operand in operands(atom):
                _, found = candidates(tuned, ruleset, operand)
                compared.setdefault(atom.indicator, []).append((op, found))
    scales = {name: scale_of(found) for name, found in compared.items()}
    fixed = dict.fromkeys(part for when in whens for part in settled(when, names))
    return Block(tuned, ladders, scales, tuple(fixed))


def candidates(
    tuned: Iterable[Tuned], ruleset: Ruleset, operand: Operand
) -> tuple[int | None, tuple[Number, ...]]:
    """Return the values that an operand takes, and which of the tuned parameters it is, if any."""
    if isinstance(operand, Param):
        for number, each in enumerate(tuned):
            if each.name == operand.name:
                return number, each.values
    assert not isinstance(operand, str)  # noqa: S101  categories have no parameters
    return None, (ruleset.value(operand),)


def _rungs(rule: Rule, gates: list[Criterion], names: set[str]) -> Iterator[Rung]:
    gates = [*gates, rule.applies_to] if rule.applies_to else gates
    for step in rule.steps:
        whole = And((*(gate.tree for gate in gates), step.when.tree)) if gates else step.when.tree
        yield Rung(_sorted(pushed(whole), names), step)


def _sorted(condition: Condition, names: set[str]) -> Condition:
    """Put the parts of each ``and`` and ``or`` that no candidate changes together, as one part."""
    if not isinstance(condition, And | Or) or not _parameters(condition) & names:
        return condition
    kind = type(condition)
    parts = [
        inner
        for part in condition.parts
        for inner in (part.parts if isinstance(part, kind) else (part,))
    ]
    still = tuple(part for part in parts if not _parameters(part) & names)
    move = [_sorted(part, names) for part in parts if _parameters(part) & names]
    together = kind(still) if len(still) > 1 else still[0] if still else None
    return kind((together, *move)) if together else kind(tuple(move))


def settled(condition: Condition, names: set[str]) -> Iterator[Condition]:
    """Yield the largest parts of a condition that no candidate changes."""
    if not _parameters(condition) & names:
        yield condition
    elif isinstance(condition, And | Or):
        for part in condition.parts:
            yield from settled(part, names)
