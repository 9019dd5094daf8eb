"""One file of a bundle: rows as they stand in it, numbered as a spreadsheet shows them.

A first pass asks whether each line is well formed by itself. If all are, polars parses the file;
if not, the standard library does, which finds the broken rows.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from engine.errors import DataError, Place, nearest
from engine.frame import NO_REJECTS, ROW
from engine.registers.schema import Register
from engine.table import (
    csv_rows,
    delimiter_note,
    delimiter_of,
    encoding_of,
    names_in,
    reading,
    refused,
)
from engine.text import Text

SOURCED, STATUS, MODIFIED = "sourcedId", "status", "dateLastModified"
TECHNICAL = (SOURCED, STATUS, MODIFIED)
NEAR = 0.85  # likeness of two headers, from 0 to 1, above which one may mean the other
NEARLY = 0.7  # the same, where the one is required and there is no other
_WIDEST = 200  # columns; a wider file is left to the standard library


@dataclass(frozen=True)
class Raw:
    """A file's rows: `frame` has ``__row`` and the columns by their headers.

    `total` counts rows, also those in `rejects`, which could not be read at all. `left_out` counts
    rows that are no concern of ours. `shown` says under which name people know a column, and
    `link` is the column whose key led to the values that do not stand in the file itself.
    `unread` are columns that nobody reads, unless one is a misspelt name.
    """

    frame: pl.LazyFrame
    columns: tuple[str, ...]
    total: int = 0
    rejects: pl.DataFrame = field(default_factory=NO_REJECTS.clone)
    left_out: int = 0
    notes: tuple[Text, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    unread: tuple[str, ...] = ()


def read_file(path: Path, wanted: Collection[str]) -> Raw:
    """Return a CSV file's rows, only the `wanted` columns, all as text.

    Other columns are never read: they may hold names. Raises `DataError` with the remedy.
    """
    encoding, notes = encoding_of(path)
    with path.open(encoding=encoding, newline="") as lines:
        first = lines.readline(1_000_000)
    if not first.strip():
        raise refused(path, "empty", "the file is empty", "its first row names the columns")
    delimiter = delimiter_of(first, wanted)
    notes += delimiter_note(delimiter)
    names = names_in(first, delimiter)
    if encoding == "utf-8-sig" and _well_formed(path, len(names), delimiter):
        frame, columns, rejects = _parsed(path, names, delimiter), names, NO_REJECTS
        _check_names(path, columns)
    else:
        rows, columns, broken = csv_rows(path, encoding, delimiter)
        blank = pl.lit("").alias("value")  # a whole row may hold a name: it is not shown
        frame, rejects = rows.lazy(), broken.with_columns(blank)
    mine = tuple(name for name in columns if name in wanted)
    total = int(frame.select(pl.len()).collect().item()) + rejects.height
    notes += near_notes(columns, wanted)
    unread = tuple(name for name in columns[:_WIDEST] if name not in wanted)
    return Raw(frame.select(ROW, *mine), mine, total, rejects, notes=tuple(notes), unread=unread)


def _well_formed(path: Path, width: int, delimiter: str) -> bool:
    """Return whether each line is one row of `width` fields, its quotes right."""
    if not 1 < width <= _WIDEST:
        return False
    apart = f"\\x{ord(delimiter):02x}"
    plain, quoted = f'[^"{apart}\r]*', '"(?:[^"\r]|"")*"'
    fields = f"(?:{quoted}|{plain})"
    line = pl.col("line").str.contains(f"^{fields}(?:{apart}{fields}){{{width - 1}}}\r?$")
    return bool(pl.scan_lines(path).select(line.all()).collect(engine="streaming").item())


def _parsed(path: Path, names: tuple[str, ...], delimiter: str) -> pl.LazyFrame:
    return pl.scan_csv(
        path,
        separator=delimiter,
        infer_schema=False,
        with_column_names=lambda _: [f"{name}" for name in names],
        row_index_name=ROW,
        row_index_offset=2,
        glob=False,
    )


def _check_names(path: Path, names: tuple[str, ...]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or ROW in names:
        name = twice[0] if twice else ROW
        message = f"the column '{name}' stands twice"
        raise refused(path, "duplicate-column", message, "keep one of the two")


def near_notes(columns: Sequence[str], wanted: Collection[str]) -> list[Text]:
    """Return notes on columns that look like one that is read and is not there."""
    absent = [name for name in wanted if name not in columns]
    others = [name for name in columns[:_WIDEST] if name not in wanted]
    near = [(name, nearest(name, absent, NEAR)) for name in others]
    return [
        Text(
            f"Kolonna „{name}“ netiek lasīta; vai domāta „{found}“?",
            f"The column '{name}' is not read; did you mean '{found}'?",
        )
        for name, found in near
        if found
    ]


def read_parquet(path: Path, register: Register) -> Raw:
    """Return a Parquet file's rows, its canonical columns renamed to the headers of the CSV file.

    Beside them it may have ``id``, ``recorded`` and ``row_status``. Rows are numbered from 1.
    """
    known = {"id": SOURCED, "recorded": MODIFIED, "row_status": STATUS}
    known |= {column.name: column.header for column in register.columns}
    with reading(path):
        scanned = pl.scan_parquet(path, glob=False)
        columns = tuple(name for name in scanned.collect_schema() if name in known)
        total = int(scanned.select(pl.len()).collect().item())
    frame = scanned.select(columns).with_row_index(ROW, offset=1)
    renamed = frame.rename({name: known[name] for name in columns})
    shown = {header: name for name, header in known.items()}
    return Raw(renamed, tuple(known[name] for name in columns), total, shown=shown)


@contextmanager
def placed(path: Path) -> Iterator[None]:
    """Name the file in errors that do not say where."""
    try:
        yield
    except DataError as error:
        place = Place(str(path), 1, 1)
        raise DataError(replace(p, place=p.place or place) for p in error.problems) from None


@contextmanager
def reachable(folder: Path) -> Iterator[None]:
    """Turn what the system says of a file that cannot be opened into a `DataError`.

    A full disk is no fault of the export: that error goes on as it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        path = Path(str(error.filename)) if error.filename else folder
        message = f"it cannot be opened: {error.strerror or type(error).__name__}"
        hint = "check that it is a file, and that you may read it"
        raise refused(path, "unreadable", message, hint) from None


def ends_only(rows: pl.LazyFrame, columns: Collection[str]) -> bool:
    """Return whether a file has rows, and each of them ends another."""
    if STATUS not in columns:
        return False
    ends = pl.col(STATUS).cast(pl.String).str.strip_chars() == "tobedeleted"
    said = rows.select(ends.fill_null(value=False).all() & (pl.len() > 0))
    return bool(said.collect(engine="streaming").item())


def check_columns(path: Path, raw: Raw, register: Register) -> None:
    """Raise `DataError` where a required column is not in the file.

    A file that only ends rows needs no more than what names them.
    """
    naming = [each.header for each in register.columns if each.name in register.natural]
    needed = [column.header for column in register.columns if column.required]
    if any(name not in raw.columns for name in needed) and ends_only(raw.frame, raw.columns):
        needed = naming
    if not register.natural:
        needed.insert(0, SOURCED)
    for header in needed:
        if header not in raw.columns:
            name = raw.shown.get(header, header)
            found = nearest(name, raw.unread, NEARLY)
            hint = f"if '{found}' is it, rename that" if found else "add it"
            hint += ": see docs/registers.md"
            raise refused(path, "column-missing", f"there is no column '{name}'", hint)
