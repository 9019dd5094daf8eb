"""Scoring many pupils: from a table to assessments, a row each, with rejects beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add, or_
from typing import Literal

import polars as pl

from engine.canonical import KEY
from engine.condition import indicators
from engine.errors import DataError, Problem
from engine.executors import Executor
from engine.executors.byrow import ByRow
from engine.executors.columns import Columns
from engine.executors.reference import Reference
from engine.frame import canonical_frame
from engine.ruleset import NOT_ASSESSED, POPULATION, Rule, Ruleset
from engine.table import Table

NAMES = pl.List(pl.String())
BITS = 60
ExecutorName = Literal["columns", "durable", "reference"]


@dataclass(frozen=True)
class Scored:
    """`rows` has one assessment a row; `rejects` says which rows were not scored and why."""

    rows: pl.LazyFrame
    rejects: pl.DataFrame


def executor(name: ExecutorName, ruleset: Ruleset) -> Executor:
    """Return an executor by its name."""
    if name == "columns":
        return Columns(ruleset)
    if name == "reference":
        return ByRow(Reference(ruleset))
    from engine.executors.durable import Durable  # noqa: PLC0415  loads C code: only on request

    return ByRow(Durable(ruleset))


def score_table(table: Table, with_executor: Executor, as_of: date | None = None) -> Scored:
    """Return the assessments of a table's pupils.

    ``rows`` has ``pupil_key, score, possible_score, level, possible_level, holds, undetermined,
    not_applicable, offers, missing, ruleset``; the five lists are sorted.
    Raises `DataError` where no column is an indicator of the ruleset.
    """
    ruleset = with_executor.ruleset
    if not set(table.columns) & set(ruleset.reads):
        message = "no column of the table is an indicator that this ruleset reads"
        hint = f"it reads: {', '.join(ruleset.reads)}"
        raise DataError(Problem("no-indicators", message, None, hint))
    read = [ruleset.catalogue.indicators[name] for name in ruleset.reads]
    canonical = canonical_frame(table.frame, read, as_of=as_of, decimal_commas=table.decimal_commas)
    rejects = pl.concat([table.rejects, canonical.rejects]).sort("row", maintain_order=True)
    return Scored(assessments(with_executor.run(canonical.rows), ruleset), rejects)


def assessments(rows: pl.LazyFrame, ruleset: Ruleset) -> pl.LazyFrame:
    """Return an executor's answers with names instead of truths: what people and files want."""
    rules = sorted(ruleset.rules, key=lambda rule: rule.id)
    answers = [Answers(rule, ruleset) for rule in rules]
    ids = [level.id for level in ruleset.levels]
    return rows.select(
        KEY,
        pl.col("score", "possible_score").cast(pl.UInt32),
        *(_level(name, ids) for name in ("level", "possible_level")),
        _named("holds", ((a.rule.id, a.holds) for a in answers)),
        _named("undetermined", ((a.rule.id, a.unknown) for a in answers)),
        _named("not_applicable", ((a.rule.id, a.outside) for a in answers)),
        _named("offers", _offers(answers)),
        _named("missing", _missing(answers, ruleset)),
        pl.lit(ruleset.version).alias("ruleset"),
    )


def _level(name: str, ids: list[str]) -> pl.Expr:
    chain = pl.lit(NOT_ASSESSED)  # a chain streams; looking ranks up in a mapping does not
    for rank, each in enumerate(ids):
        chain = pl.when(pl.col(name) == rank).then(pl.lit(each)).otherwise(chain)
    return chain.alias(name)


def _named(name: str, chosen: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    """Return the list of the names whose expression is true.

    A list made row by row costs a hundred times more than the score. So the names become the bits
    of a number, of which few are distinct, and each distinct number becomes its list once.
    """
    pairs = list(chosen)
    lists = [_unpacked(pairs[at : at + BITS]) for at in range(0, len(pairs), BITS)]
    if not lists:
        return pl.lit([], pl.List(pl.String)).alias(name)
    return (pl.concat_list(lists) if len(lists) > 1 else lists[0]).alias(name)


def _unpacked(pairs: list[tuple[str, pl.Expr]]) -> pl.Expr:
    names = [name for name, _ in pairs]
    nothing = pl.lit(0, pl.UInt64)
    bits = (
        pl.when(holds).then(pl.lit(1 << bit, pl.UInt64)).otherwise(nothing)
        for bit, (_, holds) in enumerate(pairs)
    )

    def lists(masks: pl.Series) -> pl.Series:
        distinct = masks.unique().sort()
        spelt = [[n for bit, n in enumerate(names) if mask >> bit & 1] for mask in distinct]
        return pl.Series(masks.name, spelt, dtype=NAMES).gather(distinct.search_sorted(masks))

    return reduce(add, bits).map_batches(lists, return_dtype=NAMES, is_elementwise=True)


class Answers:
    """One rule's four answers as expressions over its truths.

    It `holds`, it is `unknown`, the pupil is `outside` of it, or else it does not hold.
    """

    def __init__(self, rule: Rule, ruleset: Ruleset) -> None:
        self.rule = rule
        self.steps = [pl.col(f"{rule.id}.{number}") for number in range(1, len(rule.steps) + 1)]
        self.asked = [f"{rule.id}.applies_to"] if rule.applies_to else []
        if ruleset.population:
            self.asked.append(POPULATION)
        applies = pl.all_horizontal(self.asked) if self.asked else pl.lit(value=True)
        held = reduce(or_, self.steps)
        self.outside = (~applies).fill_null(value=False)
        self.holds = (applies & held).fill_null(value=False)
        self.unknown = ~self.outside & (applies.is_null() | held.is_null())

    def offers(self, measure: str) -> pl.Expr:
        """Whether every step still possible offers the measure, and the rule surely applies."""
        offered: pl.Expr = pl.lit(value=False)
        for truth, step in zip(reversed(self.steps), reversed(self.rule.steps), strict=True):
            offered = truth | offered if measure in step.offers else ~truth & offered
        return (offered & self.holds).fill_null(value=False)

    def unsettled(self, indicator: str, ruleset: Ruleset) -> list[pl.Expr]:
        """Whether a clause of the rule that reads the indicator is unknown, and matters."""
        reading = {c.name for c in ruleset.clauses if indicator in indicators(c.condition)}
        found = [pl.col(name).is_null() for name in self.asked if name in reading]
        settled: pl.Expr = pl.lit(value=False)
        for number, truth in enumerate(self.steps, 1):
            if f"{self.rule.id}.{number}" in reading:
                found.append(truth.is_null() & ~settled)
            settled = settled | truth.fill_null(value=False)
        return [~self.outside & each for each in found]


def _offers(answers: list[Answers]) -> Iterable[tuple[str, pl.Expr]]:
    named = {name for a in answers for step in a.rule.steps for name in step.offers}
    for measure in sorted(named):
        offering = [a for a in answers if any(measure in step.offers for step in a.rule.steps)]
        yield measure, pl.any_horizontal(a.offers(measure) for a in offering)


def _missing(answers: list[Answers], ruleset: Ruleset) -> Iterable[tuple[str, pl.Expr]]:
    for name in ruleset.reads:
        matters = [each for a in answers for each in a.unsettled(name, ruleset)]
        yield name, pl.col(name).is_null() & pl.any_horizontal(matters)
