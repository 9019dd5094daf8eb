"""The part of durable_rules' grammar that is safe, and how rulesets and values are written in it.

``{rule: {"all": [{"m": CONDITION}]}}`` with comparisons of one field with one value, ``$and`` and
``$or``, and nothing else: the rest breaks in ways that docs/decisions/0003 lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, assert_never

from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Op,
    Or,
    Value,
    pushed,
)
from engine.errors import ExecutorError, Problem, RuleError
from engine.ruleset import Ruleset

NODES_A_SHARD = 48
MAX_SHARDS = 12
MAX_TEXT = 1000
# The fact's own name, by which it is taken out again: durable_rules would make one by hashing the
# whole fact, twice. It is a number that is never given again, and has nothing to do with a pupil.
NONCE = "id"
SENTINEL = "sentinel"

_OPS: dict[Op, str] = {"<": "$lt", "<=": "$lte", "!=": "$neq", ">=": "$gte", ">": "$gt"}

Pattern = dict[str, Any]


def encoded(value: Value) -> str:
    r"""Return a value as JSON that durable_rules reads rightly.

    It refuses ``1e-07``: an exponent needs a dot before it.

    >>> encoded(1e-07), encoded(True), encoded("ž")
    ('1.0e-07', 'true', '"\\u017e"')
    """
    return _WRITTEN[type(value)](value)


def _written_float(number: float) -> str:
    shown = repr(number)
    return shown.replace("e", ".0e") if "e" in shown and "." not in shown else shown


def _written_text(text: str) -> str:
    if len(text) > MAX_TEXT:
        message = f"a category longer than {MAX_TEXT} characters"
        raise ExecutorError(Problem("durable", message, None, "shorten the category's id"))
    return json.dumps(text)


_WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: {True: "true", False: "false"}.__getitem__,
    int: repr,
    float: _written_float,
    str: _written_text,
}


def definition(ruleset: Ruleset) -> tuple[int, str]:
    """Return how many shards the ruleset takes, and the ruleset as durable_rules reads it.

    More than 64 patterns matching at once fail, and hundreds of patterns side by side loop for
    ever. So patterns are dealt into shards, each behind a marker field of its own.
    """
    patterns = {
        f"{sign}{number}": pattern(pushed(clause.condition, negated=sign == "f"))
        for number, clause in enumerate(ruleset.clauses)
        for sign in "tf"
    }
    shards = -(-max(len(patterns), 1) // NODES_A_SHARD)
    if shards > MAX_SHARDS:
        message = f"{len(patterns)} patterns do not fit into {MAX_SHARDS} shards of {NODES_A_SHARD}"
        raise RuleError(Problem("too-large", message, None, "split the ruleset into two"))
    rules: dict[str, Pattern] = {f"{SENTINEL}{n}": {marker(n): 1} for n in range(shards)}
    for number, (name, body) in enumerate(patterns.items()):
        behind = [{marker(number // NODES_A_SHARD): 1}]
        if name.startswith("f"):
            behind.append({doubt(int(name[1:])): 1})
        rules[name] = {"$and": [*behind, body]}
    return shards, _json({name: {"all": [{"m": body}]} for name, body in rules.items()})


def _json(part: object) -> str:
    """Return patterns as JSON, with numbers as `encoded` writes them."""
    match part:
        case dict():
            return "{" + ", ".join(f"{json.dumps(k)}: {_json(v)}" for k, v in part.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json, part)) + "]"
        case bool() | int() | float() | str():
            return encoded(part)
        case _:
            raise TypeError(f"no pattern has a {type(part).__name__}")


def pattern(condition: Condition) -> Pattern:
    """Return a pushed-down condition in the part of durable_rules' grammar that is safe."""
    match condition:
        case Comparison(indicator, op, operand):
            return _compared(indicator, op, operand)
        case Between(low, low_op, indicator, high_op, high):
            above = _compared(indicator, ">" if low_op == "<" else ">=", low)
            return {"$and": [above, _compared(indicator, high_op, high)]}
        case Member(indicator, categories):
            return {"$or": [{indicator: category} for category in categories]}
        case Flag(indicator):
            return {indicator: True}
        case Known(indicator):
            return {known(indicator): True}
        case Not(Member(indicator, categories)):
            return {"$and": [_compared(indicator, "!=", category) for category in categories]}
        case Not(Flag(indicator)):
            return {indicator: False}
        case Not(Known(indicator)):
            return {known(indicator): False}
        case And(parts):
            return {"$and": [pattern(part) for part in parts]}
        case Or(parts):
            return {"$or": [pattern(part) for part in parts]}
        case Not():
            raise AssertionError("pushed() leaves 'not' only before categories and flags")
        case _:
            assert_never(condition)


def _compared(indicator: str, op: Op, operand: object) -> Pattern:
    return {indicator: operand} if op == "==" else {_OPS[op]: {indicator: operand}}


def marker(shard: int) -> str:
    """Return the field that stands in every fact, so that a shard's patterns are asked."""
    return f"_s{shard}"


def known(indicator: str) -> str:
    """Return the companion field that says whether a value is there: ``$nex`` is not safe."""
    return f"_k_{indicator}"


def doubt(clause: int) -> str:
    """Return the field that says that a value which a clause reads is missing."""
    return f"_u{clause}"


def _fields(ruleset: Ruleset, shards: int) -> Iterator[str]:
    yield from (NONCE, "sid", "$s")
    yield from (marker(shard) for shard in range(shards))
    yield from (doubt(clause) for clause in range(len(ruleset.clauses)))
    for name in ruleset.reads:
        yield from (name, known(name))


def check_names(ruleset: Ruleset, shards: int) -> None:
    """Refuse field names that durable_rules would mix up: it compares 32-bit FNV-1a hashes."""
    seen: dict[int, str] = {}
    for name in _fields(ruleset, shards):
        digest = fnv1a(name)
        if digest in seen:
            message = f"durable_rules cannot tell the names '{seen[digest]}' and '{name}' apart"
            raise RuleError(Problem("name-collision", message, None, "rename one indicator"))
        seen[digest] = name


def fnv1a(name: str) -> int:
    """Return the 32-bit FNV-1a hash of a name (Fowler, Noll, Vo).

    >>> fnv1a("dkfornd") == fnv1a("attendance_rate")
    True
    """
    digest = 2166136261
    for byte in name.encode():
        digest = (digest ^ byte) * 16777619 & 0xFFFFFFFF
    return digest
