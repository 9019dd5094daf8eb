"""A page of text: what a notebook shows of a ruleset, a history's notes, a proposal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.drafting.suggest import Draft
from engine.drafting.trust import reasons
from engine.lab.words import LABELS
from engine.replay.history import History
from engine.ruleset import Ruleset
from engine.text import Language, Text
from engine.words.rules import RuleWords


@dataclass(frozen=True)
class Page:
    """A text in Markdown, which notebooks draw."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


def ruleset_page(ruleset: Ruleset, language: Language) -> Page:
    """Return a whole ruleset as a document."""
    return Page(RuleWords(ruleset, language).document())


def drafted(draft: Draft, language: Language) -> Page:
    """Return a draft as a document, or that the history leads to none."""
    if draft.ruleset is None:
        return Page(LABELS["no_draft"][language])
    return ruleset_page(draft.ruleset, language)


def notes(history: History, language: Language) -> Page:
    """Return what an analyst should know of a history before trusting what comes of it."""
    return Page(_list(history.notes, language))


def files(paths: Iterable[Path], language: Language) -> Page:
    """Return which files were written, each with the folder that it stands in."""
    lines = "\n".join(f"- `{path.parent.name}/{path.name}`" for path in paths)
    return Page(f"{LABELS['written'][language]}\n\n{lines}")


def trust(draft: Draft, language: Language) -> Page:
    """Return the reasons to trust a draft, and those not to."""
    found = list(reasons(draft))
    sides = (("speaks_for", True), ("speaks_against", False))
    parts = (
        f"**{LABELS[name][language]}**\n\n"
        + _list((r.text for r in found if r.speaks_for == side), language)
        for name, side in sides
    )
    return Page("\n\n".join(parts))


def _list(texts: Iterable[Text], language: Language) -> str:
    lines = [f"- {text[language]}" for text in texts]
    return "\n".join(lines) or f"- {LABELS['nothing'][language]}"
