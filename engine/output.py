"""Tables out: Parquet, CSV or JSON lines, whole or not at all, and never over the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from engine.table import refused

_OVERWRITE = "choose another name for the output"


def write_table(frame: pl.LazyFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a frame to ``.parquet``, ``.csv`` (lists joined by ``;``) or ``.jsonl``, streaming.

    `metadata` is what a Parquet file says of itself. The file appears whole or not at all.
    Raises `DataError` where it cannot be written.
    """
    part = _part(path)
    with writing(path):
        try:
            _sink(frame, part, path.suffix.lower(), metadata)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _sink(frame: pl.LazyFrame, part: Path, suffix: str, metadata: dict[str, str] | None) -> None:
    match suffix:
        case ".parquet":
            frame.sink_parquet(part, metadata=metadata)
        case ".jsonl":
            frame.sink_ndjson(part)
        case _:
            lists = [n for n, t in frame.collect_schema().items() if isinstance(t, pl.List)]
            frame.with_columns(pl.col(n).list.join(";") for n in lists).sink_csv(part)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says of a path that cannot be written into a `DataError`."""
    try:
        yield
    except BrokenPipeError:  # whoever read what is printed has had enough
        raise
    except OSError as error:
        message = f"it cannot be written: {error.strerror or str(error)[:200]}"
        hint = "choose another folder, or make room on the disk"
        raise refused(path, "no-folder", message, hint) from None


def harmless(value: pl.Expr) -> pl.Expr:
    """Return texts of which none is a formula that a spreadsheet would run."""
    formula = value.str.contains(r"^[=+@\t-]") & ~value.str.contains(r"^-?[0-9]")
    return pl.when(formula).then("'" + value).otherwise(value)


def check_output(path: Path, source: Path, rejects: Path) -> None:
    """Raise `DataError` before any work is done where the outputs cannot be written.

    Neither may be the input, or in the folder that is: what is read is never written over.
    """
    if path.suffix.lower() not in (".parquet", ".csv", ".jsonl"):
        hint = "use .parquet, .csv or .jsonl"
        raise refused(path, "file-type", f"'{path.suffix}' files are not written", hint)
    for out in (path, rejects):
        check_file(out, source)


def check_file(out: Path, source: Path) -> None:
    """Raise `DataError` where no file can be written at `out`, or `source` would suffer by it."""
    with writing(out):
        check_beside(out, source)
        if out.is_dir():
            raise refused(out, "no-folder", "a folder has this name", "choose another name")
        if out.exists() and source.exists() and out.samefile(source):
            raise refused(out, "overwrite", "the output would replace the input", _OVERWRITE)
        _part(out).touch()
        _part(out).unlink()


def check_beside(out: Path, source: Path) -> None:
    """Raise `DataError` where `out` has no folder, or stands in the folder that is read."""
    if not out.parent.is_dir():
        raise refused(out, "no-folder", f"there is no folder '{out.parent}'", "make it first")
    if source.is_dir() and source.resolve() in out.resolve().parents:
        hint = f"choose a place outside '{source}'"
        raise refused(out, "overwrite", "it would stand in the folder that is read", hint)


def check_rejects(path: Path, source: Path, header: Sequence[str], hint: str) -> None:
    """Raise `DataError` where rejected rows cannot be written, or would replace another's file.

    Only a file with the header of rejects is one of an earlier run, which may go. `hint` says what
    to do about another.
    """
    check_file(path, source)
    if path.exists() and not is_rejects(path, header):
        message = "a file that holds no rejected rows of an earlier run has this name"
        raise refused(path, "overwrite", message, hint)


def is_rejects(path: Path, header: Sequence[str]) -> bool:
    """Return whether a file holds rejected rows that an earlier run wrote, by its first line."""
    wanted = ",".join(header).encode()
    if not path.is_file():
        return False
    with writing(path), path.open("rb") as file:
        return file.readline(len(wanted) + 2).rstrip(b"\r\n") == wanted
