"""Exports in the order of time: each row goes into the first one after it was recorded.

The first school year is one bulk export. No row stands twice in it: corrections of that year follow
in a delta of their own. Then comes one delta a semester, with corrections among its rows. What is
recorded after the last export is not in the history: nobody knew it yet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from engine.registers.schema import MOMENT, RECORDED, REGISTERS
from service.synth.calendar import SchoolYear, Semester, at
from service.synth.files import gradebook, texts, write_csv, write_manifest, write_parquet
from service.synth.table import VERSION
from service.synth.trouble import bad_lessons, bad_rows, staff_rows

GRADEBOOK = ("classes", "lineItems")  # named once, by the first mark that needs them


@dataclass(frozen=True, slots=True)
class Window:
    """One export: all that was recorded until `until` and not exported before."""

    name: str
    until: datetime
    semesters: tuple[Semester, ...]
    bulk: bool = False


def windows(years: tuple[SchoolYear, ...]) -> Iterator[Window]:
    """Yield the exports of a history."""
    for number, year in enumerate(years):
        middle, end = at(year.semesters[1].begins, 0), at(date(year.year + 1, 8, 10))
        if number == 0:
            yield Window(year.name, end, year.semesters, bulk=True)
        else:
            yield Window(f"{year.name}-1", middle, year.semesters[:1])
            yield Window(f"{year.name}-2", end, year.semesters[1:])


@dataclass
class Exports:
    """Bundles written one after the other into `folder`; `rows` counts those of each file."""

    folder: Path
    as_csv: bool
    dirt: bool
    rows: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    bundles: int = 0
    _waiting: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    _named: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, register: str, rows: pl.DataFrame) -> None:
        """Take in rows; they wait for the export that follows their recording."""
        if rows.height:
            self._waiting[register].append(rows)

    def close(self, window: Window, *, dirty: bool) -> None:
        """Write the bundle of a window, and what corrects it; `dirty` adds bad rows."""
        due = {register: self._due(register, window.until) for register in REGISTERS}
        due = {register: rows for register, rows in due.items() if rows.height}
        if not window.bulk:
            self._write(window.name, window.until, due, "delta", dirty=dirty)
            return
        first = {name: rows.filter(pl.col(VERSION) == 0) for name, rows in due.items()}
        later = {name: rows.filter(pl.col(VERSION) > 0) for name, rows in due.items()}
        self._write(window.name, window.until, first, "bulk", dirty=dirty)
        until = window.until + timedelta(hours=1)
        self._write(f"{window.name}-corrections", until, later, "delta", dirty=False)

    def _due(self, register: str, until: datetime) -> pl.DataFrame:
        """Take out the rows recorded until then."""
        due, waiting = [], []
        now = pl.col(RECORDED) <= pl.lit(until, MOMENT)
        for rows in self._waiting.pop(register, []):
            due.append(rows.filter(now))
            waiting.append(rows.filter(~now))
        for rows in waiting:
            self.add(register, rows)
        return pl.concat(due) if due else pl.DataFrame()

    def _write(
        self, name: str, until: datetime, due: dict[str, pl.DataFrame], mode: str, *, dirty: bool
    ) -> None:
        self.bundles += 1
        bundle = self.folder / f"{self.bundles:02d}-{name}"
        bundle.mkdir(parents=True)
        modes = dict.fromkeys((register.file for register in REGISTERS.values()), "absent")
        modes["marks"] = "absent"
        dirty = dirty and self.dirt
        for register, rows in due.items():
            if rows.height:
                for file in self._files(bundle, register, rows, dirty=dirty):
                    modes[file] = mode
        write_manifest(bundle / "manifest.csv", until.strftime("%Y-%m-%dT%H:%M:%SZ"), modes)

    def _files(
        self, bundle: Path, register: str, rows: pl.DataFrame, *, dirty: bool
    ) -> Iterator[str]:
        """Write a register's rows; yield the names of the files."""
        if register == "attendance" and not self.as_csv:
            bad = bad_lessons(rows) if dirty else rows.clear()
            self._count(register, rows, bad)
            write_parquet(bundle / "attendance.parquet", pl.concat([rows, bad]))
            yield register
            return
        if register == "marks":
            tables = gradebook(rows)
        else:
            tables = {REGISTERS[register].file: texts(register, rows)}
        for file, table in tables.items():
            good = self._unnamed(file, table) if file in GRADEBOOK else table
            bad = bad_rows(file, good) if dirty else good.clear()
            if self.bundles == 1:
                good = pl.concat([good, staff_rows(file, good)])
            self._count(file, good, bad)
            if good.height:
                write_csv(bundle / f"{file}.csv", pl.concat([good, bad]))
                yield file

    def _unnamed(self, file: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return the classes or line items that no earlier bundle has named."""
        named = self._named[file]
        new = table.filter(~pl.col("sourcedId").is_in(named))
        named.update(new["sourcedId"].to_list())
        return new

    def _count(self, file: str, good: pl.DataFrame, bad: pl.DataFrame) -> None:
        self.rows[file] += good.height + bad.height
        if bad.height:
            self.bad[file] += bad.height
