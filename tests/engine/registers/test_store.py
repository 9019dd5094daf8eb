"""A store: read as what went into it, whole or not at all, never over anything else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.registers.history import History
from engine.registers.pupil_days import pupil_days
from engine.registers.read import read_registers
from engine.registers.spool import Spool
from engine.registers.store import FILE, check_store
from engine.registers.stored_days import COLUMNS, PUPILS, SCHOOLS
from tests.engine.registers.exports import ATTENDANCE, bundle, place, with_keys


def equal(one: History, other: History) -> bool:
    """Return whether two histories hold the same rows in the same order."""
    frames = [{n: f.collect() for n, f in history.frames.items()} for history in (one, other)]
    return all(frame.equals(frames[1][name]) for name, frame in frames[0].items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    row = "p1,s1,2025-10-01,{},{},\n"
    place(tmp_path / "in" / "1", attendance=ATTENDANCE + row.format(1, "late"))
    later = {"attendance": ATTENDANCE + row.format(1, "excused") + row.format(2, "late")}
    bundle(tmp_path / "in" / "2", later, "2026-01-31", {"attendance": "delta"})
    return tmp_path / "in"


def test_a_store_is_read_as_what_went_into_it(folder: Path, tmp_path: Path) -> None:
    """Rows, accounts and notes; written again over itself from the same exports."""
    reading = read_registers(folder)
    for _ in range(2):
        reading.write(tmp_path / "store")
        stored = read_registers(tmp_path / "store")
        assert equal(stored.history, reading.history)
        assert (stored.files, stored.notes) == (reading.files, reading.notes)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "store"]


def test_attendance_is_stored_pupil_by_pupil_without_made_ids(folder: Path, tmp_path: Path) -> None:
    """Sorted by pupil, day and lesson; ids are made when asked for."""
    read_registers(folder).write(tmp_path / "store")
    stored = pl.read_parquet(tmp_path / "store" / "attendance.parquet")
    assert "id" not in stored.columns
    assert stored.equals(stored.sort("pupil", "day", "lesson", "recorded"))


def test_pupils_days_stand_beside_lessons(folder: Path, tmp_path: Path) -> None:
    """As gathered from them; a store that was written without them is read all the same."""
    read_registers(folder).write(tmp_path / "store")
    kept = read_registers(tmp_path / "store").history
    assert kept.days is not None
    lessons = kept.frames["attendance"]
    assert with_keys(kept.days.of(None)).equals(pupil_days(lessons))
    said = json.loads((tmp_path / "store" / FILE).read_text())
    del said["registers"]["pupil_days"]
    (tmp_path / "store" / FILE).write_text(json.dumps(said))
    before = read_registers(tmp_path / "store").history
    assert before.days is None
    assert with_keys(before.pupil_days(date.max)).equals(pupil_days(lessons))


def test_a_store_replaces_only_a_store(folder: Path, tmp_path: Path) -> None:
    """Neither what is read nor anything else that has the name."""
    other = tmp_path / "other"
    other.mkdir()
    read_registers(folder).write(tmp_path / "store")
    check_store(tmp_path / "store", folder)
    check_store(tmp_path / "new", folder)
    for out, source in ((other, folder), (folder, folder), (tmp_path / "store",) * 2):
        with pytest.raises(DataError, match="overwrite"):
            check_store(out, source)
    with pytest.raises(DataError, match="no-folder"):
        check_store(tmp_path / "x" / "y", folder)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"format": 2}', '{"format": 3}', '{"format": 3, "registers": []}',
        '{"format": 3, "registers": {}, "files": [1]}',
    ],
)  # fmt: skip
def test_a_store_that_is_not_whole_is_refused(folder: Path, tmp_path: Path, text: str) -> None:
    """With how to make it again."""
    read_registers(folder).write(tmp_path / "store")
    (tmp_path / "store" / FILE).write_text(text)
    with pytest.raises(DataError) as caught:
        read_registers(tmp_path / "store")
    assert caught.value.problems[0].hint


def test_a_store_with_other_columns_is_refused(folder: Path, tmp_path: Path) -> None:
    """As is one whose Parquet is none."""
    read_registers(folder).write(tmp_path / "store")
    path = tmp_path / "store" / "pupils.parquet"
    for write in (
        lambda: pl.DataFrame({"id": [1]}).write_parquet(path),
        lambda: path.write_text(""),
    ):
        write()
        with pytest.raises(DataError):
            read_registers(tmp_path / "store")


@pytest.mark.parametrize("name", ["pupils", "attendance"])
def test_a_store_of_which_a_part_is_gone_is_refused(
    folder: Path, tmp_path: Path, name: str
) -> None:
    """A file that was deleted, or has fewer rows: else a pupil with absences would have none."""
    read_registers(folder).write(tmp_path / "store")
    path = tmp_path / "store" / f"{name}.parquet"
    pl.read_parquet(path).head(1).write_parquet(path)
    for code in ("parquet", "no-file"):
        with pytest.raises(DataError) as caught:
            read_registers(tmp_path / "store")
        (problem,) = caught.value.problems
        assert (problem.code, bool(problem.hint)) == (code, True)
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("name", [PUPILS, SCHOOLS, *COLUMNS])
def test_a_store_of_which_some_of_pupils_days_are_gone_is_refused(
    folder: Path, tmp_path: Path, name: str
) -> None:
    """A column that is shorter than the others, or any file that was deleted."""
    read_registers(folder).write(tmp_path / "store")
    path = tmp_path / "store" / "pupil_days" / name
    for write, codes in (
        (lambda: path.write_bytes(b""), {"file-type", "unreadable"}),
        (path.unlink, {"no-file"}),
    ):
        write()
        with pytest.raises(DataError) as caught:
            read_registers(tmp_path / "store")
        (problem,) = caught.value.problems
        assert problem.code in codes
        assert problem.hint


def test_a_store_that_cannot_be_written_leaves_the_one_before(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle: an error, and nothing half written."""
    reading = read_registers(folder)
    reading.write(tmp_path / "store")
    sink = pl.LazyFrame.sink_parquet

    def full(frame: pl.LazyFrame, path: Path, **options: object) -> None:
        if path.stem == "courses":
            raise OSError(28, "No space left on device")
        sink(frame, path, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    with pytest.raises(DataError, match="No space left"):
        reading.write(tmp_path / "store")
    monkeypatch.undo()
    assert equal(read_registers(tmp_path / "store").history, reading.history)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "store"]


@pytest.mark.parametrize("keys", [True, False])
def test_what_is_worked_on_in_parts_is_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keys: bool
) -> None:
    """Ranges of pupils where rows are told apart by them, or else parts by key."""
    for path in folder.glob("*/attendance.csv"):
        head, *rows = path.read_text().splitlines()
        ids = [f"{pupil}-{n},{row.replace('p1,s1', place)}" for n, row in enumerate(rows)
               for pupil, place in (("p1", "p1,s1"), ("p2", "p2,s1"), ("p3", "p3,s2"))]  # fmt: skip
        texts = [text if keys else text.split(",", 1)[1] for text in ids]
        path.write_text("\n".join([f"sourcedId,{head}" if keys else head, *texts]) + "\n")
    whole = read_registers(folder)
    assert whole.history.frames["attendance"].collect().height == 9
    init = Spool.__init__
    monkeypatch.setattr(Spool, "__init__", lambda self, work: init(self, work, rows=1))
    work = tmp_path / "work"
    work.mkdir()
    parts = read_registers(folder, work=work)
    assert list(work.iterdir())
    assert equal(parts.history, whole.history)
    assert (parts.files, parts.rejects.rows()) == (whole.files, whole.rejects.rows())
