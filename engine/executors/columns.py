"""The columns executor: every condition one polars expression, all rows in one pass.

How fast each form is was measured (``benchmarks/columns.py``): ``when(condition).then(points)``
with the smallest unsigned type beats sums of casts, and truths stay booleans to the end.
"""

from __future__ import annotations

from functools import reduce
from operator import add, and_, or_
from typing import assert_never

import polars as pl

from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Op,
    Or,
    Value,
)
from engine.ruleset import POPULATION, Rule, Ruleset


class Columns:
    """Answers clauses by polars expressions."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        points = [
            max((ruleset.points(step) for step in rule.steps), default=0) for rule in ruleset.rules
        ]
        starts = [start for _, start in ruleset.starts]
        self._number = _smallest_unsigned(max(sum(points), *starts, 0))

    def run(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return `rows` with truths and scores added."""
        truths = [truth(clause.condition).alias(clause.name) for clause in self.ruleset.clauses]
        scored = rows.with_columns(truths).with_columns(
            self._score(possible=False).alias("score"),
            self._score(possible=True).alias("possible_score"),
        )
        levels = scored.with_columns(
            self._level("score", possible=False).alias("level"),
            self._level("possible_score", possible=True).alias("possible_level"),
        )
        if not self.ruleset.population:
            return levels
        outside = pl.col(POPULATION).eq(other=False).fill_null(value=False)
        names = ("score", "possible_score", "level", "possible_level")
        return levels.with_columns(
            pl.when(~outside).then(pl.col(name)).alias(name) for name in names
        )

    def _holds(self, rule: Rule, number: int, *, possible: bool) -> pl.Expr:
        """Whether a step holds for a pupil to whom the rule applies: surely, or possibly."""
        names = [f"{rule.id}.{number}"]
        if rule.applies_to:
            names.append(f"{rule.id}.applies_to")
        if self.ruleset.population:
            names.append(POPULATION)
        both = reduce(and_, map(pl.col, names))
        return both.fill_null(value=True) if possible else both

    def _score(self, *, possible: bool) -> pl.Expr:
        nothing = pl.lit(0, dtype=self._number)
        terms = []
        for rule in self.ruleset.rules:
            if not any(self.ruleset.points(step) for step in rule.steps):
                continue
            chain = nothing
            for number, step in reversed(list(enumerate(rule.steps, 1))):
                points = pl.lit(self.ruleset.points(step), dtype=self._number)
                chain = (
                    pl.when(self._holds(rule, number, possible=possible))
                    .then(points)
                    .otherwise(chain)
                )
            terms.append(chain)
        return reduce(add, terms) if terms else nothing

    def _level(self, score: str, *, possible: bool) -> pl.Expr:
        starts = dict(self.ruleset.starts)
        chain = pl.lit(0, dtype=pl.UInt8)
        for rank in range(1, len(self.ruleset.levels)):
            reached = [
                self._holds(rule, number, possible=possible)
                for rule in self.ruleset.rules
                for number, step in enumerate(rule.steps, 1)
                if step.at_least and self.ruleset.rank(step.at_least) == rank
            ]
            if rank in starts:
                reached.append(pl.col(score) >= pl.lit(starts[rank], dtype=self._number))
            if reached:
                chain = (
                    pl.when(reduce(or_, reached))
                    .then(pl.lit(rank, dtype=pl.UInt8))
                    .otherwise(chain)
                )
        return chain


def _smallest_unsigned(largest: int) -> type[pl.DataType]:
    """Small types overflow in silence, so the type follows from the largest possible sum."""
    return next(
        t for t, bits in ((pl.UInt8, 8), (pl.UInt16, 16), (pl.UInt32, 32)) if largest < 2**bits
    )


def truth(condition: Condition) -> pl.Expr:
    """Return the nullable Boolean expression of a condition whose parameters are filled in.

    Comparisons with null are null, and polars' ``&``, ``|`` and ``~`` are Kleene's.
    """
    match condition:
        case Comparison(indicator, op, operand):
            return _comparison(pl.col(indicator), op, operand)
        case Between(low, low_op, indicator, high_op, high):
            value = pl.col(indicator)
            above = _comparison(value, ">" if low_op == "<" else ">=", low)
            return above & _comparison(value, high_op, high)
        case Member(indicator, categories):
            return pl.any_horizontal(pl.col(indicator) == pl.lit(c) for c in categories)
        case Flag(indicator):
            return pl.col(indicator)
        case Known(indicator):
            return pl.col(indicator).is_not_null()
        case Not(part):
            return ~truth(part)
        case And(parts):
            return reduce(and_, map(truth, parts))
        case Or(parts):
            return reduce(or_, map(truth, parts))
        case _:
            assert_never(condition)


def _comparison(value: pl.Expr, op: Op, operand: Value | object) -> pl.Expr:
    literal = pl.lit(operand)
    match op:
        case "<":
            return value < literal
        case "<=":
            return value <= literal
        case "==":
            return value == literal
        case "!=":
            return value != literal
        case ">=":
            return value >= literal
        case ">":
            return value > literal
        case _:
            assert_never(op)
