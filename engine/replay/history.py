"""Histories: what was known of pupils on days of the past, and what became of them.

A history has a row for each pupil and as-of day. Its indicators are read as a table of today's
pupils would be, each row as of its own day: what is too old then is unknown, and what nobody could
know then is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.column import OBSERVED, date_column
from engine.errors import DataError, Problem
from engine.fingerprint import fingerprint
from engine.frame import ROW, canonical_frame
from engine.indicator import Catalogue, Indicator
from engine.replay.leaks import leaks
from engine.table import Table, read_table, reading, refused
from engine.text import Text

OUTCOME, AS_OF, LEFT_ON = "outcome", "as_of", "left_on"
SCHOOL, GRADE, COHORT = "school", "grade", "cohort"
PLACES = (SCHOOL, GRADE, COHORT)
DEFINITIONS = "pumpurs.definitions"  # in a Parquet file: indicator -> fingerprint of its definition

_LEFT = Text("Pameta mācības", "Left school early")
_FLAG = Indicator(
    OUTCOME, _LEFT, _LEFT, "", "flag", "", "higher_is_worse", "registers", "audit"
)  # read as a yes-or-no indicator is: 1 and 0, true and false, jā and nē


@dataclass(frozen=True)
class History:
    """Rows of the past, in canonical form.

    `rows` has ``__row``, ``pupil_key``, ``outcome`` (true: left, false: stayed, null: unknown), the
    indicators that the file has, and of ``as_of`` (date), ``left_on`` (date), ``school``, ``grade``
    and ``cohort`` (text) those that it has; without ``cohort``, each as-of day is one. A pupil has
    at most one row a day. `indicators` are the columns that rules may read, `groups` those that
    only the audit may. `rejects` are rows set aside, as `engine.frame` lists them. `fingerprint`
    names the file's bytes.
    """

    rows: pl.DataFrame
    catalogue: Catalogue
    indicators: tuple[str, ...]
    groups: tuple[str, ...]
    rejects: pl.DataFrame
    fingerprint: str
    notes: tuple[Text, ...] = ()

    @property
    def cohorts(self) -> tuple[str, ...]:
        """The cohorts in order of time; none where the history does not tell them apart."""
        if COHORT not in self.rows.columns:
            return ()
        named = self.rows[COHORT].drop_nulls().unique().to_list()
        return tuple(sorted(named, key=_in_time))

    @property
    def labelled(self) -> pl.DataFrame:
        """The rows of which the outcome is known."""
        return self.rows.filter(pl.col(OUTCOME).is_not_null())


def _in_time(cohort: str) -> tuple[int, str]:
    """Order whole numbers by size, all else (2013B before 2013J, dates) as text."""
    return (int(cohort), "") if cohort.isascii() and cohort.isdigit() else (0, cohort)


def read_history(path: Path, catalogue: Catalogue) -> History:
    """Return the history in a ``.csv`` or ``.parquet`` file.

    Raises `DataError` where no row can be used: no outcomes, one class only, an indicator from the
    future, indicators computed under other definitions.
    """
    table = read_table(path)
    with reading(path):
        if path.suffix.lower() == ".parquet":
            _check_definitions(path, catalogue)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return history_of(table, catalogue, digest)


def history_of(table: Table, catalogue: Catalogue, digest: str) -> History:
    """Return the history in a table that was read; `digest` names its bytes."""
    if OUTCOME not in table.columns:
        hint = f"name the column '{OUTCOME}': 1 left, 0 stayed, empty unknown"
        raise DataError(Problem("no-outcomes", f"there is no column '{OUTCOME}'", None, hint))
    read = [i for name, i in catalogue.indicators.items() if name in table.columns]
    if not read:
        message = "no column of the history is an indicator of the catalogue"
        hint = "name columns as the catalogue does, or give the rules whose catalogue names them"
        raise DataError(Problem("no-indicators", message, None, hint))
    leaks(table, [i.name for i in read])
    parts = [_part(table, read, day) for day in _days(table)]
    rejects = pl.concat([table.rejects, *(bad for _, bad in parts)])
    rows = pl.concat([good for good, _ in parts]).sort(ROW)
    if COHORT not in rows.columns and AS_OF in rows.columns:
        rows = rows.with_columns(pl.col(AS_OF).cast(pl.String).alias(COHORT))
    _check_outcomes(rows)
    used = {i.name: i.use for i in read}
    return History(
        rows,
        catalogue,
        tuple(name for name, use in used.items() if use != "audit"),
        tuple(name for name, use in used.items() if use == "audit"),
        rejects.sort("row", maintain_order=True),
        digest,
        (*table.notes, *_remarks(table, rows, read)),
    )


def definition(indicator: Indicator) -> str:
    """Return the fingerprint of what an indicator's values mean; its texts do not count."""
    i = indicator
    return fingerprint([i.type, i.unit, i.decimals, i.low, i.high, sorted(i.categories), i.window])


def _check_definitions(path: Path, catalogue: Catalogue) -> None:
    """Refuse a file that says it was computed under other definitions."""
    said = pl.read_parquet_metadata(path).get(DEFINITIONS)
    known = catalogue.indicators
    then = json.loads(said) if said else {}
    other = sorted(n for n, was in then.items() if n in known and was != definition(known[n]))
    if other:
        message = f"computed under another definition than the catalogue's: {', '.join(other)}"
        hint = "compute the history again, or use the rules and catalogue that it was made with"
        raise refused(path, "definitions", message, hint)


def _days(table: Table) -> Iterator[date | None]:
    """Yield the as-of days, the earliest first; None where the table has none.

    Raises `DataError` where a row has no day, or what is not one.
    """
    if AS_OF not in table.columns:
        yield None
        return
    column = date_column(AS_OF, table.frame.collect_schema()[AS_OF], None)
    found = table.frame.select(ROW, column.value.alias(AS_OF)).collect(engine="streaming")
    wrong = found.filter(pl.col(AS_OF).is_null())
    if wrong.height:
        message = f"row {wrong[ROW][0]} has no as-of day ({wrong.height} such rows in all)"
        hint = f"write '{AS_OF}' as 2026-01-31 in every row, or leave the column out"
        raise DataError(Problem("not-date", message, None, hint))
    yield from found[AS_OF].unique().sort()


def _part(
    table: Table, read: list[Indicator], day: date | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one as-of day's rows in canonical form, and its rejects."""
    frame, schema = table.frame, table.frame.collect_schema()
    if day:
        frame = frame.filter(date_column(AS_OF, schema[AS_OF], None).value == day)
    canonical = canonical_frame(
        frame, [*read, _FLAG], as_of=day, decimal_commas=table.decimal_commas
    )
    named = {i.name for i in read}
    beside = [pl.col(n).cast(pl.String) for n in PLACES if n in schema and n not in named]
    beside += [date_column(n, schema[n], None).value for n in (LEFT_ON,) if n in schema]
    if day:
        beside.append(pl.lit(day).alias(AS_OF))
    rows = canonical.rows.join(frame.select(ROW, *beside), on=ROW, how="left")
    return rows.collect(engine="streaming"), canonical.rejects


def _check_outcomes(rows: pl.DataFrame) -> None:
    """Refuse a history from which nothing can be learnt."""
    left = int(rows[OUTCOME].sum())
    stayed = rows.height - rows[OUTCOME].null_count() - left
    if left and stayed:
        return
    if not left and not stayed:
        message = f"no row has an outcome ({rows.height} rows)"
    else:
        message = (
            f"all {left or stayed} known outcomes are the same: {'left' if left else 'stayed'}"
        )
    hint = "give the outcomes of pupils who left (1) and of pupils who stayed (0)"
    raise DataError(Problem("no-outcomes", message, None, hint))


def _remarks(table: Table, rows: pl.DataFrame, read: list[Indicator]) -> Iterator[Text]:
    """Yield what an analyst should know of the columns."""
    if not any(name.endswith(OBSERVED) for name in table.columns):
        yield Text(
            "Vēsturē nav teikts, kad vērtības novērotas (observed_on), tāpēc netiek pārbaudīts, "
            "vai tās tobrīd bija zināmas.",
            "The history does not say when values were observed (observed_on), so whether they "
            "were known by then is not checked.",
        )
    for indicator in read:
        column = rows[indicator.name]
        label = indicator.label
        if column.null_count() == rows.height:
            yield Text(f"{label.lv}: nav nevienas vērtības", f"{label.en}: no value at all")
        elif column.drop_nulls().n_unique() == 1:
            yield Text(f"{label.lv}: visur viena vērtība", f"{label.en}: the same value throughout")
