"""Rulesets: parameters, rules, levels and examples, immutable and named by their hashes.

A ruleset that breaks the language's laws cannot exist: making one runs `engine.validity`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Not,
    Number,
    Operand,
    Or,
    Param,
    Value,
    indicators,
    operands,
    ordered,
    text,
)
from engine.errors import OutOfBoundsError, Place, Problem, RuleError, did_you_mean
from engine.fingerprint import fingerprint
from engine.indicator import Catalogue
from engine.text import Text
from engine.validity import problems_of

NOT_ASSESSED = "not assessed"
POPULATION = "population"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition where it stands in a rule file."""

    tree: Condition
    place: Place | None = field(default=None, compare=False)

    def at(self, offset: int) -> Place | None:
        """Return the place `offset` characters into the condition's text."""
        return self.place and self.place.shifted(offset)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named number of a ruleset: a threshold, points, or a level's cut-off.

    `tunable` is false for what law or publication fixes. `bounds` are both included; `step` is the
    distance between the values that tuning tries.
    """

    name: str
    label: Text
    unit: str
    value: Number
    source: str
    bounds: tuple[Number, Number] | None = None
    step: Number | None = None
    tunable: bool = True
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: when it holds, its points, its least level and its offers count."""

    when: Criterion
    points: int | Param | None = None
    at_least: str | None = None
    offers: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A ladder of steps, most severe first, of which the first that holds counts.

    A rule with one condition is a ladder of one step.
    """

    id: str
    domain: str
    title: Text
    steps: tuple[Step, ...]
    applies_to: Criterion | None = None
    advice: Text | None = None
    source: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def offers_only(self) -> bool:
        """Whether the rule offers help and can change neither score nor level."""
        return all(step.points is None and step.at_least is None for step in self.steps)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of risk; `start` is the score from which it holds, if a score alone reaches it."""

    id: str
    label: Text
    start: int | Param | None = None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that a coordinator can judge, with the values and answers that it speaks of."""

    says: Text
    given: Mapping[str, Value]
    expect: Mapping[str, int | str | tuple[str, ...]]
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition with its parameters' values filled in, and the column that names its truth.

    `name` is ``population``, ``RULE.applies_to`` or ``RULE.N`` for the rule's N-th step.
    """

    name: str
    condition: Condition


@dataclass(frozen=True)
class Ruleset:
    """All that decides an assessment; the catalogue keeps only what the ruleset speaks of."""

    id: str
    title: Text
    levels: tuple[Level, ...]
    rules: tuple[Rule, ...]
    catalogue: Catalogue
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    population: Criterion | None = None
    description: Text | None = None
    source: str = ""
    examples: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(problems_of(self))
        if problems:
            raise RuleError(problems)
        object.__setattr__(self, "catalogue", self._spoken_of())

    def value(self, operand: Number | Param) -> Number:
        """Return the number that an operand stands for."""
        return self.parameters[operand.name].value if isinstance(operand, Param) else operand

    def points(self, step: Step) -> int:
        """Return the points of a step, 0 where it has none."""
        return 0 if step.points is None else int(self.value(step.points))

    def rank(self, level: str | None) -> int:
        """Return a level's rank, 0 for the least and for none."""
        return 0 if level is None else self._ranks[level]

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return {level.id: rank for rank, level in enumerate(self.levels)}

    @cached_property
    def starts(self) -> tuple[tuple[int, int], ...]:
        """The (rank, score from which it holds) of the levels that a score alone reaches."""
        ranked = enumerate(self.levels)
        return tuple((r, int(self.value(lv.start))) for r, lv in ranked if lv.start is not None)

    @property
    def criteria(self) -> Iterator[tuple[str, Criterion]]:
        """Every condition with its clause's name, in document order."""
        if self.population:
            yield POPULATION, self.population
        for rule in self.rules:
            if rule.applies_to:
                yield f"{rule.id}.applies_to", rule.applies_to
            for number, step in enumerate(rule.steps, 1):
                yield f"{rule.id}.{number}", step.when

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Every condition with parameters filled in: what an executor has to answer."""
        return tuple(Clause(name, self.bound(c.tree)) for name, c in self.criteria)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The indicators that the conditions read, sorted."""
        return tuple(sorted({name for _, c in self.criteria for name in indicators(c.tree)}))

    @cached_property
    def used_parameters(self) -> frozenset[str]:
        """The parameters that a condition, points or a level's cut-off uses."""
        thresholds = (operand for _, c in self.criteria for _, _, operand in operands(c.tree))
        points = (step.points for rule in self.rules for step in rule.steps)
        starts = (level.start for level in self.levels)
        named = (*thresholds, *points, *starts)
        return frozenset(each.name for each in named if isinstance(each, Param))

    @cached_property
    def content_hash(self) -> str:
        """Names the ruleset: covers every text, source, example and declaration."""
        return fingerprint(self)

    @cached_property
    def decision_hash(self) -> str:
        """Covers only what can change an answer; equal decision hashes give equal answers."""
        used = (self.catalogue.indicators[name] for name in self.reads)
        return fingerprint(
            {
                "conditions": {c.name: text(ordered(c.condition)) for c in self.clauses},
                "consequences": {
                    rule.id: [[self.points(s), s.at_least, sorted(s.offers)] for s in rule.steps]
                    for rule in self.rules
                },
                "levels": [level.id for level in self.levels],
                "starts": self.starts,
                "values": {
                    i.name: [i.type, i.decimals, i.low, i.high, sorted(i.categories), i.stale_after]
                    for i in used
                },
            }
        )

    @property
    def version(self) -> str:
        """A short name for people and files: the id and the first 16 digits of the content hash."""
        return f"{self.id}@{self.content_hash[:16]}"

    def with_parameter(self, name: str, value: Number) -> Ruleset:
        """Return a candidate with one parameter set to `value`; see `with_parameters`."""
        return self.with_parameters({name: value})

    def with_parameters(self, values: Mapping[str, Number]) -> Ruleset:
        """Return a candidate with all these parameters set at once.

        Raises `OutOfBoundsError` outside a parameter's bounds or where it is not tunable, and
        `RuleError` where a name is unknown or the ladder or levels would lose their order.
        """
        changed = {name: self._moved(name, value) for name, value in values.items()}
        return replace(self, parameters={**self.parameters, **changed})

    def _moved(self, name: str, value: Number) -> Parameter:
        old = self.parameters.get(name)
        if old is None:
            hint = did_you_mean(name, self.parameters)
            raise RuleError(Problem("unknown-name", f"there is no parameter '{name}'", None, hint))
        if not old.tunable or old.bounds is None:
            message = f"'{name}' is fixed ({old.source}): it cannot be tuned"
            raise OutOfBoundsError(Problem("out-of-bounds", message, old.place))
        low, high = old.bounds
        if not low <= value <= high:
            message = f"{value} is outside the bounds of '{name}', {low} to {high}"
            hint = "choose a value inside, or propose other bounds with a source"
            raise OutOfBoundsError(Problem("out-of-bounds", message, old.place, hint))
        return replace(old, value=value)

    def bound(self, condition: Condition) -> Condition:
        """Return the condition with each parameter's value in its place."""
        match condition:
            case Comparison(_, _, operand):
                return replace(condition, operand=self._filled(operand))
            case Between(low, _, _, _, high):
                return replace(condition, low=self.value(low), high=self.value(high))
            case And(parts) | Or(parts):
                return replace(condition, parts=tuple(self.bound(part) for part in parts))
            case Not(part):
                return replace(condition, part=self.bound(part))
            case _:
                return condition

    def _filled(self, operand: Operand) -> Operand:
        return operand if isinstance(operand, str) else self.value(operand)

    def _spoken_of(self) -> Catalogue:
        """Return the part of the catalogue that this ruleset speaks of."""
        full = self.catalogue
        named = {*self.reads, *(name for example in self.examples for name in example.given)}
        used = {name: full.indicators[name] for name in sorted(named)}
        units = {i.unit for i in used.values()} | {p.unit for p in self.parameters.values()}
        units |= {"percentage_points", "points"}
        domains = {i.domain for i in used.values()} | {rule.domain for rule in self.rules}
        offered = {name for rule in self.rules for step in rule.steps for name in step.offers}
        return Catalogue(
            indicators=used,
            units={name: full.units[name] for name in sorted(units & full.units.keys())},
            domains={name: full.domains[name] for name in sorted(domains)},
            measures={name: full.measures[name] for name in sorted(offered)},
        )
