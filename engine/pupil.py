"""One pupil out of a table: the canonical record, and which of its values are too old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.canonical import KEY, PROBLEMS, canonical_key
from engine.condition import Value
from engine.errors import DataError, Problem
from engine.frame import canonical_frame, observed_on
from engine.ruleset import Ruleset
from engine.table import Table
from engine.text import Language


@dataclass(frozen=True)
class Pupil:
    """A canonical record; `stale` has the values that were too old, and the date they go up to."""

    key: str
    record: Mapping[str, Value | None]
    stale: Mapping[str, date]


def find_pupil(
    table: Table, key: str, ruleset: Ruleset, as_of: date | None, language: Language = "en"
) -> Pupil:
    """Return the pupil with this key.

    Raises `DataError` where there is none, or where the row cannot be read.
    """
    canonical_key(key)
    mine = table.frame.filter(pl.col(KEY).cast(pl.String) == key).collect().lazy()
    read = [ruleset.catalogue.indicators[name] for name in ruleset.reads]
    commas = table.decimal_commas
    now = canonical_frame(mine, read, as_of=as_of, decimal_commas=commas)
    rows = now.rows.collect()
    if now.rejects.height:
        raise DataError(
            Problem("reject", f"{row}: {column}: {PROBLEMS[code][language]}", None, f"'{value}'")
            for row, column, value, code in now.rejects.rows()
        )
    if not rows.height:
        hint = "check the key; rows that cannot be read are listed by 'pumpurs score'"
        raise DataError(
            Problem("no-pupil", "the table has no readable row for this key", None, hint)
        )
    record = rows.select(ruleset.reads).row(0, named=True)
    ever = canonical_frame(mine, read, decimal_commas=commas).rows.collect().row(0, named=True)
    aged = [name for name in ruleset.reads if record[name] is None and ever[name] is not None]
    dates = {name: observed_on(mine, name) for name in aged}
    return Pupil(key, record, {name: day for name, day in dates.items() if day})
