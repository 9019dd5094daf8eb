"""``pumpurs propose``: files for a reviewer, or an error that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from engine.load import load, load_files
from engine.tuning.candidate import Candidate, Learnt, Sought, write_candidate
from engine.tuning.proposal import from_json
from service.cli import app
from tests.pasts import RULES, past

REASON = "Notice sooner who stays away"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a history and a candidate that a search over 2020 and 2021 made."""
    past().rows.drop("__row").write_parquet(tmp_path / "history.parquet")
    values = {"absence_watch": 0.97}
    asked = Sought("high", plans=20, most=40)
    seen = Learnt("0" * 64, ("2020", "2021"), 1, sought=asked)
    made = Candidate(load(RULES).with_parameters(values), values, seen)
    write_candidate(made, RULES, tmp_path / "candidate")
    return tmp_path


def proposed(folder: Path, *more: str) -> tuple[int, str]:
    command = ["propose", str(folder / "history.parquet"), "--base", str(RULES)]
    command += ["--candidate", str(folder / "candidate"), "--out", str(folder / "proposal")]
    result = CliRunner().invoke(app, [*command, *more])
    return result.exit_code, result.output + repr(result.exception)


def test_a_proposal_is_a_record_and_a_page_in_each_language(folder: Path) -> None:
    """Its files make the ruleset that it names, and later cohorts than the search saw judge it."""
    code, said = proposed(folder, "--rationale", REASON)
    assert code == 0, said
    assert {path.name for path in (folder / "proposal").iterdir()} == {
        *("proposal.json", "proposal.lv.md", "proposal.en.md")
    }
    found = from_json((folder / "proposal" / "proposal.json").read_bytes())
    assert found.evidence.cohorts == ("2022", "2023")
    assert found.evidence.level == "high"  # that for which the numbers were searched
    catalogue = {path.name: path for path in (folder / "candidate").glob("*.yaml")}
    files = {n: catalogue[n].read_bytes() for n in ("indicators.yaml", "measures.yaml")}
    written = files | {name: text.encode() for name, text in found.files.items()}
    assert load_files(written).content_hash == found.candidate
    assert REASON in (folder / "proposal" / "proposal.lv.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("language", "said"), [("lv", "Noraidītās rindas: 2"), ("en", "rejected: 2")]
)
def test_rejected_rows_are_told_by_a_line_the_page_and_the_exit_code(
    folder: Path, language: str, said: str
) -> None:
    """Whoever reviews the proposal should know of them too."""
    rows = pl.read_parquet(folder / "history.parquet")
    pl.concat([rows, rows.head(1)]).write_parquet(folder / "history.parquet")
    code, output = proposed(folder, "--rationale", REASON, "--lang", language)
    assert code == 2, output
    assert said in output
    found = from_json((folder / "proposal" / "proposal.json").read_bytes())
    assert found.evidence.rejected == 2
    page = (folder / "proposal" / "proposal.en.md").read_text("utf-8")
    assert "could not be read and are not counted: 2" in page


def test_a_record_of_no_level_asks_for_one(folder: Path) -> None:
    """As records of older candidates are: the error says how to go on, and that works."""
    path = folder / "candidate" / "candidate.json"
    said = json.loads(path.read_text("utf-8"))
    del said["learnt"]["sought"]
    path.write_text(json.dumps(said), encoding="utf-8")
    code, output = proposed(folder, "--rationale", REASON)
    assert code == 1
    assert "--level" in output
    assert not (folder / "proposal").exists()
    assert proposed(folder, "--rationale", REASON, "--level", "watch")[0] == 0


def test_nothing_is_written_where_a_proposal_is_refused(folder: Path) -> None:
    """No reason given, a folder that is there, or only cohorts that the search saw."""
    code, said = proposed(folder, "--rationale", " ")
    assert code == 1
    assert "no-rationale" in said
    assert not (folder / "proposal").exists()
    assert proposed(folder, "--rationale", REASON)[0] == 0
    code, said = proposed(folder, "--rationale", REASON)
    assert code == 1
    assert "overwrite" in said
