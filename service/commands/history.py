"""``pumpurs history``: what was known of pupils on days of the past, and what became of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.commands.indicators import CATALOGUE, FolderArgument, RulesOption
from service.commands.language import LangOption

FORMATS = ["%Y-%m-%d"]


def history(
    folder: FolderArgument,
    out: Annotated[Path, typer.Option("--out", help="Where to write: .parquet.")],
    lang: LangOption,
    as_of: Annotated[
        list[datetime] | None,
        typer.Option(
            "--as-of",
            formats=FORMATS,
            help="A day of the history; may be given again. The ends of semesters if left out.",
        ),
    ] = None,
    horizon: Annotated[
        int, typer.Option(min=1, max=3660, help="Days within which a pupil leaves, or does not.")
    ] = 365,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until", formats=FORMATS, help="The day to which the registers reach, if known."
        ),
    ] = None,
    rules: RulesOption = CATALOGUE,
) -> None:
    """Compute a history of pupils from registers: indicators as of days, and outcomes."""
    from service.past import Asked, write_history

    days = [moment.date() for moment in as_of or ()]
    asked = Asked(days, horizon, until.date() if until else None)
    write_history(folder, rules, out, asked, lang.value)
