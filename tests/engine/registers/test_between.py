"""Rows judged together: copies, contradictions, keys that lead nowhere, stays that overlap."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.registers.exports import ATTENDANCE, MARKS, PLACE, bundle, place, read, rejected

STAYS = "sourcedId,userSourcedId,schoolSourcedId,beginDate,endDate,metadata.grade\n"


def test_copies_are_rejected_and_one_is_kept(tmp_path: Path) -> None:
    """By the row's own key, or by what tells rows apart."""
    rows = "p1,s1,2025-10-01,1,late,\n" * 3 + "p1,s1,2025-10-01,2,late,\n"
    reading = read(place(tmp_path / "a", attendance=ATTENDANCE + rows))
    assert rejected(reading) == [(3, "", "duplicate-row"), (4, "", "duplicate-row")]
    assert set(reading.rejects["hint"]) == {"see row 2 of a/attendance.csv"}
    assert set(reading.rejects["hint_lv"]) == {"sk. 2. rindu failā a/attendance.csv"}


def test_rows_that_contradict_each_other_are_all_rejected(tmp_path: Path) -> None:
    """Nobody knows which is right; a copy of one of them proves nothing."""
    rows = "p1,s1,2025-10-01,1,{},\n"
    text = "".join(rows.format(status) for status in ("late", "present", "late"))
    reading = read(place(tmp_path / "a", attendance=ATTENDANCE + text))
    assert rejected(reading) == [(row, "", "conflict") for row in (2, 3, 4)]


def test_in_changes_versions_of_one_moment_contradict_each_other(tmp_path: Path) -> None:
    """Of different moments they are versions; in a full export they contradict all the same."""
    header = "sourcedId,dateLastModified,metadata.sex\n"
    rows = "p1,2025-10-01,male\np1,2025-10-02,female\np2,2025-10-01,male\np2,2025-10-01,female\n"
    delta = bundle(tmp_path / "a", {"users": header + rows}, modes={"users": "delta"})
    assert rejected(read(delta)) == [(4, "sourcedId", "conflict"), (5, "sourcedId", "conflict")]
    bulk = bundle(tmp_path / "b", {"users": header + rows})
    assert [row for row, *_ in rejected(read(bulk))] == [2, 3, 4, 5]


def test_one_lesson_under_two_keys_is_a_copy_or_a_contradiction(tmp_path: Path) -> None:
    """What tells rows apart holds also where they have keys of their own."""
    header = "sourcedId,userSourcedId,schoolSourcedId,date,lesson,attendance\n"
    rows = (
        "a1,p1,s1,2025-10-01,1,late\na2,p1,s1,2025-10-01,1,late\n"
        "a3,p1,s1,2025-10-01,2,late\na4,p1,s1,2025-10-01,2,present\na5,p1,s1,2025-10-01,3,late\n"
    )
    reading = read(place(tmp_path / "a", attendance=header + rows))
    assert [(row, problem) for row, _, problem in rejected(reading)] == [
        (3, "duplicate-row"),
        (4, "conflict"),
        (5, "conflict"),
    ]


def test_a_key_that_leads_nowhere_is_rejected(tmp_path: Path) -> None:
    """By the column, in every register that points to another; what hangs on it goes too."""
    orgs = "sourcedId,type,parentSourcedId\nm1,local,lv\ns1,school,m1\ns2,school,\n"
    marks = (
        f"{MARKS}1,p3,s2,c9,y,2025-10-01,fully graded,8\n2,p3,s2,c1,z,2025-10-01,fully graded,8\n"
        "3,p9,s2,c1,y,2025-10-01,fully graded,8\n4,p3,s2,c1,y,2025-10-01,fully graded,8\n"
    )
    reading = read(place(tmp_path / "a", orgs=orgs, marks=marks))
    assert reading.rejects.select("file", "row", "column", "problem").rows() == [
        ("orgs.csv", 2, "parentSourcedId", "key-unknown"),
        ("orgs.csv", 3, "parentSourcedId", "key-unknown"),
        ("enrollments.csv", 2, "schoolSourcedId", "key-unknown"),
        ("enrollments.csv", 3, "schoolSourcedId", "key-unknown"),
        ("marks.csv", 2, "courseSourcedId", "key-unknown"),
        ("marks.csv", 3, "academicSessionSourcedId", "key-unknown"),
        ("marks.csv", 4, "userSourcedId", "key-unknown"),
    ]


def test_a_key_is_known_from_the_bundle_that_brings_it(tmp_path: Path) -> None:
    """A row sent before the row that it points to stays rejected: it is sent again."""
    row = f"{MARKS}1,p3,s2,c3,y,2025-10-01,fully graded,8\n"
    place(tmp_path / "1", marks=row)
    late = {"courses": "sourcedId,metadata.core\nc3,true\n", "marks": row}
    bundle(tmp_path / "2", late, "2026-01-31", dict.fromkeys(late, "delta"))
    reading = read(tmp_path)
    assert reading.rejects.select("bundle", "problem").rows() == [("1", "key-unknown")]
    assert reading.history.frames["marks"].collect().height == 1


@pytest.mark.parametrize(
    ("row", "enrolled"),
    [
        ("p1,s1,2025-09-01", True),
        ("p1,s1,2025-08-31", False),
        ("p1,s2,2025-09-01", False),
        ("p2,s1,2025-10-31", True),
        ("p2,s1,2025-11-01", False),
    ],
)
@pytest.mark.parametrize("file", ["attendance", "incidents", "sanctions", "marks"])
def test_what_happens_at_a_school_happens_to_its_pupils(
    tmp_path: Path, file: str, row: str, *, enrolled: bool
) -> None:
    """The first and the last day of a stay belong to it."""
    pupil, school, day = row.split(",")
    texts = {
        "attendance": f"{ATTENDANCE}{row},1,late,\n",
        "incidents": f"sourcedId,userSourcedId,schoolSourcedId,date,role\n1,{row},actor\n",
        "sanctions": f"sourcedId,userSourcedId,schoolSourcedId,date,kind\n1,{row},warning\n",
        "marks": f"{MARKS}1,{pupil},{school},c1,y,{day},exempt,\n",
    }
    reading = read(place(tmp_path / "a", **{file: texts[file]}))
    assert rejected(reading) == ([] if enrolled else [(2, "date", "not-enrolled")])


def test_any_version_of_an_enrolment_counts_that_stood_in_these_bundles(tmp_path: Path) -> None:
    """A stay that was shortened later: what was recorded in it before was right then."""
    lesson = "p1,s1,2025-11-20,{},late,\n"
    place(tmp_path / "1", attendance=ATTENDANCE + lesson.format(1))
    files = {
        "enrollments": f"{STAYS}e1,p1,s1,2025-09-01,2025-11-15,7\n",
        "attendance": ATTENDANCE + lesson.format(2),
    }
    bundle(tmp_path / "2", files, "2026-01-31", dict.fromkeys(files, "delta"))
    assert rejected(read(tmp_path)) == []


def test_an_enrolment_counts_from_the_bundle_that_brings_it(tmp_path: Path) -> None:
    """A lesson sent before stays rejected, and the same lesson sent again is used."""
    lesson = f"{ATTENDANCE}p2,s2,2025-11-20,1,late,\n"
    place(tmp_path / "1", attendance=lesson)
    files = {"enrollments": f"{STAYS}e4,p2,s2,2025-11-01,,7\n", "attendance": lesson}
    bundle(tmp_path / "2", files, "2026-01-31", dict.fromkeys(files, "delta"))
    reading = read(tmp_path)
    assert reading.rejects.select("bundle", "problem").rows() == [("1", "not-enrolled")]
    assert reading.history.frames["attendance"].collect()["recorded"].dt.year().to_list() == [2026]


OVERLAPS = {
    "e4,p1,s1,2025-11-01,,8": ["e4"],
    "e4,p1,s1,2025-08-01,2025-09-01,8": [],
    "e4,p1,s1,2025-08-01,2025-09-02,8": ["e1"],
    "e4,p2,s1,2025-10-31,,8": [],
    "e4,p2,s1,2025-10-30,,8": ["e4"],
    "e4,p1,s2,2025-11-01,,8": [],
    "e4,p2,s1,2025-09-01,2025-09-01,8": ["e4"],
}


@pytest.mark.parametrize("row", OVERLAPS)
def test_stays_at_one_school_do_not_overlap(tmp_path: Path, row: str) -> None:
    """The one that begins first is kept; a stay may begin when another ends."""
    reading = read(place(tmp_path / "a", enrollments=f"{PLACE['enrollments']}{row}\n"))
    left = set(reading.history.frames["enrolments"].collect()["id"])
    assert {"e1", "e2", "e3", "e4"} - left == set(OVERLAPS[row])
    assert [problem for *_, problem in rejected(reading)] == ["overlap"] * len(OVERLAPS[row])


def test_what_stood_before_is_kept_and_what_clashes_only_with_rejects_too(tmp_path: Path) -> None:
    """A change that ends the older stay makes room for the newer in the same file."""
    changes = (
        f"{STAYS}e4,p1,s1,2025-08-01,2025-09-15,7\n"  # overlaps e1, which stood before
        "e5,p2,s1,2025-10-15,2025-11-30,7\n"  # overlaps e2
        "e6,p2,s1,2025-11-01,2025-11-15,7\n"  # overlaps only e5
        "e3,p3,s2,2025-09-01,2025-10-10,9\ne7,p3,s2,2025-10-11,,9\n"
    )
    place(tmp_path / "1")
    bundle(tmp_path / "2", {"enrollments": changes}, "2026-01-31", {"enrollments": "delta"})
    reading = read(tmp_path)
    assert [row for row, *_ in rejected(reading)] == [2, 3]


def test_a_change_that_is_rejected_leaves_what_was_known(tmp_path: Path) -> None:
    """So another stay that overlaps it is rejected still."""
    place(tmp_path / "1", enrollments=f"{PLACE['enrollments']}e4,p2,s1,2025-11-05,,7\n")
    change = f"{STAYS}e4,p2,s1,2025-10-05,,7\n"
    bundle(tmp_path / "2", {"enrollments": change}, "2026-01-31", {"enrollments": "delta"})
    clash = f"{STAYS}e5,p2,s1,2025-11-06,2025-11-07,7\n"
    bundle(tmp_path / "3", {"enrollments": clash}, "2026-02-28", {"enrollments": "delta"})
    reading = read(tmp_path)
    assert [problem for *_, problem in rejected(reading)] == ["overlap"] * 2
    assert reading.history.frames["enrolments"].collect()["ended"].null_count() == 4


def test_pupils_at_two_schools_at_once_are_noted(tmp_path: Path) -> None:
    """It is allowed, and somebody may want to know."""
    stays = f"{PLACE['enrollments']}e4,p1,s2,2025-10-01,,7\n"
    reading = read(place(tmp_path / "a", enrollments=stays))
    assert [note.en for note in reading.notes] == ["pupils enrolled at several schools at once: 1"]
