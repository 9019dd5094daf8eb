"""Lessons that no window will ever see are counted, school by school."""

from __future__ import annotations

from pathlib import Path

from tests.engine.registers.exports import ATTENDANCE, PLACE, bundle, place, read

DAYS = "schoolSourcedId,date\ns1,2025-09-01\ns1,2025-09-02\ns2,2025-09-01\n"
LESSONS = (
    f"{ATTENDANCE}p1,s1,2025-09-01,1,present,\np1,s1,2025-09-03,1,present,\n"
    "p1,s1,2025-09-03,2,present,\np3,s2,2025-09-02,1,present,\n"
)


def test_lessons_outside_the_calendar_are_counted_by_school(tmp_path: Path) -> None:
    """In both languages; the school with the most comes first."""
    reading = read(place(tmp_path / "a", schoolDays=DAYS, attendance=LESSONS))
    (note,) = reading.notes
    assert note.en.endswith("do not count (3); schools: s1 (2), s2 (1)")
    assert note.lv.endswith("netiek skaitītas (3); skolas: s1 (2), s2 (1)")


def test_nothing_is_said_where_all_is_inside_or_there_is_no_calendar(tmp_path: Path) -> None:
    """A merged school's lessons lie in the calendar of its successor."""
    assert read(place(tmp_path / "none", attendance=LESSONS)).notes == ()
    days = f"{DAYS}s1,2025-09-03\n"
    orgs = PLACE["orgs"].replace("\n", ",metadata.successorSourcedId,metadata.succeededOn\n", 1)
    orgs = orgs.replace("m1,local,", "m1,local,,,").replace("s1,school,m1", "s1,school,m1,,")
    orgs = orgs.replace("s2,school,m1", "s2,school,m1,s1,2025-09-02")
    files = {**PLACE, "orgs": orgs, "schoolDays": days, "attendance": LESSONS}
    assert read(bundle(tmp_path / "merged", files)).notes == ()
