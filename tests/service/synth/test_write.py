"""The exports: what a reader takes from them, and when each row was known."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.registers.read import Reading, read_registers
from engine.registers.rows import is_fact
from engine.registers.schema import ENDED, ID, RECORDED, REGISTERS
from service.synth import plan as plans
from service.synth.plan import Plan
from service.synth.write import Summary, write_history

CLEAN, DIRTY = Plan(160, 2, 5, dirt=False), Plan(160, 2, 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


@pytest.fixture(scope="module")
def clean(folder: Path) -> tuple[Summary, Reading]:
    """Return a history without dirt, as it was written and as it was read."""
    summary = write_history(CLEAN, folder / "clean")
    return summary, read_registers(folder / "clean")


def test_the_same_plan_gives_the_same_bytes(folder: Path, clean: object) -> None:
    """In every file; another seed gives others."""
    assert clean
    write_history(CLEAN, folder / "again")
    assert digests(folder / "again") == digests(folder / "clean")
    write_history(Plan(160, 2, 6, dirt=False), folder / "other")
    assert digests(folder / "other") != digests(folder / "clean")


def test_the_same_plan_gives_the_same_bytes_as_parquet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean: tuple[Summary, Reading]
) -> None:
    """And what is read from Parquet is what is read from CSV."""
    monkeypatch.setattr(plans, "CSV_LESSONS_UP_TO", 0)
    summary = write_history(CLEAN, tmp_path / "one")
    write_history(CLEAN, tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert any(name.endswith("attendance.parquet") for name in digests(tmp_path / "one"))
    assert summary.rows == clean[0].rows
    found = [
        each.history.frames["attendance"].sort(ID, RECORDED).collect()
        for each in (read_registers(tmp_path / "one"), clean[1])
    ]
    assert found[0].equals(found[1])


def test_without_dirt_nothing_is_rejected(clean: tuple[Summary, Reading]) -> None:
    """And every row that was written is read, all files of the registers among them."""
    summary, reading = clean
    assert reading.rejects.height == 0
    assert summary.bad == {}
    gradebook = {"classes", "lineItems"}  # beside the results, no rows of a register
    read, wrote = (
        {file: rows for file, rows in found.items() if file not in gradebook}
        for found in (counts(reading), summary.rows)
    )
    assert read == wrote
    files = {each.file for each in REGISTERS.values()}
    assert set(read) - {"results"} == files - {"marks", "scoreScales"}  # all marks are Latvian


def test_with_dirt_exactly_the_dirty_rows_are_rejected(
    folder: Path, clean: tuple[Summary, Reading]
) -> None:
    """A handful, in several files; whatever else was read is the same as without them."""
    summary = write_history(DIRTY, folder / "dirty")
    reading = read_registers(folder / "dirty")
    rejected = reading.rejects.select("bundle", "file", "row").unique()
    by_file = dict(rejected["file"].str.strip_suffix(".csv").value_counts().iter_rows())
    assert by_file == summary.bad
    assert {"results", "attendance", "enrollments", "circumstances"} <= set(summary.bad)
    assert {"range", "key-unknown", "date-form", "overlap"} <= set(reading.rejects["problem"])
    for name, frame in clean[1].history.frames.items():
        rows, others = (
            each.sort(ID, RECORDED).collect() for each in (frame, reading.history.frames[name])
        )
        assert rows.equals(others), name


def test_nothing_is_recorded_before_it_happened(clean: tuple[Summary, Reading]) -> None:
    """Facts never; what is planned (school days) may be."""
    for name, frame in clean[1].history.frames.items():
        happened = REGISTERS[name].happened
        if happened and (is_fact(REGISTERS[name]) or happened == "begins"):
            early = frame.filter(pl.col(RECORDED).dt.date() < pl.col(happened)).collect()
            assert early.height == 0, name


def test_each_row_is_in_the_first_export_after_it_was_recorded(
    folder: Path, clean: tuple[Summary, Reading]
) -> None:
    """Later exports hold nothing that an earlier one could have held."""
    assert clean
    before = "0000"
    for bundle in sorted((folder / "clean").iterdir()):
        properties = dict(
            line.split(",", 1) for line in (bundle / "manifest.csv").read_text().splitlines()
        )
        exported = properties["pumpurs.exportedAt"]
        named = {
            key[5:] for key, mode in properties.items() if key[:5] == "file." if mode != "absent"
        }
        assert named == {path.stem for path in bundle.iterdir()} - {"manifest"}
        since = "0000" if bundle.name.endswith("corrections") else before
        for path in bundle.glob("*.csv"):
            if path.stem in named - {"classes", "lineItems"}:
                recorded = pl.read_csv(path, infer_schema=False)["dateLastModified"]
                assert since < str(recorded.min())
                assert str(recorded.max()) <= exported
        before = exported


def test_what_was_known_differs_from_what_is_known(clean: tuple[Summary, Reading]) -> None:
    """Notes turn absences that stood as unexcused into excused ones; outcomes come to be known."""
    history = clean[1].history
    day = date(2020, 11, 13)
    until = pl.col("day").is_between(day - timedelta(days=30), day)
    unexcused = until & (pl.col("status") == "unexcused")
    then, now = (
        history.known(as_of)["attendance"].filter(unexcused).collect().height
        for as_of in (day, date(2023, 8, 1))
    )
    assert 0 < now < then
    known = [history.known(date(year, 7, 31))["outcomes"].collect().height for year in (2021, 2022)]
    assert 0 < known[0] < known[1]


def test_versions_are_of_many_registers(clean: tuple[Summary, Reading]) -> None:
    """Corrections are not of attendance alone."""
    corrected = {
        name
        for name, frame in clean[1].history.frames.items()
        if frame.filter(pl.col(ENDED).is_not_null()).limit(1).collect().height
    }
    wanted = {"orgs", "enrolments", "marks", "attendance", "incidents", "circumstances", "measures"}
    assert wanted <= corrected


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def counts(reading: Reading) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in reading.files:
        name = each.file.rpartition(".")[0]
        found[name] = found.get(name, 0) + each.read
    return found
