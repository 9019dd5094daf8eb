"""Published rulesets over one's own history: those that can be asked, and what others lack."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import DataError
from engine.lab.desk import RULES
from engine.lab.page import Page
from engine.load import load
from engine.replay.history import History
from engine.replay.replay import Replay, replay
from engine.text import Language


@dataclass(frozen=True)
class Published:
    """`replays` of the rulesets that the history can answer; `refused` are all others, and why."""

    replays: tuple[Replay, ...]
    refused: tuple[tuple[str, str], ...]

    def lacking(self, language: Language) -> Page:
        """Return which indicators the rulesets read that the history has not."""
        lines = [f"- **{name}**: {why}" for name, why in self.refused]
        for each in self.replays:
            known = each.ruleset.catalogue.indicators
            labels = [known[name].label[language] for name in each.absent]
            if labels:
                lines.append(f"- **{each.ruleset.title[language]}**: {'; '.join(labels)}")
        return Page("\n".join(lines) or "–")


def published(history: History) -> Published:
    """Replay every published ruleset over a history."""
    replays, refused = [], []
    for folder in sorted(path for path in (RULES / "published").iterdir() if path.is_dir()):
        ruleset = load(folder)
        try:
            replays.append(replay(history, ruleset))
        except DataError as error:
            refused.append((ruleset.id, error.problems[0].message))
    return Published(tuple(replays), tuple(refused))
