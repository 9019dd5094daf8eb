"""Published rulesets over one's own history: those that can be asked, and what others lack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import DataError
from engine.lab.desk import RULES
from engine.lab.page import Page
from engine.lab.words import LABELS
from engine.load import load
from engine.replay.cuts import at_level
from engine.replay.figures import counts
from engine.replay.history import History
from engine.replay.replay import Replay, replay
from engine.ruleset import Ruleset
from engine.text import Language


@dataclass(frozen=True)
class Published:
    """`replays` of the rulesets that the history can answer; `refused` are all others."""

    replays: tuple[Replay, ...]
    refused: tuple[Ruleset, ...]

    def fullest(self, most: int = 2) -> list[Replay]:
        """Return the replays of the rulesets that can say most of this history's rows."""
        said = sorted(self.replays, key=_said, reverse=True)
        return said[:most]

    def lacking(self, language: Language) -> Page:
        """Return which indicators the rulesets read that the history has not."""
        asked = [(each, LABELS["not_asked"][language], each.reads) for each in self.refused]
        asked += [(each.ruleset, "", each.absent) for each in self.replays]
        lines = [
            f"- **{ruleset.title[language]}**{why}: {_labels(ruleset, names, language)}"
            for ruleset, why, names in asked
            if names
        ]
        return Page("\n".join(lines) or f"- {LABELS['nothing'][language]}")


def _said(replay: Replay) -> int:
    """Return of how many rows a ruleset says whether it flags them."""
    line = counts(replay, at_level(replay.ruleset)).row(0, named=True)
    return int(line["rows"] - line["cannot_say"])


def _labels(ruleset: Ruleset, names: Iterable[str], language: Language) -> str:
    known = ruleset.catalogue.indicators
    return "; ".join(known[name].label[language] for name in names)


def published(history: History) -> Published:
    """Replay every published ruleset over a history."""
    replays, refused = [], []
    for folder in sorted(path for path in (RULES / "published").iterdir() if path.is_dir()):
        ruleset = load(folder)
        try:
            replays.append(replay(history, ruleset))
        except DataError:  # none of its indicators, others of that name, or nobody whom it is for
            refused.append(ruleset)
    return Published(tuple(replays), tuple(refused))
