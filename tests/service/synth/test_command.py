"""``pumpurs registers synth``, as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.errors import DataError
from service.cli import app

ASKED = ["registers", "synth", "--pupils", "60", "--years", "1", "--seed", "3"]


@pytest.mark.parametrize(("lang", "words"), [("lv", "sintētiski"), ("en", "synthetic")])
def test_it_writes_a_history_and_sums_it_up(tmp_path: Path, lang: str, words: str) -> None:
    """Where it is, that it is synthetic, pupils, files and rows."""
    out = tmp_path / "made"
    done = CliRunner().invoke(app, [*ASKED, "--out", str(out), "--lang", lang])
    assert done.exit_code == 0, done.output
    assert words in done.output
    assert str(out) in done.output
    for name in ("users", "attendance", "results"):
        assert name in done.output
        assert (out / "01-2020-21" / f"{name}.csv").exists()


def test_it_starts_in_the_year_that_is_asked_for(tmp_path: Path) -> None:
    """The first school year gives the first bundle its name."""
    done = CliRunner().invoke(app, [*ASKED, "--out", str(tmp_path), "--start-year", "1999"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "01-1999-00" / "manifest.csv").exists()


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    """A folder with something in it, or a file, is refused as wrong usage."""
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    for out in (tmp_path, file):
        done = CliRunner().invoke(app, [*ASKED, "--out", str(out)])
        assert done.exit_code == 2
        assert "not an empty folder" in " ".join(done.output.replace("│", " ").split())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("where", ["/proc/sy", "file/x", "x" * 300])
def test_where_nothing_can_be_written_there_is_a_remedy(tmp_path: Path, where: str) -> None:
    """Before anything is made up."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(app, [*ASKED, "--out", str(tmp_path / where)])
    assert isinstance(done.exception, DataError)
    (problem,) = done.exception.problems
    assert (problem.code, bool(problem.hint)) == ("no-folder", True)
