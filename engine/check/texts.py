"""Texts that stand in one language only.

A missing text is refused when loading; here is found what was copied and not translated.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Place, Problem
from engine.ruleset import Ruleset
from engine.text import Text


def _texts(ruleset: Ruleset) -> Iterator[tuple[str, Text | None, Place | None]]:
    yield "the ruleset's title", ruleset.title, None
    yield "the ruleset's description", ruleset.description, None
    for level in ruleset.levels:
        yield f"the label of level '{level.id}'", level.label, level.place
    for parameter in ruleset.parameters.values():
        yield f"the label of '{parameter.name}'", parameter.label, parameter.place
    for rule in ruleset.rules:
        yield f"the title of '{rule.id}'", rule.title, rule.place
        yield f"the advice of '{rule.id}'", rule.advice, rule.place
    for example in ruleset.examples:
        yield "an example's sentence", example.says, example.place


def untranslated(ruleset: Ruleset) -> Iterator[Problem]:
    """Find texts that are the same in both languages, or blank in one."""
    for what, text, place in _texts(ruleset):
        if text is None:
            continue
        if not text.lv.strip() or not text.en.strip():
            language = "Latvian" if not text.lv.strip() else "English"
            yield Problem("text-missing", f"{what} is blank in {language}", place, "write it")
        elif text.lv == text.en and " " in text.lv.strip():
            hint = "translate it, or shorten it to a name"
            yield Problem(
                "untranslated", f"{what} is the same in both languages", place, hint, "warning"
            )
