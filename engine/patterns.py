"""Assessing tables for somebody who waits: what follows from like truths is reckoned once.

Polars answers the conditions of all rows at once. What follows from a row's truths is for
`engine.meaning` to say, and few rows differ in all their truths: of 20,000 pupils, about one in
ten has truths of its own. So each pattern of truths and gaps is put to it once, and kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl

from engine.condition import indicators
from engine.executors.columns import truth
from engine.meaning import Answer, Meaning, Outcome, Truths, Verdict
from engine.ruleset import NOT_ASSESSED, Ruleset

KEPT = 20_000  # patterns
BITS = 60
_AS_IT_STANDS = pl.QueryOptFlags.none()  # planning would cost more than it saves


@dataclass(frozen=True, slots=True)
class Brief:
    """What is said of a pupil in names and numbers; names are sorted.

    `level` and `possible_level` are ids, or ``not assessed`` outside the population, where there
    are no scores.
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


@dataclass(frozen=True, slots=True)
class Pattern:
    """The truths and gaps that some pupils have in common, and what follows from them."""

    truths: Truths
    brief: Brief
    verdicts: Mapping[str, Verdict]


class Patterns:
    """Assesses canonical rows (`engine.frame.Canonicaliser`) by one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._meaning = Meaning(ruleset)
        self._clauses = [clause.name for clause in ruleset.clauses]
        self._read_by = {c.name: indicators(c.condition) for c in ruleset.clauses}
        self._truths = [truth(c.condition).alias(c.name) for c in ruleset.clauses]
        self._gaps = _masks("gap", (pl.col(name).is_null() for name in ruleset.reads))
        self._masks = [
            *_masks("true", (pl.col(name) for name in self._clauses)),
            *_masks("unknown", (pl.col(name).is_null() for name in self._clauses)),
            *(pl.col(f"gap{number}") for number in range(len(self._gaps))),
        ]
        self._known: dict[tuple[int, ...], Pattern] = {}

    def assess(self, rows: pl.DataFrame) -> list[Pattern]:
        """Return the pattern of each row; like rows share one."""
        asked = rows.lazy().select(*self._truths, *self._gaps)
        masks = asked.select(self._masks).collect(engine="in-memory", optimizations=_AS_IT_STANDS)
        known, found = self._known, []
        for key in masks.iter_rows():
            pattern = known.get(key)
            if pattern is None:
                if len(known) >= KEPT:
                    known.clear()
                pattern = known[key] = self._pattern(key)
            found.append(pattern)
        return found

    def _pattern(self, key: tuple[int, ...]) -> Pattern:
        width = _width(self._clauses)
        true, unknown = _joined(key[:width]), _joined(key[width : 2 * width])
        gaps = _joined(key[2 * width :])
        truths = tuple(
            None if unknown >> bit & 1 else bool(true >> bit & 1)
            for bit in range(len(self._clauses))
        )
        gone = [name for bit, name in enumerate(self.ruleset.reads) if gaps >> bit & 1]
        return self.pattern(truths, gone)

    def pattern(self, truths: Truths, gaps: Collection[str]) -> Pattern:
        """Return what follows from these truths; `gaps` are the indicators without a value."""
        outcome = self._meaning.outcome(truths)
        unsettled = {clause for v in outcome.verdicts.values() for clause in v.unsettled}
        matters = {name for clause in unsettled for name in self._read_by[clause]}
        brief = Brief(
            outcome.score,
            outcome.possible_score,
            self._level(outcome.level),
            self._level(outcome.possible_level),
            _answered(outcome, Answer.HOLDS),
            _answered(outcome, Answer.UNKNOWN),
            _answered(outcome, Answer.OUTSIDE),
            outcome.offers,
            tuple(sorted(matters.intersection(gaps))),
        )
        return Pattern(truths, brief, outcome.verdicts)

    def _level(self, rank: int | None) -> str:
        return NOT_ASSESSED if rank is None else self.ruleset.levels[rank].id


def _answered(outcome: Outcome, answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(rule for rule, v in outcome.verdicts.items() if v.answer is answer))


def _width(names: list[str]) -> int:
    """Return how many masks so many bits take."""
    return -(-len(names) // BITS)


def _masks(name: str, flags: Iterable[pl.Expr]) -> list[pl.Expr]:
    """Return whole numbers of `BITS` bits whose bits are these flags."""
    bits = [
        pl.when(flag).then(pl.lit(1 << number % BITS, pl.UInt64)).otherwise(pl.lit(0, pl.UInt64))
        for number, flag in enumerate(flags)
    ]
    parts = [bits[at : at + BITS] for at in range(0, len(bits), BITS)]
    return [reduce(add, part).alias(f"{name}{number}") for number, part in enumerate(parts)]


def _joined(masks: tuple[int, ...]) -> int:
    return sum(mask << BITS * number for number, mask in enumerate(masks))
