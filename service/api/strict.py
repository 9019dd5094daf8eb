"""Strict JSON: what is ambiguous is refused, not guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NoReturn

import orjson

from engine.errors import did_you_mean
from service.problems import Refusal

_NESTED = frozenset({dict, list})


def parsed(body: bytes) -> Any:  # noqa: ANN401  any JSON
    """Return what JSON says; raises `Refusal` for NaN, a name that stands twice, and bad JSON."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal("bad-json", f"this is not JSON: {where}") from None
    # Each name in the text has a colon of its own, and a later name replaces its twin: so as many
    # colons as members, those inside texts apart, prove that no name stands twice. Texts with
    # escapes could hide a colon: then, and where the numbers differ, look closely.
    colons = body.count(b":")
    if colons != _shallow(found):
        members = _members(found)
        if colons != members and (b"\\u" in body or colons - _colons(found) != members):
            _refuse_twins(body)
    return found


def _shallow(found: object) -> int:
    """Return how many members an object and those in it have: often that is all there are."""
    if type(found) is not dict:
        return 0
    return len(found) + sum([len(each) for each in found.values() if type(each) is dict])


def _members(found: object) -> int:
    """Return how many members all objects have; without recursion, as nesting may be deep."""
    count = 0
    waiting: list[Any] = [[found]]
    while waiting:
        each = waiting.pop()
        if type(each) is dict:
            count += len(each)
            each = each.values()
        if not _NESTED.isdisjoint(map(type, each)):
            waiting += [value for value in each if type(value) in _NESTED]
    return count


def _colons(found: object) -> int:
    """Return how many colons stand inside names and texts."""
    count = 0
    waiting: list[Any] = [[found]]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            count += "".join(each).count(":")
            each = each.values()
        count += "".join([value for value in each if isinstance(value, str)]).count(":")
        waiting += [value for value in each if type(value) in _NESTED]
    return count


def _refuse_twins(body: bytes) -> None:
    def pairs(members: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                raise Refusal("bad-json", f"{_shown(name)} stands twice in one object")
            seen.add(name)

    try:
        json.loads(body, object_pairs_hook=pairs, parse_constant=_not_finite)
    except (ValueError, RecursionError):
        raise Refusal("bad-json", "this is nested too deeply, or a number is too long") from None


def _not_finite(_text: str) -> NoReturn:
    raise ValueError


def members(found: object, known: Iterable[str], where: str) -> Mapping[str, Any]:
    """Return an object whose names are all `known`; raises `Refusal` naming one that is not."""
    if not isinstance(found, dict):
        place = where or "body"
        error = {"where": place, "problem": "this is not a JSON object"}
        raise Refusal("invalid", f"{place}: this is not a JSON object", [error])
    check_names(found, frozenset(known), where)
    return found


def check_names(found: Mapping[str, object], known: AbstractSet[str], where: str) -> None:
    """Raise `Refusal` where a name is not known, with the nearest that is."""
    if not found.keys() <= known:
        raise unknown(sorted(found.keys() - known), known, where)


def unknown(extra: Iterable[str], names: Iterable[str], where: str) -> Refusal:
    """Return the refusal of names that nobody knows, each with the nearest that is known."""
    known = sorted(names)
    all_of_them = f"known: {', '.join(known)}" if len(known) <= 12 else "see /v1/indicators"
    if not known:
        all_of_them = "leave it out"
    errors = [
        {
            "where": f"{where}.{_shown(name)}" if where else _shown(name),
            "problem": "this name is not known here",
            "hint": did_you_mean(name, known) or all_of_them,
        }
        for name in list(extra)[:20]
    ]
    return Refusal("invalid", f"{errors[0]['where']}: this name is not known here", errors)


def _shown(name: str) -> str:
    """Return a name as it may be shown: what is no name could be anything, also a pupil's key."""
    return name[:64] if name.isascii() and name.replace(".", "_").isidentifier() else "(a name)"
