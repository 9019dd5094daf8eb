"""One meaning, several executors.

======================  =====================================================================
`reference`             plain closures; the meaning, and the evidence; readable before fast
`durable`               durable_rules, fenced; the online path
`columns`               polars expressions; batch, replay and tuning
======================  =====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl

    from engine.condition import Record
    from engine.meaning import Truths
    from engine.ruleset import Ruleset


class Executor(Protocol):
    """Answers every clause of one ruleset, for all rows of a canonical frame."""

    ruleset: Ruleset

    def run(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return `rows` with truths and scores added.

        Adds a nullable Boolean column for each clause, named as the clause, and ``score``,
        ``possible_score`` (whole numbers), ``level`` and ``possible_level`` (ranks); the last
        four are null outside the population.
        """
        ...


class Matcher(Protocol):
    """Answers every clause of one ruleset for one canonical record."""

    ruleset: Ruleset

    def truths(self, record: Record) -> Truths:
        """Return the truth of each clause, in the order of ``ruleset.clauses``."""
        ...
