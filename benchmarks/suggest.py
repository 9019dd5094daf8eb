"""How long a draft takes, and how much memory: many pupils, many indicators, many steps.

``PUMPURS_PUPILS`` sets how many pupils (100,000) of one cohort, all of whom are tuned on, with 30
indicators, a tenth of their values missing. Prints the seconds and the greatest memory of drafting
at most 20 steps, trials included, and how often the time of one search that is.
"""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from benchmarks.twelve import ROOT, report
from engine.drafting.scorecard import rows_of
from engine.drafting.search import Search
from engine.drafting.suggest import Plan, suggest
from engine.frame import ROW
from engine.indicator import Direction, Indicator
from engine.load import load_catalogue
from engine.replay.history import OUTCOME, History, history_of
from engine.table import Table
from engine.text import Text

PUPILS = int(os.environ.get("PUMPURS_PUPILS", "100_000"))
INDICATORS, STEPS = 30, 20


def declared(number: int) -> Indicator:
    """Return an indicator; every other one is worse where it is low."""
    label = Text(f"{number}. rādītājs", f"Indicator {number}")
    worse: Direction = "lower_is_worse" if number % 2 else "higher_is_worse"
    return Indicator(
        f"made_{number:02}", label, label, "performance", "number", "semester", worse, "made up",
        "scoring", unit="plain", decimals=2, low=-10, high=10,
    )  # fmt: skip


def history() -> History:
    """Return a history in which two thirds of the indicators tell something of who leaves."""
    draw = np.random.default_rng(1)
    found = [declared(number) for number in range(INDICATORS)]
    values = draw.normal(size=(INDICATORS, PUPILS)).round(2)
    weights = np.where(np.arange(INDICATORS) % 3 == 2, 0, np.linspace(0.8, 0.1, INDICATORS))
    signs = np.where(np.arange(INDICATORS) % 2, -1, 1)
    worse = values * signs[:, None]
    strain = weights @ worse + 0.8 * (worse[0] > 1.2) - 3.2
    left = draw.random(PUPILS) < 1 / (1 + np.exp(-strain))
    columns = {
        i.name: pl.Series(value).set(pl.Series(draw.random(PUPILS) < 0.1), None)
        for i, value in zip(found, values, strict=True)
    }
    keys = [f"p{number:07}" for number in range(PUPILS)]
    rows = pl.DataFrame({"pupil_key": keys, OUTCOME: left, **columns})
    catalogue = load_catalogue(ROOT / "rules" / "lv")
    known = replace(catalogue, indicators={i.name: i for i in found})
    table = Table(rows.lazy().with_row_index(ROW, offset=1), tuple(rows.columns))
    return history_of(table, known, "0" * 64)


def main() -> None:
    """Draft once, and print how long it took."""
    read = history()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    began = perf_counter()
    draft = suggest(read, Plan(steps=STEPS))
    took = perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    assert draft.ruleset is not None
    rows = rows_of(read.rows, draft.axes)
    began = perf_counter()
    *_, last = Search(rows).stages(STEPS)
    once = perf_counter() - began
    print(f"{PUPILS:,} pupils x {INDICATORS} indicators, at most {STEPS} steps: drafted"
          f" {len(draft.card)}, the history itself takes {before:.2f} GB")  # fmt: skip
    report("a draft, seconds", took, "< 60", good=took < 60)
    report(
        f"a draft / one search of {len(last.card)} steps", took / once, "< 6", good=took < 6 * once
    )
    report("greatest memory, GB", memory, "< 2", good=memory < 2)


if __name__ == "__main__":
    main()
