"""The language in which a command speaks."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer


class Lang(StrEnum):
    """The languages that every text has."""

    LV = "lv"
    EN = "en"


def _language() -> str:
    """Return the language to speak where none is given: PUMPURS_LANG, or the system's."""
    wanted = (
        os.environ.get("PUMPURS_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    )
    return "lv" if wanted.startswith("lv") else "en"


LangOption = Annotated[
    Lang, typer.Option("--lang", help="Language of texts.", default_factory=_language)
]
