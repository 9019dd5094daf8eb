"""``pumpurs registers``: what schools keep of their pupils, read, checked and made up."""

from __future__ import annotations

import typer

registers = typer.Typer(no_args_is_help=True, help="Registers of schools: check them.")


@registers.callback()
def _group() -> None:
    """Keep the commands below a name of their own, however few they are."""
