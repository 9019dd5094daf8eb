"""``pumpurs registers synth``: a history of registers that is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.language import LangOption


def synth(
    pupils: Annotated[
        int, typer.Option(min=50, max=50_000, help="How many are at school at a time.")
    ],
    years: Annotated[int, typer.Option(min=1, max=20, help="How many school years.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")],
    out: Annotated[Path, typer.Option("--out", help="A folder that is empty or not there yet.")],
    lang: LangOption,
    start_year: Annotated[
        int, typer.Option(min=1950, max=2100, help="The autumn in which it begins.")
    ] = 2020,
    *,
    dirt: Annotated[
        bool, typer.Option("--dirt/--no-dirt", help="With a few rows that must be rejected.")
    ] = True,
) -> None:
    """Make up a history of registers with outcomes: synthetic pupils, nobody of whom exists."""
    from engine.output import writing
    from service.synth.command import run
    from service.synth.plan import Plan

    plan = Plan(pupils, years, seed, start_year, dirt)
    with writing(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            message = f"{out} is not an empty folder; name another"
            raise typer.BadParameter(message, param_hint="--out")
        out.mkdir(parents=True, exist_ok=True)
        run(plan, out, lang.value)
