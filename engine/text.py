"""Human texts, in the two languages that every reader may choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["lv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Latvian and in English."""

    lv: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.lv if language == "lv" else self.en
