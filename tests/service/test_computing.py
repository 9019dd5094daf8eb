"""``pumpurs indicators``: a folder of registers becomes a table that ``pumpurs score`` reads."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError, RuleError
from engine.load import load
from engine.registers.read import read_registers
from service.computing import compute_file
from tests.engine.registers.exports import place

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


@pytest.mark.parametrize("name", ["orgs.csv", "new.parquet"])
@pytest.mark.parametrize("kind", ["exports", "store"])
def test_registers_are_never_written_over(tmp_path: Path, kind: str, name: str) -> None:
    """Neither a file of the folder that is read, nor a new one into it."""
    source = place(tmp_path / "exports")
    if kind == "store":
        source = tmp_path / "store"
        read_registers(tmp_path / "exports").write(source)
        name = name.replace("orgs.csv", "orgs.parquet")
    before = contents(source)
    with pytest.raises(DataError, match="overwrite") as caught:
        compute_file(source, ROOT / "rules" / "lv", source / name, date(2025, 12, 1), "en")
    assert caught.value.problems[0].hint
    assert contents(source) == before


def contents(folder: Path) -> dict[Path, bytes]:
    """Return what the files in a folder hold."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_table_is_the_same_every_time(tmp_path: Path, folder: Path) -> None:
    """Pupils stand in the order of their keys."""
    run("indicators", str(folder), "--as-of", AS_OF, "--out", str(tmp_path / "a.csv"))
    keys = pl.read_csv(tmp_path / "a.csv")["pupil_key"].to_list()
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("rules", "code"), [("nowhere", "no-folder"), ("exports", "no-indicators")]
)
def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path, rules: str, code: str) -> None:
    """A misspelt folder would give a table without any indicator, as if nothing were known."""
    source, out = place(tmp_path / "exports"), tmp_path / "table.csv"
    with pytest.raises(RuleError) as caught:
        compute_file(source, tmp_path / rules, out, date(2025, 12, 1), "en")
    (problem,) = caught.value.problems
    assert (problem.code, bool(problem.hint)) == (code, True)
    assert not out.exists()
