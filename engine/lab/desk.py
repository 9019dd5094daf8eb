"""What lies on the analyst's desk: which rules, which history, which data, which language.

Environment variables say otherwise: `PUMPURS_HISTORY` names another history, `PUMPURS_DATA` the
folder of real data, and `PUMPURS_LANG` the language of figures (else the system's).
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from engine.errors import DataError, Place, Problem
from engine.text import Language

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"


def language() -> Language:
    """Return the language of pictures, tables and sliders."""
    wanted = (os.environ.get(name, "") for name in ("PUMPURS_LANG", "LC_ALL", "LANG"))
    return "lv" if next(filter(None, wanted), "").startswith("lv") else "en"


def history() -> Path:
    """Return the history to work on: a synthetic one, unless another is named.

    Raises `DataError` where there is no such file.
    """
    path = _history()
    if not path.is_file():
        hint = "name a history with PUMPURS_HISTORY, or let 'make lab' make a synthetic one"
        raise DataError(
            Problem("no-file", "there is no such history", Place(str(path), 1, 1), hint)
        )
    return path


def data() -> Path:
    """Return the folder of real data; it need not be there."""
    return Path(os.environ.get("PUMPURS_DATA") or ROOT.parent / "shared" / "data")


def fresh(name: str) -> Path:
    """Return a folder of this name that is not there yet: what is written there is never lost."""
    below = _history().parent / "lab"
    return next(path for n in count(1) if not (path := below / f"{name}-{n}").exists())


def _history() -> Path:
    return Path(os.environ.get("PUMPURS_HISTORY") or ROOT / "demo" / "history.parquet")
