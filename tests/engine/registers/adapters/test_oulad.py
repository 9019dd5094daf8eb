"""Real registers that nobody here wrote: the Open University's, from its files to scores.

The data is read from the folder named by PUMPURS_DATA; without it these tests are skipped.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.batch import executor, score_table
from engine.errors import DataError
from engine.frame import ROW
from engine.indicators.compute import indicators
from engine.load import load
from engine.registers.adapters import adapt
from engine.registers.history import History
from engine.registers.read import Reading, read_registers
from engine.table import Table

ROOT = Path(__file__).parents[4]
DATA = Path(os.environ.get("PUMPURS_DATA", ROOT.parent / "shared" / "data")) / "oulad-2013"
STARTS = {"2013B": date(2013, 2, 1), "2013J": date(2013, 10, 1)}
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the dataset is not here: {DATA} (set PUMPURS_DATA)"
)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """Return the whole dataset, read as any export is."""
    folder = tmp_path_factory.mktemp("oulad") / "bundles"
    adapt("oulad", DATA, folder)
    return read_registers(folder)


def rows(name: str) -> list[dict[str, str]]:
    """Return a file of the dataset, row by row."""
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def on_day(history: History, presentation: str, day: int) -> pl.DataFrame:
    """Return what is known of the students of a presentation on one of its days."""
    ruleset = load(ROOT / "rules" / "examples" / "oulad")
    as_of = STARTS[presentation] + timedelta(days=day)
    found = indicators(history, ruleset.catalogue, as_of).collect()
    return found.filter(pl.col("school").str.ends_with(presentation)).sort("pupil_key")


@needs_data
def test_all_rows_are_accounted_for(reading: Reading) -> None:
    """What the dataset itself leaves open is rejected, and nothing else."""
    for count in reading.files:
        assert count.read == count.used + count.rejected + count.deleted + count.left_out
    problems = reading.rejects.group_by("file", "problem").len().sort("file", "problem").rows()
    assert problems == [
        ("enrollments.parquet", "value-missing", 36),  # 18 students without a day of registration
        ("marks.parquet", "not-enrolled", 54),  # ... and what they handed in, or others too early
    ]


def by_hand(presentation: str, day: int) -> dict[str, tuple[float | None, float | None]]:
    """Return share of late work and mean score of each student, as a reader would reckon them."""
    due: dict[str, list[tuple[str, int]]] = defaultdict(list)
    module: dict[str, str] = {}
    for each in rows("assessments"):
        if each["code_presentation"] == presentation and each["assessment_type"] != "Exam":
            module[each["id_assessment"]] = each["code_module"]
            due[each["code_module"]].append((each["id_assessment"], int(float(each["date"]))))
    handed: dict[Any, tuple[int, str]] = {
        (each["id_student"], each["id_assessment"]): (int(each["date_submitted"]), each["score"])
        for each in rows("studentAssessment")
    }
    found = {}
    for each in rows("studentRegistration"):
        if each["code_presentation"] != presentation or not each["date_registration"]:
            continue
        begun, left = int(float(each["date_registration"])), each["date_unregistration"]
        if begun > day or (left and int(float(left)) < day):
            continue
        mine, late, scores = 0, 0, []
        for work, last in due[each["code_module"]]:
            came = handed.get((each["id_student"], work))
            if begun <= last <= day:
                mine += 1
                late += came is None or came[0] > last
            if came and begun <= came[0] <= day and came[1]:
                scores.append(float(came[1]))
        key = f"{each['id_student']}-{each['code_module']}-{presentation}"
        rate = round(late / mine, 4) if mine else None
        found[key] = rate, round(sum(scores) / len(scores), 1) if scores else None
    return found


@needs_data
@pytest.mark.parametrize(("presentation", "day"), [("2013B", 60), ("2013J", 25), ("2013J", 130)])
def test_indicators_on_any_day_are_what_a_reader_would_reckon(
    reading: Reading, presentation: str, day: int
) -> None:
    """For every student, from the rows of the dataset and nothing else."""
    table = on_day(reading.history, presentation, day)
    columns = ("pupil_key", "late_work_rate_year", "mean_score")
    found = {key: tuple(values) for key, *values in table.select(columns).iter_rows()}
    expected = by_hand(presentation, day)
    differing = found.keys() ^ expected.keys()
    assert not differing, sorted(differing)[:5]
    assert len(found) > 3000
    for key, (rate, mean) in expected.items():
        assert found[key] == (pytest.approx(rate), pytest.approx(mean, abs=0.1)), key


@needs_data
def test_scores_tell_who_leaves(reading: Reading) -> None:
    """On day 60 of the later presentation, not looked at when the rules were written."""
    ruleset = load(ROOT / "rules" / "examples" / "oulad")
    table = on_day(reading.history, "2013J", 60)
    named = Table(table.lazy().with_row_index(ROW, offset=1), tuple(table.columns))
    scored = score_table(named, executor("columns", ruleset), date(2013, 11, 30))
    assert scored.rejects.height == 0
    outcomes = reading.history.frames["outcomes"].select(
        pl.col("pupil").alias("pupil_key"), (pl.col("outcome") == "left").alias("left")
    )
    told = scored.rows.join(outcomes, on="pupil_key").group_by("level").agg(pl.col("left").mean())
    share = dict(told.collect().iter_rows())
    assert share["none"] < share["watch"] < share["support"] < share["high"]


@needs_data
def test_what_comes_later_changes_no_earlier_answer(reading: Reading, tmp_path: Path) -> None:
    """A dataset that ends on day 100 gives the same indicators on day 60."""
    cut = tmp_path / "cut"
    cut.mkdir()
    for path in DATA.glob("*.csv"):
        (cut / path.name).write_bytes(path.read_bytes())
    for name, column in (
        ("studentAssessment", "date_submitted"),
        ("studentRegistration", "date_unregistration"),
    ):
        whole = pl.read_csv(DATA / f"{name}.csv", infer_schema=False)
        later = (pl.col(column).cast(pl.Float64) > 100).fill_null(value=False)
        if name == "studentAssessment":
            kept = whole.filter(~later)
        else:
            kept = whole.with_columns(pl.when(~later).then(column).alias(column))
        kept.write_csv(cut / f"{name}.csv")
    adapt("oulad", cut, tmp_path / "bundles")
    early = read_registers(tmp_path / "bundles").history
    for presentation in STARTS:
        assert on_day(early, presentation, 60).equals(on_day(reading.history, presentation, 60))


def test_a_folder_that_is_not_the_dataset_is_refused(tmp_path: Path) -> None:
    """The missing file is named; nothing is written."""
    with pytest.raises(DataError, match=r"courses\.csv.*\n?.*no such file"):
        adapt("oulad", tmp_path, tmp_path / "out")
    with pytest.raises(DataError, match="there is no adapter 'ouald'"):
        adapt("ouald", tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@needs_data
def test_only_work_is_covered_and_no_day_ahead_of_itself(reading: Reading) -> None:
    """The clickstream is left out, so nothing says that a student did not use the platform."""
    told = reading.history.frames["coverage"].collect()
    assert told["register"].unique().to_list() == ["work"]
    assert (told["ends"] <= told["recorded"].dt.date()).all()
