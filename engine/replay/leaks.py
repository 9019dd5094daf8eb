"""The leak guard: no indicator of a history may know what happened after its as-of day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from engine.column import OBSERVED, date_column
from engine.errors import DataError, Problem
from engine.table import Table
from engine.words.phrases import ROWS
from engine.words.quantities import counted

AS_OF, LEFT_ON = "as_of", "left_on"


def leaks(table: Table, indicators: Iterable[str]) -> None:
    """Raise `DataError` where values were observed after the as-of day, or after leaving.

    A row whose pupil had left by the as-of day is a leak too: whatever is known of it then comes
    from having left.
    """
    schema = table.frame.collect_schema()
    dated = {
        name: f"{name}.{OBSERVED}" if f"{name}.{OBSERVED}" in schema else OBSERVED
        for name in indicators
        if OBSERVED in schema or f"{name}.{OBSERVED}" in schema
    }
    days = {n: date_column(n, schema[n], None).value for n in (AS_OF, LEFT_ON) if n in schema}
    asked = {}
    for name, column in dated.items():
        observed = date_column(column, schema[column], None).value
        there = pl.col(name).is_not_null()
        if schema[name] == pl.String:
            there &= pl.col(name).str.strip_chars() != ""  # an empty field of a CSV file
        for day, value in days.items():
            late = observed > value if day == AS_OF else observed >= value
            asked[name, day] = (there & late).sum()
    if len(days) == len((AS_OF, LEFT_ON)):
        asked["", LEFT_ON] = (days[LEFT_ON] <= days[AS_OF]).sum()
    if not asked:
        return
    named = [count.alias(str(number)) for number, count in enumerate(asked.values())]
    counts = table.frame.select(named).collect(engine="streaming").row(0)
    found = {key: count for key, count in zip(asked, counts, strict=True) if count}
    if found:
        raise DataError(_problems(found))


def _problems(found: dict[tuple[str, str], int]) -> Iterator[Problem]:
    for (name, day), count in found.items():
        rows = counted(count, ROWS, "en")
        if not name:
            message = f"pupils had left by the as-of day in {rows}"
            hint = "leave these rows out: a pupil who has left cannot be warned of"
        elif day == AS_OF:
            message = f"'{name}' was observed after the as-of day in {rows}"
            hint = "compute it again as of that day: a rule cannot see the future"
        else:
            message = f"'{name}' was observed when the pupil had left, in {rows}"
            hint = "take a value from before: this one may be what leaving looks like"
        yield Problem("leak", message, None, hint)
