"""``pumpurs tune``: what came of it is told, and only what is shown to be better is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from engine.examples import run_examples
from engine.load import load, load_catalogue
from engine.tuning.candidate import Sought, read_candidate
from engine.write import write_catalogue, write_files
from service.cli import app
from service.tuning_words import PHRASES
from tests.pasts import RULES, past
from tests.phrases import check_phrases

KEPT = ("absence_watch", "absence_support")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a history, and with rules of which two numbers can be tuned."""
    past().rows.drop("__row").write_parquet(tmp_path / "history.parquet")
    lv = load(RULES)
    parameters = {n: replace(p, tunable=n in KEPT) for n, p in lv.parameters.items()}
    (tmp_path / "rules").mkdir()
    files = write_files(replace(lv, parameters=parameters))
    for name, text in (files | write_catalogue(load_catalogue(RULES))).items():
        (tmp_path / "rules" / name).write_text(text, "utf-8")
    return tmp_path


def run(folder: Path, *more: str) -> tuple[int, str]:
    command = ["tune", str(folder / "history.parquet"), "--rules", str(folder / "rules")]
    result = CliRunner().invoke(app, [*command, "--out", str(folder / "candidate"), *more])
    return result.exit_code, " ".join((result.output + repr(result.exception)).split())


@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_is_not_shown_to_be_better_is_told_and_not_written(
    folder: Path, language: str
) -> None:
    """A search that moves numbers without a gain on unseen cohorts gives no reason to."""
    code, said = run(folder, "--flagged", "0.25", "--lang", language)
    assert code == 0, said
    assert not (folder / "candidate").exists()
    text = PHRASES["not-written"]
    assert (text.lv if language == "lv" else text.en) in said


def test_a_candidate_is_written_with_who_chose_its_numbers(folder: Path) -> None:
    """Where the present values flag more than can be helped, something must change."""
    asked = ("--capacity", "100", "--gap", "sex=0.2", "--level", "watch")
    code, said = run(folder, *asked, "--lang", "en")
    assert code == 0, said
    assert "The present values miss the goal" in said
    broken = {each.place for each in run_examples(load(folder / "candidate"))}
    assert broken
    assert f"no longer hold with these numbers: {len(broken)}." in said
    made, base = read_candidate(folder / "candidate"), load(folder / "rules")
    assert made.choices(base)
    assert {choice.by for choice in made.choices(base)} == {"search"}
    assert made.learnt is not None
    assert made.learnt.cohorts == ("2020", "2021", "2022")
    assert made.learnt.sought == Sought("watch", plans=100, most=300, gaps={"sex": 0.2}, met=False)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--gap", "sex"), "write it as sex=0.1"),
        (("--capacity", "9", "--flagged", "0.2"), "not both"),
        (("--level", "hihg"), "high"),
        (("--after", "2029"), "2029"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(
    folder: Path, more: tuple[str, ...], expected: str
) -> None:
    """Nothing is guessed, and nothing written."""
    code, said = run(folder, *more)
    assert code
    assert expected in said
    assert not (folder / "candidate").exists()


@pytest.mark.parametrize(
    ("language", "why", "remedy"),
    [
        ("lv", "Kāpēc: kohortas laikā pārklājas", "izlaidiet kolonnu „cohort”"),
        ("en", "Why: the cohorts overlap in time", "leave out the column 'cohort'"),
    ],
)
def test_why_there_is_no_later_cohort_to_judge_is_told(
    folder: Path, language: str, why: str, remedy: str
) -> None:
    """With what to do about it."""
    path = folder / "history.parquet"
    mixed = pl.when(pl.int_range(pl.len()) % 3 > 0).then(pl.lit("a")).otherwise(pl.lit("b"))
    pl.read_parquet(path).with_columns(cohort=mixed).write_parquet(path)
    code, said = run(folder, "--flagged", "0.25", "--lang", language)
    assert code == 0, said
    assert why in said
    assert remedy in said


def test_rejected_rows_are_counted_and_told_by_the_exit_code(folder: Path) -> None:
    """A row that is there twice is set aside, both times, and not in silence."""
    rows = pl.read_parquet(folder / "history.parquet")
    pl.concat([rows, rows.head(1)]).write_parquet(folder / "history.parquet")
    code, said = run(folder, "--flagged", "0.25", "--lang", "en")
    assert code == 2, said
    assert "Rows rejected: 2. Problems: pupil_key duplicate 2 (first in row 1)" in said


def test_a_refusal_tells_of_rejected_rows_too(folder: Path) -> None:
    """Too few outcomes may be outcomes that could not be read; English and Latvian."""
    path = folder / "history.parquet"
    rows = pl.read_parquet(path).with_columns(pl.col("outcome").cast(pl.Int8).cast(pl.String))
    spoilt = pl.when(pl.int_range(pl.len()) % 9 > 0).then(pl.lit("left")).otherwise("outcome")
    rows.with_columns(spoilt.alias("outcome")).write_parquet(path)
    for language, kind in (("lv", "Problēmas: outcome not-flag"), ("en", "Problems: outcome not-")):
        code, said = run(folder, "--lang", language)
        assert code == 1
        assert kind in said
        assert "too few outcomes to learn from" in said
    assert said.count("Rows rejected: 3,5") == 2  # as the history is read, and in the refusal


def test_what_looks_like_a_leak_is_refused_unless_it_is_said_to_be_none(folder: Path) -> None:
    """The refusal names the option, and the candidate's record who was trusted."""
    path = folder / "history.parquet"
    leak = pl.when("outcome").then(9).otherwise(0).cast(pl.Int32).alias("incidents_semester")
    pl.read_parquet(path).with_columns(leak).write_parquet(path)
    code, said = run(folder, "--capacity", "100", "--lang", "en")
    assert code == 1
    assert "the value tells almost surely who left" in said
    assert "--no-leak incidents_semester" in said
    assert not (folder / "candidate").exists()
    code, said = run(folder, "--capacity", "100", "--no-leak", "incidents_semester", "--lang", "en")
    assert code == 0, said
    assert "a person said that it is no leak" in said
    learnt = read_candidate(folder / "candidate").learnt
    assert learnt is not None
    assert learnt.no_leak == ("incidents_semester",)


def test_what_tuning_says_is_there_in_both_languages() -> None:
    """No phrase is blank, and what one language tells, the other tells too."""
    check_phrases(PHRASES)


@pytest.mark.parametrize(("language", "title"), [("lv", "Dzimums"), ("en", "Sex")])
def test_gaps_are_called_as_the_catalogue_calls_the_group(
    folder: Path, language: str, title: str
) -> None:
    """Not by the name of its column."""
    code, said = run(folder, "--capacity", "100", "--gap", "sex=0.2", "--lang", language)
    assert code == 0, said
    assert f": {title}" in said
    assert ": sex" not in said


def test_a_folder_that_is_not_free_is_refused_before_the_history_is_read(folder: Path) -> None:
    """Not after a search of minutes."""
    (folder / "candidate").mkdir()
    (folder / "candidate" / "mine.txt").write_text("mine", "utf-8")
    (folder / "history.parquet").unlink()
    code, said = run(folder, "--lang", "en")
    assert code == 1
    assert "there are files here" in said
