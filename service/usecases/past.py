"""Past assessments: what was said, whether it would be said again, and why levels changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import orjson

from service.store.assessments import Stored
from service.usecases.answers import Inputs
from service.usecases.inforce import Compiled

SUMMARY = ("score", "possible_score", "level", "possible_level")


def shown(stored: Stored) -> dict[str, Any]:
    """Return a stored assessment: the answer as it was given, and what it followed from."""
    return {
        **_summary(stored),
        "erased": stored.erasure is not None,
        "answer": None if stored.answer is None else orjson.loads(stored.answer),
        "inputs": None if stored.inputs is None else orjson.loads(stored.inputs),
    }


def _summary(stored: Stored) -> dict[str, Any]:
    return {
        "id": stored.id,
        "school": stored.school,
        "as_of": stored.as_of,
        "assessed_at": stored.at,
        "ruleset": stored.ruleset,
        **{name: getattr(stored, name) for name in SUMMARY},
        "executors_agreed": stored.agreed,
    }


def recomputed(stored: Stored, compiled: Compiled) -> dict[str, Any]:
    """Return the answer computed again from the stored inputs, and whether it is the same."""
    inputs = Inputs.of(orjson.loads(stored.inputs or "{}"))
    found = compiled.assessor.assess(inputs.record)
    again = orjson.loads(b"{%b}" % compiled.telling[inputs.language].answer(found, inputs.stale))
    before = orjson.loads(stored.answer or "{}")
    told = _in_brief(again, before) if "holds" in before else again
    same = all(before.get(name) == value for name, value in told.items())
    return {"same": same, "answer": again}


def _in_brief(again: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as a bulk request is told it: names, and the reasons if they were given."""
    return {
        **{name: again[name] for name in ("ruleset", "ruleset_version", *SUMMARY, "language")},
        **{name: again[name] for name in ("not_applicable", "missing", "stale")},
        "holds": sorted(each["rule"] for each in again["reasons"]),
        "undetermined": sorted(each["rule"] for each in again["undetermined"]),
        "offers": [each["measure"] for each in again["offers"]],
        "reasons": again["reasons"] if before["reasons"] is not None else None,
    }


def changes(
    newest_first: Sequence[Stored], compiled: Callable[[str], Compiled | None]
) -> list[dict[str, Any]]:
    """Return summaries, each with what changed since the one before it, if the level did.

    `changed_by` is ``rules`` where the older ruleset gives the newer data another level, ``data``
    where the older ruleset gives a level that differs from the older one; both may be. Where the
    newer data lack what the older ruleset reads, it is the newer ruleset on the older data.
    """
    said = [_summary(each) | {"changed_by": []} for each in newest_first]
    for summary, (newer, older) in zip(said, pairwise(newest_first), strict=False):
        if _levels(newer) != _levels(older):
            summary["changed_by"] = _causes(newer, older, compiled)
    return said


def _levels(stored: Stored) -> tuple[str, str]:
    return stored.level, stored.possible_level


def _causes(newer: Stored, older: Stored, compiled: Callable[[str], Compiled | None]) -> list[str]:
    if newer.ruleset == older.ruleset:
        return ["data"]
    middle = _levels_by(compiled(older.ruleset), newer)  # the older rules on the newer data
    if middle is not None:
        by_rules, by_data = middle != _levels(newer), middle != _levels(older)
    else:
        middle = _levels_by(compiled(newer.ruleset), older)  # the newer rules on the older data
        if middle is None:
            return ["unknown"]
        by_rules, by_data = middle != _levels(older), middle != _levels(newer)
    return [name for name, so in (("rules", by_rules), ("data", by_data)) if so]


def _levels_by(compiled: Compiled | None, stored: Stored) -> tuple[str, str] | None:
    """Return the levels that a ruleset gives to stored inputs; None where they are not enough."""
    if compiled is None or stored.inputs is None:
        return None
    record = Inputs.of(orjson.loads(stored.inputs)).record
    if not compiled.reads.keys() <= record.keys():
        return None
    found = compiled.assessor.assess({name: record[name] for name in compiled.reads})
    return found.level, found.possible_level
