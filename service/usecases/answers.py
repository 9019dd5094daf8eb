"""One pupil's assessment as it is answered and stored: plain data, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.assess import Assessment, Reason, Undetermined
from engine.condition import Value
from engine.text import Language
from engine.words.assessments import AssessmentWords
from service.usecases.inforce import Compiled


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that an answer follows from, beside its ruleset; `stale` are values left out as old."""

    record: Mapping[str, Value | None]
    stale: Mapping[str, date]
    language: Language

    def stored(self) -> dict[str, Any]:
        """Return the inputs for the store."""
        return {"indicators": self.record, "stale": self.stale, "language": self.language}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Inputs:
        """Return inputs as they were stored."""
        stale = {name: date.fromisoformat(day) for name, day in stored["stale"].items()}
        return cls(stored["indicators"], stale, stored["language"])


def answer(compiled: Compiled, found: Assessment, inputs: Inputs) -> dict[str, Any]:
    """Return an assessment with its reasons in words; the same inputs give the same answer."""
    words = compiled.words[inputs.language]
    return {
        "ruleset": compiled.hash,
        "ruleset_version": found.ruleset,
        "score": found.score,
        "possible_score": found.possible_score,
        "level": found.level,
        "possible_level": found.possible_level,
        "words": words.level(found.level, found.possible_level),
        "reasons": reasons_told(compiled, found.reasons, inputs.language),
        "undetermined": [_undetermined(each, words, inputs.stale) for each in found.undetermined],
        "not_applicable": found.not_applicable,
        "offers": [{"measure": name, "words": words.measure(name)} for name in found.offers],
        "missing": found.missing,
        "stale": inputs.stale,
        "language": inputs.language,
    }


def reasons_told(
    compiled: Compiled, reasons: Iterable[Reason], language: Language
) -> list[dict[str, Any]]:
    """Return reasons with their evidence and words."""
    words, said = compiled.words[language], compiled.said[language]
    return [
        {
            "rule": reason.rule,
            "title": words.title(reason.rule),
            "step": reason.step,
            "possible_step": reason.possible_step,
            "points": reason.points,
            "at_least": reason.at_least,
            "evidence": reason.evidence,
            "words": said(reason),
        }
        for reason in reasons
    ]


def _undetermined(
    unknown: Undetermined, words: AssessmentWords, stale: Mapping[str, date]
) -> dict[str, Any]:
    return {
        "rule": unknown.rule,
        "title": words.title(unknown.rule),
        "possible_points": unknown.possible_points,
        "possible_at_least": unknown.possible_at_least,
        "missing": unknown.missing,
        "words": words.undetermined(unknown, stale),
    }
