"""What must hold of texts in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from engine.text import Language, Text


def check_phrases(phrases: Mapping[str, Text]) -> None:
    """No phrase is blank, and what one language tells, the other tells too."""
    for name, text in phrases.items():
        told = [{n for n in "123" if n in text[x].format(*"123")} for x in get_args(Language)]
        assert told[0] == told[1], name
        assert text.lv.strip()
        assert text.en.strip()
