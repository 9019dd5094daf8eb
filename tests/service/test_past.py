"""``pumpurs history``: made-up registers become a history that replay reads."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.load import load_catalogue
from engine.replay.history import read_history
from engine.replay.split import split_after
from engine.text import LANGUAGES
from service.past import PHRASES, Asked, write_history

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules" / "lv"


def run(*arguments: str, code: int = 0) -> str:
    """Run the command, and return what it says to people."""
    command = [str(Path(sys.executable).with_name("pumpurs")), *arguments]
    wide = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=wide)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of made-up registers of three years of a small place."""
    folder = tmp_path_factory.mktemp("registers")
    made = [str(folder / name) for name in ("made", "store")]
    size = ("--pupils", "150", "--years", "4", "--seed", "2", "--no-dirt")
    run("registers", "synth", *size, "--out", made[0], "--lang", "en")
    run("registers", "check", made[0], "--out", made[1], "--lang", "en")
    return folder / "store"


def test_a_history_is_made_and_read(store: Path, tmp_path: Path) -> None:
    """Its days are the ends of semesters; its summary counts what the file holds."""
    out = tmp_path / "history.parquet"
    said = run("history", str(store), "--out", str(out), "--lang", "en")
    found = read_history(out, load_catalogue(RULES))
    assert len(found.cohorts) == 6
    assert found.horizon == 365
    assert found.groups == ("sex", "home_language", "municipality_type")
    assert found.rejected == 0
    for day, rows in found.rows.group_by("as_of"):
        outcome = rows["outcome"]
        left, unknown = outcome.sum(), outcome.null_count()
        numbers = (rows.height, left, rows.height - left - unknown, unknown)
        (line,) = [each for each in said.splitlines() if f"{day[0]:%-d %B %Y} " in each]
        assert [int(cell) for cell in line.split("│")[2:-1]] == list(numbers)
    assert 0 < found.labelled["outcome"].mean() < 0.1  # type: ignore[operator]
    assert split_after(found).judge
    assert "within 365 days after each day" in said.replace("\xa0", " ")
    assert "registers reach to" in said


def test_days_may_be_named(store: Path, tmp_path: Path) -> None:
    """Each once, and in order; of those whose horizon is not over it is said."""
    out = tmp_path / "history.parquet"
    days = ("2021-03-15", "2024-05-31", "2020-12-18", "2021-03-15")
    named = [word for day in days for word in ("--as-of", day)]
    said = run("history", str(store), "--out", str(out), *named, "--lang", "lv")
    rows = pl.read_parquet(out)
    assert rows["as_of"].unique().sort().to_list() == [
        date(2020, 12, 18), date(2021, 3, 15), date(2024, 5, 31)
    ]  # fmt: skip
    assert rows.filter(as_of=date(2024, 5, 31))["outcome"].null_count() > 100
    assert "reģistri beidzas pārāk agri. Diena: 2024. gada 31. maijs" in said


def test_a_shorter_horizon_finds_fewer_leavers(store: Path, tmp_path: Path) -> None:
    """And days nearer to the end; nobody who left is in a history of nobody."""
    day = [date(2022, 5, 31)]
    counts = []
    for horizon in (1, 60, 365):
        out = tmp_path / f"{horizon}.parquet"
        write_history(store, RULES, out, Asked(day, horizon, None), "en")
        counts.append(pl.read_parquet(out)["outcome"].sum())
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    said = run(
        "history", str(store), "--out", str(tmp_path / "none.parquet"), "--horizon", "1",
        "--as-of", "2022-05-31", "--lang", "en",
    )  # fmt: skip
    assert "no rules can be judged" in said


def test_the_same_registers_give_the_same_history(store: Path, tmp_path: Path) -> None:
    """Byte for byte, so that a run can be repeated and named by its fingerprint."""
    for name in ("a", "b"):
        asked = Asked([date(2021, 5, 31)], 365, None)
        write_history(store, RULES, tmp_path / f"{name}.parquet", asked, "en")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize(("name", "code"), [("h.csv", "file-type"), ("no/h.parquet", "no-folder")])
def test_a_history_is_written_as_parquet_where_there_is_room(
    store: Path, tmp_path: Path, name: str, code: str
) -> None:
    """Before any work is done, and with a remedy; never into the registers."""
    with pytest.raises(DataError) as caught:
        write_history(store, RULES, tmp_path / name, Asked([], 365, None), "en")
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].hint
    with pytest.raises(DataError, match="overwrite"):
        write_history(store, RULES, store / "marks.parquet", Asked([], 365, None), "en")


def test_registers_that_end_too_early_are_refused(store: Path, tmp_path: Path) -> None:
    """With how to go on; nothing is written."""
    out = tmp_path / "history.parquet"
    said = run("history", str(store), "--out", str(out), "--until", "2021-01-31", code=1)
    assert "[no-days]" in said
    assert "--as-of" in said
    assert not out.exists()


def test_every_phrase_is_there_in_both_languages() -> None:
    """And takes the same values."""
    for name, text in PHRASES.items():
        fields = [sorted(p.split("}")[0] for p in text[lang].split("{")[1:]) for lang in LANGUAGES]
        assert text.lv != text.en
        assert fields[0] == fields[1], name
