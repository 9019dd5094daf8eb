"""Parquet to Parquet: how fast, and whether memory stays flat up to thirty million rows.

Each run is a process of its own; its peak memory is the operating system's figure.
``PUMPURS_MILLIONS`` sets the larger number of rows (30).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl

from benchmarks.twelve import ROOT, report, rows, ruleset
from engine.write import write_files

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


def measured(source: Path, rules: Path) -> tuple[float, float]:
    """Return seconds and peak megabytes of ``pumpurs score`` on a file."""
    out = source.with_suffix(".out.parquet")
    words = ["score", str(source), "--rules", str(rules), "--out", str(out)]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", *words], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Make both inputs, score them, and compare.

    Inputs are made in a process of its own: the system counts a parent's memory to its child.
    """
    if len(sys.argv) == 3:
        write_input(Path(sys.argv[1]), int(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        found = {}
        rules = Path(name) / "rules"
        rules.mkdir()
        for file, text in write_files(ruleset()).items():
            (rules / file).write_text(text, encoding="utf-8")
        for millions in (1, MILLIONS):
            folder = Path(name) / f"in{millions}"
            subprocess.run([sys.executable, __file__, folder, str(millions)], check=True)
            found[millions] = measured(folder.with_suffix(".parquet"), rules)
            seconds, peak = found[millions]
            speed = f"{seconds:.1f} s, {millions / seconds:.2f} M rows/s"
            print(f"{millions} M rows: {speed}, {peak:.0f} MB")
        growth = found[MILLIONS][1] / found[1][1]
        what = f"peak memory, {MILLIONS} M rows / 1 M rows, Parquet to Parquet"
        report(what, growth, "< 1.5", good=growth < 1.5)


if __name__ == "__main__":
    main()
