"""The linter: what is valid and yet not right.

Each module finds one kind of defect; all of them have shipped in real early-warning systems
(docs/why.md). `check` runs them all, and the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.check import coverage, ladders, missing, names, parameters, ranges, sources, texts
from engine.errors import Problem
from engine.examples import run_examples
from engine.ruleset import Ruleset

Lint = Callable[[Ruleset], Iterator[Problem]]

LINTS: tuple[Lint, ...] = (
    ranges.constant_conditions,
    ranges.never_together,
    ranges.too_fine,
    ranges.missing_equality,
    ladders.unreachable_steps,
    ladders.gaps_and_overlaps,
    missing.missing_as_answer,
    parameters.unused,
    parameters.units,
    sources.no_source,
    sources.not_as_the_source_says,
    texts.untranslated,
    names.ruleset_names,
    coverage.examples,
    run_examples,
)


def check(ruleset: Ruleset) -> list[Problem]:
    """Return everything that the linter and the examples find, by place."""
    found = [problem for lint in LINTS for problem in lint(ruleset)]
    return sorted(found, key=lambda p: (p.place.file, p.place.line) if p.place else ("", 0))
