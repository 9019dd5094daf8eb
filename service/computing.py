"""``pumpurs indicators``: registers in, a table of indicators out, with a summary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from engine.column import OBSERVED
from engine.indicator import Catalogue, Indicator
from engine.indicators.compute import indicators
from engine.load import catalogue_named
from engine.output import check_output, write_table
from engine.registers.read import Reading, read_registers
from engine.text import Language, Text
from engine.words.phrases import PUPILS, ROWS
from engine.words.quantities import counted, date_words, number

PHRASES: dict[str, Text] = {
    "reading": Text("Lasa reģistrus…", "Reading the registers…"),
    "reading-file": Text("Lasa {}…", "Reading {}…"),
    "rejected": Text(
        "Reģistros noraidīts: {}; kāpēc, rāda 'pumpurs registers check'.",
        "Rejected in the registers: {}; 'pumpurs registers check' shows why.",
    ),
    "computing": Text("Aprēķina rādītājus…", "Computing the indicators…"),
    "as-of": Text("Datums: {}", "As of: {}"),
    "nobody": Text(
        "Šajā datumā neviens skolēns nav uzņemts nevienā skolā; pārbaudiet datumu un uzņemšanas.",
        "No pupil is enrolled on this day; check the day and the enrolments.",
    ),
    "indicators": Text("Rādītāji", "Indicators"),
    "indicator": Text("Rādītājs", "Indicator"),
    "known": Text("Ir vērtība", "With a value"),
    "none": Text("Nav vērtības", "Without"),
    "old": Text("Novecojusi", "Too old"),
    "age": Text("Vecums dienās (robeža)", "Age in days (limit)"),
    "written": Text("Uzrakstīts: {}", "Written: {}"),
}


def say(phrase: str, language: Language, *values: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values)


def compute_file(folder: Path, rules: Path, out: Path, as_of: date, language: Language) -> None:
    """Compute the indicators of a folder of registers into a file, and print the summary."""
    check_output(out, folder, out)
    catalogue, console = catalogue_named(rules), Console()
    with read_for_work(folder, console, language) as reading:
        found = indicators(reading.history, catalogue, as_of).collect(engine="streaming")
        write_table(found.lazy(), out)
    console.print(say("as-of", language, date_words(as_of, language)), highlight=False)
    if reading.rejects.height:
        rows = counted(reading.rejects.height, ROWS, language)
        console.print(say("rejected", language, rows), style="yellow", highlight=False)
    if found.height:
        console.print(summary(found, catalogue, as_of, language))
    else:
        console.print(say("nobody", language), style="bold yellow")
    console.print(say("written", language, str(out)), highlight=False, markup=False)


@contextmanager
def read_for_work(folder: Path, console: Console, language: Language) -> Iterator[Reading]:
    """Read registers, what is too large for memory by way of a folder that goes afterwards."""
    with TemporaryDirectory() as work, console.status(say("reading", language)) as status:

        def watch(name: str) -> None:
            status.update(say("reading-file", language, escape(name)))

        today = datetime.now(UTC).date()
        reading = read_registers(folder, work=Path(work), watch=watch, today=today)
        status.update(say("computing", language))
        yield reading


def summary(found: pl.DataFrame, catalogue: Catalogue, as_of: date, language: Language) -> Grid:
    """Return for each indicator how many pupils have a value, none, or one that is too old."""
    grid = Grid(title=say("indicators", language), title_justify="left", title_style="bold")
    grid.add_column(say("indicator", language))
    for column in ("known", "none", "old", "age"):
        grid.add_column(say(column, language), justify="right")
    for indicator in catalogue.indicators.values():
        if indicator.name in found.columns:
            grid.add_row(indicator.label[language], *_counts(found, indicator, as_of, language))
    grid.caption = counted(found.height, PUPILS, language)
    return grid


def _counts(
    found: pl.DataFrame, indicator: Indicator, as_of: date, language: Language
) -> Iterator[str]:
    known = found.height - found[indicator.name].null_count()
    yield number(known, language)
    yield number(found.height - known, language)
    if indicator.stale_after is None:
        yield from ("", "")
        return
    ages = found.select((pl.lit(as_of) - pl.col(f"{indicator.name}.{OBSERVED}")).dt.total_days())
    old = [age for (age,) in ages.drop_nulls().iter_rows() if age > indicator.stale_after]
    yield number(len(old), language) if old else ""
    yield f"{min(old)}-{max(old)} ({indicator.stale_after})" if old else ""
