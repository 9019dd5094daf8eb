"""A folder of exports -> every register's history, and an account of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.registers.account import SHARE, FileCount, accounts, check_share
from engine.registers.bundle import Bundle, find_bundles
from engine.registers.files import SOURCED, check_columns
from engine.registers.history import History
from engine.registers.known import Known
from engine.registers.oneroster import open_file
from engine.registers.resolve import resolve
from engine.registers.rows import (
    BAD,
    SOURCE,
    FileRows,
    Source,
    check_dated,
    no_rejects,
    reject_lines,
)
from engine.registers.schema import ALL, Register
from engine.registers.spool import Spool
from engine.table import reading
from engine.text import Text


@dataclass(frozen=True)
class Reading:
    """What a folder holds: its history, an account of each file, what was rejected, and notes.

    `rejects` has bundle, file, row, column, value and problem (a code of `PROBLEMS`).
    """

    history: History
    files: tuple[FileCount, ...]
    rejects: pl.DataFrame
    notes: tuple[Text, ...] = ()


def read_history(folder: Path) -> History:
    """Return the history in a folder: a bundle, a folder of bundles, or a store."""
    return read_registers(folder).history


def read_registers(
    folder: Path,
    *,
    share: float = SHARE,
    work: Path | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> Reading:
    """Read a folder of bundles; raises `DataError` for what cannot be read at all.

    More than `share` of bad rows in one file stop the reading. `work` is an empty folder for what
    is too large for memory; the history reads from it. `watch` is told of each file.
    """
    reader = _Reader(find_bundles(folder), share, Spool(work), watch)
    for register in ALL:
        reader.read(register)
    return Reading(
        History.of(reader.frames),
        tuple(reader.files),
        pl.concat(reader.rejects),
        tuple(reader.notes),
    )


class _Reader:
    """Reads one register after the other; those that others point to come first."""

    def __init__(
        self, bundles: list[Bundle], share: float, spool: Spool, watch: Callable[[str], None]
    ) -> None:
        self._bundles, self._share, self._spool, self._watch = bundles, share, spool, watch
        self._known = Known()
        self.frames: dict[str, pl.LazyFrame] = {}
        self.files: list[FileCount] = []
        self.rejects: list[pl.DataFrame] = [_named(no_rejects(), [])]
        self.notes: list[Text] = []

    def read(self, register: Register) -> None:
        """Read all files of a register in all bundles."""
        sources = list(self._sources(register))
        if not sources:
            return
        lines: list[pl.DataFrame] = []
        rows = pl.concat([self._rows(source, lines) for source in sources])
        total = sum(source.raw.total for source in sources)
        natural = not any(SOURCED in source.raw.columns for source in sources)
        counts = []

        def resolved() -> Iterator[pl.DataFrame]:
            for part in self._spool.parts(rows, register, total, natural=natural):
                found = resolve(part, register, sources, self._known)
                lines.append(found.rejects)
                counts.append(found.counts)
                yield found.versions

        self.frames[register.name] = self._spool.gather(resolved(), register.schema)
        self._account(sources, pl.concat(counts), no_rejects(lines))

    def _sources(self, register: Register) -> Iterator[Source]:
        held = [(bundle, bundle.file_of(register)) for bundle in self._bundles]
        files = [(bundle, file) for bundle, file in held if file is not None]
        for index, (bundle, file) in enumerate(files):
            path = bundle.paths[file]
            self._watch(f"{bundle.name}/{path.name}")
            raw = open_file(self._bundles[: bundle.index + 1], file, register)
            check_columns(path, raw, register)
            self.notes += [_of(bundle, path, note) for note in raw.notes]
            yield Source(index, bundle, register, file, raw)

    def _rows(self, source: Source, lines: list[pl.DataFrame]) -> pl.LazyFrame:
        """Return a file's rows, each judged by itself; lines of rejects are added to `lines`."""
        broken, index = source.raw.rejects, source.index
        lines.append(reject_lines(broken, index, "", pl.col("value"), pl.col("problem")))
        with reading(source.bundle.paths[source.file]):
            made = FileRows(source)
            rows = self._spool.keep(made.rows, source.raw.total)
            if rows.select(pl.col(BAD).any()).collect(engine="streaming").item():
                lines.append(made.rejects())
        check_dated(source, rows)
        return rows

    def _account(self, sources: list[Source], counts: pl.DataFrame, rejects: pl.DataFrame) -> None:
        total = counts.group_by(SOURCE).agg(pl.col("used").sum(), pl.exclude(SOURCE, "used").sum())
        counted = accounts(sources, total, rejects)
        check_share(sources, counted, rejects, self._share)
        self.files += counted
        self.rejects.append(_named(rejects, sources))


def _of(bundle: Bundle, path: Path, note: Text) -> Text:
    place = f"{bundle.name}/{path.name}"
    return Text(f"{place}: {note.lv}", f"{place}: {note.en}")


def _named(rejects: pl.DataFrame, sources: list[Source]) -> pl.DataFrame:
    """Return lines of rejects with the names of their bundle and file, in the order of rows."""
    names = pl.DataFrame(
        [(source.index, source.bundle.name, source.name) for source in sources],
        schema={SOURCE: pl.UInt32, "bundle": pl.String, "file": pl.String},
        orient="row",
    )
    told = rejects.join(names, on=SOURCE, how="left").sort(SOURCE, "row", maintain_order=True)
    return told.select("bundle", "file", "row", "column", "value", "problem")
