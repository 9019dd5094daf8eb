"""Terms: to which term the session of a mark belongs, and which term came before it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl

_SCHEMA = {"session": pl.String, "term": pl.Date, "term_before": pl.Date}


def terms(known: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Return to which term each session belongs: session, term, term_before (null: none known).

    A term is a semester, and is named by the day on which it begins. Shorter sessions belong to
    the semester above them; where there is none, they are terms themselves. School years are no
    terms. The term before is the one that began last before among those of its kind and school.
    """
    wanted = known["sessions"].select("id", "type", "begins", "parent", "school")
    sessions = {row["id"]: row for row in wanted.collect().iter_rows(named=True)}
    of = {
        each: _semester_above(each, sessions)
        for each, row in sessions.items()
        if row["type"] != "school_year"
    }
    lines: dict[tuple[Any, Any], list[Any]] = defaultdict(list)
    for term in set(of.values()):
        lines[_line(sessions[term])].append(sessions[term]["begins"])
    for line in lines.values():
        line.sort()
    rows = []
    for session, term in of.items():
        begins, line = sessions[term]["begins"], lines[_line(sessions[term])]
        place = bisect_left(line, begins)
        rows.append((session, begins, line[place - 1] if place else None))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _semester_above(session: str, sessions: Mapping[str, dict[str, Any]]) -> str:
    """Return the semester that a session lies in, or the session itself where there is none."""
    at: str | None = session
    for _ in range(4):  # a grading period, a term, a semester; never round in a circle
        if at is None or at not in sessions:
            break
        if sessions[at]["type"] == "semester":
            return at
        at = sessions[at]["parent"]
    return session


def _line(row: dict[str, Any]) -> tuple[Any, Any]:
    return row["type"], row["school"]
