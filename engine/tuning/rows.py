"""What tuning takes from the rows of a history: what rules read, and whom a row is counted with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from engine.column import column_type
from engine.errors import DataError, Problem, did_you_mean
from engine.replay.history import OUTCOME
from engine.ruleset import Ruleset
from engine.tuning.classes import World
from engine.tuning.distinct import Column, distinct, small
from engine.tuning.tally import OUTCOMES, UNKNOWN_OUTCOME, Group

SCORES: Mapping[World, tuple[str, str]] = {
    "sure": ("score", "level"),
    "possible": ("possible_score", "possible_level"),
}


def with_absent(ruleset: Ruleset, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a column for each indicator that the ruleset reads."""
    known = ruleset.catalogue.indicators
    absent = [name for name in ruleset.reads if name not in rows.columns]
    return rows.with_columns(pl.lit(None, column_type(known[name])).alias(name) for name in absent)


def grouped(rows: pl.DataFrame, by: Sequence[str]) -> tuple[tuple[Group, ...], Column]:
    """Return the groups that occur, in order and as texts, and the group of each row.

    Raises `DataError` where there are no rows, or one of the columns is not there.
    """
    if not rows.height:
        hint = "give rows of a history: a filter or a split may have left none"
        raise DataError(Problem("empty", "there are no rows to count", None, hint))
    for column in by:
        if column not in rows.columns:
            hint = did_you_mean(column, rows.columns) or "name a column of the history"
            raise DataError(Problem("no-group", f"there is no column '{column}'", None, hint))
    if not by:
        return ((),), Column(np.zeros(rows.height, np.uint8), 1)
    columns, names = [], []
    for column in by:
        texts = rows[column].cast(pl.String)
        there = texts.drop_nulls().unique().sort()
        codes = texts.cast(pl.Enum(there)).to_physical().fill_null(len(there))
        columns.append(Column(codes.to_numpy(), len(there) + 1))
        names.append([*there, None])
    found = distinct(columns)
    named = zip(names, found.columns, strict=True)
    groups = tuple(zip(*([texts[code] for code in codes] for texts, codes in named), strict=True))
    return groups, Column(found.spread(np.arange(len(groups))), len(groups))


def coded(rows: pl.DataFrame, group: Column) -> Column:
    """Code each row's outcome and group."""
    size = len(OUTCOMES) * group.size
    outcomes = small(rows[OUTCOME].cast(pl.UInt8).fill_null(UNKNOWN_OUTCOME).to_numpy(), size)
    return Column(small(outcomes * group.size + group.codes, size), size)
