"""``pumpurs suggest``: a history in, a folder that ``check`` accepts out, and the story told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError, RuleError
from engine.load import load_catalogue
from engine.replay.history import read_history
from engine.tuning.candidate import read_candidate
from service.suggesting import catalogue_of
from tests.pasts import past

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules" / "lv"


def run(*arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("pumpurs")), *arguments]
    wide = {**os.environ, "COLUMNS": "200", "PUMPURS_LANG": lang}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=wide)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a made-up history as a file."""
    path = tmp_path_factory.mktemp("history") / "history.parquet"
    past().rows.drop("__row").write_parquet(path)
    return path


@pytest.fixture(scope="module")
def drafted(history: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return what the command says, and the folder that it wrote."""
    out = tmp_path_factory.mktemp("drafted") / "draft"
    done = run("suggest", str(history), "--out", str(out))
    assert done.returncode == 0, done.stderr
    return done.stdout, out


def test_the_folder_is_a_ruleset_without_findings(drafted: tuple[str, Path]) -> None:
    """``check`` says so, and a candidate can be read from it whose numbers a search chose."""
    done = run("check", str(drafted[1]))
    assert done.stdout == "1 ruleset: 0 errors, 0 warnings\n"
    candidate = read_candidate(drafted[1])
    assert {choice.by for choice in candidate.choices(None)} == {"search"}
    assert candidate.learnt is not None
    assert candidate.learnt.cohorts == ("2020", "2021", "2022")


def test_the_draft_reads_the_history_that_it_came_from(
    drafted: tuple[str, Path], history: Path
) -> None:
    """Its folder holds the whole catalogue, groups for the audit too."""
    read = read_history(history, load_catalogue(drafted[1]))
    assert read.groups == ("sex",)


def test_the_story_says_what_to_expect_and_why_to_trust_it(drafted: tuple[str, Path]) -> None:
    """In tables for people, and in a file for programs, with the same figures."""
    said, out = drafted
    story = json.loads((out / "suggestion.json").read_text(encoding="utf-8"))
    for title in ("The draft", "How the search came to it", "Flagged against caught"):
        assert title in said
    stated = story["expected"]
    assert f"{round(stated['precision'] * 100, 1):g}\u00a0% (" in said
    assert story["later"]["rows"] == past().labelled.filter(pl.col("cohort") == "2023").height
    assert [r["en"] in said for r in story["reasons"]] == [True] * len(story["reasons"])
    assert {move["come"]["indicator"] for move in story["search"]} <= set(past().indicators)
    assert "not declared for scoring (use: audit)" in said
    assert "never applies itself" in said


def test_the_story_is_told_in_latvian_too(history: Path, tmp_path: Path) -> None:
    """The same run; the folder is the same, file for file."""
    done = run("suggest", str(history), "--out", str(tmp_path / "draft"), lang="lv")
    assert done.returncode == 0
    assert "Kāpēc tam uzticēties" in done.stdout
    assert "Rindas, ko meklēšana redzēja" in done.stdout
    assert not re.search(r"\b(rows|score|flagged)\b", done.stdout)


def test_the_same_history_in_csv_and_another_order_gives_the_same_rules(
    history: Path, drafted: tuple[str, Path], tmp_path: Path
) -> None:
    """Sources name another file; all that decides is the same."""
    mixed = pl.read_parquet(history).sample(fraction=1.0, shuffle=True, seed=4)
    mixed.write_csv(tmp_path / "history.csv")
    done = run("suggest", str(tmp_path / "history.csv"), "--out", str(tmp_path / "draft"))
    assert done.returncode == 0
    one, two = (read_candidate(folder).ruleset for folder in (drafted[1], tmp_path / "draft"))
    assert one.decision_hash == two.decision_hash


def test_a_history_that_tells_nothing_writes_nothing(history: Path, tmp_path: Path) -> None:
    """Outcomes dealt out anew: exit 1, the trials are shown, and no folder."""
    shuffled = pl.read_parquet(history).with_columns(pl.col("outcome").shuffle(seed=3))
    shuffled.write_parquet(tmp_path / "shuffled.parquet")
    done = run("suggest", str(tmp_path / "shuffled.parquet"), "--out", str(tmp_path / "draft"))
    assert done.returncode == 1
    assert "[no-gain]" in done.stderr
    assert "surely better than the base rate alone" in done.stderr
    assert "hint: add cohorts" in done.stderr
    assert "or use rules that people wrote" in done.stderr
    assert "there is no draft" in done.stdout
    assert not (tmp_path / "draft").exists()


def test_a_small_history_is_declined(history: Path, tmp_path: Path) -> None:
    """Exit 1 and what to do; nothing is written."""
    pl.read_parquet(history).head(450).write_parquet(tmp_path / "small.parquet")
    done = run("suggest", str(tmp_path / "small.parquet"), "--out", str(tmp_path / "draft"))
    assert done.returncode == 1
    assert "[small-data]" in done.stderr
    assert "on so few data that does better" in done.stderr
    assert not (tmp_path / "draft").exists()


def test_rows_of_neither_part_are_counted(history: Path, tmp_path: Path) -> None:
    """Without a cohort nobody knows whether a row is earlier or later."""
    lost = pl.when(pl.int_range(pl.len()) >= 40).then("cohort").alias("cohort")
    pl.read_parquet(history).with_columns(lost).write_parquet(tmp_path / "history.parquet")
    done = run("suggest", str(tmp_path / "history.parquet"), "--out", str(tmp_path / "draft"))
    assert "Rows of neither: 40 (" in done.stdout


def test_rejected_rows_are_told_by_the_exit_code(history: Path, tmp_path: Path) -> None:
    """A draft is made from the rest."""
    rows = pl.read_parquet(history).with_columns(pl.col("failed_courses").cast(pl.Int32))
    wrong = pl.when(pl.int_range(pl.len()) == 7).then(999).otherwise("failed_courses")
    rows.with_columns(wrong.alias("failed_courses")).write_parquet(tmp_path / "history.parquet")
    done = run("suggest", str(tmp_path / "history.parquet"), "--out", str(tmp_path / "draft"))
    assert done.returncode == 2, done.stderr
    assert (tmp_path / "draft" / "ruleset.yaml").is_file()


def test_what_looks_like_a_leak_is_refused_unless_it_is_said_to_be_none(
    history: Path, tmp_path: Path
) -> None:
    """And then it stands in the record, and among the reasons not to trust the draft."""
    leak = pl.when("outcome").then(9).otherwise(0).cast(pl.Int32).alias("incidents_semester")
    leaky = tmp_path / "history.parquet"
    pl.read_parquet(history).with_columns(leak).write_parquet(leaky)
    done = run("suggest", str(leaky), "--out", str(tmp_path / "draft"))
    assert done.returncode == 1
    assert "[leak]" in done.stderr
    assert "--no-leak incidents_semester" in done.stderr
    options = ("--no-leak", "incidents_semester", "--out", str(tmp_path / "draft"))
    done = run("suggest", str(leaky), *options)
    assert done.returncode == 0, done.stderr
    assert "a person said that it is no leak" in done.stdout
    learnt = read_candidate(tmp_path / "draft").learnt
    assert learnt is not None
    assert learnt.no_leak == ("incidents_semester",)


def test_a_folder_that_holds_files_is_not_written_to(history: Path, tmp_path: Path) -> None:
    """It is refused before the search begins."""
    (tmp_path / "mine.yaml").write_text("", encoding="utf-8")
    done = run("suggest", str(history), "--out", str(tmp_path))
    assert done.returncode == 1
    assert "[overwrite]" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_only_the_indicators_of_a_file_are_read(tmp_path: Path) -> None:
    """It may use domains and units from the folders above; under another name it stands alone."""
    file = ROOT / "rules" / "examples" / "indicators.yaml"
    found = catalogue_of(file, RULES)
    assert set(found.indicators) == {"mean_score", "late_work_rate_year"}
    assert "performance" in found.domains
    copy = tmp_path / "mine.yaml"
    copy.write_bytes((ROOT / "rules" / "indicators.yaml").read_bytes())
    assert catalogue_of(copy, RULES).indicators == load_catalogue(RULES).indicators
    with pytest.raises(DataError, match="no-file"):
        catalogue_of(tmp_path / "none.yaml", RULES)
    copy.write_text("indicators: [", encoding="utf-8")
    with pytest.raises(RuleError, match="mine"):
        catalogue_of(copy, RULES)


def test_indicators_and_rules_are_not_given_together(history: Path, tmp_path: Path) -> None:
    """One of them names what may be read."""
    file = str(ROOT / "rules" / "indicators.yaml")
    options = ("--indicators", file, "--rules", str(RULES), "--out", str(tmp_path / "draft"))
    done = run("suggest", str(history), *options)
    assert done.returncode == 64
    assert "not both" in done.stderr
