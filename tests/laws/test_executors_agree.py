"""The law that carries the design: all executors give one answer."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings

from engine.condition import Value
from engine.executors.byrow import ByRow
from engine.executors.columns import Columns
from engine.executors.durable import Durable
from engine.executors.reference import Reference
from engine.frame import KEY, ROW, _dtype
from engine.ruleset import Ruleset
from tests.strategies import cases

SCORES = ["score", "possible_score", "level", "possible_level"]
THOROUGH = int(__import__("os").environ.get("N", "0")) or max(2000, settings().max_examples)


def frame(ruleset: Ruleset, records: list[dict[str, Value | None]]) -> pl.LazyFrame:
    known = ruleset.catalogue.indicators
    schema = {name: _dtype(known[name]) for name in ruleset.reads}
    rows = pl.DataFrame(records, schema=schema)
    return rows.with_row_index(ROW).with_columns(pl.lit("p").alias(KEY)).lazy()


@settings(max_examples=THOROUGH)
@given(cases())
def test_three_executors_give_the_same_truths_scores_and_levels(
    case: tuple[Ruleset, list[dict[str, Value | None]]],
) -> None:
    """Truths, both scores and both levels are equal, row for row."""
    ruleset, records = case
    rows = frame(ruleset, records)
    wanted = [clause.name for clause in ruleset.clauses] + SCORES
    durable = Durable(ruleset)
    try:
        answers = [
            executor.run(rows).collect().select(wanted).rows()
            for executor in (ByRow(Reference(ruleset)), ByRow(durable), Columns(ruleset))
        ]
    finally:
        durable.close()
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]
