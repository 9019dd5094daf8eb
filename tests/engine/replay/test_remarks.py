"""What is said of a history's columns: what is odd, and what cannot be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from engine.replay.history import read_history
from engine.replay.tells import ENOUGH
from tests.strategies import CATALOGUE


def notes(
    folder: Path, columns: Mapping[str, Sequence[object]], *, left: int = ENOUGH
) -> list[str]:
    """Return what is said of a history in which the first `left` of 100 pupils left."""
    rows = {
        "pupil_key": [f"p{n}" for n in range(100)],
        "outcome": [n < left for n in range(100)],
        **columns,
    }
    pl.DataFrame(rows, strict=False).write_parquet(folder / "history.parquet")
    return [note.en for note in read_history(folder / "history.parquet", CATALOGUE).notes]


def told(texts: list[str], part: str) -> list[str]:
    return [text.split(":")[0] for text in texts if part in text]


VALUE, PRESENCE = "the value tells almost surely", "whether there is a value tells"


@pytest.mark.parametrize("way", [1, -1])
def test_a_value_that_tells_the_outcome_is_pointed_out(tmp_path: Path, way: int) -> None:
    """Whichever way round; one that tells less is not."""
    sure = [0.5 - way * 0.1 if n < ENOUGH else 0.5 + way * 0.1 for n in range(100)]
    less = [n % 5 if n < 50 else 9 for n in range(100)]
    said = notes(tmp_path, {"rate": sure, "count": less})
    assert told(said, VALUE) == ["rate en"]
    assert not told(said, PRESENCE)


def test_a_value_that_only_leavers_have_is_pointed_out(tmp_path: Path) -> None:
    """What the value is does not matter then."""
    said = notes(tmp_path, {"rate": [n / 100 if n < ENOUGH else None for n in range(100)]})
    assert told(said, PRESENCE) == ["rate en"]


def test_categories_and_flags_that_tell_the_outcome_are_pointed_out(tmp_path: Path) -> None:
    """Categories have no order: their share of leavers gives one."""
    kinds = ["b" if n < ENOUGH else ("a", "skola Ā–ž")[n % 2] for n in range(100)]
    said = notes(tmp_path, {"kind": kinds, "flagged": [n >= ENOUGH for n in range(100)]})
    assert told(said, VALUE) == ["flagged en", "kind en"]


def test_a_few_pupils_prove_nothing(tmp_path: Path) -> None:
    """Of fewer than twenty leavers a good sign may be right by chance."""
    sure = [float(n >= ENOUGH - 1) for n in range(100)]
    assert not told(notes(tmp_path, {"rate": sure}, left=ENOUGH - 1), VALUE)


def test_empty_and_constant_columns_are_pointed_out(tmp_path: Path) -> None:
    """A rule over them cannot tell pupils apart."""
    said = notes(tmp_path, {"rate": [None] * 100, "count": [3] * 99 + [None], "mean": [1, 2] * 50})
    assert told(said, "no value at all") == ["rate en"]
    assert told(said, "the same value throughout") == ["count en"]


def test_misspelt_columns_are_pointed_out(tmp_path: Path) -> None:
    """An indicator's, and a history's own."""
    said = notes(tmp_path, {"rate": [1, 0] * 50, "Coun": [3] * 100, "cohorts": ["x"] * 100})
    assert "The column 'Coun' is not used; is it 'count'?" in said
    assert "The column 'cohorts' is not used; is it 'cohort'?" in said


def test_what_the_leak_guard_cannot_check_is_said(tmp_path: Path) -> None:
    """No dates, no days to hold them against, or dates of some indicators alone."""
    rate: dict[str, Sequence[object]] = {"rate": [1, 0] * 50}
    day = ["2024-01-31"] * 100
    assert "The history does not say when values" in notes(tmp_path, rate)[0]
    dated = {**rate, "rate.observed_on": day}
    assert "The history has no as-of days" in notes(tmp_path, dated)[0]
    more = {**dated, "as_of": day, "mean": [1, 2] * 50}
    assert notes(tmp_path, more)[0] == "When it was observed is not said: mean en"
    assert not told(notes(tmp_path, {**dated, "as_of": day}), "observed")
