"""``pumpurs indicators`` and ``pumpurs trace``: from registers to numbers, and back to the rows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.commands.language import LangOption

CATALOGUE = Path(__file__).parents[2] / "rules" / "lv"
FolderArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="A bundle of registers, a folder of bundles, or a store."),
]
RulesOption = Annotated[
    Path, typer.Option("--rules", help="The folder of rules whose catalogue names the indicators.")
]
DayOption = Annotated[
    datetime,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="The day: only what was known when it ended counts."
    ),
]


def indicators(
    folder: FolderArgument,
    as_of: DayOption,
    out: Annotated[Path, typer.Option("--out", help="Where to write: .parquet, .csv or .jsonl.")],
    lang: LangOption,
    rules: RulesOption = CATALOGUE,
) -> None:
    """Compute every indicator of every pupil enrolled on a day, as it was known then."""
    from service.computing import compute_file

    compute_file(folder, rules, out, as_of.date(), lang.value)


def trace(
    pupil_key: Annotated[str, typer.Argument(help="The pupil's key.")],
    indicator: Annotated[str, typer.Argument(help="The indicator's name.")],
    folder: FolderArgument,
    as_of: DayOption,
    lang: LangOption,
    rules: RulesOption = CATALOGUE,
) -> None:
    """Show the rows behind one number, and how they became it (Markdown)."""
    import sys

    from rich.console import Console

    from engine.indicators.trace import trace_value
    from engine.indicators.words import trace_words
    from engine.load import catalogue_named
    from service.computing import read_for_work

    catalogue = catalogue_named(rules)
    with read_for_work(folder, Console(stderr=True), lang.value) as reading:
        found = trace_value(reading.history, catalogue, pupil_key, indicator, as_of.date())
    sys.stdout.write(trace_words(found, catalogue, lang.value))
