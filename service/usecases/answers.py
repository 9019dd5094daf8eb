"""One pupil's assessment as it is answered and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from engine.assess import Assessment, Reason
from engine.condition import Value
from engine.findings import KEPT, Finding
from engine.ruleset import Ruleset
from engine.text import Language
from engine.words.assessments import AssessmentWords

NOTHING: Mapping[str, date] = MappingProxyType({})


class Inputs(NamedTuple):
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


class Telling:
    """Tells what was found, as JSON in one language; what many pupils share is told once."""

    def __init__(self, ruleset: Ruleset, language: Language) -> None:
        self._ruleset, self._language = ruleset, language
        self._words = AssessmentWords(ruleset, language)
        self._told: dict[int, tuple[Reason, bytes]] = {}  # by identity: pupils share reasons
        self._fresh = lru_cache(KEPT)(self._finding)
        version = {"ruleset": ruleset.content_hash, "ruleset_version": ruleset.version}
        self._head = _members(version | {"language": language})

    def answer(self, found: Assessment, stale: Mapping[str, date]) -> bytes:
        """Return an assessment as the members of an object: the same inputs give the same text."""
        said = self._finding(found.finding, stale) if stale else self._fresh(found.finding)
        return b'%b,%b,"reasons":%b' % (self._head, said, self.reasons(found.reasons))

    def reasons(self, reasons: Iterable[Reason]) -> bytes:
        """Return reasons with their evidence and words, as an array."""
        return b"[%b]" % b",".join(map(self.reason, reasons))

    def reason(self, reason: Reason) -> bytes:
        """Return a reason as JSON; one that many pupils share is told once."""
        told = self._told.get(id(reason))
        if told is None:
            if len(self._told) >= KEPT:
                self._told.clear()
            told = self._told[id(reason)] = reason, self._reason(reason)
        return told[1]

    def _finding(self, finding: Finding, stale: Mapping[str, date] = NOTHING) -> bytes:
        brief, words = finding.brief, self._words
        unknown = [
            {
                "rule": each.rule,
                "title": words.title(each.rule),
                "possible_points": each.possible_points,
                "possible_at_least": each.possible_at_least,
                "missing": each.missing,
                "words": words.undetermined(each, stale),
            }
            for each in finding.undetermined
        ]
        said = {
            "score": brief.score,
            "possible_score": brief.possible_score,
            "level": brief.level,
            "possible_level": brief.possible_level,
            "words": words.level(brief.level, brief.possible_level),
            "undetermined": unknown,
            "not_applicable": brief.not_applicable,
            "offers": [{"measure": name, "words": words.measure(name)} for name in brief.offers],
            "missing": brief.missing,
            "stale": dict(stale),
        }
        return _members(said)

    def _reason(self, reason: Reason) -> bytes:
        said = {
            "rule": reason.rule,
            "title": self._words.title(reason.rule),
            "step": reason.step,
            "possible_step": reason.possible_step,
            "points": reason.points,
            "at_least": reason.at_least,
            "evidence": reason.evidence,
            "words": self._words.reason(reason),
        }
        return orjson.dumps(said)


def _members(said: Mapping[str, Any]) -> bytes:
    """Return an object's members as JSON, without the braces."""
    return orjson.dumps(said)[1:-1]
