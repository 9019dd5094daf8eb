"""What the benchmarks share: twelve rules over sixteen indicators, and random rows for them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from engine.load import load_files
from engine.ruleset import Ruleset

ROOT = Path(__file__).parents[1]

RULESET = """
id: twelve
title: {lv: Divpadsmit noteikumi, en: Twelve rules}
levels:
  - {id: none, label: {lv: Nav pazīmju, en: No signs}}
  - {id: watch, label: {lv: Vērot, en: Watch}, from: 1}
  - {id: support, label: {lv: Atbalstīt, en: Support}, from: 3}
  - {id: high, label: {lv: Augsts, en: High}, from: 6}
  - {id: urgent, label: {lv: Steidzams, en: Urgent}, from: 9}
"""
RULES: list[tuple[str, list[tuple[str, int, str]]]] = [
    ("absence", [("attendance_rate_45d < 0.8", 4, ""), ("attendance_rate_45d < 0.85", 3, ""),
                 ("attendance_rate_45d < 0.9", 2, ""), ("attendance_rate_45d < 0.95", 1, "")]),
    ("unexcused", [("unexcused_lessons_semester > 20", 3, "high")]),
    ("unexcused-weeks", [("unexcused_hours_4w >= 16", 3, "")]),
    ("away", [("late_arrivals_20d >= 5 or absent_days_semester >= 10", 1, "")]),
    ("core", [("failed_core_courses >= 1", 2, "")]),
    ("fails", [("failed_courses >= 4", 4, ""), ("failed_courses >= 3", 3, ""),
               ("failed_courses >= 2", 2, "")]),
    ("nearly", [("failed_courses == 1 and near_fails >= 2", 1, "")]),
    ("marks", [("mean_mark < 4 or not_assessed_courses >= 3", 2, "")]),
    ("conduct", [("incidents_semester >= 5", 2, ""), ("incidents_semester >= 2", 1, "")]),
    ("sanctions", [("sanctions_year >= 1", 2, "")]),
    ("behind", [("grades_repeated >= 1 or years_overage >= 2", 2, "")]),
    ("moved", [("school_moves_12m >= 1 and mark_trend < -1", 1, "")]),
]  # fmt: skip


def ruleset(times: int = 1) -> Ruleset:
    """Return the twelve rules, or several copies of them under other ids."""
    lines = ["rules:"]
    for copy in range(times):
        for name, steps in RULES:
            lines.append(f"  - id: {name}-{copy}\n    domain: attendance")
            lines.append("    title: {lv: Noteikums, en: Rule}\n    source: benchmark\n    steps:")
            for when, points, at_least in steps:
                level = f", at_least: {at_least}" if at_least else ""
                lines.append(f"      - {{when: '{when}', points: {points}{level}}}")
    catalogue = (ROOT / "rules" / "indicators.yaml").read_bytes()
    texts = {"ruleset.yaml": RULESET.encode(), "rules.yaml": "\n".join(lines).encode()}
    return load_files({"indicators.yaml": catalogue, **texts})


def rows(number: int, seed: int = 1, nulls: float = 0.05) -> pl.DataFrame:
    """Return random canonical rows, a share of every column missing."""
    draw = np.random.default_rng(seed)
    columns: dict[str, pl.Series] = {}
    for name, indicator in ruleset().catalogue.indicators.items():
        if name == "attendance_rate_45d":
            values = 1 - draw.beta(1.2, 18, number)
        elif name in ("mean_mark", "mark_trend"):
            middle, spread = (6.5, 1.5) if name == "mean_mark" else (0.0, 0.7)
            values = draw.normal(middle, spread, number)
        else:
            often = {"unexcused_lessons_semester": 6, "unexcused_hours_4w": 3}.get(name, 0.6)
            values = draw.poisson(often, number).astype(np.float64)
        inside = np.round(np.clip(values, indicator.low, indicator.high), indicator.decimals)
        series = pl.Series(name, inside if indicator.decimals else inside.astype(np.int32))
        missing = pl.Series(draw.random(number) < nulls)
        columns[name] = pl.select(pl.when(~missing).then(series)).to_series().alias(name)
    return pl.DataFrame(columns)


def hand_written() -> tuple[pl.Expr, Callable[[str], pl.Expr]]:
    """Return score and level as an expert would write them by hand, with nothing else."""
    c = pl.col

    def points(*pairs: tuple[pl.Expr, int]) -> pl.Expr:
        chain = pl.lit(0, pl.UInt8)
        for condition, value in reversed(pairs):
            chain = pl.when(condition).then(pl.lit(value, pl.UInt8)).otherwise(chain)
        return chain

    rate, fails = c("attendance_rate_45d"), c("failed_courses")
    unexcused = c("unexcused_lessons_semester") > 20
    score = (
        points((rate < 0.8, 4), (rate < 0.85, 3), (rate < 0.9, 2), (rate < 0.95, 1))
        + points((unexcused, 3))
        + points((c("unexcused_hours_4w") >= 16, 3))
        + points(((c("late_arrivals_20d") >= 5) | (c("absent_days_semester") >= 10), 1))
        + points((c("failed_core_courses") >= 1, 2))
        + points((fails >= 4, 4), (fails >= 3, 3), (fails >= 2, 2))
        + points(((fails == 1) & (c("near_fails") >= 2), 1))
        + points(((c("mean_mark") < 4) | (c("not_assessed_courses") >= 3), 2))
        + points((c("incidents_semester") >= 5, 2), (c("incidents_semester") >= 2, 1))
        + points((c("sanctions_year") >= 1, 2))
        + points(((c("grades_repeated") >= 1) | (c("years_overage") >= 2), 2))
        + points(((c("school_moves_12m") >= 1) & (c("mark_trend") < -1), 1))
    )

    def level(name: str) -> pl.Expr:
        s = c(name)
        return points((s >= 9, 4), ((s >= 6) | unexcused, 3), (s >= 3, 2), (s >= 1, 1))

    return score, level


def interleaved(ways: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Return each way's median time in seconds, the ways taking turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def report(what: str, value: float, goal: str, *, good: bool) -> None:
    """Print a figure with its goal beside it."""
    print(f"{what:<72} {value:>9.2f}   goal {goal:<14} {'reached' if good else 'MISSED'}")
