"""A folder of exports -> every register's history, and an account of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from engine.registers.account import (
    NO_LINES,
    SHARE,
    FileCount,
    accounts,
    check_lines,
    check_share,
    named_lines,
)
from engine.registers.ahead import exported_ahead, latest
from engine.registers.bundle import BESIDE, Bundle, find_bundles
from engine.registers.files import SOURCED, check_columns, placed, reachable
from engine.registers.history import History
from engine.registers.keys import repeated
from engine.registers.known import Known
from engine.registers.oneroster import check_beside, open_file
from engine.registers.outside import outside_calendar
from engine.registers.remarks import at_two_schools, of_file, swapped, undated
from engine.registers.resolve import order_of, resolve
from engine.registers.rows import (
    BAD,
    SOURCE,
    FileRows,
    Source,
    check_dated,
    no_rejects,
    reject_lines,
)
from engine.registers.schema import ALL, ENDED, Register
from engine.registers.spool import Spool
from engine.registers.store import is_store, read_store, write_store
from engine.registers.strangers import left_alone, passed_over
from engine.registers.sudden import Finding, sudden_changes
from engine.table import reading
from engine.text import Text


@dataclass(frozen=True)
class Reading:
    """What a folder holds: its history, an account of each file, what was rejected, and notes.

    `rejects` has bundle, file, row, column, value, problem (a code of `PROBLEMS`) and hint.
    `findings` are sudden changes; `compared` is true where there was an export before to find them
    by. `natural` names registers whose ids are made of their columns.
    """

    history: History
    files: tuple[FileCount, ...]
    rejects: pl.DataFrame = field(default_factory=NO_LINES.clone)
    notes: tuple[Text, ...] = ()
    findings: tuple[Finding, ...] = ()
    natural: frozenset[str] = frozenset()
    compared: bool = False

    def write(self, folder: Path) -> None:
        """Write a store, whole or not at all; it replaces a store that is there."""
        write_store(self.history.frames, self.natural, self.files, self.notes, folder)


def read_history(folder: Path) -> History:
    """Return the history in a folder: a bundle, a folder of bundles, or a store."""
    return read_registers(folder).history


def read_registers(
    folder: Path,
    *,
    share: float = SHARE,
    work: Path | None = None,
    watch: Callable[[str], None] = lambda _: None,
    today: date | None = None,
) -> Reading:
    """Read a bundle, a folder of bundles, or a store, whose versions are not worked out again.

    More than `share` of bad rows in one file stop the reading. `work` is an empty folder for what
    is too large for memory; the history reads from it. `watch` is told of each file. With `today`,
    rows of an export that does not say when it was made are held against that day.
    Raises `DataError` for what cannot be read at all.
    """
    with reachable(folder):
        if is_store(folder):
            history, files, notes = read_store(folder)
            return Reading(history, files, notes=notes)
        until = None if today is None else latest(today)
        reader = _Reader(find_bundles(folder), share, Spool(work), watch, until)
        for register in ALL:
            reader.read(register)
        reader.read_beside()
        return reader.reading(passed_over(folder))


class _Reader:
    """Reads one register after the other; those that others point to come first."""

    def __init__(
        self,
        bundles: list[Bundle],
        share: float,
        spool: Spool,
        watch: Callable[[str], None],
        until: datetime | None,
    ) -> None:
        self._bundles, self._share, self._spool, self._watch = bundles, share, spool, watch
        self._until = until
        self._known = Known()
        self.frames: dict[str, pl.LazyFrame] = {}
        self.files: list[FileCount] = []
        self.rejects: list[pl.DataFrame] = [NO_LINES]
        self.notes: list[Text] = []
        self.findings: list[Finding] = []
        self.natural: set[str] = set()

    def read(self, register: Register) -> None:
        """Read all files of a register in all bundles."""
        sources = list(self._sources(register))
        if not sources:
            return
        lines: list[pl.DataFrame] = []
        total = sum(source.raw.total for source in sources)
        rows = pl.concat([self._rows(source, total, lines) for source in sources])
        if register.natural and not any(SOURCED in source.raw.columns for source in sources):
            self.natural.add(register.name)
        elif register.natural:
            again = repeated(rows, register, sources, self._known, total)
            lines.append(again.lines)
            rows = again.applied(rows)
        parts = self._spool.parts(rows, register, total, natural=register.name in self.natural)
        counts: list[pl.DataFrame] = []

        def resolved() -> Iterator[pl.DataFrame]:
            for part in parts:
                found = resolve(part, register, sources, self._known)
                lines.append(found.rejects)
                counts.append(found.counts)
                yield found.versions

        frame = self._spool.gather(resolved(), register.schema)
        self.frames[register.name] = frame if parts.ordered else frame.sort(order_of(register))
        self._account(sources, pl.concat(counts), no_rejects(lines))
        newest, days = self._bundles[-1].index, self.frames.get("school_days")
        held = None if days is None else days.filter(pl.col(ENDED).is_null())
        self.findings += sudden_changes(rows, register, sources, newest, held)
        if register.name == "enrolments":
            self.notes += at_two_schools(self._known)
        if register.name == "attendance":
            self.notes += outside_calendar(self.frames)

    def reading(self, passed: Iterable[Text]) -> Reading:
        """Return what was read; `passed` are notes on what lies beside the bundles."""
        bundles = self._bundles
        strangers = left_alone((each.name, each.strangers) for each in bundles)
        of_bundles = (*passed, *exported_ahead(bundles, self._until), *undated(bundles))
        return Reading(
            History.of(self.frames),
            tuple(self.files),
            pl.concat(self.rejects),
            (*of_bundles, *strangers, *self.notes),
            tuple(self.findings),
            frozenset(self.natural),
            compared=len(bundles) > 1,
        )

    def read_beside(self) -> None:
        """Take OneRoster's files that are no register into the account."""
        for bundle in self._bundles:
            for file in (name for name in BESIDE if bundle.mode(name) != "absent"):
                if file == "results":
                    continue
                count, lines = check_beside(bundle, file)
                check_lines(bundle.paths[file], count, lines, self._share)
                self.files.append(count)
                self.rejects.append(lines)

    def _sources(self, register: Register) -> Iterator[Source]:
        held = [(bundle, bundle.file_of(register)) for bundle in self._bundles]
        files = [(bundle, file) for bundle, file in held if file is not None]
        for index, (bundle, file) in enumerate(files):
            path = bundle.paths[file]
            self._watch(f"{bundle.name}/{path.name}")
            raw = open_file(self._bundles[: bundle.index + 1], file, register)
            check_columns(path, raw, register)
            source = Source(index, bundle, register, file, raw, self._until)
            self.notes += of_file(source)
            yield source

    def _rows(self, source: Source, total: int, lines: list[pl.DataFrame]) -> pl.LazyFrame:
        """Return a file's rows, each judged by itself; lines of rejects are added to `lines`.

        `total` is how many rows all files of the register have.
        """
        broken, index = source.raw.rejects, source.index
        lines.append(reject_lines(broken, index, "", pl.col("value"), pl.col("problem")))
        path = source.bundle.paths[source.file]
        with reading(path), placed(path):
            made = FileRows(source)
            rows = self._spool.keep(made.rows, total)
            if rows.select(pl.col(BAD).any()).collect(engine="streaming").item():
                lines.append(made.rejects())
        check_dated(source, rows)
        return rows

    def _account(self, sources: list[Source], counts: pl.DataFrame, rejects: pl.DataFrame) -> None:
        total = counts.group_by(SOURCE).agg(pl.col("used").sum(), pl.exclude(SOURCE, "used").sum())
        counted = accounts(sources, total, rejects)
        check_share(sources, counted, rejects, self._share)
        self.files += counted
        self.notes += swapped(sources, rejects)
        self.rejects.append(named_lines(rejects, sources))
