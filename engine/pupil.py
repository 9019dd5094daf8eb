"""One pupil out of a table: the canonical record, and which of its values are too old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.canonical import KEY, PROBLEMS
from engine.condition import Value
from engine.errors import DataError, Problem
from engine.frame import OBSERVED, canonical_frame
from engine.ruleset import Ruleset
from engine.table import Table


@dataclass(frozen=True)
class Pupil:
    """A canonical record; `stale` has the values that were too old, and the date they go up to."""

    key: str
    record: Mapping[str, Value | None]
    stale: Mapping[str, date]


def find_pupil(table: Table, key: str, ruleset: Ruleset, as_of: date | None) -> Pupil:
    """Return the pupil with this key.

    Raises `DataError` where there is none, or where the row cannot be read.
    """
    mine = table.frame.filter(pl.col(KEY).cast(pl.String) == key).collect().lazy()
    read = [ruleset.catalogue.indicators[name] for name in ruleset.reads]
    commas = table.decimal_commas
    now = canonical_frame(mine, read, as_of=as_of, decimal_commas=commas)
    rows = now.rows.collect()
    if now.rejects.height:
        raise DataError(
            Problem(
                "reject", f"row {row}, {column}: {PROBLEMS[code].en}", None, f"it says '{value}'"
            )
            for row, column, value, code in now.rejects.rows()
        )
    if not rows.height:
        hint = "check the key, or look for its row in the rejects"
        raise DataError(
            Problem("no-pupil", "the table has no readable row for this key", None, hint)
        )
    record = rows.select(ruleset.reads).row(0, named=True)
    ever = canonical_frame(mine, read, decimal_commas=commas).rows.collect().row(0, named=True)
    aged = [name for name in ruleset.reads if record[name] is None and ever[name] is not None]
    return Pupil(key, record, {name: _observed(mine, name) for name in aged})


def _observed(mine: pl.LazyFrame, name: str) -> date:
    """Return the date to which a value goes; it was read before, so it is there and sound."""
    schema = mine.collect_schema()
    column = f"{name}.{OBSERVED}" if f"{name}.{OBSERVED}" in schema else OBSERVED
    found = mine.select(column).collect().item()
    return found if isinstance(found, date) else date.fromisoformat(found.strip())
