"""OneRoster as other systems write it: roles, and a gradebook instead of marks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.registers.read import read_history
from tests.engine.registers.exports import PLACE, bundle, place, read, rejected

RESULTS = "sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate\n"
BOOK = {
    "classes": "sourcedId,courseSourcedId,schoolSourcedId\nk1,c1,s1\nk2,c2,s2\n",
    "lineItems": "sourcedId,classSourcedId,gradingPeriodSourcedId\nl1,k1,y\nl2,k2,y\nl3,k9,y\n",
}


def test_results_become_marks_of_their_class(tmp_path: Path) -> None:
    """Course and school are the class's, the session is the line item's."""
    rows = "1,l1,p1,fully graded,8,2025-10-01\n2,l2,p3,fully graded,nv,2025-10-02\n"
    folder = place(tmp_path / "a", **BOOK, results=RESULTS + rows)
    marks = read(folder).history.known(date(2026, 1, 1))["marks"].collect()
    assert marks.select("id", "pupil", "school", "course", "session", "status", "mark").rows() == [
        ("1", "p1", "s1", "c1", "y", "marked", 8),
        ("2", "p3", "s2", "c2", "y", "not_assessed", None),
    ]


def test_what_is_wrong_with_a_result_is_told_by_its_own_columns(tmp_path: Path) -> None:
    """A link that leads nowhere is named as that link; unfinished results are left out."""
    rows = (
        "1,l9,p1,fully graded,8,2025-10-01\n2,l3,p1,fully graded,8,2025-10-01\n"
        "3,,p1,fully graded,8,2025-10-01\n4,l1,p9,fully graded,8,2025-10-01\n"
        "5,l1,p1,fully graded,8,1.10.2025\n6,l1,p1,submitted,,\n7,l1,p1,partially graded,3,\n"
        "8,l1,p1,fully graded,8,2025-08-01\n"
    )
    reading = read(place(tmp_path / "a", **BOOK, results=RESULTS + rows))
    assert rejected(reading) == [
        (2, "lineItemSourcedId", "key-unknown"),
        (3, "lineItemSourcedId", "key-unknown"),
        (4, "lineItemSourcedId", "value-missing"),
        (5, "studentSourcedId", "key-unknown"),
        (6, "scoreDate", "date-form"),
        (9, "scoreDate", "not-enrolled"),
    ]
    assert sum(count.left_out for count in reading.files) == 2


def test_line_items_may_have_come_earlier_and_the_newest_counts(tmp_path: Path) -> None:
    """Changes bring only what changed."""
    place(tmp_path / "1", **BOOK)
    files = {
        "lineItems": "sourcedId,classSourcedId,gradingPeriodSourcedId\nl1,k2,y\n",
        "results": f"{RESULTS}1,l1,p3,fully graded,8,2025-10-01\n",
    }
    bundle(tmp_path / "2", files, "2026-01-31", dict.fromkeys(files, "delta"))
    assert read(tmp_path).history.frames["marks"].collect()["course"].to_list() == ["c2"]


def test_other_roles_are_left_out_and_counted(tmp_path: Path) -> None:
    """Of users and enrolments, also where nothing else in the row would pass."""
    users = "sourcedId,role\np1,Student\nt1,teacher\np2,\n"
    stays = (
        "sourcedId,userSourcedId,schoolSourcedId,beginDate,role,metadata.grade\n"
        "e1,p1,s1,2025-09-01,student,7\ne2,t1,s1,?,teacher,\n"
    )
    reading = read(place(tmp_path / "a", users=users, enrollments=stays))
    counts = {count.file: (count.used, count.left_out) for count in reading.files}
    assert (counts["users.csv"], counts["enrollments.csv"]) == ((2, 1), (1, 1))
    assert not reading.rejects.height


def test_roles_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    """A user without any is a pupil, as is one who is also something else."""
    roles = "sourcedId,userSourcedId,role\n1,p1,student\n2,p2,parent\n3,p3,parent\n4,p3,STUDENT\n"
    users = f"{PLACE['users']}p4\n"
    files = {"users": users, "roles": roles}
    history = read_history(bundle(tmp_path / "a", files))
    assert history.frames["pupils"].sort("id").collect()["id"].to_list() == ["p1", "p3", "p4"]


def test_files_beside_the_registers_are_in_the_account(tmp_path: Path) -> None:
    """Rows without a key are of no use, and said."""
    book = {"classes": f"{BOOK['classes']}k1\n", "lineItems": f"{BOOK['lineItems']},k1,y\n"}
    reading = read(place(tmp_path / "a", **book))
    counts = {count.file: (count.read, count.used) for count in reading.files}
    assert (counts["classes.csv"], counts["lineItems.csv"]) == ((3, 2), (4, 3))
    assert rejected(reading) == [(5, "sourcedId", "value-missing"), (4, "", "width")]


def test_a_corrected_line_item_corrects_its_marks_in_exports_of_all_rows(tmp_path: Path) -> None:
    """From the moment of that export; among changes the results are sent again."""
    result = f"{RESULTS}1,l1,p1,fully graded,8,2025-10-01\n"
    place(tmp_path / "1", **BOOK, results=result)
    item = {"lineItems": "sourcedId,classSourcedId,gradingPeriodSourcedId\nl1,k3,y\n"}
    item["classes"] = "sourcedId,courseSourcedId,schoolSourcedId\nk3,c2,s1\n"
    bundle(tmp_path / "2", item, "2026-01-15", dict.fromkeys(item, "delta"))
    again = {"results": result}

    def course(day: date) -> list[str]:
        return read_history(tmp_path).known(day)["marks"].collect()["course"].to_list()

    assert course(date(2026, 1, 20)) == ["c1"]
    for mode in ("bulk", "delta"):
        bundle(tmp_path / "3", again, "2026-01-31", {"results": mode})
        assert course(date(2026, 1, 30)) == ["c1"]
        assert course(date(2026, 1, 31)) == ["c2"]
