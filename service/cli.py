"""The command line: ``pumpurs``.

Commands import what they need when they run, so that help appears at once. Exit codes: 0 done,
1 error, 2 done with rejected rows, 64 wrong usage.
"""

from __future__ import annotations

import io
import os
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from engine.errors import EarlyWarningError
from service.commands import operate
from service.commands.access import access
from service.commands.history import history
from service.commands.indicators import indicators, trace
from service.commands.language import LangOption
from service.commands.propose import propose
from service.commands.registers import REJECTS, registers
from service.commands.replay import replay
from service.commands.serve import PortOption, serve
from service.commands.suggest import suggest
from service.commands.tune import tune
from service.phrases import say

if TYPE_CHECKING:
    from engine.ruleset import Ruleset

USAGE, STOPPED = 64, 130

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Pumpurs: early warning against early school leaving.",
)

app.command()(serve)
app.command()(indicators)
app.command()(trace)
app.command()(history)
app.command()(suggest)
app.command()(replay)
app.command()(propose)
app.command()(tune)
for name in ("db", "places", "keys", "rules", "retention"):
    app.add_typer(getattr(operate, name), name=name)
app.add_typer(access, name="access")
app.add_typer(registers, name="registers")


class ExecutorChoice(StrEnum):
    """The executors; all give the same answers."""

    COLUMNS = "columns"
    DURABLE = "durable"
    REFERENCE = "reference"


RULES = Path(__file__).parents[1] / "rules"
RulesOption = Annotated[Path, typer.Option("--rules", help="Folder of the ruleset.")]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="Day of the assessment; decides what is too old. Today if left out.",
    ),
]
InputArgument = Annotated[
    Path, typer.Argument(metavar="INPUT", help=".csv or .parquet with pupil_key and indicators.")
]


@app.command()
def check(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="Ruleset folders; all under rules/ if left out."),
    ] = None,
) -> None:
    """Load, check and lint rulesets, and run their examples. Exit 1 if there is any error."""
    from service.checking import check_folders, ruleset_folders

    chosen = [found for folder in folders or [RULES] for found in ruleset_folders(folder)]
    if not check_folders(chosen):
        raise typer.Exit(1)


@app.command()
def score(
    table: InputArgument,
    rules: RulesOption,
    out: Annotated[Path, typer.Option("--out", help="Where to write: .parquet, .csv or .jsonl.")],
    lang: LangOption,
    as_of: AsOfOption = None,
    executor: Annotated[
        ExecutorChoice, typer.Option(help="Which executor to use.")
    ] = ExecutorChoice.COLUMNS,
) -> None:
    """Score all pupils of a table. Exit 2 if rows were rejected (see OUT's .rejects.csv)."""
    from rich.console import Console

    from service.scoring import score_file, summarise

    console = Console()
    with console.status(say("scoring", lang.value)):
        run = score_file(table, rules, out, _day(as_of), executor.value, lang.value)
    summarise(run, out, _day(as_of), console, lang.value)
    if run.rejects.height:
        raise typer.Exit(REJECTS)


@app.command()
def explain(
    pupil_key: Annotated[str, typer.Argument(help="The pupil's key in INPUT.")],
    table: InputArgument,
    rules: RulesOption,
    lang: LangOption,
    as_of: AsOfOption = None,
) -> None:
    """Say one pupil's assessment in words: level, reasons, what is unknown, what is offered."""
    from engine.assess import Assessor
    from engine.pupil import find_pupil
    from engine.table import read_table, reading
    from engine.words.assessments import AssessmentWords

    ruleset = _load(rules)
    with reading(table):
        pupil = find_pupil(read_table(table), pupil_key, ruleset, _day(as_of), lang.value)
    assessment = Assessor(ruleset).assess(pupil.record)
    _print(AssessmentWords(ruleset, lang.value).document(pupil.key, assessment, pupil.stale))


@app.command()
def words(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the ruleset.")],
    lang: LangOption,
) -> None:
    """Write a whole ruleset as a document that a coordinator can read (Markdown)."""
    from engine.words.rules import RuleWords

    _print(RuleWords(_load(folder), lang.value).document())


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Folder of the ruleset before.")],
    new: Annotated[Path, typer.Argument(help="Folder of the ruleset after.")],
    lang: LangOption,
) -> None:
    """Say what changed between two rulesets that can change an answer, before and after."""
    from engine.changes import changes_words

    _print(changes_words(_load(old), _load(new), lang.value))


@app.command()
def schema() -> None:
    """Print the JSON Schema of the rule files, for editors that complete and check them."""
    import json

    from engine.schema import json_schema

    _print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def demo(
    lang: LangOption,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where to put the demonstration's files.")
    ] = Path("demo"),
    pupils: Annotated[int, typer.Option(min=50, max=50_000, help="How many pupils.")] = 600,
    seed: Annotated[int, typer.Option(help="The same seed gives the same registers.")] = 1,
    port: PortOption = 8000,
    no_serve: Annotated[  # noqa: FBT002  a flag
        bool, typer.Option("--no-serve", help="Do not run the service as well.")
    ] = False,
) -> None:
    """Make up registers, compute indicators, score, show whom to look at first, and serve it."""
    from service.demo import run_demo

    load = run_demo(folder, RULES / "lv", pupils, seed, lang.value)
    if not no_serve:
        from service.tryout import serve_demo

        serve_demo(folder, RULES / "lv", load, port)


def _day(moment: datetime | None) -> date:
    return moment.date() if moment else datetime.now().astimezone().date()


def _load(folder: Path) -> Ruleset:
    from engine.load import load

    return load(folder)


def _print(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def main() -> None:
    """Run the command line; refusals become messages on stderr, never tracebacks."""
    # Polars reads this when first used. Smaller pieces in flight: half the memory, the same speed.
    os.environ.setdefault("POLARS_IDEAL_MORSEL_SIZE", "25000")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except EarlyWarningError as error:
        _fail(str(error), 1)
    except typer.TyperException as error:
        message = error.format_message().replace("Value error, ", "")  # what a parser raised
        _fail(f"{message}\nTry: pumpurs --help", USAGE)
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read our output has had enough
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'the output'}: {error.strerror}", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
