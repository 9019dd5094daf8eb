"""Histories that tests draw, and plain counts to hold replays against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from hypothesis import strategies as st

from engine.canonical import KEY
from engine.column import column_type
from engine.condition import Value
from engine.executors.reference import Reference
from engine.frame import NO_REJECTS, ROW
from engine.indicator import Catalogue
from engine.meaning import Meaning, Outcome
from engine.replay.history import History
from engine.ruleset import Ruleset
from tests.ruletext import rule, rules, ruleset
from tests.strategies import CATALOGUE, records, rulesets

Row = dict[str, Any]
LADDER = ruleset(
    rules(
        rule("fails >= 1", name="fails", follows="points: 4"),
        rule("low_marks >= 1", name="marks", follows="points: 3"),
        rule("incidents >= 1", name="incidents", follows="points: 1"),
        rule("unexcused_lessons >= 1", name="lifted", follows="at_least: watch"),
    )
)


def history(
    rows: list[Row],
    reads: tuple[str, ...],
    groups: tuple[str, ...] = (),
    catalogue: Catalogue = CATALOGUE,
) -> History:
    """Return a history of these rows: ``pupil_key``, ``outcome``, indicators and what else."""
    known = catalogue.indicators
    types = {name: column_type(known[name]) for name in (*reads, *groups)}
    schema = {KEY: pl.String(), "outcome": pl.Boolean(), **types}
    beside = {
        "school": pl.String(),
        "cohort": pl.String(),
        "as_of": pl.Date(),
        "left_on": pl.Date(),
    }
    schema |= {name: kind for name, kind in beside.items() if any(name in row for row in rows)}
    frame = pl.DataFrame(rows, schema=schema).with_row_index(ROW, offset=1)
    return History(frame, catalogue, reads, groups, NO_REJECTS, "drawn")


def outcomes(ruleset: Ruleset, rows: list[Row]) -> list[Outcome]:
    """Return what the definition of the meaning says of each row."""
    reference, meaning = Reference(ruleset), Meaning(ruleset)
    return [meaning.outcome(reference.truths(row)) for row in rows]


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Ruleset, list[Row]]:
    """Draw a ruleset and rows of a history of it; some pupils stand in several cohorts."""
    ruleset = draw(rulesets())
    values: list[Mapping[str, Value | None]] = draw(
        st.lists(records(ruleset), min_size=1, max_size=12)
    )
    rows = []
    for number, record in enumerate(values):
        row = {KEY: f"p{draw(st.integers(0, number))}", "outcome": draw(_OUTCOME)}
        rows.append({**row, "school": draw(_SCHOOL), "cohort": f"{number}", **record})
    return ruleset, rows


_OUTCOME = st.sampled_from([None, True, False, False])
_SCHOOL = st.sampled_from(["a", "b", None])
