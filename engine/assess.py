"""One pupil's assessment: levels with their reasons, what cannot be said, and what is offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple, assert_never

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
from engine.executors.reference import Question, Reference, question
from engine.findings import KEPT, Finding, Findings, Held, Undetermined
from engine.indicator import Indicator
from engine.meaning import Truths
from engine.ruleset import Ruleset


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


class Assessment(NamedTuple):
    """What is said of one pupil on one day: see `engine.findings.Brief`, and the reasons."""

    ruleset: str
    finding: Finding
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int | None:
        """The points that are sure."""
        return self.finding.brief.score

    @property
    def possible_score(self) -> int | None:
        """The points that are sure or could still be."""
        return self.finding.brief.possible_score

    @property
    def level(self) -> str:
        """The level that is sure, or ``not assessed``."""
        return self.finding.brief.level

    @property
    def possible_level(self) -> str:
        """The highest level that is still possible."""
        return self.finding.brief.possible_level

    @property
    def undetermined(self) -> tuple[Undetermined, ...]:
        """The rules that cannot say, in the order of the ruleset."""
        return self.finding.undetermined

    @property
    def not_applicable(self) -> tuple[str, ...]:
        """The rules that are not for this pupil."""
        return self.finding.brief.not_applicable

    @property
    def offers(self) -> tuple[str, ...]:
        """The support measures that are surely offered."""
        return self.finding.brief.offers

    @property
    def missing(self) -> tuple[str, ...]:
        """The indicators whose absence matters."""
        return self.finding.brief.missing


_Reasons = dict[object, Reason]  # by the values that the rule's step reads


class Assessor:
    """Assesses canonical records (`engine.canonical.typed`) by the reference executor."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._reference = Reference(ruleset)
        self._findings = Findings(ruleset)
        self._version = ruleset.version
        self._reads = ruleset.reads
        self._rules = {rule.id: rule for rule in ruleset.rules}
        self._reasons: dict[Held, _Reasons] = {}
        self._kept = 0
        self._of: dict[Finding, list[tuple[Callable[[Record], Any], _Reasons, Held]]] = {}
        self._witnesses = {
            rule.id: tuple(_witness(pushed(step.when.tree), ruleset) for step in rule.steps)
            for rule in ruleset.rules
        }

    def assess(self, record: Record) -> Assessment:
        """Return the assessment of one canonical record."""
        finding = self.finding(self._reference.truths(record), record)
        return Assessment(self._version, finding, self.reasons(record, finding))

    def finding(self, truths: Truths, record: Record) -> Finding:
        """Return what follows from the truths of a record."""
        gaps = [n for n in self._reads if record[n] is None] if None in record.values() else ()
        return self._findings.of(truths, tuple(gaps))

    def reasons(self, record: Record, finding: Finding) -> tuple[Reason, ...]:
        """Return the reasons for what was found of a record, the gravest first.

        Pupils of whom a rule holds alike, and who have the same values there, share a reason.
        """
        of = self._of.get(finding)
        if of is None:
            if len(self._of) >= KEPT:
                self._of.clear()
            of = self._of[finding] = [
                (self._seen(held), self._reasons.setdefault(held, {}), held)
                for held in finding.held
            ]
        return tuple(
            [
                known.get(seen(record)) or self._made(held, record, known, seen(record))
                for seen, known, held in of
            ]
        )

    def _seen(self, held: Held) -> Callable[[Record], Any]:
        """Return what takes out of a record the values that a rule's step reads."""
        when = self._rules[held.rule].steps[held.step - 1].when
        return itemgetter(*indicators(when.tree))

    def _made(self, held: Held, record: Record, known: _Reasons, seen: object) -> Reason:
        if self._kept >= KEPT:
            for each in self._reasons.values():
                each.clear()
            self._kept = 0
        self._kept += 1
        step = self._rules[held.rule].steps[held.step - 1]
        evidence: list[Evidence] = []
        self._witnesses[held.rule][held.step - 1](record, evidence)
        points = self.ruleset.points(step)
        reason = known[seen] = Reason(*held, points, step.at_least, tuple(evidence))
        return reason


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
