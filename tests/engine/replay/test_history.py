"""Histories in files: what they may hold, what is refused, and what is said of them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.replay.history import (
    DEFINITIONS,
    HORIZON,
    PLACES,
    History,
    definition,
    read_history,
)
from tests.strategies import CATALOGUE, INDICATORS

HEAD = "pupil_key,as_of,outcome,rate\n"
TWO = f"{HEAD}p1,2024-01-31,1,0.5\np2,2024-01-31,0,0.9\n"


def read(folder: Path, text: str) -> History:
    path = folder / "history.csv"
    path.write_text(text, encoding="utf-8")
    return read_history(path, CATALOGUE)


def refused(folder: Path, text: str) -> str:
    """Return the only problem's code and words; it has a remedy."""
    with pytest.raises(DataError) as caught:
        read(folder, text)
    (problem,) = caught.value.problems
    assert problem.hint
    return str(problem)


def parquet(folder: Path, **metadata: str) -> Path:
    path = folder / "history.parquet"
    rows = {"pupil_key": ["p1", "p2"], "outcome": [True, False], "rate": [0.5, 0.9]}
    pl.DataFrame(rows).write_parquet(path, metadata=metadata or None)
    return path


def test_a_history_has_rows_places_groups_and_cohorts(tmp_path: Path) -> None:
    """Audit indicators are groups, places are text, and without a cohort each day is one."""
    text = (
        "pupil_key,as_of,outcome,left_on,school,grade,rate,sex\n"
        "p1,2024-05-31,1,2024-09-01,s1,7,0.5,f\n"
        "p1,2023-12-20,0,,s1,7,0.75,f\n"
        "p2,2023-12-20,,,s2, ,,m\n"
    )
    found = read(tmp_path, text)
    assert found.indicators == ("rate", "grade")  # an indicator is as the catalogue declares it
    assert found.groups == ("sex",)
    assert found.cohorts == ("2023-12-20", "2024-05-31")
    assert found.rows["school"].to_list() == ["s1", "s1", "s2"]
    assert found.rows["outcome"].to_list() == [True, False, None]
    assert found.rows["left_on"].null_count() == 2
    assert found.rows["rate"].to_list() == [0.5, 0.75, None]
    assert (found.labelled.height, found.rejected, found.horizon) == (2, 0, None)
    assert set(PLACES) <= set(found.rows.columns)


def test_a_history_needs_no_days_and_no_cohorts(tmp_path: Path) -> None:
    """It can be replayed, and not split; that nothing could be checked is said."""
    found = read(tmp_path, "pupil_key,outcome,rate\np1,1,0.5\np2,0,0.9\n")
    assert found.cohorts == ()
    assert any("(observed_on)" in note.en for note in found.notes)


@pytest.mark.parametrize(
    ("cohorts", "expected"),
    [("10 9 2", "2 9 10"), ("2013J 2013B 2014B", "2013B 2013J 2014B"), ("b 1 a", "a b 1")],
)
def test_cohorts_without_days_are_ordered_by_their_names(
    tmp_path: Path, cohorts: str, expected: str
) -> None:
    """Whole numbers by size, all else as text, and before them."""
    rows = "".join(f"p{n},{n % 2},0.5,{c}\n" for n, c in enumerate(cohorts.split()))
    found = read(tmp_path, f"pupil_key,outcome,rate,cohort\n{rows}")
    assert found.cohorts == tuple(expected.split())


def test_cohorts_with_days_are_ordered_by_these(tmp_path: Path) -> None:
    """Spring comes before autumn in the alphabet only by luck."""
    rows = "p1,2023-12-20,1,0.5,z-first\np2,2024-05-31,0,0.5,a-second\np3,2024-05-31,0,0.5,\n"
    found = read(tmp_path, f"pupil_key,as_of,outcome,rate,cohort\n{rows}")
    assert found.cohorts == ("z-first", "a-second")
    assert any(note.en.startswith("Rows without a cohort: 1;") for note in found.notes)


def test_duplicate_pupils_are_set_aside_and_counted(tmp_path: Path) -> None:
    """Both rows are named; the pupil's row of another day stays."""
    found = read(tmp_path, f"{TWO}p3,2024-01-31,1,0.1\np3,2024-01-31,0,0.2\np3,2024-02-29,0,1\n")
    assert found.rejects.select("row", "problem").rows() == [(4, "duplicate"), (5, "duplicate")]
    assert (found.rows.height, found.rejected) == (3, 2)


def test_a_row_without_a_day_is_set_aside(tmp_path: Path) -> None:
    """One bad row does not stop the others; a day of leaving that is none is no day either."""
    text = "pupil_key,as_of,outcome,rate,left_on\np1,2024-01-31,1,0.5,\np2,2024-01-31,0,0.9,\n"
    found = read(tmp_path, f"{text}p3,,0,0.5,\np4,31.01.2024,0,0.5,\np5,2024-01-31,1,0.5,soon\n")
    assert found.rejects.select("row", "column", "value", "problem").rows() == [
        (4, "as_of", "", "not-date"),
        (5, "as_of", "31.01.2024", "not-date"),
        (6, "left_on", "soon", "not-date"),
    ]


def test_when_an_outcome_came_to_be_known_is_no_leak(tmp_path: Path) -> None:
    """It is later than the as-of day by its nature."""
    rows = "p1,2024-01-31,1,2024-09-01,0.5\np2,2024-01-31,0,2025-01-31,0.9\n"
    found = read(tmp_path, f"pupil_key,as_of,outcome,outcome.observed_on,rate\n{rows}")
    assert (found.rows.height, found.rejected) == (2, 0)


def test_broken_rows_of_a_csv_file_are_counted_too(tmp_path: Path) -> None:
    """Read = used + rejected."""
    found = read(tmp_path, f"{TWO}p3,2024-01-31,1\np4,2024-01-31,perhaps,2\n")
    assert found.rejected == 2
    assert set(found.rejects["problem"]) == {"width", "not-flag", "percent"}


def test_a_history_without_outcomes_is_refused(tmp_path: Path) -> None:
    """No such column, or nothing in it."""
    assert "no column 'outcome'" in refused(tmp_path, "pupil_key,rate\np1,0.5\n")
    misspelt = refused(tmp_path, "pupil_key,rate,Outcomes\np1,0.5,1\n")
    assert "is it the column 'Outcomes'?" in misspelt
    other_case = refused(tmp_path, "pupil_key,rate,Outcome\np1,0.5,1\n")
    assert "'Outcome' differs from it only by case" in other_case
    assert "is it the column" not in refused(tmp_path, "pupil_key,rate\np1,0.5\n")
    assert "no row has an outcome (2\xa0rows)" in refused(
        tmp_path, f"{HEAD}a,2024-01-31,,1\nb,2024-01-31,,1\n"
    )


@pytest.mark.parametrize(("outcome", "word"), [("1", "left"), ("0", "stayed")])
def test_a_history_of_one_class_is_refused(tmp_path: Path, outcome: str, word: str) -> None:
    """Nothing can be learnt from those who left, or from those who stayed, alone."""
    rows = f"p1,2024-01-31,{outcome},0.5\np2,2024-01-31,{outcome},0.9\np3,2024-01-31,,0.9\n"
    said = refused(tmp_path, HEAD + rows).replace("\xa0", " ")
    assert f"all outcomes that are known are the same: {word} (2 rows) [no-outcomes]" in said
    alone = refused(tmp_path, HEAD + rows.splitlines()[0] + "\n").replace("\xa0", " ")
    assert f"are the same: {word} (1 row) [no-outcomes]" in alone


def test_outcomes_that_were_all_rejected_are_named(tmp_path: Path) -> None:
    """So that nobody looks for outcomes that are there, in other words."""
    said = refused(tmp_path, f"{HEAD}p1,2024-01-31,Dropout,1\np2,2024-01-31,Graduate,1\n")
    assert "Rows rejected: 2. Problems: outcome not-flag 2 (first in row 2)" in said


@pytest.mark.parametrize(
    ("rows", "remedy"),
    [
        ("p1,2024-01-31,1,85\np2,2024-01-31,0,90\n", "column 'rate': outside 0 to 1; divide per"),
        ("p1,2024-01-31,1,0.5\np1,2024-01-31,0,0.6\n", "column 'pupil_key': the pupil has other"),
        ("p1,2024-01-31,left,1\np2,2024-01-31,stayed,1\n", "column 'outcome': write 1 (left)"),
    ],
)
def test_where_all_rows_were_rejected_these_are_to_be_mended(
    tmp_path: Path, rows: str, remedy: str
) -> None:
    """The outcomes may be there; what is wrong of the first row is said, and not its value."""
    said = refused(tmp_path, HEAD + rows)
    assert "no row is left, because all were rejected. Rows rejected: 2" in said
    assert f"hint: mend the rejected rows, first row 2, {remedy}" in said
    assert "give the outcomes" not in said
    assert "p1" not in said


def test_where_one_kind_is_left_of_rejected_rows_both_remedies_are_given(tmp_path: Path) -> None:
    """Mending may not be enough."""
    said = refused(tmp_path, f"{HEAD}p1,2024-01-31,left,1\np2,2024-01-31,0,1\n")
    assert "hint: mend the rejected rows, first row 2, column 'outcome': write 1 (left)" in said
    assert "; then give the outcomes" in said


def test_a_history_without_indicators_is_refused(tmp_path: Path) -> None:
    """Its columns are not of this catalogue."""
    assert "[no-indicators]" in refused(tmp_path, "pupil_key,outcome,gpa\np1,1,2\np2,0,3\n")


def test_a_history_from_the_future_is_refused(tmp_path: Path) -> None:
    """The indicator is named, with how many rows."""
    text = (
        "pupil_key,as_of,outcome,rate,rate.observed_on\n"
        "p1,2024-01-31,1,0.5,2024-02-01\np2,2024-01-31,0,0.9,2024-01-31\n"
    )
    assert "'rate' was observed after the as-of day in 1\xa0row [leak]" in refused(tmp_path, text)


def test_a_history_under_other_definitions_is_refused(tmp_path: Path) -> None:
    """Also where only the window changed; texts may."""
    rate = INDICATORS["rate"]
    same = {"rate": definition(replace(rate, label=INDICATORS["mean"].label)), "gone": "x"}
    known = read_history(parquet(tmp_path, **{DEFINITIONS: json.dumps(same)}), CATALOGUE)
    assert known.rows.height
    assert not any("by which definitions" in note.en for note in known.notes)
    for other in (replace(rate, window="year"), replace(rate, decimals=2), replace(rate, high=2)):
        changed = json.dumps({"rate": definition(other)})
        with pytest.raises(DataError, match="another definition than the catalogue's: rate"):
            read_history(parquet(tmp_path, **{DEFINITIONS: changed}), CATALOGUE)


@pytest.mark.parametrize("said", [{}, {DEFINITIONS: "{}"}])
def test_a_history_that_does_not_say_its_definitions_is_read_with_a_word(
    tmp_path: Path, said: dict[str, str]
) -> None:
    """Nobody can tell what its values mean; that is not passed over in silence."""
    found = read_history(parquet(tmp_path, **said), CATALOGUE)
    assert sum("by which definitions" in note.en for note in found.notes) == 1


@pytest.mark.parametrize("said", ["{", "[1]", "3"])
def test_definitions_that_cannot_be_read_are_refused(tmp_path: Path, said: str) -> None:
    """Nobody knows then what its numbers mean."""
    with pytest.raises(DataError, match=r"cannot be read \[definitions\]"):
        read_history(parquet(tmp_path, **{DEFINITIONS: said}), CATALOGUE)


def test_the_horizon_is_read(tmp_path: Path) -> None:
    """Where the file says it, as one number of days."""
    assert read_history(parquet(tmp_path, **{HORIZON: "365"}), CATALOGUE).horizon == 365
    assert read_history(parquet(tmp_path, **{HORIZON: "a year"}), CATALOGUE).horizon is None


def test_two_files_have_two_fingerprints(tmp_path: Path) -> None:
    """And one file has one."""
    first = read(tmp_path, TWO).fingerprint
    assert first == read(tmp_path, TWO).fingerprint
    assert first != read(tmp_path, TWO.replace("0.9", "0.8")).fingerprint


def test_students_of_a_real_university_can_be_read(tmp_path: Path, root: Path) -> None:
    """The Open University's students by presentation: cohorts in order, nobody lost."""
    data = Path(os.environ.get("PUMPURS_DATA", root.parent / "shared" / "data")) / "oulad-2013"
    if not data.is_dir():
        pytest.skip(f"no real data in {data}: set PUMPURS_DATA to the folder that holds oulad-2013")
    students = pl.read_csv(data / "studentInfo.csv", infer_schema=False)
    left = pl.col("final_result") == "Withdrawn"
    history = students.select(
        pl.concat_str(pl.lit("s"), "id_student", pl.lit("-"), "code_module").alias("pupil_key"),
        left.cast(pl.Int8).alias("outcome"),
        pl.col("code_presentation").alias("cohort"),
        pl.col("num_of_prev_attempts").alias("fails"),
        pl.col("gender").str.to_lowercase().alias("sex"),
    )
    history.write_csv(tmp_path / "ou.csv")
    found = read_history(tmp_path / "ou.csv", CATALOGUE)
    assert found.rows.height + found.rejected == students.height > 10_000
    assert found.cohorts == ("2013B", "2013J")
