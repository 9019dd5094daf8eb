"""``pumpurs registers``: what schools keep of their pupils, read, checked and made up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.language import LangOption
from service.commands.synth import synth

REJECTS = 2  # exit code: done, and some rows were rejected
registers = typer.Typer(no_args_is_help=True, help="Registers of schools: check them, make some.")


@registers.callback()
def _group() -> None:
    """Keep the commands below a name of their own, however few they are."""


@registers.command()
def check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A bundle, or a folder of bundles.")
    ],
    lang: LangOption,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the store (Parquet).")
    ] = None,
    limit: Annotated[
        float, typer.Option(min=0, max=1, help="The greatest share of bad rows in one file.")
    ] = 0.05,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", help="Where rejected rows go; beside DIR if left out."),
    ] = None,
) -> None:
    """Read and check exports of registers. Exit 2 if rows were rejected (DIR.rejects.csv)."""
    from service.registering import check_registers, rejects_beside

    beside = rejects or rejects_beside(folder)
    reading = check_registers(folder, out, beside, limit, lang.value)
    if reading.rejects.height:
        raise typer.Exit(REJECTS)


@registers.command()
def adapt(
    adapter: Annotated[str, typer.Argument(metavar="ADAPTER", help="Whose export it is: oulad.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The export.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write bundles: a new folder.")],
    lang: LangOption,
) -> None:
    """Turn another system's export into bundles that can be checked and used like any."""
    from engine.registers.adapters import adapt as write
    from service.phrases import say

    rows = write(adapter, folder, out)
    for file, count in rows.items():
        typer.echo(f"{file}: {count}")
    typer.echo(say("written", lang.value, str(out)))


registers.command()(synth)
