"""``pumpurs tune``: the values of a ruleset's parameters that would have served a history best."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.language import LangOption
from service.commands.replay import HistoryArgument, LevelOption
from service.commands.suggest import NoLeakOption

CapacityOption = Annotated[
    int | None,
    typer.Option(
        min=1, help="How many plans can be run on one as-of day; without it, as many as now."
    ),
]


def tune(
    history: HistoryArgument,
    rules: Annotated[Path, typer.Option("--rules", help="Folder of the ruleset.")],
    out: Annotated[Path, typer.Option("--out", help="A new folder for the candidate.")],
    lang: LangOption,
    capacity: CapacityOption = None,
    flagged: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Instead: the share of pupils that may be flagged."),
    ] = None,
    gap: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GROUP=SHARE", help="How far groups may lie apart, as sex=0.1; may be repeated."
        ),
    ] = None,
    level: LevelOption = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--after", metavar="COHORT", help="Tune on cohorts up to this one, judge on later ones."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where the search draws its starts from.")] = 1,
    no_leak: NoLeakOption = None,
    *,
    small_data: Annotated[
        bool, typer.Option("--small-data", help="Tune even on few outcomes, and say so.")
    ] = False,
    even_without_gain: Annotated[
        bool,
        typer.Option(
            "--even-without-gain", help="Write a candidate that is not shown to be better."
        ),
    ] = False,
) -> None:
    """Tune a ruleset on earlier cohorts within a capacity, and judge it on later ones.

    Where nothing is better, nothing is written, and that is no error: exit 0. Exit 2 if rows of the
    history were rejected.
    """
    from engine.tuning.tuned import Wish
    from service.commands.registers import REJECTS
    from service.tuning import gaps, tune_file

    if capacity is not None and flagged is not None:
        raise typer.BadParameter("give --capacity or --flagged, not both")
    wish = Wish(level, capacity, flagged, gaps(gap or []), seed, small_data, tuple(no_leak or ()))
    if not tune_file((history, rules, out), wish, after, lang.value, anyway=even_without_gain):
        raise typer.Exit(REJECTS)
