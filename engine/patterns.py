"""Assessing tables for somebody who waits: conditions by polars, what follows by findings.

Polars answers the conditions of all rows at once; `engine.findings` says what follows, once for
each pattern of truths and gaps. Patterns are told apart by masks, which are cheap to compare. The
first row of each pattern is put to the reference as well: where it differs, its answer stands.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from engine.executors.columns import truth
from engine.executors.reference import Reference
from engine.findings import KEPT, Finding, Findings
from engine.meaning import Truths
from engine.ruleset import Ruleset

BITS = 60
_AS_IT_STANDS = pl.QueryOptFlags.none()  # planning would cost more than it saves


class Patterns:
    """Assesses canonical rows (`engine.frame.Canonicaliser`) by one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._findings = Findings(ruleset)
        self._reference = Reference(ruleset)
        self._clauses = [clause.name for clause in ruleset.clauses]
        self._truths = [truth(c.condition).alias(c.name) for c in ruleset.clauses]
        self._gaps = _masks("gap", (pl.col(name).is_null() for name in ruleset.reads))
        self._masks = [
            *_masks("true", (pl.col(name) for name in self._clauses)),
            *_masks("unknown", (pl.col(name).is_null() for name in self._clauses)),
            *(pl.col(f"gap{number}") for number in range(len(self._gaps))),
        ]
        self._known: dict[tuple[int, ...], Finding] = {}

    def assess(self, rows: pl.DataFrame) -> tuple[list[Finding], list[int]]:
        """Return the finding of each row, which like rows share; and where executors differed."""
        asked = rows.lazy().select(*self._truths, *self._gaps)
        masks = asked.select(self._masks).collect(engine="in-memory", optimizations=_AS_IT_STANDS)
        known, found = self._known, []
        differing: list[int] = []
        for at, key in enumerate(masks.iter_rows()):
            finding = known.get(key)
            if finding is None:
                truths, gaps = self._pattern(key)
                sure = self._reference.truths(rows.row(at, named=True))
                finding = self._findings.of(sure, gaps)
                if sure != truths:
                    differing.append(at)
                else:
                    if len(known) >= KEPT:
                        known.clear()
                    known[key] = finding
            found.append(finding)
        return found, differing

    def _pattern(self, key: tuple[int, ...]) -> tuple[Truths, tuple[str, ...]]:
        """Return the truths and gaps that masks stand for."""
        width = _width(self._clauses)
        true, unknown = _joined(key[:width]), _joined(key[width : 2 * width])
        gaps = _joined(key[2 * width :])
        truths = tuple(
            None if unknown >> bit & 1 else bool(true >> bit & 1)
            for bit in range(len(self._clauses))
        )
        return truths, tuple(n for bit, n in enumerate(self.ruleset.reads) if gaps >> bit & 1)


def _width(names: list[str]) -> int:
    """Return how many masks so many bits take."""
    return -(-len(names) // BITS)


def _masks(name: str, flags: Iterable[pl.Expr]) -> list[pl.Expr]:
    """Return whole numbers of `BITS` bits whose bits are these flags."""
    bits = [flag * pl.lit(1 << number % BITS, pl.UInt64) for number, flag in enumerate(flags)]
    parts = [bits[at : at + BITS] for at in range(0, len(bits), BITS)]
    # Not added one to the other: a long chain would take longer to be looked at than to be run.
    return [pl.sum_horizontal(part).alias(f"{name}{number}") for number, part in enumerate(parts)]


def _joined(masks: tuple[int, ...]) -> int:
    return sum(mask << BITS * number for number, mask in enumerate(masks))
