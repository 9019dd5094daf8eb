"""Sudden changes against the export before, and columns that look swapped: said, never stopped."""

from __future__ import annotations

from collections.abc import Mapping
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


def test_ends_before_beginnings_look_swapped(tmp_path: Path) -> None:
    """One row is a slip, most rows are a mistake of the export."""
    header = "sourcedId,type,startDate,endDate\n"
    rows = "".join(f"{n},term,2025-12-0{n},2025-10-01\n" for n in range(1, 6))
    folder = bundle(tmp_path / "a", {"academicSessions": header + rows})
    assert any("swapped" in note.en for note in read(folder).notes)
