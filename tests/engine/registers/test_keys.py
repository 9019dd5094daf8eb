"""One lesson under two keys counts once, whichever exports they come in, and on every day."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.registers.exports import PLACE, bundle, place, read

HEADER = "sourcedId,status,dateLastModified,userSourcedId,schoolSourcedId,date,lesson,attendance\n"
MONTHS = ("2025-10", "2025-11", "2025-12", "2026-01")
FEWER = settings(max_examples=max(15, settings().max_examples // 5))
Row = tuple[str, str, int, int, str]  # key, status, day of the month recorded, lesson, attendance


def lessons(month: str, *rows: Row) -> str:
    """Write rows of p1's lessons of 1 October, each recorded on a day of the month."""
    return HEADER + "".join(
        f"{key},{status},{month}-{day:02},p1,s1,2025-10-01,{lesson},{attendance}\n"
        for key, status, day, lesson, attendance in rows
    )


def exports(folder: Path, *months: tuple[str, tuple[Row, ...]]) -> Path:
    """Write one bundle a month: its mode, and its rows of lessons."""
    for number, (month, (mode, rows)) in enumerate(zip(MONTHS, months, strict=False)):
        files = {**(PLACE if not number else {}), "attendance": lessons(month, *rows)}
        bundle(folder / month, files, f"{month}-28T20:00:00Z", {"attendance": mode})
    return folder


def row(key: str, day: int, lesson: int = 1, attendance: str = "late", status: str = "") -> Row:
    """Return one row, live unless it says otherwise."""
    return key, status, day, lesson, attendance


def told(folder: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rejects, and the keys with the days from and until which they are known."""
    reading = read(folder)
    rejects = reading.rejects.select("bundle", "row", "problem", "hint").rows()
    days = (pl.col(name).dt.date().cast(pl.String).str.slice(2) for name in ("recorded", "ended"))
    frame = reading.history.frames["attendance"].sort("id", "recorded")
    return rejects, frame.select("id", *days).collect().rows()


def test_the_same_lesson_under_another_key_in_a_later_export_is_rejected(tmp_path: Path) -> None:
    """As a copy or a contradiction; it says which row it is, and what was known stays."""
    later = ("delta", (row("b", 5), row("c", 6, attendance="excused")))
    assert told(exports(tmp_path, ("bulk", (row("a", 2),)), later)) == (
        [
            ("2025-11", 2, "duplicate-row", "see row 2 of 2025-10/attendance.csv"),
            ("2025-11", 3, "conflict", "see row 2 of 2025-10/attendance.csv"),
        ],
        [("a", "25-10-02", None)],
    )


def test_the_key_that_held_a_lesson_keeps_it_whatever_the_order_of_rows(tmp_path: Path) -> None:
    """Its own correction counts, and the other key is the one that is rejected."""
    later = (row("b", 2, attendance="excused"), row("a", 5, attendance="excused"))
    assert told(exports(tmp_path, ("bulk", (row("a", 2),)), ("bulk", later))) == (
        [("2025-11", 2, "duplicate-row", "see row 3 of 2025-11/attendance.csv")],
        [("a", "25-10-02", "25-11-05"), ("a", "25-11-05", None)],
    )


def test_a_key_takes_over_when_the_old_one_ends_and_on_no_day_are_both_known(
    tmp_path: Path,
) -> None:
    """By a row that ends it, by an export of all rows without it, or by a move to another lesson.

    The new key's row may say that it was recorded long before: it was known under the old one.
    """
    end = ("delta", (row("a", 9, status="tobedeleted"), row("b", 1)))
    move = ("delta", (row("a", 9, 2), row("b", 1)))
    for name, change, since in (
        ("end", end, "25-11-09"), ("all", ("bulk", (row("b", 1),)), "25-11-28"),
        ("move", move, "25-11-09"),
    ):  # fmt: skip
        rejects, known = told(exports(tmp_path / name, ("bulk", (row("a", 2),)), change))
        assert rejects == []
        assert known[0] == ("a", "25-10-02", since)
        assert known[-1] == ("b", since, None)


def test_who_takes_over_from_a_key_that_waits_waits_too(tmp_path: Path) -> None:
    """B moves on to C's lesson only when C ends, and has its own till then: A takes that one then.

    Whether C is lacking in an export of all rows, or a row ends it.
    """
    first = ("bulk", (row("b", 1, 1), row("c", 1, 2)))
    for name, change, until in (
        ("all", ("bulk", (row("a", 1, 1), row("b", 1, 2))), "25-11-28"),
        ("end", ("delta", (row("a", 2, 1), row("b", 3, 2), row("c", 9, 2, status="tobedeleted"))),
         "25-11-09"),
    ):  # fmt: skip
        rejects, known = told(exports(tmp_path / name, first, change))
        assert rejects == []
        assert known == [
            ("a", until, None),
            ("b", "25-10-01", until), ("b", until, None),
            ("c", "25-10-01", until),
        ]  # fmt: skip


def test_a_lesson_that_was_rejected_holds_nothing(tmp_path: Path) -> None:
    """The same lesson under another key is used once the pupil is enrolled."""
    lesson = f"{HEADER}{{}},,2025-11-20,p2,s2,2025-11-20,1,late\n"
    place(tmp_path / "1", attendance=lesson.format("a"))
    stay = "sourcedId,userSourcedId,schoolSourcedId,beginDate,metadata.grade\ne4,p2,s2,2025-11-01,7"
    files = {"enrollments": f"{stay}\n", "attendance": lesson.format("b")}
    bundle(tmp_path / "2", files, "2026-01-31", dict.fromkeys(files, "delta"))
    reading = read(tmp_path)
    assert reading.rejects.select("bundle", "problem").rows() == [("1", "not-enrolled")]
    assert reading.history.frames["attendance"].collect()["id"].to_list() == ["b"]


def test_two_keys_in_one_file_of_changes_are_one_lesson_whenever_they_were_recorded(
    tmp_path: Path,
) -> None:
    """They are no versions of each other: each has a key of its own."""
    rows = (row("a", 2), row("b", 3), row("c", 2, 2), row("d", 3, 2, "present"))
    rejects, known = told(exports(tmp_path, ("bulk", ()), ("delta", rows)))
    assert [each[1:3] for each in rejects] == [(3, "duplicate-row"), (4, "conflict"),
                                               (5, "conflict")]  # fmt: skip
    assert [each[0] for each in known] == ["a"]


def test_days_of_school_are_told_apart_by_themselves_too(tmp_path: Path) -> None:
    """A register that has nothing beside what tells its rows apart."""
    days = "sourcedId,schoolSourcedId,date\n{},s1,2025-09-01\n"
    place(tmp_path / "1", schoolDays=days.format("a"))
    bundle(tmp_path / "2", {"schoolDays": days.format("b")}, "2026-01-31", {"schoolDays": "delta"})
    assert read(tmp_path).rejects["problem"].to_list() == ["duplicate-row"]


ROWS = st.lists(
    st.builds(
        row, st.sampled_from("abc"), st.integers(1, 9), st.integers(1, 2),
        st.sampled_from(("late", "excused")), st.sampled_from(("", "", "tobedeleted")),
    ),
    max_size=5,
).map(tuple)  # fmt: skip
EXPORTS = st.lists(
    st.tuples(st.sampled_from(("bulk", "delta", "delta")), ROWS), min_size=1, max_size=4
)


@FEWER
@given(EXPORTS)
def test_on_no_day_is_a_lesson_known_twice_and_later_exports_judge_no_earlier_row(
    months: list[tuple[str, tuple[Row, ...]]],
) -> None:
    """Keys, lessons and moments as they come; `read` checks that the account adds up."""
    with tempfile.TemporaryDirectory() as name:
        whole = read(exports(Path(name) / "whole", *months))
        first = read(exports(Path(name) / "first", *months[: max(1, len(months) - 1)]))
    earlier = pl.col("bundle").is_in(MONTHS[: max(1, len(months) - 1)])
    assert whole.rejects.filter(earlier).equals(first.rejects)
    frame = whole.history.frames["attendance"].collect()
    assert sum(f.used for f in whole.files if f.register == "attendance") >= frame.height
    for moment in frame["recorded"].unique():
        known = frame.filter(
            pl.col("recorded") <= moment, (pl.col("ended") > moment).fill_null(value=True)
        )
        assert known.select("pupil", "day", "lesson").is_unique().all(), moment
