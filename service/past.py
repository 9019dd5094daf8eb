"""``pumpurs history``: registers in, a history of days past out, with what became of pupils."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from rich.console import Console
from rich.table import Table as Grid

from engine.load import catalogue_named
from engine.output import check_output
from engine.replay.outcomes import is_over
from engine.replay.past import Counts, default_days, past, reach, write_past
from engine.replay.terms import TERMS
from engine.table import refused
from engine.text import Language, Text
from engine.words.phrases import DAYS, PUPILS, ROWS
from engine.words.quantities import counted, date_words, number
from service import computing, phrases

PHRASES: dict[str, Text] = {
    **TERMS,
    "computing-day": Text("Aprēķina dienu {at} no {of}…", "Computing day {at} of {of}…"),
    "title": Text("Vēsture", "History"),
    "day": Text("Diena", "Day"),
    "horizon": Text(
        "Termiņš, kurā gaida iznākumu: {horizon}. Pēdējā diena, par ko reģistros kas ir: {until}.",
        "What became of pupils within {horizon} after each day; the registers reach to {until}.",
    ),
    "gone": Text(
        "Izlaisti, jo mācības jau bija pametuši, lai gan reģistros tas vēl nebija ierakstīts: {}",
        "Left out, because they had left by the day, though no register knew it yet: {}",
    ),
    "not-over": Text(
        "Vēl nevar zināt, kas notika ar skolēniem; reģistri beidzas pārāk agri. Diena: {}",
        "It cannot be known yet what became of pupils, because the registers end too early: {}",
    ),
    "one-kind": Text(
        "Nav zināmi gan tie, kas pameta mācības, gan tie, kas palika; pēc šādas vēstures "
        "noteikumus pārbaudīt nevar.",
        "Known outcomes are not of both kinds: no rules can be judged by such a history.",
    ),
}


@dataclass(frozen=True)
class Asked:
    """Which days a history is to have; none: those that `default_days` finds.

    `horizon` is in days; `until` is the day to which the registers reach, if it is not to be found.
    """

    days: Sequence[date]
    horizon: int
    until: date | None


def say(phrase: str, language: Language, *values: str, **named: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values, **named)


def write_history(folder: Path, rules: Path, out: Path, asked: Asked, language: Language) -> None:
    """Compute a history from a folder of registers into a file, and print the summary."""
    if out.suffix.lower() != ".parquet":
        hint = "name it .parquet: it says by which definitions it was computed"
        raise refused(out, "file-type", "a history is written as Parquet", hint)
    check_output(out, folder, out)
    catalogue, console = catalogue_named(rules), Console()
    with computing.read_for_work(folder, console, language) as reading:
        until = asked.until or reach(reading.history)
        days = asked.days or default_days(reading.history, asked.horizon, until)
        computed = past(reading.history, catalogue, days, asked.horizon, until)
        with TemporaryDirectory() as work, console.status("") as status:
            watched = _watched(computed, len(set(days)), status.update, language)
            found = [_kept(Path(work), counts, rows) for counts, rows in watched]
            write_past([path for _, path in found], catalogue, asked.horizon, out)
    if reading.rejects.height:
        rejected = counted(reading.rejects.height, ROWS, language)
        said = computing.say("rejected", language, rejected)
        console.print(said, style="yellow", highlight=False)
    counts = [each for each, _ in found]
    console.print(summary(counts, language))
    for line, style in _remarks(counts, asked.horizon, until, language):
        console.print(line, style=style, highlight=False)
    written = phrases.say("written", language, str(out))
    console.print(written, highlight=False, markup=False)


def _watched(
    days: Iterator[tuple[Counts, pl.DataFrame]],
    total: int,
    update: Callable[[str], None],
    language: Language,
) -> Iterator[tuple[Counts, pl.DataFrame]]:
    """Yield days, and say at which one the work is."""
    for at in count(1):
        update(say("computing-day", language, at=str(min(at, total)), of=str(total)))
        day = next(days, None)
        if day is None:
            return
        yield day


def _kept(work: Path, counts: Counts, rows: pl.DataFrame) -> tuple[Counts, Path]:
    """Write a day's rows into a file of their own, so that memory holds one day alone."""
    path = work / f"{counts.as_of}.parquet"
    rows.write_parquet(path)
    return counts, path


def summary(days: Sequence[Counts], language: Language) -> Grid:
    """Return for each as-of day how many rows there are, and what became of the pupils."""
    grid = Grid(title=say("title", language), title_justify="left", title_style="bold")
    grid.add_column(say("day", language))
    for column in ("rows", "left", "stayed", "unknown"):
        grid.add_column(say(column, language), justify="right")
    for day in days:
        numbers = (day.rows, day.left, day.stayed, day.unknown)
        grid.add_row(date_words(day.as_of, language), *(number(n, language) for n in numbers))
    return grid


def _remarks(
    days: Sequence[Counts], horizon: int, until: date, language: Language
) -> Iterator[tuple[str, str]]:
    """Yield what must be known of the outcomes, and how it is shown."""
    named = {"horizon": counted(horizon, DAYS, language), "until": date_words(until, language)}
    yield say("horizon", language, **named), ""
    gone = sum(day.gone for day in days)
    if gone:
        yield say("gone", language, counted(gone, PUPILS, language)), ""
    for day in days:
        if not is_over(day.as_of, horizon, until):
            yield say("not-over", language, date_words(day.as_of, language)), "yellow"
    if not sum(day.left for day in days) or not sum(day.stayed for day in days):
        yield say("one-kind", language), "bold yellow"
