"""Sudden changes against the export before, and columns that look swapped: said, never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.registers.read import read_registers
from engine.text import LANGUAGES
from tests.engine.registers.exports import ATTENDANCE, MARKS, PLACE, bundle, place, read

TEXTS = dict(PLACE)


def marks(values: Mapping[int, int]) -> str:
    """Return marks of pupil 1, so many of each value, on days of their own."""
    rows = [value for value, count in values.items() for _ in range(count)]
    return MARKS + "".join(
        f"m{n},p1,s1,c1,y,2025-{10 + n // 28}-{1 + n % 28:02},fully graded,{value}\n"
        for n, value in enumerate(rows)
    )


def found(folder: Path, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the codes of what changed suddenly between two full exports."""
    bundle(folder / "1", {**TEXTS, **before})
    bundle(folder / "2", {**TEXTS, **now}, "2026-01-31")
    reading = read(folder)
    for finding in reading.findings:
        assert finding.bundle == "2"
        assert finding.text.lv != finding.text.en
        assert all(finding.text[language].strip() for language in LANGUAGES)
    return [finding.code for finding in reading.findings]


TEN = marks(dict.fromkeys(range(3, 11), 4))
SCALES = {
    "the same": (TEN, []),
    "a few better": (marks({8: 20, 9: 10, 3: 4}), []),
    "of five": (marks(dict.fromkeys(range(2, 6), 8)), ["scale-changed"]),
    "only few": (marks({1: 15}), ["rows-fell"]),
    "down to one": (marks({1: 8, 5: 24}), ["scale-changed"]),
}


@pytest.mark.parametrize("name", SCALES)
def test_a_scale_that_changed_is_found(tmp_path: Path, name: str) -> None:
    """By values beyond what was there, or by all values in its lower half; not by few rows."""
    text, codes = SCALES[name]
    assert found(tmp_path, {"marks": TEN}, {"marks": text}) == codes


def test_a_column_that_went_empty_is_found(tmp_path: Path) -> None:
    """It is named, with both shares."""
    header = "sourcedId,metadata.sex\n"
    full, empty = (header + "".join(f"p{n},{sex}\n" for n in range(30)) for sex in ("male", ""))
    assert found(tmp_path, {"users": full}, {"users": empty}) == ["column-emptied"]
    assert "'metadata.sex'" in read(tmp_path).findings[0].text.en
    assert "100\u00a0% → 0\u00a0%" in read(tmp_path).findings[0].text.lv


def test_a_school_that_sent_nothing_is_found(tmp_path: Path) -> None:
    """Of files with all rows, however few."""
    both = f"{ATTENDANCE}p1,s1,2025-10-01,1,late,\np3,s2,2025-10-01,1,late,\n"
    one = f"{ATTENDANCE}p1,s1,2025-10-01,1,late,\n"
    assert found(tmp_path, {"attendance": both}, {"attendance": one}) == ["school-silent"]
    assert read(tmp_path).findings[0].text.en.endswith("(1): s2")


def test_changes_are_not_held_against_all_rows(tmp_path: Path) -> None:
    """A file of changes is small, and says nothing of schools that had none."""
    rows = "".join(f"p1,s1,2025-10-{day:02},1,late,\n" for day in range(1, 31))
    bundle(tmp_path / "1", TEXTS | {"attendance": ATTENDANCE + rows})
    few = {"attendance": f"{ATTENDANCE}p3,s2,2025-10-01,1,late,\n"}
    bundle(tmp_path / "2", few, "2026-01-31", {"attendance": "delta"})
    assert read(tmp_path).findings == ()


def lessons(school: str, pupil: str, days: range) -> str:
    """Return a lesson a day in January of 2026, day 32 is the first of February, and so on."""
    first = date(2025, 12, 31)
    return "".join(f"{pupil},{school},{first + timedelta(n)},1,late,\n" for n in days)


def codes(folder: Path) -> list[tuple[str, str, str]]:
    """Return the codes of what is found, with bundle and the end of the English text."""
    told = read(folder).findings
    assert all(each.text.lv != each.text.en for each in told)
    return [(each.code, each.bundle, each.text.en.rpartition("): ")[2]) for each in told]


BOTH = ATTENDANCE + lessons("s1", "p1", range(1, 6)) + lessons("s2", "p3", range(1, 6))
LATER = {
    "new days of one school": (lessons("s1", "p1", range(6, 9)), [("school-silent", "2", "s2")]),
    "new days of both": (lessons("s1", "p1", range(6, 9)) + lessons("s2", "p3", range(6, 7)), []),
    "a correction": (lessons("s1", "p1", range(2, 4)).replace("late", "medical"), []),
}


@pytest.mark.parametrize("name", LATER)
def test_changes_of_new_days_are_held_against_what_is_there(tmp_path: Path, name: str) -> None:
    """A school without any is silent, whether all rows or changes came before; not by a correction.

    Here first all rows, then changes.
    """
    text, expected = LATER[name]
    bundle(tmp_path / "1", TEXTS | {"attendance": BOTH}, "2026-01-05")
    changes = {"attendance": ATTENDANCE + text}
    bundle(tmp_path / "2", changes, "2026-01-31", {"attendance": "delta"})
    assert codes(tmp_path) == expected


def test_a_school_that_had_stopped_long_ago_is_not_silent_anew(tmp_path: Path) -> None:
    """Only schools with rows lately are missed."""
    text = BOTH + lessons("s1", "p1", range(6, 60))
    bundle(tmp_path / "1", TEXTS | {"attendance": text}, "2026-03-05")
    changes = {"attendance": ATTENDANCE + lessons("s1", "p1", range(60, 62))}
    bundle(tmp_path / "2", changes, "2026-03-31", {"attendance": "delta"})
    assert codes(tmp_path) == []


def test_changes_of_stays_say_nothing_of_schools_without(tmp_path: Path) -> None:
    """Where nobody came and nobody went, there is nothing to send."""
    head, *stays = PLACE["enrollments"].splitlines(keepends=True)
    many = [f"x{n},p{n % 3 + 1},s2,2024-{n % 12 + 1:02}-01,2024-{n % 12 + 1:02}-02,7\n"
            for n in range(12)]  # fmt: skip
    more = [f"y{n},p{n % 3 + 1},s1,2023-{n % 12 + 1:02}-01,2023-{n % 12 + 1:02}-02,7\n"
            for n in range(12)]  # fmt: skip
    bundle(tmp_path / "1", TEXTS, "2026-01-05")
    for number, rows in enumerate((many + more, [stays[0].replace(",7", ",8")]), 2):
        changes = {"enrollments": head + "".join(rows)}
        exported = f"2026-01-{5 + number:02}"
        bundle(tmp_path / str(number), changes, exported, {"enrollments": "delta"})
    assert codes(tmp_path) == []


def test_marks_of_a_school_that_stop_are_found_where_it_had_many(tmp_path: Path) -> None:
    """A file of changes may lack a school that has few marks."""
    one = marks(dict.fromkeys(range(3, 11), 3))
    for number, count in enumerate((0, 20, 3), 1):
        rows = "".join(
            f"n{number}-{n},p3,s2,c1,y,2025-12-0{number},fully graded,5\n" for n in range(count)
        )
        text = one.replace("\nm", f"\nm{number}-") + rows
        files = {"marks": text, **(TEXTS if number == 1 else {})}
        modes = {"marks": "bulk" if number == 1 else "delta"}
        bundle(tmp_path / str(number), files, f"2026-01-0{number}", modes)
    assert codes(tmp_path) == []
    bundle(tmp_path / "3", {"marks": one}, "2026-01-03", {"marks": "delta"})
    assert codes(tmp_path) == [("school-silent", "3", "s2")]


def test_an_export_without_what_all_before_it_had_is_found(tmp_path: Path) -> None:
    """Attendance is missed, files that hardly change are not; nor is it if it never came often."""
    bundle(tmp_path / "1", TEXTS | {"attendance": BOTH}, "2026-01-05")
    bundle(tmp_path / "2", {"courses": PLACE["courses"]}, "2026-01-06")
    assert [code for code, *_ in codes(tmp_path)] == ["file-absent"]
    assert "1/attendance.csv" in read(tmp_path).findings[0].text.lv
    bundle(tmp_path / "3", {"courses": PLACE["courses"]}, "2026-01-07")
    assert codes(tmp_path) == []


@pytest.mark.parametrize(("days", "told"), [(16, []), (17, ["s2 (after 2026-01-05 11 more)"])])
def test_attendance_that_ends_while_school_goes_on_is_found(
    tmp_path: Path, days: int, told: list[str]
) -> None:
    """By more than ten school days of its own, up to the last attendance of the others."""
    rows = BOTH + lessons("s1", "p1", range(6, days))
    first = date(2025, 12, 31)
    calendar = "schoolSourcedId,date\n" + "".join(
        f"{school},{first + timedelta(n)}\n" for school in ("s1", "s2") for n in range(1, 40)
    )
    files = {"attendance": rows, "schoolDays": calendar}
    bundle(tmp_path / "1", TEXTS | files, "2026-02-20")
    assert codes(tmp_path) == [("school-stopped", "1", each) for each in told]


GAPS = {
    "ten days": ((range(1, 6), range(16, 31)), []),
    "eleven days": ((range(1, 6), range(17, 31)), ["s2 (2026-01-06 to 2026-01-16: 11)"]),
    "from the first day": ((range(12, 31),), ["s2 (2026-01-01 to 2026-01-11: 11)"]),
    "all days": ((), ["s2 (2026-01-01 to 2026-01-30: 30)"]),
}


@pytest.mark.parametrize("name", GAPS)
def test_weeks_that_a_school_did_not_send_are_found(tmp_path: Path, name: str) -> None:
    """Also in the middle, where the file has both older and newer rows, and in a first export."""
    spans, told = GAPS[name]
    rows = "".join(lessons("s2", "p3", span) for span in spans)
    days = "".join(f"{school},2026-01-{n:02}\n" for school in ("s1", "s2") for n in range(1, 32))
    attendance = ATTENDANCE + lessons("s1", "p1", range(1, 31)) + rows
    files = {"attendance": attendance, "schoolDays": f"schoolSourcedId,date\n{days}"}
    bundle(tmp_path / "1", TEXTS | files, "2026-02-20")
    assert codes(tmp_path) == [("school-gap", "1", each) for each in told]


def test_columns_that_look_swapped_are_said_once(tmp_path: Path) -> None:
    """A note for the file; the error says it too."""
    rows = "".join(f"2025-10-{day:02},s1,p1,1,late,\n" for day in range(1, 31))
    folder = place(tmp_path / "a", attendance=ATTENDANCE + rows)
    notes = [note.en for note in read(folder).notes]
    assert [note for note in notes if "swapped" in note] == [
        (
            "a/attendance.csv: most values in 'date' are wrong:"
            " the columns look swapped, or the header names another"
        )
    ]
    with pytest.raises(DataError, match="look swapped"):
        read_registers(folder)


def test_dates_in_another_form_do_not_look_swapped(tmp_path: Path) -> None:
    """They stand in the right column: to look for a swapped one would lead astray."""
    rows = "".join(f"p1,s1,{day:02}.10.2025,1,late,\n" for day in range(1, 31))
    reading = read(place(tmp_path / "a", attendance=ATTENDANCE + rows))
    assert reading.rejects["problem"].to_list() == ["date-form"] * 30
    assert not [note for note in reading.notes if "swapped" in note.en]


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_of_a_few_rows_nobody_can_tell_that_columns_are_swapped(tmp_path: Path, rows: int) -> None:
    """One wrong value of one row is a slip; three of three are a pattern."""
    header = "sourcedId,type,startDate,endDate\n"
    bad = "".join(f"{n},trem,2025-10-0{n},2025-12-01\n" for n in range(1, rows + 1))
    folder = bundle(tmp_path / "a", {"academicSessions": header + bad})
    said = [note for note in read(folder).notes if "swapped" in note.en]
    assert len(said) == (rows == 3)


def test_ends_before_beginnings_look_swapped(tmp_path: Path) -> None:
    """One row is a slip, most rows are a mistake of the export."""
    header = "sourcedId,type,startDate,endDate\n"
    rows = "".join(f"{n},term,2025-12-0{n},2025-10-01\n" for n in range(1, 6))
    folder = bundle(tmp_path / "a", {"academicSessions": header + rows})
    assert any("swapped" in note.en for note in read(folder).notes)


def test_attendance_without_any_row_says_nothing_of_schools(tmp_path: Path) -> None:
    """A file that has its header alone: no school's attendance ended, none has gaps."""
    files = {"attendance": ATTENDANCE, "schoolDays": "schoolSourcedId,date\ns1,2026-01-05\n"}
    bundle(tmp_path / "1", TEXTS | files)
    assert codes(tmp_path) == []


INCIDENTS = "sourcedId,userSourcedId,schoolSourcedId,date,role\n"


@pytest.mark.parametrize("mode", ["bulk", "delta"])
@pytest.mark.parametrize(
    ("moved", "again", "told"), [(5, 4, True), (4, 0, False), (5, 5, False), (30, 0, True)]
)
def test_keys_that_were_given_anew_are_found(
    tmp_path: Path, mode: str, moved: int, again: int, *, told: bool
) -> None:
    """A correction or two may change the day; rows that are numbered anew change nearly all."""

    def rows(first: int, month: int, last: int) -> str:
        return "".join(f"{n},p1,s1,2025-{month}-{n:02},actor\n" for n in range(first, last + 1))

    number = moved + again
    bundle(tmp_path / "1", {**TEXTS, "incidents": INCIDENTS + rows(1, 10, number)})
    now = INCIDENTS + rows(1, 11, moved) + rows(moved + 1, 10, number)
    bundle(tmp_path / "2", {"incidents": now}, "2026-01-31", {"incidents": mode})
    codes = [finding.code for finding in read(tmp_path).findings]
    assert codes == (["keys-reused"] if told else [])


def test_lessons_of_other_pupils_under_known_keys_are_found(tmp_path: Path) -> None:
    """Where the day is the same: pupils have other pseudonyms, or their rows stand elsewhere."""
    head = "sourcedId," + ATTENDANCE
    for number, pupil in ((1, "p1"), (2, "p2")):
        rows = (f"{n},{pupil},s1,2025-10-{n:02},1,present,\n" for n in range(1, 31))
        files = {**(TEXTS if number == 1 else {}), "attendance": head + "".join(rows)}
        bundle(tmp_path / f"{number}", files, f"2026-01-0{number}", {"attendance": "delta"})
    (finding,) = read(tmp_path).findings
    assert finding.code == "keys-reused"
    assert "100 %" in finding.text.en.replace("\u202f", " ").replace("\xa0", " ")
