"""``pumpurs suggest``: drafts a ruleset from a history; it never applies itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.indicators import CATALOGUE
from service.commands.language import LangOption
from service.commands.replay import HistoryArgument

IndicatorsOption = Annotated[
    Path | None,
    typer.Option("--indicators", help="A file that declares the indicators, with directions."),
]
RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", help="A folder of rules whose catalogue declares them instead."),
]
StepsOption = Annotated[
    int, typer.Option("--max-steps", min=1, max=20, help="Steps at most, over all ladders.")
]
FlaggedOption = Annotated[
    float, typer.Option("--flagged", min=0.01, max=0.9, help="The share to flag, as 0.2.")
]
AfterOption = Annotated[
    str | None,
    typer.Option("--after", help="The last cohort to tune on; later ones judge the draft."),
]
SmallOption = Annotated[
    bool, typer.Option("--small-data", help="Draft even from too few outcomes, marked so.")
]
NoLeakOption = Annotated[
    list[str] | None,
    typer.Option(
        "--no-leak",
        metavar="INDICATOR",
        help="It tells almost surely who left, and yet was known by then; may be repeated.",
    ),
]


def suggest(
    history: HistoryArgument,
    out: Annotated[Path, typer.Option("--out", help="A new folder for the drafted ruleset.")],
    lang: LangOption,
    indicators: IndicatorsOption = None,
    rules: RulesOption = None,
    max_steps: StepsOption = 10,
    flagged: FlaggedOption = 0.2,
    after: AfterOption = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same draft.")] = 1,
    no_leak: NoLeakOption = None,
    small_data: SmallOption = False,  # noqa: FBT002  a flag
) -> None:
    """Draft ladders that the history would choose, and say why to trust them or not.

    Exit 1 where the history tells nothing or too little, 2 if rows of it were rejected.
    """
    from rich.console import Console

    from engine.drafting.suggest import Plan
    from service.commands.registers import REJECTS
    from service.histories import tell_read
    from service.suggested import drafting, tell, tell_next
    from service.suggesting import Asked, draft_file, write_draft

    if indicators and rules:
        raise typer.BadParameter("give --indicators or --rules, not both")
    plan = Plan(max_steps, flagged, seed, small_data, tuple(no_leak or ()))
    asked = Asked(history, indicators, rules or CATALOGUE, after, plan, out)
    console = Console()
    with console.status(drafting(lang.value)):
        read, draft = draft_file(asked, lambda read: tell_read(read, console, lang.value))
    tell(read, draft, console, lang.value)
    write_draft(draft, read.catalogue, out)
    tell_next(out, console, lang.value)
    if read.rejected:
        raise typer.Exit(REJECTS)
