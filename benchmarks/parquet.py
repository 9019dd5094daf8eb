"""Parquet to Parquet: how fast, and whether memory stays flat up to thirty million rows.

Each run is a process of its own; its peak memory is the operating system's figure.
``PUMPURS_MILLIONS`` sets the larger number of rows (30).
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl

from benchmarks.twelve import report, rows, ruleset
from engine.batch import score_table
from engine.executors.columns import Columns
from engine.table import read_table, write_table

MILLIONS = int(os.environ.get("PUMPURS_MILLIONS", "30"))
PART = 1_000_000


def write_input(folder: Path, millions: int) -> None:
    """Write random pupils as one Parquet dataset of files of a million rows."""
    folder.mkdir()
    for number in range(millions):
        keys = pl.int_range(number * PART, (number + 1) * PART, eager=True).cast(pl.String)
        frame = rows(PART, seed=number).with_columns(("P" + keys).alias("pupil_key"))
        frame.write_parquet(folder / f"{number:03}.parquet")
    parts = pl.scan_parquet(folder / "*.parquet")
    parts.sink_parquet(folder.with_suffix(".parquet"))


def score(source: Path, out: Path) -> None:
    """Score one file as ``pumpurs score`` does, and print seconds and peak megabytes."""
    start = time.perf_counter()
    write_table(score_table(read_table(source), Columns(ruleset())).rows, out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - start, peak)


def measured(source: Path) -> tuple[float, float]:
    """Return seconds and peak megabytes of scoring a file in a process of its own."""
    command = [sys.executable, __file__, str(source), str(source.with_suffix(".out.parquet"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak


def main() -> None:
    """Make both inputs, score them, and compare."""
    if len(sys.argv) == 3:
        score(Path(sys.argv[1]), Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        found = {}
        for millions in (1, MILLIONS):
            write_input(Path(name) / f"in{millions}", millions)
            found[millions] = measured(Path(name) / f"in{millions}.parquet")
            seconds, peak = found[millions]
            speed = f"{seconds:.1f} s, {millions / seconds:.2f} M rows/s"
            print(f"{millions} M rows: {speed}, {peak:.0f} MB")
        growth = found[MILLIONS][1] / found[1][1]
        what = f"peak memory, {MILLIONS} M rows / 1 M rows, Parquet to Parquet"
        report(what, growth, "< 1.5", good=growth < 1.5)


if __name__ == "__main__":
    main()
