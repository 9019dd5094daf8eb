"""Several exports, one after the other: corrections, ends, and when each was known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.registers.read import read_history, read_registers
from tests.engine.registers.exports import ATTENDANCE, EXPORTED, bundle, place, read, rejected

HEADER = "sourcedId,status,dateLastModified,metadata.sex\n"
MONTHS = ("2025-10", "2025-11", "2025-12")


def users(folder: Path, *exports: tuple[str, str]) -> Path:
    """Write one bundle a month: its mode, and its users below the header."""
    for month, (mode, rows) in zip(MONTHS, exports, strict=False):
        files = {"users": HEADER + rows}
        bundle(folder / month, files, f"{month}-28T20:00:00Z", {"users": mode})
    return folder


def told(folder: Path) -> list[tuple[object, ...]]:
    """Return id, sex, and the days from and until which each version was known."""
    frame = read_history(folder).frames["pupils"].sort("id", "recorded")
    days = (pl.col(name).dt.date().cast(pl.String).str.slice(5) for name in ("recorded", "ended"))
    return frame.select("id", pl.col("sex").cast(pl.String), *days).collect().rows()


def test_a_change_is_a_version_and_what_vanishes_ends_with_the_export(tmp_path: Path) -> None:
    """Three full exports: one row changes, one goes and comes back, one says the same again."""
    first = "p1,,2025-10-01,male\np2,,2025-10-02,female\np3,,2025-10-03,\n"
    second = "p1,,2025-11-05,female\np3,,2025-10-03,\n"
    folder = users(tmp_path, ("bulk", first), ("bulk", second), ("bulk", first))
    assert told(folder) == [
        ("p1", "male", "10-01", "11-05"),
        ("p1", "female", "11-05", "12-28"),
        ("p1", "male", "12-28", None),  # its date is an old one: first heard of by the export
        ("p2", "female", "10-02", "11-28"),
        ("p2", "female", "12-28", None),
        ("p3", None, "10-03", None),
    ]


def test_changes_change_only_what_they_name(tmp_path: Path) -> None:
    """Several versions of one row in one file; an end; an end of nothing."""
    first = "p1,,2025-10-01,male\np2,,2025-10-02,female\np3,,2025-10-03,\n"
    changes = (
        "p1,active,2025-11-05,female\np1,active,2025-11-03,\n"
        "p2,tobedeleted,2025-11-06,\np9,tobedeleted,2025-11-06,\n"
    )
    folder = users(tmp_path, ("bulk", first), ("delta", changes))
    assert told(folder) == [
        ("p1", "male", "10-01", "11-03"),
        ("p1", None, "11-03", "11-05"),
        ("p1", "female", "11-05", None),
        ("p2", "female", "10-02", "11-06"),
        ("p3", None, "10-03", None),
    ]
    assert [(count.used, count.deleted) for count in read(folder).files] == [(3, 0), (2, 2)]


def test_a_bad_row_in_a_full_export_has_not_vanished(tmp_path: Path) -> None:
    """Its version before stays: it is there, though what it says now cannot be used."""
    folder = users(tmp_path, ("bulk", "p1,,,male\n"), ("bulk", "p1,,,man\np2,,,\n"))
    found = read(folder)
    assert rejected(found) == [(2, "metadata.sex", "category")]
    assert found.history.known(date(2025, 12, 1))["pupils"].collect()["id"].to_list() == [
        "p1",
        "p2",
    ]


def test_a_correction_that_is_no_newer_is_known_from_its_export(tmp_path: Path) -> None:
    """Two in one file are told apart by nobody: the second is rejected."""
    changes = "p1,,2025-09-01,female\np1,,2025-09-02,\n"
    folder = users(tmp_path, ("bulk", "p1,,2025-10-01,male\n"), ("delta", changes))
    assert rejected(read(folder)) == [(3, "dateLastModified", "not-newer")]
    history = read_registers(folder, share=1).history.frames["pupils"].collect()
    assert history["recorded"].dt.date().to_list() == [date(2025, 10, 1), date(2025, 11, 28)]


def test_what_was_known_on_a_day_is_what_was_recorded_by_its_end(tmp_path: Path) -> None:
    """A lesson is excused later; an answer as of a day between knows nothing of it."""
    row = "p1,s1,2025-10-01,1,{},{}\n"
    place(tmp_path / "1", attendance=ATTENDANCE + row.format("unexcused", "2025-10-01T09:00:00Z"))
    later = {"attendance": ATTENDANCE + row.format("excused", "2026-01-08T23:59:59Z")}
    bundle(tmp_path / "2", later, "2026-01-31", {"attendance": "delta"})
    history = read_history(tmp_path)

    def status(day: date) -> list[str]:
        return history.known(day)["attendance"].collect()["status"].to_list()

    days = (date(2025, 9, 30), date(2025, 10, 1), date(2026, 1, 7), date(2026, 1, 8))
    assert [status(day) for day in days] == [[], ["unexcused"], ["unexcused"], ["excused"]]


def test_a_source_without_recording_dates_counts_rows_as_known_when_they_happened(
    tmp_path: Path,
) -> None:
    """The end of a stay and its exit are known on its last day, not on its first."""
    stays = (
        "sourcedId,userSourcedId,schoolSourcedId,beginDate,endDate,metadata.grade,"
        "metadata.exitStatus\ne1,p1,s1,2025-09-01,2025-11-10,7,left\ne2,p2,s1,2025-09-01,,7,\n"
    )
    rows = f"{ATTENDANCE}p1,s1,2025-10-01,1,late,2025-12-01\np1,s1,2025-10-03,1,late,\n"
    files = {"enrollments": stays, "attendance": rows}
    small = place(tmp_path / "x")
    texts = {path.stem: path.read_text() for path in small.glob("*.csv") if path.stem != "manifest"}
    folder = bundle(tmp_path / "a", texts | files, "2025-12-31", recorded="happened")
    reading = read(folder)
    known = {day: reading.history.known(day) for day in (date(2025, 10, 2), date(2025, 11, 10))}
    early, late = (
        frames["enrolments"].sort("id").select("id", "ends", pl.col("exit").cast(pl.String))
        .collect().rows()
        for frames in known.values()
    )  # fmt: skip
    assert early == [("e1", None, None), ("e2", None, None)]
    assert late == [("e1", date(2025, 11, 10), "left"), ("e2", None, None)]
    assert known[date(2025, 10, 2)]["attendance"].collect().height == 1
    assert known[date(2025, 10, 2)]["courses"].collect().height == 2
    assert "no recording dates" in reading.notes[0].en


def test_without_recording_dates_a_stay_that_is_told_again_is_no_correction(
    tmp_path: Path,
) -> None:
    """One that has ended since is known to have ended on its last day; a change, by the export."""
    head = (
        "sourcedId,userSourcedId,schoolSourcedId,beginDate,endDate,metadata.grade,"
        "metadata.exitStatus\n"
    )
    stays = (
        "e1,p1,s1,2025-09-01,{},7,{}\ne2,p2,s1,2025-09-01,2025-10-31,7,left\n"
        "e3,p3,s2,2025-09-01,,{},\n"
    )
    told = stays.format("", "", 9), stays.format("2025-11-15", "left", 10)
    for day, rows in zip(("2025-10-20", "2025-11-30"), told, strict=True):
        folder = place(tmp_path / day, enrollments=head + rows)
        manifest = (folder / "manifest.csv").read_text().replace(EXPORTED, day)
        (folder / "manifest.csv").write_text(f"{manifest}pumpurs.recorded,happened\n")
    reading = read(tmp_path)
    assert rejected(reading) == []
    days = (pl.col(name).dt.date().cast(pl.String).str.slice(5) for name in ("recorded", "ended"))
    frame = reading.history.frames["enrolments"].sort("id", "recorded")
    assert frame.select("id", pl.col("exit").cast(pl.String), "grade", *days).collect().rows() == [
        ("e1", None, 7, "09-01", "11-15"),
        ("e1", "left", 7, "11-15", None),
        ("e2", None, 7, "09-01", "10-31"),
        ("e2", "left", 7, "10-31", None),
        ("e3", None, 9, "09-01", "11-30"),
        ("e3", None, 10, "11-30", None),
    ]


def test_a_later_bundle_says_when_it_was_exported(tmp_path: Path) -> None:
    """Without that, nobody knows when a row vanished."""
    bundle(tmp_path / "1", {"users": f"{HEADER}p1,,2025-10-01,\n"}, "")
    bundle(tmp_path / "2", {"users": f"{HEADER}p1,,2025-10-01,\n"}, "")
    with pytest.raises(DataError, match="undated"):
        read_history(tmp_path)


def test_bundles_follow_each_other(tmp_path: Path) -> None:
    """In the order of their names, strictly in time."""
    for name, exported in (("1", "2025-12-31T10:00:00Z"), ("2", "2025-12-31T12:00:00+02:00")):
        bundle(tmp_path / name, {"users": "sourcedId\np1\n"}, exported)
    with pytest.raises(DataError, match="bundle-order"):
        read_history(tmp_path)


def test_a_file_that_only_ends_rows_needs_no_more_than_their_keys(tmp_path: Path) -> None:
    """By its id, or by what tells a lesson apart; with a living row, all columns are asked for."""
    place(tmp_path / "1", attendance=f"{ATTENDANCE}p1,s1,2025-09-01,1,present,\n")
    ends = {
        "courses": "sourcedId,status\nc1,tobedeleted\n",
        "attendance": "userSourcedId,schoolSourcedId,date,lesson,status\n"
        "p1,s1,2025-09-01,1,tobedeleted\n",
    }
    bundle(tmp_path / "2", ends, "2026-01-02", dict.fromkeys(ends, "delta"))
    reading = read(tmp_path)
    assert rejected(reading) == []
    for register, left in (("courses", ["c2"]), ("attendance", [])):
        known = reading.history.known(date(2026, 1, 5))[register].collect()
        assert known["id"].to_list() == left
    (tmp_path / "2" / "courses.csv").write_text("sourcedId,status\nc1,tobedeleted\nc3,active\n")
    with pytest.raises(DataError, match=r"there is no column 'metadata\.core'"):
        read(tmp_path)
