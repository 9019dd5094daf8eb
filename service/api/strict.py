"""Strict JSON: what is ambiguous is refused, not guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import orjson

from engine.errors import did_you_mean
from service.problems import Refusal


def parsed(body: bytes) -> Any:  # noqa: ANN401  any JSON
    """Return what JSON says; raises `Refusal` for NaN, a name that stands twice, and bad JSON."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal("bad-json", f"this is not JSON: {where}") from None
    # Names in the text >= members found, as a later name replaces its twin; colons >= names.
    # So as many colons as members proves that no name stands twice; else look closely.
    if body.count(b":") != _members(found):
        _refuse_twins(body)
    return found


def _members(found: object) -> int:
    if isinstance(found, dict):
        return len(found) + sum(_members(v) for v in found.values() if isinstance(v, dict | list))
    if isinstance(found, list):
        return sum(_members(each) for each in found if isinstance(each, dict | list))
    return 0


def _refuse_twins(body: bytes) -> None:
    def pairs(members: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                shown = name if name.isidentifier() else "a name"
                raise Refusal("bad-json", f"'{shown[:64]}' stands twice in one object")
            seen.add(name)

    try:
        json.loads(body, object_pairs_hook=pairs, parse_constant=_not_finite)
    except (ValueError, RecursionError):
        raise Refusal("bad-json", "this is not JSON") from None


def _not_finite(_text: str) -> NoReturn:
    raise ValueError


def members(found: object, known: Iterable[str], where: str) -> Mapping[str, Any]:
    """Return an object whose names are all `known`; raises `Refusal` naming one that is not."""
    if not isinstance(found, dict):
        place = where or "body"
        error = {"where": place, "problem": "this is not a JSON object"}
        raise Refusal("invalid", f"{place}: this is not a JSON object", [error])
    if found.keys() <= (names := frozenset(known)):
        return found
    raise unknown(sorted(found.keys() - names), names, where)


def unknown(extra: Iterable[str], names: Iterable[str], where: str) -> Refusal:
    """Return the refusal of names that nobody knows, each with the nearest that is known."""
    known = sorted(names)
    errors = [
        {
            "where": f"{where}.{_shown(name)}" if where else _shown(name),
            "problem": "this name is not known here",
            "hint": did_you_mean(name, known) or f"known: {', '.join(known[:50])}",
        }
        for name in list(extra)[:20]
    ]
    return Refusal("invalid", f"{errors[0]['where']}: this name is not known here", errors)


def _shown(name: str) -> str:
    """Return a name as it may be shown: what is no name could be anything, also a pupil's key."""
    return name[:64] if name.isascii() and name.replace(".", "_").isidentifier() else "(a name)"
