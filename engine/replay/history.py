"""Histories: what was known of pupils on days of the past, and what became of them.

A history has a row for each pupil and as-of day. Its indicators are read as a table of today's
pupils would be, each row as of its own day: what is too old then is unknown, and what nobody could
know then is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from engine.canonical import KEY
from engine.column import Column, canonical_columns, date_column
from engine.errors import DataError, Problem, nearest
from engine.fingerprint import fingerprint
from engine.frame import Canonical, judged
from engine.indicator import Catalogue, Indicator
from engine.replay.leaks import leaks
from engine.replay.rejects import mend_words, rejects_words
from engine.replay.remarks import remarks
from engine.table import Table, read_table, reading, refused
from engine.text import Text
from engine.words.phrases import ROWS
from engine.words.quantities import counted

OUTCOME, AS_OF, LEFT_ON = "outcome", "as_of", "left_on"
SCHOOL, GRADE, COHORT = "school", "grade", "cohort"
PLACES = (SCHOOL, GRADE, COHORT)
# In a Parquet file: indicator -> fingerprint of its definition; days until an outcome is settled.
DEFINITIONS, HORIZON = "pumpurs.definitions", "pumpurs.horizon"

_LEFT = Text("Pameta mācības", "Left school early")
_FLAG = Indicator(
    OUTCOME, _LEFT, _LEFT, "", "flag", "", "higher_is_worse", "registers", "audit"
)  # read as a yes-or-no indicator is: 1 and 0, true and false, jā and nē


@dataclass(frozen=True)
class History:
    """Rows of the past, in canonical form.

    `rows` has ``__row``, ``pupil_key``, ``outcome`` (true: left, false: stayed, null: unknown), the
    indicators that the file has, and of ``as_of`` (date), ``left_on`` (date), ``school``, ``grade``
    and ``cohort`` (text, but for one that is an indicator) those that it has; without ``cohort``,
    each as-of day is one. A pupil has at most one row a day. `indicators` are the columns that
    rules may read, `groups` those that only the audit may. `rejects` are rows set aside, as
    `engine.frame` lists them. `fingerprint` names the file's bytes. `horizon` is after how many
    days an outcome was settled, where the file says so.
    """

    rows: pl.DataFrame
    catalogue: Catalogue
    indicators: tuple[str, ...]
    groups: tuple[str, ...]
    rejects: pl.DataFrame
    fingerprint: str
    notes: tuple[Text, ...] = ()
    horizon: int | None = None

    @cached_property
    def cohorts(self) -> tuple[str, ...]:
        """The cohorts in order of time; none where the history does not tell them apart.

        The as-of days order them; where there are none, their names do.
        """
        if COHORT not in self.rows.columns:
            return ()
        first = pl.col(AS_OF).min() if AS_OF in self.rows.columns else pl.lit(None)
        found = self.rows.drop_nulls(COHORT).group_by(COHORT).agg(first.alias(AS_OF)).rows()
        return tuple(
            name for name, day in sorted(found, key=lambda row: (row[1] or 0, _in_time(row[0])))
        )

    @cached_property
    def repeated(self) -> bool:
        """Whether any pupil stands in several rows; hashes tell it first, for they are quick."""
        keys = self.rows[KEY]
        return keys.hash().n_unique() < keys.len() and keys.n_unique() < keys.len()

    @property
    def labelled(self) -> pl.DataFrame:
        """The rows of which the outcome is known."""
        return self.rows.filter(pl.col(OUTCOME).is_not_null())

    @property
    def rejected(self) -> int:
        """How many rows were set aside: the file's rows are these and `rows`."""
        return self.rejects["row"].n_unique()


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
        said = pl.read_parquet_metadata(path) if path.suffix.lower() == ".parquet" else {}
        then = _check_definitions(path, said.get(DEFINITIONS), table, catalogue)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found = history_of(table, catalogue, digest)
    days = said.get(HORIZON, "")
    unsaid = () if {*found.indicators} <= {*then} else (_UNDEFINED,)
    horizon = int(days) if days.isascii() and days.isdigit() else None
    return replace(found, horizon=horizon, notes=(*found.notes, *unsaid))


_UNDEFINED = Text(
    "Vēsturē nav teikts, pēc kādām definīcijām rādītāji aprēķināti, tāpēc netiek pārbaudīts, vai "
    "tās ir kataloga definīcijas.",
    "The history does not say by which definitions its indicators were computed, so whether these "
    "are the catalogue's is not checked.",
)


def history_of(table: Table, catalogue: Catalogue, digest: str) -> History:
    """Return the history in a table that was read; `digest` names its bytes."""
    if OUTCOME not in table.columns:
        hint = f"name the column '{OUTCOME}': 1 left, 0 stayed, empty unknown"
        message = f"there is no column '{OUTCOME}'"
        near = _nearly(OUTCOME, table.columns)
        raise DataError(Problem("no-outcomes", message, None, f"{hint}{near}"))
    read = [i for name, i in catalogue.indicators.items() if name in table.columns]
    if not read:
        message = "no column of the history is an indicator of the catalogue"
        hint = "name columns as the catalogue does, or give the rules whose catalogue names them"
        raise DataError(Problem("no-indicators", message, None, hint))
    leaks(table, [i.name for i in read])
    found = canonical_rows(table, read)
    rows = found.rows.collect(engine="streaming")
    rejects = pl.concat([table.rejects, found.rejects]).sort("row", maintain_order=True)
    if COHORT not in rows.columns and AS_OF in rows.columns:
        rows = rows.with_columns(pl.col(AS_OF).cast(pl.String).alias(COHORT))
    _check_outcomes(rows, rejects)
    return History(
        rows,
        catalogue,
        tuple(i.name for i in read if i.use != "audit"),
        tuple(i.name for i in read if i.use == "audit"),
        rejects,
        digest,
        (*table.notes, *remarks(table, rows, read, catalogue)),
    )


def _nearly(name: str, columns: Sequence[str]) -> str:
    """Return what to say of the column that was probably meant by a name, or an empty text."""
    near = nearest(name, columns, 0.6)
    if near is None:
        return ""
    if near.lower() == name:
        return f"; '{near}' differs from it only by case: names are written in small letters"
    return f"; is it the column '{near}'?"


def canonical_rows(table: Table, read: Sequence[Indicator]) -> Canonical:
    """Return a history's rows in canonical form, each as of its own day, and its rejects.

    In one pass over all days: a pupil's rows are duplicates only where their days are the same.
    """
    frame, schema = table.frame, table.frame.collect_schema()
    day = date_column(AS_OF, schema[AS_OF], None).value if AS_OF in schema else None
    columns = canonical_columns(schema, read, day, table.decimal_commas)
    only = {name: schema[name] for name in (KEY, OUTCOME)}  # an outcome's own date is no leak
    columns += canonical_columns(only, [_FLAG], None)[1:]
    named = {i.name for i in read}
    columns += [_place(name) for name in PLACES if name in schema and name not in named]
    if LEFT_ON in schema:
        columns.append(replace(date_column(LEFT_ON, schema[LEFT_ON], None), dates=False))
    identity = columns[0].value
    if day is not None:
        columns.append(Column(AS_OF, day, ((day.is_null(), "not-date"),)))
        identity = pl.concat_str(identity, day.cast(pl.String), separator=" ")
    return judged(frame, columns, identity)


def _place(name: str) -> Column:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return Column(name, pl.when(text != "").then(text))


def definition(indicator: Indicator) -> str:
    """Return the fingerprint of what an indicator's values mean; its texts do not count."""
    i = indicator
    return fingerprint([i.type, i.unit, i.decimals, i.low, i.high, sorted(i.categories), i.window])


def _check_definitions(
    path: Path, said: str | None, table: Table, catalogue: Catalogue
) -> dict[str, str]:
    """Refuse a file computed under other definitions; return those that it says."""
    try:
        then = dict(json.loads(said)) if said else {}
    except (ValueError, TypeError, RecursionError):
        message = f"what it says of its definitions ('{DEFINITIONS}') cannot be read"
        raise refused(path, "definitions", message, "compute the history again") from None
    known = {n: i for n, i in catalogue.indicators.items() if n in table.columns}
    other = sorted(n for n, was in then.items() if n in known and was != definition(known[n]))
    if other:
        message = f"computed under another definition than the catalogue's: {', '.join(other)}"
        hint = "compute the history again, or use the rules and catalogue that it was made with"
        raise refused(path, "definitions", message, hint)
    return then


def _check_outcomes(rows: pl.DataFrame, rejects: pl.DataFrame) -> None:
    """Refuse a history from which nothing can be learnt."""
    left = int(rows[OUTCOME].sum())
    stayed = rows.height - rows[OUTCOME].null_count() - left
    if left and stayed:
        return
    if left or stayed:
        known = counted(left or stayed, ROWS, "en")
        message = (
            f"all outcomes that are known are the same: {'left' if left else 'stayed'} ({known})"
        )
    elif rows.height or not rejects.height:
        message = f"no row has an outcome ({counted(rows.height, ROWS, 'en')})"
    else:
        message = "no row is left, because all were rejected"
    hint = "give the outcomes of pupils who left (1) and of pupils who stayed (0)"
    if rejects.height:
        message += f". {rejects_words(rejects).en}"
        hint = f"{mend_words(rejects)}; then {hint}" if rows.height else mend_words(rejects)
    raise DataError(Problem("no-outcomes", message, None, hint))
