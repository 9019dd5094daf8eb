"""``pumpurs indicators``: a folder of registers becomes a table that ``pumpurs score`` reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from engine.load import load

ROOT = Path(__file__).parents[2]
AS_OF = "2021-03-15"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of made-up registers of a small place."""
    made = tmp_path_factory.mktemp("registers") / "made"
    run("registers", "synth", "--pupils", "80", "--years", "1", "--seed", "3", "--out", str(made))
    return made


def run(*arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("pumpurs")), *arguments, "--lang", "en"]
    wide = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=wide)
    assert done.returncode in (0, 2), done.stderr
    return done.stdout


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_score_reads_what_indicators_writes(folder: Path, tmp_path: Path, suffix: str) -> None:
    """Every pupil is scored, no row is rejected, and no indicator that rules read is absent."""
    table, scored = tmp_path / f"table{suffix}", tmp_path / "scored.parquet"
    said = run("indicators", str(folder), "--as-of", AS_OF, "--out", str(table))
    assert "Attendance over 45 school days" in said
    told = run("score", str(table), "--rules", "rules/lv", "--as-of", AS_OF, "--out", str(scored))
    assert "Not in the table" not in told
    assert "Rejected" not in told
    assert not (tmp_path / "scored.rejects.csv").exists()
    columns = pl.read_parquet(scored)
    pupils = pl.read_parquet(table) if suffix == ".parquet" else pl.read_csv(table)
    assert columns.height == pupils.height > 60
    assert set(load(ROOT / "rules" / "lv").reads) <= set(pupils.columns)
