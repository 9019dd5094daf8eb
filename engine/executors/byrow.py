"""Runs a matcher over the rows of a frame, so that it is an executor like any other."""

from __future__ import annotations

import polars as pl

from engine.executors import Matcher
from engine.meaning import Meaning

SCORES: dict[str, pl.DataType] = {
    "score": pl.UInt32(),
    "possible_score": pl.UInt32(),
    "level": pl.UInt8(),
    "possible_level": pl.UInt8(),
}


class ByRow:
    """One row at a time: for the online executors' sake, never for speed."""

    def __init__(self, matcher: Matcher) -> None:
        self.ruleset = matcher.ruleset
        self._matcher = matcher
        self._meaning = Meaning(self.ruleset)

    def run(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return `rows` with truths and scores added."""
        schema = {**rows.collect_schema(), **self._schema()}
        return rows.map_batches(self._add, schema=schema, streamable=True)

    def _schema(self) -> dict[str, pl.DataType]:
        return {**{clause.name: pl.Boolean() for clause in self.ruleset.clauses}, **SCORES}

    def _add(self, rows: pl.DataFrame) -> pl.DataFrame:
        answers = []
        for record in rows.select(self.ruleset.reads).iter_rows(named=True):
            truths = self._matcher.truths(record)
            found = self._meaning.outcome(truths)
            answers.append(
                (*truths, found.score, found.possible_score, found.level, found.possible_level)
            )
        added = pl.DataFrame(answers, schema=self._schema(), orient="row")
        return rows.hstack(added)
