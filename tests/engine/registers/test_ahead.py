"""Days still to come: nobody has recorded them, whatever a row says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.registers.read import Reading, read_registers
from tests.engine.registers.exports import ATTENDANCE, PLACE, bundle, place, rejected

TODAY = date(2025, 10, 10)
DATED = {
    name: "".join(
        f"{line},{'dateLastModified' if not n else '2025-09-01'}\n"
        for n, line in enumerate(text.splitlines())
    )
    for name, text in PLACE.items()
}


def read(folder: Path, today: date | None = TODAY) -> Reading:
    """Read a folder on a day."""
    return read_registers(folder, share=1, today=today)


@pytest.mark.parametrize(
    ("day", "recorded", "problem"),
    [
        ("2025-10-10", "2025-10-11T23:59:59Z", None),
        ("2025-10-10", "2025-10-12T00:00:00Z", ("dateLastModified", "recorded-later")),
        ("2026-10-01", "2026-10-01", ("dateLastModified", "recorded-later")),
        ("2025-10-12", "2025-10-11", None),
        ("2025-10-13", "2025-10-11", ("date", "happened-later")),
    ],
)
def test_without_the_moment_of_the_export_rows_are_held_against_today(
    tmp_path: Path, day: str, recorded: str, problem: tuple[str, str] | None
) -> None:
    """Tomorrow may have begun elsewhere; a reader that is not told the day takes them as they are.

    What happened on the day after it was recorded is taken as always.
    """
    lesson = f"{ATTENDANCE}p1,s1,{day},1,late,{recorded}\n"
    folder = bundle(tmp_path / "a", {**DATED, "attendance": lesson}, "")
    assert rejected(read(folder)) == ([(2, *problem)] if problem else [])
    if problem and problem[1] == "recorded-later":
        assert rejected(read(folder, None)) == []


def test_without_recording_dates_rows_of_days_to_come_are_rejected(tmp_path: Path) -> None:
    """Lessons; a school day may lie ahead."""
    lessons = f"{ATTENDANCE}p1,s1,2025-10-01,1,late,\np1,s1,2026-10-01,1,late,\n"
    days = "schoolSourcedId,date\ns1,2025-10-01\ns1,2026-10-01\n"
    files = {**PLACE, "schoolDays": days, "attendance": lessons}
    folder = bundle(tmp_path / "a", files, "", recorded="happened")
    assert rejected(read(folder)) == [(3, "date", "happened-later")]


def test_an_export_from_days_to_come_is_said(tmp_path: Path) -> None:
    """It is read all the same; without a day given nobody can know."""
    folder = place(tmp_path / "a")
    said = [note.en for note in read(folder).notes]
    assert ["lies ahead" in note for note in said] == [True]
    assert read(folder, date(2025, 12, 30)).notes == read(folder, None).notes == ()
