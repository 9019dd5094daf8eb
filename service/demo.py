"""``pumpurs demo``: registers of schools that do not exist, made, checked and scored."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table as Grid

from engine.column import OBSERVED
from engine.indicators.compute import indicators
from engine.load import load_catalogue
from engine.output import write_table
from engine.registers.history import History
from engine.registers.problems import PROBLEMS
from engine.registers.read import Reading, read_history, read_registers
from engine.registers.store import check_store
from engine.table import refused
from engine.text import Language
from engine.words.phrases import PUPILS
from engine.words.quantities import counted, date_words, number, value_words
from service.caseload import Caseload, first
from service.gaps import gaps, unknown
from service.phrases import say
from service.registering import rejects_beside, write_rejects
from service.scoring import score_file, summarise
from service.synth.files import SYSTEM
from service.synth.plan import Plan
from service.synth.write import Summary, write_history

START, YEARS = 2024, 2
AS_OF = date(2025, 12, 19)  # the last day before Christmas in the last of these school years


@dataclass(frozen=True)
class Files:
    """What the demonstration writes into its folder."""

    folder: Path

    @property
    def registers(self) -> Path:
        """The exports, as schools would send them."""
        return self.folder / "registers"

    @property
    def store(self) -> Path:
        """The registers as Parquet, once they were read and checked."""
        return self.folder / "store"

    @property
    def indicators(self) -> Path:
        """The indicators of every pupil."""
        return self.folder / "indicators.parquet"

    @property
    def assessments(self) -> Path:
        """What the rules say of every pupil."""
        return self.folder / "assessments.parquet"


@dataclass(frozen=True)
class _Demo:
    """A demonstration while it runs."""

    files: Files
    rules: Path
    plan: Plan
    language: Language
    console: Console

    def say(self, phrase: str, *values: str, **named: str) -> None:
        """Print a phrase."""
        said = say(phrase, self.language, *values, **named)
        self.console.print(said, highlight=False, markup=False)

    def step(self, phrase: str, *values: str) -> None:
        """Print the heading of a step."""
        said = say(phrase, self.language, *values)
        self.console.print(f"\n{said}", highlight=False, markup=False, style="bold")

    def shell(self, command: str) -> None:
        """Print a command to paste, never broken."""
        self.console.print(
            f"  .venv/bin/pumpurs {command}", highlight=False, markup=False, soft_wrap=True
        )


def run_demo(folder: Path, rules: Path, pupils: int, seed: int, language: Language) -> Caseload:
    """Make registers, check them, compute indicators, score, and show what came of it.

    Raises `DataError` where something that is not the demonstration's stands in the way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(pupils, YEARS, seed, START)
    demo = _Demo(Files(folder), rules, plan, language, Console())
    demo.console.rule(say("demo", language, seed=str(seed)))
    history = _registers(demo)
    _indicators(demo, history)
    load = _assessments(demo, history)
    _behind(demo, load)
    _next(demo, load)
    return load


def _registers(demo: _Demo) -> History:
    """Make the exports, read and check them, and store them."""
    files, language = demo.files, demo.language
    check_store(files.store, files.registers)
    with demo.console.status("") as status:
        made = _made(demo, status)
        with TemporaryDirectory(dir=files.folder) as work:
            reading = read_registers(
                files.registers,
                work=Path(work),
                watch=lambda name: status.update(say("reading", language, escape(name))),
            )
            reading.write(files.store)
    write_rejects(reading, rejects_beside(files.registers), language)
    demo.step("step-registers", str(files.registers))
    _tell(demo, made, reading)
    return read_history(files.store)


def _made(demo: _Demo, status: Status) -> Summary:
    """Make the exports of an earlier demonstration anew, whole or not at all."""
    registers = demo.files.registers
    if registers.exists() and not all(map(_is_ours, registers.iterdir())):
        hint = "choose another --folder"
        raise refused(registers, "overwrite", "registers that are not the demonstration's", hint)
    with TemporaryDirectory(dir=demo.files.folder) as work:
        part = Path(work) / registers.name
        summary = write_history(
            demo.plan, part, lambda what: status.update(say("making", demo.language, what))
        )
        if registers.exists():
            shutil.rmtree(registers)
        part.rename(registers)
    return summary


def _is_ours(bundle: Path) -> bool:
    """Return whether an export was made up here."""
    manifest = bundle / "manifest.csv"
    return manifest.is_file() and SYSTEM in manifest.read_text(encoding="utf-8", errors="replace")


def _tell(demo: _Demo, made: Summary, reading: Reading) -> None:
    """Print the account of the registers, the rows that were rejected, and sudden changes."""
    language = demo.language
    figures = {"pupils": made.pupils, "schools": made.schools, "exports": made.bundles}
    demo.say("made", **{name: number(value, language) for name, value in figures.items()})
    columns = ("read", "used", "rejected", "deleted", "left_out")
    sums = {each: sum(getattr(file, each) for file in reading.files) for each in columns}
    demo.say("account", **{name: number(value, language) for name, value in sums.items()})
    if reading.rejects.height:
        demo.console.print(_rejected(reading.rejects, language))
    for finding in reading.findings:
        demo.say("sudden", f"{finding.bundle}/{finding.file}", finding.text[language])
    demo.say("whole-report")
    demo.shell(f"registers check {demo.files.registers} --lang {language}")


def _rejected(rejects: pl.DataFrame, language: Language) -> Grid:
    """Return the rows that could not be read: by file, column and problem, with a value."""
    title = say("rejects-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold yellow")
    grid.add_column(f"{say('file', language)}\n{say('column', language)}", no_wrap=True)
    for name in ("value", "problem"):
        grid.add_column(say(name, language))
    grid.add_column(say("rows", language), justify="right")
    groups = rejects.group_by("file", "column", "problem", maintain_order=True)
    for file, column, code, value, count in groups.agg(pl.col("value").first(), pl.len()).rows():
        problem = PROBLEMS[code][language]
        grid.add_row(escape(f"{file}\n{column}"), escape(value or ""), problem, str(count))
    return grid


def _indicators(demo: _Demo, history: History) -> None:
    """Compute the indicators of every pupil as of the day."""
    language, catalogue = demo.language, load_catalogue(demo.rules)
    with demo.console.status(say("computing", language)):
        found = indicators(history, catalogue, AS_OF).collect(engine="streaming")
        write_table(found.lazy(), demo.files.indicators)
    demo.step("step-indicators", str(demo.files.indicators))
    names = [name for name in found.columns if f"{name}.{OBSERVED}" in found.columns]
    told = {"day": date_words(AS_OF, language), "count": number(len(names), language)}
    demo.say("computed", pupils=counted(found.height, PUPILS, language), **told)


def _assessments(demo: _Demo, history: History) -> Caseload:
    """Score, and show levels, whom to look at first, and what cannot be said."""
    files, language, console = demo.files, demo.language, demo.console
    with console.status(say("scoring", language)):
        run = score_file(
            files.indicators, demo.rules, files.assessments, AS_OF, "columns", language
        )
    demo.step("step-assessments")
    summarise(run, files.assessments, AS_OF, console, language)
    load = Caseload(run, history.known(AS_OF), AS_OF, language)
    console.print(first(load))
    console.print(unknown(load))
    for gap in gaps(load):
        console.print(f"• {gap}", highlight=False, markup=False)
    return load


def _behind(demo: _Demo, load: Caseload) -> None:
    """Print how to see the rows behind the first number of the first pupil."""
    key, catalogue = load.first_key(), load.run.ruleset.catalogue
    reasons = load.words.raising(load.assessment(key))
    for seen in (each for reason in reasons for each in reason.evidence):
        if seen.value is not None:
            indicator = catalogue.indicators[seen.indicator]
            value = value_words(seen.value, indicator, catalogue, demo.language)
            demo.step("step-behind")
            demo.say("behind", f"{indicator.label[demo.language]}: {value}")
            shown = f"trace {key} {indicator.name} {demo.files.store} --as-of {AS_OF}"
            demo.shell(f"{shown} --lang {demo.language}")
            return


def _next(demo: _Demo, load: Caseload) -> None:
    """Print what to try next."""
    lang = f"--lang {demo.language}"
    table, day = demo.files.indicators, f"--as-of {AS_OF}"
    demo.step("next")
    demo.shell(f"explain {load.first_key()} {table} --rules rules/lv {day} {lang}")
    demo.shell(f"words rules/lv {lang}")
    demo.shell("check")
