"""Tuning by cells against full replays: building, one move of a slider, all combinations at once.

A full replay scores all rows by one candidate, and counts them by scores, levels and outcome: the
same answer as a move of a slider gives.
``PUMPURS_ROWS`` sets how many rows (10 million).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from benchmarks.twelve import interleaved, report, rows, ruleset
from engine.condition import And, Comparison, Condition, Number, Or, Param
from engine.executors.columns import Columns
from engine.replay.history import OUTCOME
from engine.ruleset import Criterion, Parameter, Ruleset
from engine.tuning.answers import plan
from engine.tuning.build import build
from engine.tuning.grid import grid_of
from engine.tuning.surface import surface

ROWS = int(os.environ.get("PUMPURS_ROWS", "10_000_000"))
TUNED: dict[str, tuple[Number, tuple[Number, Number], Number]] = {  # present, bounds, step
    "attendance_rate_45d": (0.95, (0.8, 0.99), 0.01),
    "unexcused_lessons_semester": (20, (5, 24), 1),
    "unexcused_hours_4w": (16, (1, 20), 1),
    "mean_mark": (4, (2, 5.8), 0.2),
}
LEVEL = "support"
SCORES = ("score", "possible_score", "level", "possible_level")
MOVES = 20


def tunable() -> Ruleset:
    """Return the twelve rules with four of their thresholds as parameters of 20 values each."""

    def named(condition: Condition) -> Condition:
        match condition:
            case And(parts) | Or(parts):
                return replace(condition, parts=tuple(map(named, parts)))
            case Comparison(indicator, _, operand) if (
                indicator in TUNED and TUNED[indicator][0] == operand
            ):
                return replace(condition, operand=Param(indicator))
            case _:
                return condition

    whole = ruleset()
    steps = {
        rule.id: tuple(replace(s, when=Criterion(named(s.when.tree))) for s in rule.steps)
        for rule in whole.rules
    }
    return replace(
        whole,
        rules=tuple(replace(rule, steps=steps[rule.id]) for rule in whole.rules),
        parameters={
            name: Parameter(name, whole.title, "ratio", value, "benchmark", bounds, step)
            for name, (value, bounds, step) in TUNED.items()
        },
    )


def timed(run: Callable[[], object], rounds: int) -> float:
    """Return the median time in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def grown(run: Callable[[], object]) -> int:
    """Return by how many bytes the process grew at most while something ran (Linux)."""
    status, refs = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    refs.write_text("5", encoding="ascii")  # the peak starts anew from what is held now

    def held(name: str) -> int:
        line = next(x for x in status.read_text(encoding="ascii").splitlines() if name in x)
        return int(line.split()[1]) * 1024

    before = held("VmRSS")
    run()
    return held("VmHWM") - before


def main() -> None:
    """Print what cells cost and save, against full replays in the same run."""
    whole = tunable()
    draw = np.random.default_rng(2)
    left = pl.Series(OUTCOME, draw.random(ROWS) < 0.1)
    history = rows(ROWS).with_columns(left)
    grid = grid_of(whole)
    assert grid.shape == (20,) * len(TUNED)

    def replayed(candidate: Ruleset = whole) -> pl.DataFrame:
        scored = Columns(candidate).run(history.lazy())
        return scored.group_by(*SCORES, OUTCOME).len().collect(engine="streaming")

    planned = plan(whole, grid, history)
    took = grown(lambda: build(whole, grid, history))
    times = interleaved(
        {"replay": replayed, "build": lambda: build(whole, grid, history)}, rounds=3
    )
    cells = build(whole, grid, history)
    moves = [grid.values(draw.integers(0, 20, len(TUNED))) for _ in range(MOVES)]
    slid = timed(lambda: [cells.tally(move) for move in moves], 3) / MOVES
    all_took = grown(lambda: surface(cells, LEVEL).flagged())
    at_once = timed(lambda: surface(cells, LEVEL).flagged(), 3)
    rank = whole.rank(LEVEL)
    flagged = surface(cells, LEVEL).flagged()
    for move in moves[:3]:
        counted = replayed(whole.with_parameters(move)).filter(pl.col("level") >= rank)["len"].sum()
        assert counted == cells.tally(move).flagged(rank).sum()
        assert counted == flagged[grid.places(move)].sum()
    print(
        f"{ROWS:,} rows, {grid.combinations:,} combinations, {cells.size:,} cells "
        f"({planned.cells:,} planned); replay {times['replay']:.3f} s, build {times['build']:.3f} s"
        f", all combinations {at_once:.3f} s"
    )
    ratio = times["build"] / times["replay"]
    report("building cells / a full replay", ratio, "<= 6", good=ratio <= 6)
    report("a move of a slider, ms", slid * 1000, "<= 20", good=slid <= 0.02)
    faster = grid.combinations * times["replay"] / (times["build"] + at_once)
    what = "as many replays / building cells and all combinations"
    report(what, faster, ">= 5000", good=faster >= 5000)
    share = took / planned.building
    report("memory of building / what the plan said", share, "<= 1", good=share <= 1)
    print(f"memory: building {took / 1e6:.0f} MB, all combinations {all_took / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
