"""``pumpurs registers check``: exports in, a report and perhaps a store out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from engine.output import check_rejects, harmless, is_rejects, write_table, writing
from engine.registers.account import NO_LINES
from engine.registers.problems import PROBLEMS
from engine.registers.read import Reading, read_registers
from engine.registers.store import bundles_in, check_store
from engine.table import refused
from engine.text import Language, Text
from engine.words.quantities import number

PHRASES: dict[str, Text] = {
    "reading": Text("Lasa {}…", "Reading {}…"),
    "storing": Text("Raksta {}…", "Writing {}…"),
    "files": Text("Faili", "Files"),
    "file": Text("Fails", "File"),
    "bundles": Text("Eksporti", "Exports"),
    "read": Text("Izlasīts", "Read"),
    "used": Text("Izmantots", "Used"),
    "rejected": Text("Noraidīts", "Rejected"),
    "deleted": Text("Dzēsts", "Deleted"),
    "left-out": Text("Neattiecas", "Left out"),
    "problems": Text("Noraidīto rindu problēmas", "Problems of rejected rows"),
    "column": Text("Kolonna", "Column"),
    "problem": Text("Problēma", "Problem"),
    "rows": Text("Rindas", "Rows"),
    "first": Text("Pirmās rindas", "First rows"),
    "notes": Text("Piezīmes", "Notes"),
    "sudden": Text(
        "Pēkšņas pārmaiņas salīdzinājumā ar iepriekšējo eksportu",
        "Sudden changes against the export before",
    ),
    "no-sudden": Text("Pēkšņu pārmaiņu nav.", "No sudden changes."),
    "not-compared": Text(
        "Nekas nav salīdzināts: šeit nav agrāka eksporta.",
        "Nothing was compared: there is no earlier export here.",
    ),
    "written": Text("Uzrakstīts: {}", "Written: {}"),
    "replaced": Text(
        "Aizstāta krātuve {}, kurā bija eksporti: {}", "Replaced the store {} made of exports: {}"
    ),
    "nobody-knows": Text("nav zināms, kādi", "nobody knows which"),
    "rejects": Text("Visas noraidītās rindas: {}", "All rejected rows: {}"),
    "whole-row": Text("visa rinda", "the whole row"),
}
_FIRST = 3
# The header of a file of rejects; hints and reasons are in one language.
REJECTS = (*(name for name in NO_LINES.columns if name != "hint_lv"), "reason")


def say(phrase: str, language: Language, *values: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values)


def rejects_beside(folder: Path) -> Path:
    """Return where a folder's rejects stand: beside it, since the folder is the source's own."""
    return folder.resolve().with_name(f"{folder.resolve().name}.rejects.csv")


def check_registers(
    folder: Path, out: Path | None, rejects: Path, share: float, language: Language
) -> Reading:
    """Read a folder, write its store and its rejects, and print the report.

    Raises `DataError` with nothing written where the folder cannot be read.
    """
    if out is not None:
        check_store(out, folder)
    hint = "move it, or name another file with --rejects"
    check_rejects(rejects, folder, REJECTS, hint)
    if out is not None and out.resolve() in (rejects.resolve(), *rejects.resolve().parents):
        message = "the rejected rows would stand in the store"
        raise refused(rejects, "overwrite", message, "name another file with --rejects")
    replaced = bundles_in(out) if out is not None and out.exists() else None
    console = Console()
    with _room(out) as work, console.status("") as status:

        def watch(name: str) -> None:
            status.update(say("reading", language, escape(name)))

        reading = read_registers(
            folder, share=share, work=work, watch=watch, today=datetime.now(UTC).date()
        )
        if out is not None:
            status.update(say("storing", language, escape(str(out))))
            reading.write(out)
    write_rejects(reading, rejects, language)
    for each in _report(reading, language):
        console.print(each, highlight=False)
    if replaced is not None:
        held = ", ".join((*replaced[:_FIRST], "...") if len(replaced) > _FIRST else replaced)
        told = say("replaced", language, str(out), held or say("nobody-knows", language))
        console.print(told, highlight=False, markup=False)
    written = (("written", out), ("rejects", rejects if reading.rejects.height else None))
    for phrase, path in written:
        if path is not None:
            console.print(say(phrase, language, str(path)), highlight=False, markup=False)
    return reading


@contextmanager
def _room(out: Path | None) -> Iterator[Path]:
    """Give a folder for what is too large for memory, on the disk on which the store will be."""
    beside = out.parent if out is not None else None
    with tempfile.TemporaryDirectory(prefix=".pumpurs-", dir=beside) as name:
        yield Path(name)


def write_rejects(reading: Reading, path: Path, language: Language) -> None:
    """Write the rejected rows with their reasons; without any, an earlier run's file goes."""
    if is_rejects(path, REJECTS):
        with writing(path):
            path.unlink()  # an earlier run's rejects would be taken for this one's
    if not reading.rejects.height:
        return
    words = {code: text[language] for code, text in PROBLEMS.items()}
    shown = reading.rejects.with_columns(
        harmless(pl.col("value")).alias("value"),
        pl.col("problem").replace_strict(words).alias("reason"),
        pl.col(_hint(language)).alias("hint"),
    )
    write_table(shown.select(REJECTS).lazy(), path)


def _hint(language: Language) -> str:
    return "hint_lv" if language == "lv" else "hint"


def _report(reading: Reading, language: Language) -> Iterator[Grid | str]:
    yield _files(reading, language)
    if reading.rejects.height:
        yield _problems(reading, language)
    if reading.notes:
        yield f"[bold]{say('notes', language)}[/]"
        yield from (f"  {escape(note[language])}" for note in reading.notes)
    if not reading.findings:
        yield say("no-sudden" if reading.compared else "not-compared", language)
        return
    yield f"[bold yellow]{say('sudden', language)}[/]"
    for finding in reading.findings:
        place = f"{finding.bundle}/{finding.file}"
        yield f"  {escape(f'{place}: {finding.text[language]} [{finding.code}]')}"


def _files(reading: Reading, language: Language) -> Grid:
    """Return the account of each file, of all exports together."""
    grid = Grid(title=say("files", language), title_justify="left", title_style="bold")
    grid.add_column(say("file", language), overflow="fold")  # never cut: what is it a row of?
    names = ("bundles", "read", "used", "rejected", "deleted", "left-out")
    for name in names:
        grid.add_column(say(name, language), justify="right", overflow="fold")
    sums: dict[str, list[int]] = {}
    for each in reading.files:
        told = sums.setdefault(each.file, [0] * len(names))
        counts = (1, each.read, each.used, each.rejected, each.deleted, each.left_out)
        told[:] = [before + more for before, more in zip(told, counts, strict=True)]
    for file, counted in sums.items():
        style = "yellow" if counted[3] else ""
        grid.add_row(escape(file), *(number(each, language) for each in counted), style=style)
    return grid


def _problems(reading: Reading, language: Language) -> Grid:
    """Return the problems of each column, the commonest first, with the first rows."""
    grid = Grid(title=say("problems", language), title_justify="left", title_style="bold")
    for name in ("file", "column", "problem"):
        grid.add_column(say(name, language), overflow="fold")
    grid.add_column(say("rows", language), justify="right")
    grid.add_column(say("first", language))
    more = pl.col(_hint(language))
    found = (
        reading.rejects.group_by("bundle", "file", "column", "problem")
        .agg(pl.len(), pl.col("row").sort().head(_FIRST), more.drop_nulls().first())
        .sort("len", "bundle", "file", "column", "problem", descending=[True, *[False] * 4])
    )
    for bundle, file, column, code, count, rows, hint in found.iter_rows():
        why = f"{PROBLEMS[code][language]} [{code}]" + (f": {hint}" if hint else "")
        first = ", ".join(str(row) for row in rows)
        place = escape(f"{bundle}/{file}")
        named = escape(column) or say("whole-row", language)
        grid.add_row(place, named, escape(why), number(count, language), first)
    return grid
