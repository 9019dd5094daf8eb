"""Golden files: texts that a reader has accepted.

``PUMPURS_GOLDEN=write`` writes them anew; read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def matches_golden(name: str, text: str) -> bool:
    """Return whether a text is equal to its golden file, or write the file where asked to."""
    path = FOLDER / name
    if os.environ.get("PUMPURS_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text
