"""``pumpurs replay``: what a ruleset would have told of the past, and how often rightly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.language import LangOption

HistoryArgument = Annotated[
    Path, typer.Argument(metavar="HISTORY", help=".csv or .parquet with indicators and outcomes.")
]
LevelOption = Annotated[
    str | None,
    typer.Option(
        "--level",
        help="Flagged from this level on; if left out 'support', or the second above the least.",
    ),
]


def replay(
    history: HistoryArgument,
    rules: Annotated[
        list[Path],
        typer.Option("--rules", help="Folder of a ruleset; may be given again, to compare."),
    ],
    lang: LangOption,
    level: LevelOption = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="Figures by school, grade, cohort or a group; may be repeated."),
    ] = None,
    plans: Annotated[
        int | None,
        typer.Option("--plans", min=1, help="How many plans there can be in each cohort."),
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="Judge on the cohorts after this one alone.")
    ] = None,
    even_on_tuned: Annotated[  # noqa: FBT002  a flag
        bool, typer.Option("--even-on-tuned", help="Judge even on rows that it was tuned on.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write all figures: .json.")
    ] = None,
) -> None:
    """Replay rulesets over a history: whom they would have flagged, and who left.

    Exit 2 if rows of the history were rejected.
    """
    from rich.console import Console

    from engine.replay.report import Asked
    from service.commands.registers import REJECTS
    from service.replaying import Options, replay_file

    options = Options(Asked(level, tuple(by or ()), plans), after, even_on_tuned, out)
    if not replay_file(history, rules, options, Console(), lang.value):
        raise typer.Exit(REJECTS)
