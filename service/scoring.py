"""``pumpurs score``: one table in, assessments and rejects out, with a summary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from engine.batch import ExecutorName, executor, score_table
from engine.canonical import PROBLEMS
from engine.column import OBSERVED
from engine.frame import NO_REJECTS
from engine.load import load
from engine.output import check_output, check_rejects, harmless, write_table
from engine.ruleset import NOT_ASSESSED, Ruleset
from engine.table import Table, near_misses, read_table, reading
from engine.text import Language
from engine.words.assessments import AssessmentWords
from engine.words.phrases import PUPILS, ROWS
from engine.words.quantities import counted, date_words, percent
from service.phrases import say


@dataclass(frozen=True)
class Run:
    """One scoring run: what was read, by what, and what came of it."""

    ruleset: Ruleset
    table: Table
    assessments: pl.LazyFrame
    rejects: pl.DataFrame


def score_file(
    source: Path,
    rules: Path,
    out: Path,
    as_of: date,
    executor_name: ExecutorName,
    language: Language,
) -> Run:
    """Score a file into `out`, and its rejects into the file beside it."""
    check_output(out, source, rejects_path(out))
    check_rejects(rejects_path(out), source, NO_REJECTS.columns, "move it, or change --out")
    ruleset = load(rules)
    table = read_table(source)
    with reading(source):
        scored = score_table(table, executor(executor_name, ruleset), as_of)
        write_table(scored.rows, out)
    rejects = scored.rejects.with_columns(
        harmless(pl.col("value")).alias("value"),
        pl.col("problem").replace_strict({code: text[language] for code, text in PROBLEMS.items()}),
    )
    beside = rejects_path(out)
    beside.unlink(missing_ok=True)  # an earlier run's rejects would be taken for this one's
    if rejects.height:
        rejects.write_csv(beside)
    return Run(ruleset, table, _scan(out), rejects)


def rejects_path(out: Path) -> Path:
    """Return where the rejects of an output file stand."""
    return out.with_name(f"{out.stem}.rejects.csv")


def _scan(out: Path) -> pl.LazyFrame:
    match out.suffix.lower():
        case ".parquet":
            return pl.scan_parquet(out)
        case ".jsonl":
            return pl.scan_ndjson(out, schema=dict.fromkeys(("level", "possible_level"), pl.String))
        case _:
            return pl.scan_csv(out, infer_schema=False)


def summarise(run: Run, out: Path, as_of: date, console: Console, language: Language) -> None:
    """Print what was found out about the input, the levels, and where everything stands."""
    for line in _notes(run, as_of, language):
        console.print(line, highlight=False, markup=False)
    console.print(level_grid(run, language))
    console.print(say("written", language, str(out)), highlight=False, markup=False)
    if run.rejects.height:
        rows = counted(run.rejects["row"].n_unique(), ROWS, language)
        said = say("rejected", language, count=rows, file=str(rejects_path(out)))
        console.print(said, style="bold yellow", highlight=False, markup=False)


def _notes(run: Run, as_of: date, language: Language) -> Iterator[str]:
    yield say("ruleset", language, f"{run.ruleset.title[language]} ({run.ruleset.version})")
    dated = any(name.endswith(OBSERVED) for name in run.table.columns)
    yield say("as-of" if dated else "undated", language, date_words(as_of, language))
    yield from (note[language] for note in run.table.notes)
    known = run.ruleset.catalogue.indicators
    absent = [known[n].label[language] for n in run.ruleset.reads if n not in run.table.columns]
    if absent:
        yield say("absent", language, "; ".join(absent))
    for name, near in near_misses(run.table, run.ruleset.reads):
        yield say("near-miss", language, name=name, near=near)


COLOURS = ("green", "cyan", "yellow", "dark_orange", "red")


def colour(ruleset: Ruleset, level: str) -> str:
    """Return the colour in which a level is shown."""
    if level == NOT_ASSESSED:
        return "dim"
    rank, top = ruleset.rank(level), len(ruleset.levels) - 1
    return COLOURS[round(rank * (len(COLOURS) - 1) / top)]


def level_grid(run: Run, language: Language) -> Grid:
    """Return how many pupils have each level, the gravest first."""
    words = AssessmentWords(run.ruleset, language)
    order = {level.id: rank for rank, level in enumerate(run.ruleset.levels)}
    pairs = run.assessments.group_by("level", "possible_level").len().collect(engine="streaming")
    counts = sorted(
        pairs.iter_rows(), key=lambda r: (order.get(r[0], -1), order.get(r[1], -1)), reverse=True
    )
    total = sum(count for *_, count in counts)
    grid = Grid(title=say("levels-title", language), title_justify="left", title_style="bold")
    grid.add_column(say("level", language))
    grid.add_column(say("pupils", language), justify="right")
    grid.add_column(say("share", language))
    for level, possible, count in counts:
        style = colour(run.ruleset, level) if level == possible else "white"
        bar = "█" * max(1, round(30 * count / total))
        share = f"{bar} {percent(round(count / total, 3), language)}"
        grid.add_row(escape(words.level(level, possible)), str(count), share, style=style)
    grid.caption = counted(total, PUPILS, language)
    return grid
