"""The durable_rules executor: which patterns match this one snapshot.

durable_rules 2.0.28 is unmaintained C, so it is fenced here and nowhere else is it known. Its C
module is called directly; `durable.engine.Host` starts endless threads and swallows errors. It is
two-valued: each clause becomes two patterns, "surely true" and "surely false"; when neither fires,
the clause is unknown. "Surely false" is asked only where a value that the clause reads is missing:
with all values there, what is not true is false. Every guard below answers a failure that was seen
(docs/decisions/0003).
"""

from __future__ import annotations

import itertools
import locale
import threading
from collections.abc import Mapping

import durable_rules_engine as rete

from engine.condition import Known, Record, Truth, Value, atoms, indicators
from engine.errors import ExecutorError, Problem
from engine.executors.durable_grammar import (
    NONCE,
    SENTINEL,
    check_names,
    definition,
    doubt,
    encoded,
    known,
    marker,
)
from engine.meaning import Truths
from engine.ruleset import Ruleset

KEPT = 20_000  # written values of one indicator
_names = itertools.count()


class Durable:
    """Answers clauses by durable_rules. One engine a process; calls are serialised by a lock.

    Raises `RuleError` when the ruleset cannot be held safely, and `ExecutorError` when the engine
    failed: the engine is then thrown away and rebuilt before the next record.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        _check_locale()
        self._shards, self._definition = definition(ruleset)
        atoms_ = [atom for clause in ruleset.clauses for atom in atoms(clause.condition)]
        self._asked_known = sorted({atom.indicator for atom in atoms_ if isinstance(atom, Known)})
        self._read = [(n, _Written(n), clauses) for n, clauses in _asking(ruleset).items()]
        self._sentinels = frozenset(f"{SENTINEL}{n}" for n in range(self._shards))
        check_names(ruleset, self._shards)
        self._meant = {f"{s}{n}": (n, s == "t") for n in range(len(ruleset.clauses)) for s in "tf"}
        self._markers = ", ".join(f'"{marker(n)}": 1' for n in range(self._shards))
        self._doubts = [f', "{doubt(clause)}": 1' for clause in range(len(ruleset.clauses))]
        self._lock = threading.Lock()
        self._nonces = itertools.count(1)
        self._handle: int | None = None
        self._has_fired = False

    def truths(self, record: Record) -> Truths:
        """Return the truth of each clause for one canonical record."""
        said, truths = self._snapshot(record)
        with self._lock:
            fired = self._fired(said, next(self._nonces))
        if not self._sentinels <= fired:
            raise ExecutorError(Problem("durable", "durable_rules did not run: no sentinel"))
        answered = [self._meant[name] for name in fired - self._sentinels]
        for clause, truth in answered:
            truths[clause] = truth
        if len(dict(answered)) < len(answered):
            raise ExecutorError(Problem("durable", "a clause is both true and false"))
        return tuple(truths)

    def close(self) -> None:
        """Give the engine's memory back; the next record builds a new engine."""
        with self._lock:
            self._discard()

    def _snapshot(self, record: Record) -> tuple[str, list[Truth]]:
        """Return a record as JSON, unknown values left out, and the truths where nothing fires.

        The JSON has no bracket before it; names are declared ones only.
        """
        parts = [self._markers]
        truths: list[Truth] = [False] * len(self._doubts)
        for name, written, clauses in self._read:
            value = record[name]
            if value is not None:
                parts.append(written[value])
                continue
            for clause in clauses:
                if truths[clause] is False:
                    truths[clause] = None
                    parts.append(self._doubts[clause])
        parts += [f', "{known(n)}": {encoded(record[n] is not None)}' for n in self._asked_known]
        return "".join(parts), truths

    def _fired(self, said: str, nonce: int) -> set[str]:
        """Return the names of the patterns that match the fact; leave the engine empty again."""
        handle = self._handle if self._handle is not None else self._build()
        mark = f'"{NONCE}": {nonce}'
        try:
            try:
                return self._drained(handle, f"{{{mark}, {said}}}", f"{mark},")
            finally:
                rete.retract_fact(handle, f"{{{mark}}}")
        except ExecutorError:
            self._discard()
            raise
        except Exception as error:  # the C module raises its own error type, and others
            self._discard()
            message = f"durable_rules failed ({type(error).__name__})"
            raise ExecutorError(Problem("durable", message)) from error

    def _drained(self, handle: int, fact: str, mark: str) -> set[str]:
        code, state = rete.assert_fact(handle, fact)
        if code != 0:
            raise ExecutorError(Problem("durable", f"durable_rules refused the fact (code {code})"))
        fired: set[str] = set()
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


class _Written(dict[Value, str]):
    """How each value of an indicator is written, after a comma; what was written once is kept.

    Canonical values of one indicator have one type: so no two are equal and written otherwise.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, value: Value) -> str:
        if len(self) >= KEPT:
            self.clear()
        self[value] = written = f', "{self._name}": {encoded(value)}'
        return written


def _asking(ruleset: Ruleset) -> Mapping[str, list[int]]:
    """Return, for each indicator, the clauses that read it."""
    found: dict[str, list[int]] = {name: [] for name in ruleset.reads}
    for number, clause in enumerate(ruleset.clauses):
        for name in indicators(clause.condition):
            found[name].append(number)
    return found


def _check_locale() -> None:
    """Refuse to start where the C library reads numbers with a decimal comma (atof)."""
    if locale.localeconv()["decimal_point"] != ".":
        message = "the process reads numbers with a decimal comma, and so would durable_rules"
        raise ExecutorError(Problem("locale", message, None, "set LC_NUMERIC=C"))
