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
) -> None:
    """Compute every indicator of every pupil enrolled on a day, as it was known then."""
    from service.computing import compute_file

    compute_file(folder, CATALOGUE, out, as_of.date(), lang.value)
