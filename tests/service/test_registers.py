"""``pumpurs registers check``, as a user meets it: a real process on real files."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.registers.account import NO_LINES
from engine.registers.read import read_registers
from service.registering import write_rejects
from tests.engine.registers.exports import ATTENDANCE, PLACE, bundle, place

ROOT = Path(__file__).parents[2]
LINE = pl.DataFrame(
    [("1", "orgs.csv", 2, "type", "?", "category", None, None)],
    schema=NO_LINES.schema,
    orient="row",
)


def check(*words: str | Path, columns: str = "200") -> subprocess.CompletedProcess[str]:
    """Run the command; a traceback is always a failure."""
    command = [sys.executable, "-m", "service.cli", "registers", "check", *map(str, words)]
    env = {**os.environ, "PUMPURS_LANG": "en", "COLUMNS": columns, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=env, check=False, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    rows = "".join(f"p1,s1,2025-10-{day:02},1,late,\n" for day in range(1, 32))
    bad = "p1,s1,1.10.2025,2,late,\n=1+1,s1,2025-10-01,2,late,\n"
    return place(tmp_path / "exports", attendance=ATTENDANCE + rows + bad)


def test_the_report_tells_of_each_file_and_each_problem(dirty: Path, tmp_path: Path) -> None:
    """Exit 2, a store, and the rejected rows beside the folder, safe to open in a spreadsheet."""
    done = check(dirty, "--out", tmp_path / "store", "--limit", "0.1")
    assert done.returncode == 2, done.stderr
    for word in ("attendance.csv", "33", "31", "[date-form]", "Nothing was compared"):
        assert word in done.stdout
    with (tmp_path / "exports.rejects.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [
        ("33", "date", "1.10.2025"),
        ("34", "userSourcedId", "'=1+1"),
    ]
    assert read_registers(tmp_path / "store").files[-1].used == 31
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "exports",
        "exports.rejects.csv",
        "store",
    ]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_on_a_narrow_screen_nothing_of_the_report_is_cut(dirty: Path, language: str) -> None:
    """A log has 80 columns: names of files and words are folded there, and not left out."""
    done = check(dirty, "--limit", "1", "--lang", language, columns="60")
    assert "…" not in done.stdout
    cells = [line.split("│")[1].strip() for line in done.stdout.splitlines() if "│" in line]
    assert "academicSessions.csv" in "".join(cells)
    assert "exports/attendance.csv" in "".join(cells)


def test_it_speaks_latvian(dirty: Path, tmp_path: Path) -> None:
    """Report and rejects."""
    done = check(dirty, "--limit", "1", "--lang", "lv", "--rejects", tmp_path / "r.csv")
    assert "Izlasīts" in done.stdout
    assert "datums citā pierakstā" in (tmp_path / "r.csv").read_text(encoding="utf-8")


def test_clean_exports_end_with_nothing_rejected(tmp_path: Path) -> None:
    """Exit 0, and the rejects of an earlier run are gone."""
    folder = place(tmp_path / "exports")
    rows = read_registers(folder)
    write_rejects(replace(rows, rejects=LINE), tmp_path / "exports.rejects.csv", "lv")
    assert check(folder).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["exports"]


def test_too_many_bad_rows_write_nothing(dirty: Path, tmp_path: Path) -> None:
    """Exit 1, and the folder is as it was."""
    with (dirty / "attendance.csv").open("a", encoding="utf-8") as file:
        file.write("p1,s1,1.10.2025,2,late,\n" * 8)
    done = check(dirty, "--out", tmp_path / "store")
    assert done.returncode == 1
    assert "too-many-rejects" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["exports"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("missing",), 1),
        ((".",), 1),
        ((), 64),
        (("x", "--limit", "2"), 64),
        (("x", "--lang", "de"), 64),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    """1 where a folder is at fault, 64 where the words are."""
    done = check(*(tmp_path / word if word in ("missing", ".") else word for word in words))
    assert done.returncode == code
    assert done.stderr


def test_a_store_is_not_written_over_anything_else(dirty: Path, tmp_path: Path) -> None:
    """It is refused before anything is read."""
    other = tmp_path / "other"
    other.mkdir()
    done = check(dirty, "--out", other, "--limit", "1")
    assert (done.returncode, "overwrite" in done.stderr) == (1, True)
    assert not list(other.iterdir())


@pytest.mark.parametrize("dirt", [True, False])
@pytest.mark.parametrize("name", ["exports.rejects.csv", "exports/orgs.csv", "letter.txt", "new"])
def test_a_file_of_somebody_else_is_never_replaced_or_removed(
    dirty: Path, tmp_path: Path, name: str, *, dirt: bool
) -> None:
    """With rejects and without, where they go by default and where they are sent."""
    if not dirt:
        place(tmp_path / "exports", attendance=ATTENDANCE)
    (tmp_path / "letter.txt").write_text("bundle,file\ndear reader\n")
    (tmp_path / "exports.rejects.csv").write_text("my own list\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    where = tmp_path / name if name != "new" else dirty / "new.csv"
    words = ("--rejects", where) if name != "exports.rejects.csv" else ()
    done = check(dirty, "--limit", "1", *words)
    assert (done.returncode, "[overwrite]" in done.stderr, "hint:" in done.stderr) == (
        1,
        True,
        True,
    )
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("option", ["--out", "--rejects"])
@pytest.mark.parametrize("where", ["/proc/sy", "exports/manifest.csv/x", "no/such", "x" * 300])
def test_where_nothing_can_be_written_is_refused_with_a_remedy(
    dirty: Path, tmp_path: Path, option: str, where: str
) -> None:
    """Before anything is read; the system's own words are not enough."""
    done = check(dirty, "--limit", "1", option, tmp_path / where)
    assert (done.returncode, "[no-folder]" in done.stderr, "hint:" in done.stderr) == (
        1,
        True,
        True,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["exports"]


def test_what_is_read_is_safe_from_the_store_and_its_rejects(dirty: Path, tmp_path: Path) -> None:
    """A store inside what is read, what is read inside a store, rejects inside the store."""
    store = tmp_path / "store"
    assert check(dirty, "--limit", "1", "--out", store).returncode == 2
    inner = place(store / "exports")
    for words in (
        (dirty, "--out", dirty / "store"),
        (inner, "--out", store),
        (dirty, "--out", store, "--rejects", store / "pupils.csv"),
    ):
        done = check(*words, "--limit", "1")
        assert (done.returncode, "[overwrite]" in done.stderr) == (1, True), words
    assert sorted(path.name for path in inner.iterdir() if path.suffix == ".csv")
    assert not (dirty / "store").exists()


def test_a_replaced_store_is_named(dirty: Path, tmp_path: Path) -> None:
    """With what had gone into it: another's store may have had the name."""
    other = bundle(tmp_path / "other", {"users": "sourcedId\np9\n"})
    store = tmp_path / "store"
    first = check(other, "--out", store)
    assert "Replaced" not in first.stdout
    done = check(dirty, "--limit", "1", "--out", store)
    assert f"Replaced the store {store} made of exports: other" in done.stdout


def test_what_was_not_compared_is_not_called_unchanged(tmp_path: Path) -> None:
    """One export, or a store; two exports are."""
    alike, store = tmp_path / "alike", tmp_path / "store"
    place(alike / "1")
    bundle(alike / "2", PLACE, "2026-01-31")
    done = check(alike, "--out", store)
    assert ("No sudden changes." in done.stdout, "Nothing was" in done.stdout) == (True, False)
    for folder in (alike / "1", store):
        said = check(folder).stdout
        assert ("No sudden changes." in said, "Nothing was compared" in said) == (False, True)
