"""Tables out: Parquet, CSV or JSON lines, whole or not at all, and never over the input."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from engine.table import refused


def write_table(frame: pl.LazyFrame, path: Path) -> None:
    """Write a frame to ``.parquet``, ``.csv`` (lists joined by ``;``) or ``.jsonl``, streaming.

    The file appears whole or not at all.
    """
    part = _part(path)
    match path.suffix.lower():
        case ".parquet":
            frame.sink_parquet(part)
        case ".jsonl":
            frame.sink_ndjson(part)
        case _:
            lists = [n for n, t in frame.collect_schema().items() if isinstance(t, pl.List)]
            frame.with_columns(pl.col(n).list.join(";") for n in lists).sink_csv(part)
    part.replace(path)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def check_output(path: Path, source: Path, rejects: Path) -> None:
    """Raise `DataError` before any work is done where the outputs cannot be written.

    Neither may be the input: a file that is being read is never written over or removed.
    """
    if path.suffix.lower() not in (".parquet", ".csv", ".jsonl"):
        hint = "use .parquet, .csv or .jsonl"
        raise refused(path, "file-type", f"'{path.suffix}' files are not written", hint)
    if not path.parent.is_dir():
        raise refused(path, "no-folder", f"there is no folder '{path.parent}'", "make it first")
    for out in (path, rejects):
        if out.is_dir():
            raise refused(out, "no-folder", "a folder has this name", "choose another name")
        if out.exists() and source.exists() and out.samefile(source):
            hint = "choose another name for the output"
            raise refused(out, "overwrite", "the output would replace the input", hint)
    try:
        _part(path).touch()
        _part(path).unlink()
    except OSError as error:
        message = f"no file can be written here: {error.strerror}"
        raise refused(path, "no-folder", message, "choose another folder") from None
