"""``pumpurs propose``: a candidate, its rationale and its evidence as files for a reviewer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.language import LangOption
from service.commands.replay import HistoryArgument, LevelOption

AfterOption = Annotated[
    str | None,
    typer.Option("--after", metavar="COHORT", help="Judge on the cohorts after this one."),
]


def propose(
    history: HistoryArgument,
    base: Annotated[Path, typer.Option("--base", help="Folder of the ruleset to be changed.")],
    candidate: Annotated[
        Path, typer.Option("--candidate", help="Folder of the ruleset to be put in its place.")
    ],
    rationale: Annotated[
        str, typer.Option("--rationale", help="What should become better, and for whom.")
    ],
    out: Annotated[Path, typer.Option("--out", help="A new folder for the proposal.")],
    lang: LangOption,
    level: LevelOption = None,
    after: AfterOption = None,
    *,
    even_on_tuned: Annotated[
        bool,
        typer.Option("--even-on-tuned", help="Judge on rows that the search saw, and say so."),
    ] = False,
) -> None:
    """Write a proposal for review: who chose each number, and whom the change concerns.

    Exit 2 if rows of the history were rejected.
    """
    from rich.console import Console

    from service.commands.registers import REJECTS
    from service.proposing import Asked, write_proposal

    asked = Asked(history, base, candidate, rationale, level, after, even_on_tuned)
    if not write_proposal(asked, out, Console(), lang.value):
        raise typer.Exit(REJECTS)
