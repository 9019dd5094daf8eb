"""One pupil's assessment: levels with their reasons, what cannot be said, and what is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from engine.condition import (
    And,
    Atom,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Number,
    Op,
    Operand,
    Or,
    Param,
    Record,
    Value,
    indicators,
    operands,
    pushed,
)
from engine.executors import Matcher
from engine.executors.reference import Question, Reference, question
from engine.indicator import Indicator
from engine.meaning import Answer, Meaning, Verdict
from engine.ruleset import NOT_ASSESSED, Rule, Ruleset

FAILS, HOLDS, UNKNOWN = Answer.FAILS, Answer.HOLDS, Answer.UNKNOWN  # looked up once: a hot loop


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a comparison holds: the value seen, and the threshold that it met.

    `distance` is how far the value lies beyond the threshold, in the indicator's unit, and `back`
    the nearest value at which the comparison would no longer hold (numbers only). `negated` marks
    a category list or a ``known`` that stands under ``not``.
    """

    indicator: str
    value: Value | None
    op: Op
    threshold: Value | tuple[str, ...] | None
    parameter: str | None = None
    distance: Number | None = None
    back: Number | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that holds; `possible_step` is above `step` where a graver one cannot be ruled out."""

    rule: str
    step: int
    possible_step: int
    points: int
    at_least: str | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A rule that cannot say, what it could still bring, and the values that it misses."""

    rule: str
    possible_points: int
    possible_at_least: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is said of one pupil on one day; `missing` names values whose absence matters.

    Levels are ids, or ``not assessed`` outside the population (then there are no scores).
    `agreed` is false where a second executor gave another answer; the reference's stands.
    """

    ruleset: str
    score: int | None
    possible_score: int | None
    level: str
    possible_level: str
    reasons: tuple[Reason, ...]
    undetermined: tuple[Undetermined, ...]
    not_applicable: tuple[str, ...]
    offers: tuple[str, ...]
    missing: tuple[str, ...]
    agreed: bool = True


class Assessor:
    """Assesses canonical records (`engine.canonical.typed`) by one ruleset.

    The reference executor decides and gives the evidence; `beside` runs with it and is compared.
    """

    def __init__(self, ruleset: Ruleset, beside: Matcher | None = None) -> None:
        self.ruleset = ruleset
        self._reference = Reference(ruleset)
        self._meaning = Meaning(ruleset)
        self._beside = beside
        self._version = ruleset.version
        self._reads = {clause.name: indicators(clause.condition) for clause in ruleset.clauses}
        self._witnesses = {
            rule.id: tuple(_witness(pushed(step.when.tree), ruleset) for step in rule.steps)
            for rule in ruleset.rules
        }

    def assess(self, record: Record) -> Assessment:
        """Return the assessment of one canonical record."""
        truths = self._reference.truths(record)
        agreed = self._beside is None or tuple(self._beside.truths(record)) == tuple(truths)
        outcome = self._meaning.outcome(truths)
        unknown: list[Undetermined] = []
        outside: list[str] = []
        unsettled: set[str] = set()
        for rule in self.ruleset.rules:
            verdict = outcome.verdicts[rule.id]
            answer = verdict.answer
            if answer is FAILS:
                continue
            unsettled.update(verdict.unsettled)
            if answer is UNKNOWN:
                unknown.append(self._undetermined(rule, verdict, record))
            elif answer is not HOLDS:
                outside.append(rule.id)
        return Assessment(
            ruleset=self._version,
            score=outcome.score,
            possible_score=outcome.possible_score,
            level=self._level(outcome.level),
            possible_level=self._level(outcome.possible_level),
            reasons=self.reasons(record, outcome.verdicts),
            undetermined=tuple(unknown),
            not_applicable=tuple(sorted(outside)),
            offers=outcome.offers,
            missing=self._missing(record, unsettled),
            agreed=agreed,
        )

    def reasons(self, record: Record, verdicts: Mapping[str, Verdict]) -> tuple[Reason, ...]:
        """Return the reasons for what was found of a record, the gravest first."""
        held = ((rule, verdicts[rule.id]) for rule in self.ruleset.rules)
        found = [self._reason(r, verdict, record) for r, verdict in held if verdict.answer is HOLDS]
        return tuple(sorted(found, key=self._gravity))

    def _gravity(self, reason: Reason) -> tuple[int, int, str]:
        """Order reasons: first what guarantees the highest level, then by points."""
        return -self.ruleset.rank(reason.at_least), -reason.points, reason.rule

    def _level(self, rank: int | None) -> str:
        return NOT_ASSESSED if rank is None else self.ruleset.levels[rank].id

    def _reason(self, rule: Rule, verdict: Verdict, record: Record) -> Reason:
        number = verdict.step or 0
        step = rule.steps[number - 1]
        evidence: list[Evidence] = []
        self._witnesses[rule.id][number - 1](record, evidence)
        return Reason(
            rule.id,
            number,
            verdict.possible_step or number,
            self.ruleset.points(step),
            step.at_least,
            tuple(evidence),
        )

    def _undetermined(self, rule: Rule, verdict: Verdict, record: Record) -> Undetermined:
        step = rule.steps[verdict.possible_step - 1] if verdict.possible_step else None
        return Undetermined(
            rule.id,
            self.ruleset.points(step) if step else 0,
            step.at_least if step else None,
            self._missing(record, verdict.unsettled),
        )

    def _missing(self, record: Record, clauses: Iterable[str]) -> tuple[str, ...]:
        names = {name for clause in clauses for name in self._reads[clause]}
        return tuple(sorted(name for name in names if record[name] is None))


Witness = Callable[[Record, list[Evidence]], None]


def _witness(condition: Condition, ruleset: Ruleset) -> Witness:
    """Return what collects the evidence for a pushed-down condition that holds.

    Under ``or`` only the parts that hold bear witness.
    """
    match condition:
        case And(parts):
            return _all_parts([_witness(part, ruleset) for part in parts])
        case Or(parts):
            asked = [(question(ruleset.bound(part)), _witness(part, ruleset)) for part in parts]
            return _true_parts(asked)
        case Not(part):
            return _atom_witness(part, ruleset, negated=True)  # type: ignore[arg-type]
        case _:
            return _atom_witness(condition, ruleset, negated=False)


def _all_parts(witnesses: list[Witness]) -> Witness:
    def collect(record: Record, into: list[Evidence]) -> None:
        for witness in witnesses:
            witness(record, into)

    return collect


def _true_parts(asked: list[tuple[Question, Witness]]) -> Witness:
    def collect(record: Record, into: list[Evidence]) -> None:
        for ask, witness in asked:
            if ask(record):
                witness(record, into)

    return collect


def _atom_witness(atom: Atom, ruleset: Ruleset, *, negated: bool) -> Witness:
    name = atom.indicator
    match atom:
        case Comparison() | Between():
            indicator = ruleset.catalogue.indicators[name]
            sides = [_Side(indicator, op, operand, ruleset) for _, op, operand in operands(atom)]
            return lambda record, into: into.extend(side.evidence(record[name]) for side in sides)
        case Member(_, categories):
            return lambda record, into: into.append(
                Evidence(name, record[name], "==", categories, negated=negated)
            )
        case Flag():
            return lambda record, into: into.append(Evidence(name, record[name], "==", not negated))
        case Known():
            return lambda record, into: into.append(
                Evidence(name, record[name], "==", None, negated=negated)
            )
        case _:
            assert_never(atom)


class _Side:
    """One comparison with its threshold looked up: makes evidence from a value."""

    def __init__(self, indicator: Indicator, op: Op, operand: Operand, ruleset: Ruleset) -> None:
        self.indicator, self.op = indicator, op
        self.threshold = operand if isinstance(operand, str) else ruleset.value(operand)
        self.parameter = operand.name if isinstance(operand, Param) else None
        self.back = (
            None if isinstance(self.threshold, str) else _back(indicator, op, self.threshold)
        )

    def evidence(self, value: Value | None) -> Evidence:
        distance = None
        if not isinstance(value, str | None) and not isinstance(self.threshold, str):
            distance = round(abs(value - self.threshold), self.indicator.decimals + 2)
        return Evidence(
            self.indicator.name, value, self.op, self.threshold, self.parameter, distance, self.back
        )


def _back(indicator: Indicator, op: Op, threshold: Number) -> Number | None:
    """Return the valid value nearest to the threshold at which ``value op threshold`` is false."""
    if op in ("==", "!="):
        return None
    grid = 10**indicator.decimals
    nearest = round(threshold * grid)
    holds = question(Comparison(indicator.name, op, threshold))
    upwards = op in ("<", "<=")
    for shift in (-1, 0, 1) if upwards else (1, 0, -1):
        value = (nearest + shift) / grid
        if holds({indicator.name: value}) is False and indicator.low <= value <= indicator.high:
            return int(value) if indicator.type == "count" else value
    return None
