"""A whole replay, scores and figures, against the hand-written score and level of the same rows.

``PUMPURS_ROWS`` sets how many rows (10 million), each of one pupil; a fifth of them leave.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from benchmarks.twelve import hand_written, interleaved, report, rows, ruleset
from engine.frame import NO_REJECTS, ROW
from engine.replay.cuts import at_level
from engine.replay.figures import counts
from engine.replay.history import History
from engine.replay.replay import replay
from engine.replay.report import report as whole

ROWS = int(os.environ.get("PUMPURS_ROWS", "10_000_000"))


def history() -> History:
    """Return a history of the benchmarks' rows, with outcomes and twenty cohorts."""
    rules = ruleset()
    random = np.random.default_rng(1)
    found = rows(ROWS)
    beside = [
        pl.Series("outcome", random.random(ROWS) < 0.2),
        pl.Series("cohort", random.integers(0, 20, ROWS)).cast(pl.String),
    ]
    keys = pl.int_range(pl.len()).cast(pl.String).alias("pupil_key")
    names = [name for name in rules.reads if name in found.columns]
    table = found.select(*names).with_columns(*beside, keys).with_row_index(ROW)
    return History(table, rules.catalogue, tuple(names), (), NO_REJECTS, "made up")


def main() -> None:
    """Run the three in turns and print their ratios."""
    rules, past = ruleset(), history()
    score, level = hand_written()
    by_hand = (
        past.rows.lazy()
        .select(score.alias("score"), "unexcused_lessons_semester")
        .select("score", level("score").alias("level"))
    )
    cut = at_level(rules)
    levels = by_hand.collect(engine="streaming")["level"]
    assert counts(replay(past, rules), cut)["flagged"].item() == int((levels >= 2).sum())
    times = interleaved(
        {
            "hand": lambda: by_hand.collect(engine="streaming"),
            "replay": lambda: counts(replay(past, rules), cut),
            "report": lambda: whole(replay(past, rules)),
        }
    )
    print(f"{ROWS:,} rows: " + ", ".join(f"{name} {time:.3f} s" for name, time in times.items()))
    ratio = times["replay"] / times["hand"]
    report("a replay's counts / hand-written score", ratio, "<= 4", good=ratio <= 4)
    ratio = times["report"] / times["replay"]
    report("the whole report / a replay's counts", ratio, "<= 25", good=ratio <= 25)


if __name__ == "__main__":
    main()
