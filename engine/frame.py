"""The canonicaliser for tables: types, rounds and nulls values as `engine.canonical` does.

What does not fit is rejected with its row and its reason; nothing is guessed. A value older than
the indicator's limit is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.canonical import KEY
from engine.column import OBSERVED, Column, canonical_columns, date_column
from engine.indicator import Indicator

ROW = "__row"
BAD = "__bad"
PLANS = 64
NO_REJECTS = pl.DataFrame(
    schema={"row": pl.UInt64, "column": pl.String, "value": pl.String, "problem": pl.String}
)


@dataclass(frozen=True)
class Canonical:
    """`rows`: row number, key and typed indicators; `rejects`: row, column, value, problem code."""

    rows: pl.LazyFrame
    rejects: pl.DataFrame


def canonical_frame(
    table: pl.LazyFrame,
    indicators: Iterable[Indicator],
    *,
    as_of: date | None = None,
    decimal_commas: Iterable[str] = (),
) -> Canonical:
    """Return a table's rows in canonical form, and what had to be rejected.

    `table` has ``__row`` (the row's number for people), ``pupil_key``, and indicator columns by
    name; indicators without a column are unknown throughout. ``observed_on`` and
    ``INDICATOR.observed_on`` are the dates to which values go; with `as_of`, older values than an
    indicator's limit become unknown, and later ones are refused.
    Raises `DataError` where a column's type cannot hold its indicator's values.
    """
    columns = canonical_columns(table.collect_schema(), indicators, as_of, decimal_commas)
    return judged(table, columns, columns[0].value)


def judged(table: pl.LazyFrame, columns: list[Column], identity: pl.Expr) -> Canonical:
    """Return the rows of a table of which every column's value passes, and the rejects.

    The first column is the key. `identity` is a text that no two rows may share: all of those that
    do are duplicates.
    """
    schema = table.collect_schema()
    twice = _duplicated(table, identity)
    if twice.len():
        again = (identity.is_in(twice.implode()), "duplicate")
        columns = [replace(columns[0], checks=(*columns[0].checks, again)), *columns[1:]]
    bad = pl.any_horizontal(column.bad for column in columns)
    rejects = _rejects(table.filter(bad), [c for c in columns if c.name in schema])
    rows = table.filter(~bad) if rejects.height else table
    return Canonical(rows.select(pl.col(ROW), *_values(columns)), rejects)


def _values(columns: Iterable[Column]) -> list[pl.Expr]:
    """Return the canonical values of all columns but those that only date the others."""
    return [c.value.alias(c.name) for c in columns if not c.dates]


class Canonicaliser:
    """Makes tables canonical for somebody who waits: expressions are made once for like tables.

    It gives what `canonical_frame` gives, at once, for tables that fit into memory many times over.
    """

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self._indicators = tuple(indicators)
        self._plans: dict[object, tuple[list[Column], pl.Expr]] = {}

    def rows(self, table: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the canonical rows and the rejects; columns and errors as `canonical_frame`."""
        key = (*table.schema.items(), as_of)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._plan(table.schema, as_of)
        columns, bad = plan
        found = table.select(pl.col(ROW), *_values(columns), bad)
        wrong = found[BAD]
        rows = found.drop(BAD)
        if not wrong.any():
            return rows, NO_REJECTS
        rejected = table.filter(wrong).lazy()
        rejects = _rejects(rejected, [c for c in columns if c.name in table.columns])
        return rows.filter(~wrong), rejects

    def _plan(self, schema: pl.Schema, as_of: date) -> tuple[list[Column], pl.Expr]:
        columns = canonical_columns(schema, self._indicators, as_of)
        again = (columns[0].value.is_duplicated(), "duplicate")
        columns[0] = replace(columns[0], checks=(*columns[0].checks, again))
        # `any_horizontal` would become a chain, each link of which is looked at from all others.
        failed = (failed for column in columns for failed, _ in column.checks)
        return columns, pl.max_horizontal(failed).fill_null(value=False).alias(BAD)


def _duplicated(table: pl.LazyFrame, key: pl.Expr) -> pl.Series:
    """Return the keys that stand in more than one row.

    Hashes are counted in parts, so that memory does not grow with the table; only keys whose hash
    is met twice are then compared as they are.
    """
    total = int(table.select(pl.len()).collect(engine="streaming").item())
    parts = 1 + total // 2_000_000
    hashes = table.select(key.drop_nulls().hash().alias("hash"))
    met_twice = []
    for part in range(parts):
        mine = hashes.filter(pl.col("hash") % parts == part).group_by("hash").len()
        counted = mine.filter(pl.col("len") > 1).select("hash")
        met_twice.append(counted.collect(engine="streaming")["hash"])
    suspects = pl.concat(met_twice)
    if not suspects.len():
        return pl.Series(KEY, [], pl.String)
    keys = table.select(key.alias(KEY)).filter(pl.col(KEY).hash().is_in(suspects.implode()))
    again = keys.group_by(KEY).len().filter(pl.col("len") > 1).select(KEY)
    return again.collect(engine="streaming")[KEY]


def observed_on(mine: pl.LazyFrame, indicator: str) -> date | None:
    """Return the date to which one pupil's value goes, None where nobody says."""
    schema = mine.collect_schema()
    name = f"{indicator}.{OBSERVED}" if f"{indicator}.{OBSERVED}" in schema else OBSERVED
    found = mine.select(date_column(name, schema[name], None).value).collect().item()
    return found if isinstance(found, date) else None


def _rejects(bad: pl.LazyFrame, columns: list[Column]) -> pl.DataFrame:
    """Return one line for each value that is wrong: row, column, value, problem."""
    shown = bad.select(
        pl.col(ROW).alias("row"),
        *(pl.col(c.name).cast(pl.String).alias(c.name) for c in columns),
        *(c.problem.alias(f"{c.name}!") for c in columns),
    ).collect(engine="streaming")
    lines = [
        shown.filter(pl.col(f"{c.name}!").is_not_null()).select(
            pl.col("row").cast(pl.UInt64),
            pl.lit(c.name).alias("column"),
            pl.col(c.name).alias("value"),
            pl.col(f"{c.name}!").alias("problem"),
        )
        for c in columns
    ]
    return pl.concat(lines).sort("row", maintain_order=True)
