"""What follows from one pupil's truths and gaps, in names: reckoned once for all who are alike.

Few pupils differ in all their truths: of 20,000, about one in ten has truths of its own. So each
combination is put to `engine.meaning` once, and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.condition import indicators
from engine.meaning import Answer, Meaning, Outcome, Truths, Verdict
from engine.ruleset import NOT_ASSESSED, Rule, Ruleset

KEPT = 20_000  # findings; then all are let go, and the common ones soon come back


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A rule that cannot say, what it could still bring, and the values that it misses."""

    rule: str
    possible_points: int
    possible_at_least: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What is said of a pupil in names and numbers; names are sorted.

    `level` and `possible_level` are ids, or ``not assessed`` outside the population, where there
    are no scores. `missing` names values whose absence matters.
    """

    score: int | None
    possible_score: int | None
    level: str
    possible_level: str
    holds: tuple[str, ...]
    undetermined: tuple[str, ...]
    not_applicable: tuple[str, ...]
    offers: tuple[str, ...]
    missing: tuple[str, ...]


class Held(NamedTuple):
    """A rule that holds: by which step, and by which graver one it still may."""

    rule: str
    step: int
    possible_step: int


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """The truths that some pupils have in common, and what follows; each is equal to itself only.

    `held` stands in the order of gravity, `undetermined` in the order of the rules.
    """

    truths: Truths
    verdicts: Mapping[str, Verdict]
    brief: Brief
    held: tuple[Held, ...]
    undetermined: tuple[Undetermined, ...]


class Findings:
    """Finds what follows from truths, by one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._meaning = Meaning(ruleset)
        self._reads = {clause.name: indicators(clause.condition) for clause in ruleset.clauses}
        self._known: dict[tuple[Truths, tuple[str, ...]], Finding] = {}

    def of(self, truths: Truths, gaps: tuple[str, ...]) -> Finding:
        """Return what follows; `gaps` are the indicators without a value, in ``ruleset.reads``."""
        key = truths, gaps
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            found = self._known[key] = self._finding(truths, frozenset(gaps))
        return found

    def _finding(self, truths: Truths, gaps: frozenset[str]) -> Finding:
        outcome = self._meaning.outcome(truths)
        verdicts = outcome.verdicts
        undetermined = tuple(
            self._undetermined(rule, verdicts[rule.id], gaps)
            for rule in self.ruleset.rules
            if verdicts[rule.id].answer is Answer.UNKNOWN
        )
        unsettled = {clause for verdict in verdicts.values() for clause in verdict.unsettled}
        brief = Brief(
            outcome.score,
            outcome.possible_score,
            self._level(outcome.level),
            self._level(outcome.possible_level),
            _answered(outcome, Answer.HOLDS),
            _answered(outcome, Answer.UNKNOWN),
            _answered(outcome, Answer.OUTSIDE),
            outcome.offers,
            self._missing(unsettled, gaps),
        )
        return Finding(truths, verdicts, brief, self._held(verdicts), undetermined)

    def _held(self, verdicts: Mapping[str, Verdict]) -> tuple[Held, ...]:
        """Return the rules that hold: first what guarantees the highest level, then by points."""
        found = []
        for rule in self.ruleset.rules:
            verdict = verdicts[rule.id]
            if verdict.answer is Answer.HOLDS and verdict.step:
                step = rule.steps[verdict.step - 1]
                gravity = -self.ruleset.rank(step.at_least), -self.ruleset.points(step), rule.id
                graver = verdict.possible_step or verdict.step
                found.append((gravity, Held(rule.id, verdict.step, graver)))
        return tuple(held for _, held in sorted(found))

    def _level(self, rank: int | None) -> str:
        return NOT_ASSESSED if rank is None else self.ruleset.levels[rank].id

    def _undetermined(self, rule: Rule, verdict: Verdict, gaps: frozenset[str]) -> Undetermined:
        points, at_least = 0, None
        if verdict.possible_step:
            step = rule.steps[verdict.possible_step - 1]
            points, at_least = self.ruleset.points(step), step.at_least
        return Undetermined(rule.id, points, at_least, self._missing(verdict.unsettled, gaps))

    def _missing(self, clauses: Iterable[str], gaps: frozenset[str]) -> tuple[str, ...]:
        read = {name for clause in clauses for name in self._reads[clause]}
        return tuple(sorted(read & gaps))


def _answered(outcome: Outcome, answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(rule for rule, v in outcome.verdicts.items() if v.answer is answer))
