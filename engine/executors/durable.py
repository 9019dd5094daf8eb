"""The durable_rules executor: which patterns match this one snapshot.

durable_rules 2.0.28 is unmaintained C, so it is fenced here and nowhere else is it known. Its C
module is called directly; `durable.engine.Host` starts endless threads and swallows errors. It is
two-valued: each clause becomes two patterns, "surely true" and "surely false"; when neither fires,
the clause is unknown. Every guard below answers a failure that was seen (docs/decisions/0003).
"""

from __future__ import annotations

import itertools
import json
import locale
import threading
from collections.abc import Iterator
from typing import Any, assert_never

import durable_rules_engine as rete

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
    Record,
    Truth,
    Value,
    atoms,
    pushed,
)
from engine.errors import ExecutorError, Problem, RuleError
from engine.meaning import Truths
from engine.ruleset import Ruleset

NODES_A_SHARD = 48
MAX_SHARDS = 12
MAX_TEXT = 1000

_OPS: dict[Op, str] = {"<": "$lt", "<=": "$lte", "!=": "$neq", ">=": "$gte", ">": "$gt"}
_NONCE, _SENTINEL = "_nonce", "sentinel"
_names = itertools.count()

Pattern = dict[str, Any]


class Durable:
    """Answers clauses by durable_rules. One engine a process; calls are serialised by a lock.

    Raises `RuleError` when the ruleset cannot be held safely, and `ExecutorError` when the engine
    failed: the engine is then thrown away and rebuilt before the next record.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        _check_locale()
        self._shards, self._definition = _definition(ruleset)
        atoms_ = [atom for clause in ruleset.clauses for atom in atoms(clause.condition)]
        self._asked_known = sorted({atom.indicator for atom in atoms_ if isinstance(atom, Known)})
        _check_names(_fields(ruleset, self._shards))
        self._meant = {f"{s}{n}": (n, s == "t") for n in range(len(ruleset.clauses)) for s in "tf"}
        self._markers = ", ".join(f'"{_marker(n)}": 1' for n in range(self._shards))
        self._lock = threading.Lock()
        self._nonces = itertools.count(1)
        self._handle: int | None = None
        self._has_fired = False

    def truths(self, record: Record) -> Truths:
        """Return the truth of each clause for one canonical record."""
        with self._lock:
            nonce = next(self._nonces)
            fired = self._fired(self._fact(record, nonce), nonce)
        if _SENTINEL not in fired:
            raise ExecutorError(Problem("durable", "durable_rules did not run: no sentinel"))
        truths: list[Truth] = [None] * len(self.ruleset.clauses)
        for name in fired:
            if name == _SENTINEL:
                continue
            number, truth = self._meant[name]
            if truths[number] is not None:
                raise ExecutorError(Problem("durable", "a clause is both true and false"))
            truths[number] = truth
        return tuple(truths)

    def close(self) -> None:
        """Give the engine's memory back; the next record builds a new engine."""
        with self._lock:
            self._discard()

    def _fact(self, record: Record, nonce: int) -> str:
        """Return the snapshot as JSON: declared names only, unknown values left out."""
        fields = [f'"{_NONCE}": {nonce}', self._markers]
        for name in self.ruleset.reads:
            value = record[name]
            if value is not None:
                fields.append(f'"{name}": {encoded(value)}')
        fields += [f'"{_known(n)}": {encoded(record[n] is not None)}' for n in self._asked_known]
        return "{" + ", ".join(fields) + "}"

    def _fired(self, fact: str, nonce: int) -> set[str]:
        """Return the names of the patterns that match the fact; leave the engine empty again."""
        handle = self._handle if self._handle is not None else self._build()
        try:
            try:
                fired = self._drained(handle, fact, nonce)
            finally:
                rete.retract_fact(handle, fact)
        except ExecutorError:
            self._discard()
            raise
        except Exception as error:  # the C module raises its own error type, and others
            self._discard()
            message = f"durable_rules failed ({type(error).__name__})"
            raise ExecutorError(Problem("durable", message)) from error
        return fired

    def _drained(self, handle: int, fact: str, nonce: int) -> set[str]:
        code, state = rete.assert_fact(handle, fact)
        if code != 0:
            raise ExecutorError(Problem("durable", f"durable_rules refused the fact (code {code})"))
        fired: set[str] = set()
        mark = f'"{_NONCE}": {nonce},'
        result = rete.start_action_for_state(handle, state)
        message = result[1] if result else None
        following = rete.complete_and_start_action
        while message:
            if mark not in message:
                raise ExecutorError(Problem("durable", "an activation belongs to another snapshot"))
            fired.add(message[2 : message.index('"', 2)])
            message = following(handle, state)
        self._has_fired = True
        return fired

    def _build(self) -> int:
        handle: int = rete.create_ruleset(f"pumpurs-{next(_names)}", self._definition)
        self._handle = handle
        return handle

    def _discard(self) -> None:
        """Dispose of the engine; deleting a state that has never fired would crash the process."""
        if self._handle is not None:
            if self._has_fired:
                rete.delete_state(self._handle, "0")
            rete.delete_ruleset(self._handle)
        self._handle = None
        self._has_fired = False


def encoded(value: Value) -> str:
    r"""Return a value as JSON that durable_rules reads rightly.

    It refuses ``1e-07``: an exponent needs a dot before it.

    >>> encoded(1e-07), encoded(True), encoded("ž")
    ('1.0e-07', 'true', '"\\u017e"')
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            shown = repr(value)
            return shown.replace("e", ".0e") if "e" in shown and "." not in shown else shown
        case str():
            if len(value) > MAX_TEXT:
                message = f"a category longer than {MAX_TEXT} characters"
                raise ExecutorError(Problem("durable", message, None, "shorten the category's id"))
            return json.dumps(value)
        case _:
            assert_never(value)


def _definition(ruleset: Ruleset) -> tuple[int, str]:
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
    rules: dict[str, Pattern] = {_SENTINEL: {_marker(0): 1}}
    for number, (name, body) in enumerate(patterns.items()):
        rules[name] = {"$and": [{_marker(number // NODES_A_SHARD): 1}, body]}
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
            return {_known(indicator): True}
        case Not(Member(indicator, categories)):
            return {"$and": [_compared(indicator, "!=", category) for category in categories]}
        case Not(Flag(indicator)):
            return {indicator: False}
        case Not(Known(indicator)):
            return {_known(indicator): False}
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


def _marker(shard: int) -> str:
    return f"_s{shard}"


def _known(indicator: str) -> str:
    """Return the companion field that says whether a value is there: ``$nex`` is not safe."""
    return f"_k_{indicator}"


def _fields(ruleset: Ruleset, shards: int) -> Iterator[str]:
    yield from (_NONCE, "sid", "id", "$s")
    yield from (_marker(shard) for shard in range(shards))
    for name in ruleset.reads:
        yield from (name, _known(name))


def _check_names(names: Iterator[str]) -> None:
    """Refuse field names that durable_rules would mix up: it compares 32-bit FNV-1a hashes."""
    seen: dict[int, str] = {}
    for name in names:
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


def _check_locale() -> None:
    """Refuse to start where the C library reads numbers with a decimal comma (atof)."""
    if locale.localeconv()["decimal_point"] != ".":
        message = "the process reads numbers with a decimal comma, and so would durable_rules"
        raise ExecutorError(Problem("locale", message, None, "set LC_NUMERIC=C"))
