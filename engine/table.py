"""Tables in: CSV as people save it, and Parquet.

A CSV file's encoding, delimiter and decimal sign are found out and reported, or the file is
refused with a remedy. Rows are parsed by the standard library, which keeps their numbers and shows
rows of a wrong width; types are `engine.frame`'s business, so every CSV column arrives as text.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import polars as pl

from engine.canonical import KEY
from engine.errors import DataError, Place, Problem
from engine.frame import ROW
from engine.lines import Lines, numbered_rows
from engine.text import Text

DELIMITERS = {
    ",": Text("komats", "comma"),
    ";": Text("semikols", "semicolon"),
    "\t": Text("tabulators", "tab"),
    "|": Text("vertikāla svītra", "vertical bar"),
}
REJECTED = {"row": pl.UInt64(), "column": pl.String(), "value": pl.String(), "problem": pl.String()}
BATCH_ROWS = 50_000
_QUOTES = "check the quotes on this line: each opening quote needs its end"
_LATVIAN = frozenset("āčēģīķļņōŗšūžĀČĒĢĪĶĻŅŌŖŠŪŽ„“”‘’–—…€\u00a0«»§°")


@dataclass(frozen=True)
class Table:
    """An input table: `frame` has ``__row`` and the columns by name.

    `columns` are the input's own names. `decimal_commas` names the columns whose numbers are
    written with a comma. `rejects` are rows that could not be read at all. `notes` say what was
    detected.
    """

    frame: pl.LazyFrame
    columns: tuple[str, ...]
    decimal_commas: tuple[str, ...] = ()
    rejects: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED))
    notes: tuple[Text, ...] = ()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a table's rows are read into a `DataError`."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n", maxsplit=1)[0][:200]
        hint = "write it again, or export it as CSV"
        raise refused(path, "parquet", f"the file cannot be read: {reason}", hint) from None


def read_table(path: Path) -> Table:
    """Return the table in a ``.csv`` or ``.parquet`` file.

    CSV rows are numbered as a spreadsheet shows them (the header is row 1), Parquet rows from 1.
    Raises `DataError` with the remedy for what cannot be read.
    """
    if not path.is_file():
        raise refused(path, "no-file", "there is no such file", "check the path")
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() == ".csv":
        return _csv(path)
    raise refused(path, "file-type", f"'{path.suffix}' files are not read", "use .csv or .parquet")


def refused(path: Path, code: str, message: str, hint: str, line: int = 1) -> DataError:
    """Return the error that a file is refused with."""
    return DataError(Problem(code, message, Place(str(path), line, 1), hint))


def _parquet(path: Path) -> Table:
    with reading(path):
        frame = pl.scan_parquet(path)
        columns = tuple(frame.collect_schema())
    _check_columns(path, columns)
    _check_key(path, columns)
    return Table(frame.with_row_index(ROW, offset=1), columns)


def _check_columns(path: Path, columns: tuple[str, ...]) -> None:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        message = f"the column '{twice[0]}' stands twice"
        raise refused(path, "duplicate-column", message, "keep one of the two")
    if ROW in columns:
        message = f"the name '{ROW}' is used by Pumpurs itself"
        raise refused(path, "duplicate-column", message, "give the column another name")


def _check_key(path: Path, columns: tuple[str, ...]) -> None:
    if KEY not in columns:
        shown = ", ".join(columns[:10]) + (", ..." if len(columns) > 10 else "")
        hint = f"name the column with pupils' keys '{KEY}'; found: {shown}"
        raise refused(path, "no-key-column", f"there is no column '{KEY}'", hint)


def _csv(path: Path) -> Table:
    encoding, notes = encoding_of(path)
    with path.open(encoding=encoding, newline="") as lines:
        first = lines.readline(1_000_000)
    if not first.strip():
        raise refused(
            path, "empty", "the file is empty", f"its first row names columns: {KEY}, ..."
        )
    delimiter = delimiter_of(first, (KEY,))
    notes += delimiter_note(delimiter)
    frame, columns, rejects = csv_rows(path, encoding, delimiter)
    _check_key(path, columns)
    commas = _decimal_commas(frame, columns)
    if commas:
        shown = ", ".join(commas[:5]) + (", ..." if len(commas) > 5 else "")
        notes.append(Text(f"Decimālkomats kolonnās: {shown}", f"Decimal comma in columns: {shown}"))
    return Table(frame.lazy(), columns, commas, rejects, tuple(notes))


def encoding_of(path: Path) -> tuple[str, list[Text]]:
    """Return the encoding: UTF-8, marked UTF-16, or Windows-1257 if its letters are Latvian."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, note = "utf-16", [Text("Kodējums: UTF-16", "Encoding: UTF-16")]
    elif _decodes(path, "utf-8-sig"):
        encoding, note = "utf-8-sig", []
    else:
        encoding, note = "cp1257", [Text("Kodējums: Windows-1257", "Encoding: Windows-1257")]
    letters = _letters(path, encoding)
    if letters is None or (encoding == "cp1257" and not letters <= _LATVIAN):
        hint = "save it as 'CSV UTF-8' in the spreadsheet program"
        raise refused(path, "encoding", "the file is neither UTF-8 nor Latvian Windows-1257", hint)
    if "\0" in letters:
        raise refused(
            path, "binary", "the file holds zero bytes", "export it as CSV, not as a workbook"
        )
    return encoding, note


def _chunks(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _decodes(path: Path, encoding: str) -> bool:
    try:
        for _ in _chunks(path, encoding):
            pass
    except UnicodeError:
        return False
    return True


def _letters(path: Path, encoding: str) -> set[str] | None:
    """Return the characters beyond ASCII, and NUL; None where the file does not decode."""
    found: set[str] = set()
    try:
        for chunk in _chunks(path, encoding):
            if not chunk.isascii() or "\0" in chunk:
                found |= {char for char in set(chunk) if not char.isascii() or char == "\0"}
    except UnicodeError:
        return None
    return found


def delimiter_of(header: str, known: Collection[str]) -> str:
    """Return the delimiter that gives a header one of the known names, or else the most names."""
    split = {d: names_in(header, d) for d in DELIMITERS}
    for delimiter, names in split.items():
        if any(name in known for name in names):
            return delimiter
    return max(split, key=lambda delimiter: len(split[delimiter]))


def names_in(header: str, delimiter: str) -> tuple[str, ...]:
    """Return the names of the columns in a header's line."""
    try:
        return tuple(n.strip() for n in next(csv.reader(io.StringIO(header), delimiter=delimiter)))
    except (csv.Error, StopIteration):
        return ()


def delimiter_note(delimiter: str) -> list[Text]:
    """Return what to say of a delimiter: nothing of a comma."""
    if delimiter == ",":
        return []
    name = DELIMITERS[delimiter]
    return [Text(f"Lauku atdalītājs: {name.lv}", f"Field delimiter: {name.en}")]


def csv_rows(
    path: Path, encoding: str, delimiter: str
) -> tuple[pl.DataFrame, tuple[str, ...], pl.DataFrame]:
    """Return a CSV file's rows as text with their numbers, its columns, and broken rows."""
    rejects: list[tuple[int, str, str, str]] = []
    parts: list[pl.DataFrame] = []
    with path.open(encoding=encoding, newline="") as file:
        lines = Lines(file)
        try:
            columns = tuple(
                n.strip() for n in next(csv.reader(lines, delimiter=delimiter, strict=True))
            )
        except csv.Error as error:
            raise refused(path, "csv", f"this is not CSV: {error}", _QUOTES) from None
        _check_columns(path, columns)
        schema = {ROW: pl.UInt32(), **dict.fromkeys(columns, pl.String())}
        numbered = numbered_rows(lines, delimiter, len(columns), rejects)
        while batch := list(islice(numbered, max(1, min(BATCH_ROWS, 2_000_000 // len(columns))))):
            good = [(number, *row) for number, row in batch if row]
            parts.append(pl.DataFrame(good, schema=schema, orient="row"))
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
    return frame, columns, pl.DataFrame(rejects, schema=REJECTED, orient="row")


def _decimal_commas(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that write numbers with a comma and never with a point."""
    texts = [pl.col(name).str.strip_chars() for name in columns if name != KEY]
    if not texts or not frame.height:
        return ()
    comma = frame.select(t.str.contains(r"^[+-]?\d+,\d+$").any() for t in texts).row(0)
    point = frame.select(t.str.contains(r"^[+-]?\d+\.\d+$").any() for t in texts).row(0)
    names = [name for name in columns if name != KEY]
    return tuple(n for n, c, p in zip(names, comma, point, strict=True) if c and not p)


def near_misses(table: Table, reads: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns that look like an indicator that is read and absent, and which.

    A column of dates is held against the dates' names in the same way.
    """
    names = [name for read in reads for name in (read, f"{read}.observed_on")]
    absent = [name for name in names if name not in table.columns]
    extra = [name for name in table.columns[:1000] if name not in names and name != KEY]
    for name in extra:
        plain = name.strip().lower().replace(" ", "_")
        near = difflib.get_close_matches(plain, absent, n=1, cutoff=0.8)
        if near and near[0].endswith(".observed_on") == plain.endswith(".observed_on"):
            yield name, near[0]
