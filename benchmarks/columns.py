"""The columns executor with all its outputs, against hand-written polars and DuckDB SQL.

``PUMPURS_ROWS`` sets how many rows (10 million).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb
import polars as pl

from benchmarks.twelve import RULES, hand_written, interleaved, report, rows, ruleset
from engine.executors.columns import Columns

ROWS = int(os.environ.get("PUMPURS_ROWS", "10_000_000"))


def sql() -> str:
    """Return the same answer in SQL: both scores, both levels, and each step's truth."""
    truths, sure, possible = [], [], []
    for name, steps in RULES:
        chains: tuple[list[str], list[str]] = ([], [])
        for number, (when, points, _) in enumerate(steps, 1):
            column = f'"{name}-0.{number}"'
            truths.append(f"({when.replace('==', '=')}) AS {column}")
            chains[0].append(f"WHEN {column} THEN {points}")
            chains[1].append(f"WHEN coalesce({column}, true) THEN {points}")
        sure.append(f"CASE {' '.join(chains[0])} ELSE 0 END")
        possible.append(f"CASE {' '.join(chains[1])} ELSE 0 END")
    scored = f"SELECT *, {' + '.join(sure)} AS score, {' + '.join(possible)} AS possible_score"
    level = "CASE WHEN {0} >= 9 THEN 4 WHEN {0} >= 6 OR {1} THEN 3 "
    level += "WHEN {0} >= 3 THEN 2 WHEN {0} >= 1 THEN 1 ELSE 0 END"
    held = '"unexcused-0.1"'
    levels = f"{level.format('score', held)}::UTINYINT AS level, "
    levels += (
        f"{level.format('possible_score', f'coalesce({held}, true)')}::UTINYINT AS possible_level"
    )
    return f"SELECT *, {levels} FROM ({scored} FROM (SELECT {', '.join(truths)} FROM data))"


def main() -> None:
    """Run the three ways in turns and print their ratios."""
    data = rows(ROWS)
    columns = Columns(ruleset())
    names = [clause.name for clause in columns.ruleset.clauses]
    wanted = [*names, "score", "possible_score", "level", "possible_level"]
    score, level = hand_written()
    by_hand = (
        data.lazy()
        .select(score.alias("score"), "unexcused_lessons_semester")
        .select("score", level("score").alias("level"))
    )
    ours = columns.run(data.lazy()).select(wanted)
    query, connection = sql(), duckdb.connect()
    connection.register("data", data.to_arrow())

    def duck() -> pl.DataFrame:
        answer: pl.DataFrame = connection.sql(query).pl()
        return answer

    found = ours.collect(engine="streaming")
    assert found["score"].equals(by_hand.collect(engine="streaming")["score"])
    assert found.select(pl.all().cast(pl.Int32)).equals(
        duck().select(wanted).select(pl.all().cast(pl.Int32))
    )
    del found
    times = interleaved(
        {
            "hand": lambda: by_hand.collect(engine="streaming"),
            "ours": lambda: ours.collect(engine="streaming"),
            "duck": duck,
        }
    )
    print(f"{ROWS:,} rows: " + ", ".join(f"{name} {time:.3f} s" for name, time in times.items()))
    ratio, duck_ratio = times["ours"] / times["hand"], times["duck"] / times["ours"]
    report(
        "columns, all outputs / hand-written score and level",
        ratio,
        "<= 1.7 (1.4)",
        good=ratio <= 1.7,
    )
    report("DuckDB, the same answer / columns", duck_ratio, ">= 3", good=duck_ratio >= 3)


if __name__ == "__main__":
    main()
