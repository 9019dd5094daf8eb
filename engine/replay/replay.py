"""Replay: a ruleset over rows of the past, each scored as it would have been on its day.

A row is one pupil on one as-of day. Rows outside the ruleset's population are not assessed: they
count apart, and stand in no figure. Indicators that the history has not are unknown throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from engine.canonical import KEY
from engine.column import column_type
from engine.condition import indicators
from engine.errors import DataError, Problem, did_you_mean
from engine.executors.columns import Columns
from engine.replay.history import AS_OF, OUTCOME, PLACES, History, definition
from engine.replay.split import Part, Split
from engine.ruleset import Ruleset

LEVEL = "level"
SCORES = ("score", "possible_score", LEVEL, "possible_level")


@dataclass(frozen=True)
class Replay:
    """What a ruleset would have said of the rows of one part of a history.

    `rows` are the assessed ones: the history's columns, a nullable truth for each clause, and
    ``score, possible_score, level, possible_level`` (levels as ranks). `outside` counts the rows
    outside the population: ``rows, left, stayed, unknown``. `absent` are indicators that the
    ruleset reads and the history has not. `on_tuned` says that the ruleset was tuned on these very
    rows, so that its figures say too much good. `repeated` is false where no pupil stands in
    several rows of the history, so that the rows are independent observations.
    """

    ruleset: Ruleset
    rows: pl.DataFrame
    outside: Mapping[str, int]
    groups: tuple[str, ...]
    absent: tuple[str, ...]
    fingerprint: str
    part: Part = "all"
    cohorts: tuple[str, ...] = field(default=())
    on_tuned: bool = False
    repeated: bool = True

    @cached_property
    def pupils(self) -> int:
        """How many pupils were assessed."""
        return self.rows[KEY].n_unique() if self.repeated else self.rows.height

    @property
    def ranks_by(self) -> tuple[str, str]:
        """The columns that rank pupils, as is sure and as is possible.

        Scores; or levels, where a ruleset has no points, as some published ones.
        """
        steps = (step for rule in self.ruleset.rules for step in rule.steps)
        scored = any(self.ruleset.points(step) for step in steps)
        return ("score", "possible_score") if scored else (LEVEL, "possible_level")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The columns by which figures can be given."""
        named = [name for name in (*PLACES, AS_OF) if name in self.rows.columns]
        return (LEVEL, *dict.fromkeys((*named, *self.groups)))

    def dimension(self, by: str) -> pl.Expr:
        """Return the column `by` as text, null where it is unknown.

        Raises `DataError` where figures cannot be given by it.
        """
        if by not in self.dimensions:
            hint = did_you_mean(by, self.dimensions) or f"choose of: {', '.join(self.dimensions)}"
            raise DataError(Problem("no-group", f"there are no figures by '{by}'", None, hint))
        if by == LEVEL:
            ids = {rank: level.id for rank, level in enumerate(self.ruleset.levels)}
            return pl.col(LEVEL).replace_strict(ids, return_dtype=pl.String).alias(by)
        return pl.col(by).cast(pl.String).alias(by)


def replay(
    history: History, ruleset: Ruleset, split: Split | None = None, part: Part = "all"
) -> Replay:
    """Score the rows of a history's `part` by a ruleset; `split` says what the parts are.

    It does not ask what the ruleset was tuned on: `engine.replay.judge` does.
    Raises `DataError` where the history has none of the ruleset's indicators, has them under other
    definitions, or where no row is in the ruleset's population.
    """
    absent = _absent(history, ruleset)
    rows = split.rows(history, part) if split else history.rows
    known = ruleset.catalogue.indicators
    unknown = [pl.lit(None, column_type(known[name])).alias(name) for name in absent]
    asked = rows.lazy().with_columns(unknown)
    names = [clause.name for clause in ruleset.clauses] + list(SCORES)
    answers = Columns(ruleset).run(asked).select(names).collect(engine="streaming")
    scored = rows.with_columns(unknown).hstack(answers)
    inside = scored.filter(pl.col(LEVEL).is_not_null()) if answers[LEVEL].null_count() else scored
    if not inside.height:
        raise DataError(nobody(ruleset, rows.height))
    return Replay(
        ruleset,
        inside,
        _outcomes(scored.filter(pl.col(LEVEL).is_null())),
        history.groups,
        absent,
        history.fingerprint,
        part if split else "all",
        history.cohorts if part == "all" or not split else getattr(split, part),
        repeated=history.repeated,
    )


def nobody(ruleset: Ruleset, rows: int) -> Problem:
    """Return what is wrong where a ruleset is for none of so many rows."""
    message = f"none of {rows} rows is in the population of '{ruleset.id}'"
    hint = "check the columns that its 'population' reads, or choose another ruleset"
    if not rows:
        message, hint = "there are no rows", "a filter or a split may have left none"
    return Problem("no-population", message, None, hint)


def _absent(history: History, ruleset: Ruleset) -> tuple[str, ...]:
    """Return what the ruleset reads and the history has not."""
    mine, theirs = ruleset.catalogue.indicators, history.catalogue.indicators
    absent = tuple(name for name in ruleset.reads if name not in history.rows.columns)
    steps = (step for rule in ruleset.rules for step in rule.steps)
    asked = sorted({name for step in steps for name in indicators(step.when.tree)})
    if {*asked} <= {*absent}:
        message = f"the history has no indicator that rules of '{ruleset.id}' read"
        hint = f"they read: {', '.join(asked)}"
        raise DataError(Problem("no-indicators", message, None, hint))
    other = [
        name
        for name in ruleset.reads
        if name not in absent
        and (name not in theirs or definition(mine[name]) != definition(theirs[name]))
    ]
    if other:
        message = f"'{ruleset.id}' means something else by: {', '.join(other)}"
        hint = "read the history with this ruleset's catalogue, or compute it again for it"
        raise DataError(Problem("definitions", message, None, hint))
    return absent


def _outcomes(rows: pl.DataFrame) -> dict[str, int]:
    left = int(rows[OUTCOME].sum())
    unknown = rows[OUTCOME].null_count()
    stayed = rows.height - left - unknown
    return {"rows": rows.height, "left": left, "stayed": stayed, "unknown": unknown}
