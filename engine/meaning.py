"""What the answers to a ruleset's conditions mean: verdicts, scores and levels as intervals.

This is the definition. A ladder's outcome is the first step that holds; where conditions are
unknown, several outcomes are still possible, and the least and the most severe of them bound the
points, the level and the offers. Unknown never becomes "no".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from engine.condition import Truth, both, either, opposite
from engine.ruleset import POPULATION, Rule, Ruleset

Truths = Sequence[Truth]


class Answer(StrEnum):
    """The four answers that a rule can give."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "cannot say"
    OUTSIDE = "does not apply"


class Verdict(NamedTuple):
    """A rule's answer for one pupil.

    `step` is the step that is sure at least and `possible_step` the most severe still possible,
    counted from 1, or None. `unsettled` names the clauses whose being unknown
    matters.
    """

    answer: Answer
    step: int | None = None
    possible_step: int | None = None
    unsettled: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What follows from one pupil's truths.

    Scores and levels are None for a pupil outside the population: nobody assessed, no "no risk".
    `level` and `possible_level` are ranks, 0 for the least.
    """

    score: int | None
    possible_score: int | None
    level: int | None
    possible_level: int | None
    verdicts: Mapping[str, Verdict]
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ladder:
    """A rule laid out for reckoning: which clauses it asks and what its steps bring.

    `asked` are the clauses that decide whether the rule applies.
    """

    rule: Rule
    asked: tuple[int, ...]
    steps: tuple[int, ...]
    points: tuple[int, ...]
    ranks: tuple[int, ...]
    offers: tuple[str, ...]


_OUTSIDE = Verdict(Answer.OUTSIDE)
_FAILS = Verdict(Answer.FAILS)


class Meaning:
    """Turns truths, in the order of ``ruleset.clauses``, into an `Outcome`."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._names = [clause.name for clause in ruleset.clauses]
        place = {name: number for number, name in enumerate(self._names)}
        self._starts = ruleset.starts
        population = [place[POPULATION]] if ruleset.population else []
        self._population = place.get(POPULATION)
        self._ladders = tuple(
            _Ladder(
                rule,
                (*population, *([place[f"{rule.id}.applies_to"]] if rule.applies_to else [])),
                tuple(place[f"{rule.id}.{n}"] for n in range(1, len(rule.steps) + 1)),
                tuple(ruleset.points(step) for step in rule.steps),
                tuple(ruleset.rank(step.at_least) for step in rule.steps),
                tuple({name for step in rule.steps for name in step.offers}),
            )
            for rule in ruleset.rules
        )

    def outcome(self, truths: Truths) -> Outcome:
        """Return what follows; `truths` has one entry for each clause."""
        if self._population is not None and truths[self._population] is False:
            outside = dict.fromkeys((ladder.rule.id for ladder in self._ladders), _OUTSIDE)
            return Outcome(None, None, None, None, outside, ())
        verdicts: dict[str, Verdict] = {}
        offers: set[str] = set()
        score = possible_score = floor = possible_floor = 0
        for ladder in self._ladders:
            verdict = verdicts[ladder.rule.id] = self._verdict(ladder, truths)
            if verdict.step:
                score += ladder.points[verdict.step - 1]
                floor = max(floor, ladder.ranks[verdict.step - 1])
                offers |= _sure_offers(ladder, truths)
            if verdict.possible_step:
                possible_score += ladder.points[verdict.possible_step - 1]
                possible_floor = max(possible_floor, ladder.ranks[verdict.possible_step - 1])
        return Outcome(
            score,
            possible_score,
            self._level(score, floor),
            self._level(possible_score, possible_floor),
            verdicts,
            tuple(sorted(offers)),
        )

    def _level(self, score: int, floor: int) -> int:
        reached = [rank for rank, start in self._starts if score >= start]
        return max(floor, *reached) if reached else floor

    def _verdict(self, ladder: _Ladder, truths: Truths) -> Verdict:
        unsettled: list[str] = []
        for clause in ladder.asked:
            if truths[clause] is False:
                return _OUTSIDE
            if truths[clause] is None:
                unsettled.append(self._names[clause])
        may_not_apply = bool(unsettled)
        step = possible_step = None
        for number, clause in enumerate(ladder.steps, 1):
            truth = truths[clause]
            if truth is False:
                continue
            possible_step = possible_step or number
            if truth is True:
                step = number
                break
            unsettled.append(self._names[clause])
        if may_not_apply or (possible_step and not step):
            return Verdict(Answer.UNKNOWN, None, possible_step, tuple(unsettled))
        return Verdict(Answer.HOLDS, step, possible_step, tuple(unsettled)) if step else _FAILS


def _sure_offers(ladder: _Ladder, truths: Truths) -> set[str]:
    """Return the measures that every step still possible offers, reckoned from the last step up."""
    sure = set()
    for name in ladder.offers:
        offered: Truth = False
        for clause, step in zip(reversed(ladder.steps), reversed(ladder.rule.steps), strict=True):
            truth = truths[clause]
            if name in step.offers:
                offered = either(truth, offered)
            else:
                offered = both(opposite(truth), offered)
        if offered is True:
            sure.add(name)
    return sure
