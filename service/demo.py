"""``pumpurs demo``: a school scored, with whom to look at first and why, and what is unknown."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from engine.assess import Assessor
from engine.canonical import KEY
from engine.frame import canonical_frame
from engine.pupil import find_pupil
from engine.text import Language
from engine.words.assessments import AssessmentWords
from engine.words.phrases import PUPILS
from engine.words.quantities import counted
from service.phrases import say
from service.school import AS_OF, write_school
from service.scoring import Run, colour, score_file, summarise

FIRST = 6


def run_demo(folder: Path, rules: Path, pupils: int, seed: int, language: Language) -> Run:
    """Make the school, score it, and show levels, pupils with reasons, and what is not known."""
    console = Console()
    folder.mkdir(parents=True, exist_ok=True)
    source, out = folder / "school.csv", folder / "assessments.parquet"
    write_school(source, pupils, seed)
    console.rule(say("school", language, count=counted(pupils, PUPILS, language), seed=str(seed)))
    run = score_file(source, rules, out, AS_OF, "columns", language)
    summarise(run, out, AS_OF, console, language)
    console.print(_first(run, language))
    console.print(_unknown(run, language))
    if run.rejects.height:
        console.print(_rejected(run, language))
    key = gravest_key(run)
    console.print(say("next", language), style="bold")
    for command in (
        f"pumpurs explain {key} {source} --rules rules/lv --as-of {AS_OF} --lang {language}",
        f"pumpurs words rules/lv --lang {language}",
        "pumpurs check",
    ):
        console.print(f"  .venv/bin/{command}", highlight=False, soft_wrap=True)
    return run


def gravest_key(run: Run) -> str:
    """Return the key of the pupil to look at first."""
    return str(_gravest(run).select(KEY).head(1).collect().item())


def _gravest(run: Run) -> pl.LazyFrame:
    """Return the assessments, gravest first: by sure level, possible level, and scores."""
    ranks = {level.id: rank for rank, level in enumerate(run.ruleset.levels)}
    levels = pl.col("level", "possible_level")
    grave = run.assessments.with_columns(
        levels.replace_strict(ranks, default=-1, return_dtype=pl.Int8).name.suffix("_rank")
    )
    by = ["level_rank", "possible_level_rank", "score", "possible_score"]
    return grave.sort(*by, KEY, descending=[True, True, True, True, False])


def _first(run: Run, language: Language) -> Grid:
    """Return the pupils to look at first, with their reasons in words."""
    words = AssessmentWords(run.ruleset, language)
    assessor = Assessor(run.ruleset)
    title = say("first-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold", show_lines=True)
    for name in ("pupil", "level", "score"):
        grid.add_column(say(name, language), no_wrap=name == "pupil", max_width=16)
    grid.add_column(say("why", language), ratio=1)
    for key, *_ in _gravest(run).head(FIRST).collect().iter_rows():
        pupil = find_pupil(run.table, key, run.ruleset, AS_OF)
        found = assessor.assess(pupil.record)
        reasons = "\n".join(f"• {escape(words.brief(reason))}" for reason in words.raising(found))
        level = escape(words.level(found.level, found.possible_level))
        score = words.score(found.score, found.possible_score)
        grid.add_row(key, f"[{colour(run.ruleset, found.level)}]{level}[/]", score, reasons)
    return grid


def _unknown(run: Run, language: Language) -> Grid:
    """Return what cannot be said: which indicator is missing where it matters, and why."""
    words = AssessmentWords(run.ruleset, language)
    title = say("cannot-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold")
    grid.add_column(say("missing-indicator", language))
    for name in ("pupils", "empty", "too-old"):
        grid.add_column(say(name, language), justify="right")
    read = [run.ruleset.catalogue.indicators[name] for name in run.ruleset.reads]
    whatever_its_age = canonical_frame(run.table.frame, read).rows
    both = run.assessments.join(whatever_its_age, on=KEY).collect()
    counts = []
    for name in run.ruleset.reads:
        missing = both.filter(pl.col("missing").list.contains(name))
        counts.append((missing.height, missing[name].is_null().sum(), name))
    for total, empty, name in sorted(counts, reverse=True):
        if total:
            grid.add_row(words.label(name), str(total), str(empty), str(total - empty))
    least = run.ruleset.levels[0].id
    unsure = run.assessments.filter(
        (pl.col("level") == least) & (pl.col("possible_level") != least)
    )
    total = unsure.select(pl.len()).collect().item()
    grid.caption = f"{say('cannot-pupils', language)}: {total}"
    return grid


def _rejected(run: Run, language: Language) -> Grid:
    """Return the rows that could not be read."""
    title = say("rejects-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold yellow")
    for name in ("row", "column", "value", "problem"):
        grid.add_column(say(name, language))
    for row, column, value, problem in run.rejects.head(10).iter_rows():
        grid.add_row(str(row), escape(column), escape(value or ""), problem)
    return grid
