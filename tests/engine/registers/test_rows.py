"""Each row judged by itself: what is wrong is named by row, column and problem; nothing guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.registers.problems import OWN, PROBLEMS
from engine.registers.read import read_registers
from engine.registers.values import FIRST, LAST
from engine.text import LANGUAGES
from tests.engine.registers.exports import ATTENDANCE, MARKS, PLACE, bundle, place, read, rejected

GOOD = "p3,s2,2025-09-01,1,present,2025-09-01T09:00:00Z\n"
BAD_LESSONS = {
    ",s1,2025-09-01,1,present,": ("userSourcedId", "value-missing"),
    "p1,s1, ,1,present,": ("date", "value-missing"),
    "p1,s1,31.12.2025,1,present,": ("date", "date-form"),
    "p1,s1,12/31/2025,1,present,": ("date", "date-form"),
    "p1,s1,2025-9-1,1,present,": ("date", "date-form"),
    "p1,s1,20250901,1,present,": ("date", "date-form"),
    "p1,s1,2025-09-01T08:00:00,1,present,": ("date", "date-form"),
    "p1,s1,2025-02-30,1,present,": ("date", "not-date"),
    "p1,s1,yesterday,1,present,": ("date", "not-date"),
    "p1,s1,0025-09-01,1,present,": ("date", "range"),
    "p1,s1,2025-09-01,x,present,": ("lesson", "not-number"),
    "p1,s1,2025-09-01,1.5,present,": ("lesson", "not-whole"),
    "p1,s1,2025-09-01,21,present,": ("lesson", "range"),
    "p1,s1,2025-09-01,99999999999,present,": ("lesson", "range"),
    "p1,s1,2025-09-01,1e999,present,": ("lesson", "not-finite"),
    "p1,s1,2025-09-01,1,Present,": ("attendance", "category"),
    "p 1,s1,2025-09-01,1,present,": ("userSourcedId", "key-form"),
    "p1,s1,2025-09-01,1,present,31.12.2025": ("dateLastModified", "not-moment"),
    "p1,s1,2025-09-01,1,present,2025-09-01T25:00:00Z": ("dateLastModified", "not-moment"),
    "p1,s1,2025-09-01,1,present,2026-01-05": ("dateLastModified", "recorded-later"),
    "p1,s1,2025-09-03,1,present,2025-09-01T09:00:00Z": ("date", "happened-later"),
    "p1,s1,2026-01-02,1,present,": ("date", "happened-later"),
    "p1,s1,2025-09-01,1": ("", "width"),
    "p1,s1,2025-09-01,1,present,,": ("", "width"),
    'p1,"s1"x,2025-09-01,1,present,': ("", "quotes"),
}


@pytest.mark.parametrize("row", BAD_LESSONS)
def test_a_bad_lesson_is_rejected_and_all_others_used(tmp_path: Path, row: str) -> None:
    """The row has its number as in a spreadsheet; the share of bad rows is the caller's limit."""
    reading = read(place(tmp_path / "a", attendance=f"{ATTENDANCE}{GOOD}{row}\n"))
    assert rejected(reading) == [(3, *BAD_LESSONS[row])]
    assert reading.files[-1].used == 1


GOOD_LESSONS = (
    "p1,s1,2025-09-01,1,present,2025-09-01",
    "p1,s1,2025-09-01,1.0,present,2025-09-01T09:00:00.123Z",
    " p1 ,s1,2025-09-02,1,present,2025-09-01T09:00:00Z",
    "p1,s1,2025-12-31,1,present,2025-12-31T21:59:00+02:00",
    '"p1","s1","2025-09-01","1","present",""',
)


@pytest.mark.parametrize("row", GOOD_LESSONS)
def test_a_good_lesson_is_used_however_it_is_written(tmp_path: Path, row: str) -> None:
    """Blanks, quotes, zones and fractions; a day ahead of the recording is the clock's doing."""
    reading = read(place(tmp_path / "a", attendance=f"{ATTENDANCE}{row}\n"))
    assert rejected(reading) == []


def test_moments_are_those_that_are_written(tmp_path: Path) -> None:
    """A zone counts; without one it is UTC; a date is its first moment; nothing is the export's."""
    texts = ("2025-09-01T09:00:00+03:00", "2025-09-01 09:00", "2025-09-01", "")
    rows = "".join(f"p1,s1,2025-09-01,{n},late,{text}\n" for n, text in enumerate(texts))
    history = read(place(tmp_path / "a", attendance=ATTENDANCE + rows)).history
    found = history.frames["attendance"].sort("lesson").collect()["recorded"].to_list()
    hours = [datetime(2025, 9, 1, hour, tzinfo=UTC) for hour in (6, 9, 0)]
    assert found == [*hours, datetime(2025, 12, 31, 20, tzinfo=UTC)]


def test_an_unknown_word_comes_with_the_nearest_known(tmp_path: Path) -> None:
    """Or with all words, where none is near."""
    rows = "p1,s1,2025-09-01,1,unexcussed,\np1,s1,2025-09-01,2,zzz,\n"
    found = read(place(tmp_path / "a", attendance=ATTENDANCE + rows)).rejects
    known = "present, late, unexcused, excused, medical"
    assert found["hint"].to_list() == ["did you mean 'unexcused'?", known]
    assert found["hint_lv"].to_list() == ["vai domāts „unexcused“?", known]


BAD_MARKS = {
    "fully graded,8": None,
    "fully graded,8.0": None,
    "fully graded,nv": None,
    "not submitted,": None,
    "exempt,": None,
    "exempt,NV": None,
    "fully graded,11": ("score", "range"),
    "fully graded,0": ("score", "range"),
    "fully graded,8.5": ("score", "not-whole"),
    "fully graded,": ("score", "mark-status"),
    "exempt,5": ("score", "mark-status"),
    "graded,8": ("scoreStatus", "category"),
    ",8": ("scoreStatus", "value-missing"),
}


@pytest.mark.parametrize("row", BAD_MARKS)
def test_a_mark_is_on_the_scale_or_not_there(tmp_path: Path, row: str) -> None:
    """What stands as nv is no mark but a status; a mark and its status must agree."""
    marks = f"{MARKS}m1,p1,s1,c1,y,2025-10-01,{row}\n"
    reading = read(place(tmp_path / "a", marks=marks))
    expected = BAD_MARKS[row]
    assert rejected(reading) == ([(2, *expected)] if expected else [])
    if "nv" in row.lower():
        (mark,) = reading.history.frames["marks"].select("status", "mark").collect().rows()
        assert mark == ("exempt" if "exempt" in row else "not_assessed", None)


BAD_FACTS = {
    "low_income,2025-09-01,,1": None,
    "low_income,2025-09-01,,0": None,
    "low_income,2025-09-01,,2": ("value", "range"),
    "on_track,2025-09-01,,0.5": ("value", "range"),
    "travel_minutes,2025-09-01,,25": None,
    "travel_minutes,2025-09-01,,25.5": ("value", "not-whole"),
}


@pytest.mark.parametrize("row", BAD_FACTS)
def test_a_circumstance_is_yes_or_no_and_a_journey_in_whole_minutes(
    tmp_path: Path, row: str
) -> None:
    """Nothing else is guessed to be one of them."""
    header = "sourcedId,userSourcedId,kind,beginDate,endDate,value\n"
    reading = read(place(tmp_path / "a", circumstances=f"{header}f1,p1,{row}\n"))
    expected = BAD_FACTS[row]
    assert rejected(reading) == ([(2, *expected)] if expected else [])


def test_without_recording_dates_no_day_after_the_export_is_covered(tmp_path: Path) -> None:
    """Nobody has sent what is still to come."""
    rows = "s1,incidents,2025-09-01,2025-12-31\ns2,incidents,2025-09-01,2026-05-31\n"
    files = {**PLACE, "coverage": f"schoolSourcedId,register,beginDate,endDate\n{rows}"}
    reading = read(bundle(tmp_path / "a", files, recorded="happened"))
    assert rejected(reading) == [(3, "endDate", "happened-later")]


def test_a_stay_that_ends_before_it_begins_is_rejected(tmp_path: Path) -> None:
    """It stands at the later date."""
    header = "sourcedId,userSourcedId,schoolSourcedId,beginDate,endDate,metadata.grade\n"
    stays = f"{header}e1,p1,s1,2025-09-01,2025-08-31,7\n"
    reading = read(place(tmp_path / "a", enrollments=stays))
    assert rejected(reading) == [(2, "endDate", "period")]


def test_what_is_deleted_needs_only_its_key(tmp_path: Path) -> None:
    """It counts as deleted, whatever else stands in the row, or not."""
    users = "sourcedId,status,metadata.sex\np1,active,male\np2,tobedeleted,?\np3,gone,\n,,\n"
    reading = read(bundle(tmp_path / "a", {"users": users}))
    assert (reading.files[0].used, reading.files[0].deleted) == (1, 1)
    assert rejected(reading) == [(4, "status", "category"), (5, "sourcedId", "value-missing")]


def test_a_birth_date_is_cut_to_its_month(tmp_path: Path) -> None:
    """The day is nobody's business."""
    users = "sourcedId,metadata.birthMonth\np1,2012-05\np2,2012-05-17\np3,17.05.2012\n"
    reading = read(bundle(tmp_path / "a", {"users": users}))
    born = reading.history.frames["pupils"].collect()["born"].cast(pl.String).to_list()
    assert (born, rejected(reading)) == (
        ["2012-05-01", "2012-05-01"],
        [(4, "metadata.birthMonth", "date-form")],
    )


def test_names_never_come_in(tmp_path: Path) -> None:
    """Not even in what is said of a row that is broken."""
    users = "sourcedId,givenName,email\np1,Marked,marked@name\np2,Marked\n"
    reading = read(bundle(tmp_path / "a", {"users": users}))
    assert rejected(reading) == [(3, "", "width")]
    assert "arked" not in str(reading.rejects.rows())
    assert "givenName" not in reading.history.frames["pupils"].collect_schema()


def test_a_personal_code_is_no_key_and_is_shown_nowhere(tmp_path: Path) -> None:
    """Neither that of a pupil nor where a row points to one."""
    code = "010112-12345"
    rows = f"{ATTENDANCE}{code},s1,2025-09-01,1,late,\n"
    reading = read(place(tmp_path / "a", users=f"sourcedId\np1\np2\np3\n{code}\n", attendance=rows))
    assert rejected(reading) == [
        (5, "sourcedId", "key-person"),
        (2, "userSourcedId", "key-person"),
    ]
    assert code not in str(reading.rejects.rows())


def test_rows_that_nobody_dates_are_refused(tmp_path: Path) -> None:
    """With neither a date nor the moment of the export, a file cannot be placed in time."""
    bundle(tmp_path / "a", {"users": "sourcedId,dateLastModified\np1,2025-09-01\np2,\n"}, "")
    with pytest.raises(DataError, match="undated") as caught:
        read_registers(tmp_path / "a")
    assert "pumpurs.exportedAt" in caught.value.problems[0].hint


def test_too_many_bad_rows_stop_it_and_say_which(tmp_path: Path) -> None:
    """The file, the shares, and the three commonest problems with their first rows, no values."""
    rows = "".join(f"p1,s1,2025-09-01,{n},present,\n" for n in range(20))
    bad = "p1,s1,1.9.2025,1,present,\n" * 9 + "p1,s1,2025-09-01,77,present,\n"
    folder = place(tmp_path / "a", attendance=ATTENDANCE + rows + bad)
    with pytest.raises(DataError) as caught:
        read_registers(folder, share=0.33)
    (problem,) = caught.value.problems
    assert problem.code == "too-many-rejects"
    assert "10 of 30" in problem.message
    assert "9 times in 'date', first in row 22" in problem.hint
    assert "1 times in 'lesson', first in row 31" in problem.hint
    assert read_registers(folder, share=0.34).files[-1].rejected == 10


def test_a_range_is_named_and_dates_are_shown_alike(tmp_path: Path) -> None:
    """The column's, or the Latvian scale's; a mark is whole, and is no count."""
    marks = "".join(
        f"m{n},p1,s1,c1,y,2025-10-0{n},fully graded,{mark}\n"
        for n, mark in enumerate(("11", "7.5"), 1)
    )
    lessons = f"{ATTENDANCE}p1,s1,2025-09-01,77,present,\np1,s1,1025-09-01,1,present,\n"
    exams = "sourcedId,userSourcedId,date,subject,percentile\nx,p1,2025-10-01,language,101\n"
    folder = place(tmp_path / "a", marks=MARKS + marks, attendance=lessons, exams=exams)
    rejects = read(folder).rejects
    hints = {
        value: (code, hint) for value, code, hint in rejects["value", "problem", "hint"].rows()
    }
    in_latvian = dict(rejects["value", "hint_lv"].rows())
    assert in_latvian["11"] == "no 1 līdz 10 vai tā, kā nosaka rindā nosauktā skala"
    assert in_latvian["77"] == "no 0 līdz 20"
    assert in_latvian["1025-09-01"] == f"no {FIRST} līdz {LAST}"
    assert hints["11"] == ("range", "1 to 10, or what the scale named in the row says")
    assert hints["77"] == ("range", "0 to 20")
    assert hints["101"] == ("range", "0 to 100")
    assert hints["1025-09-01"] == ("range", f"{FIRST} to {LAST}")
    assert hints["7.5"][0] == "not-whole"
    assert "marks on the Latvian scale are whole" in PROBLEMS["not-whole"].en
    assert all("2025-12-31" in PROBLEMS[code].en for code in ("date-form", "not-date"))


def test_a_handful_of_bad_rows_stops_no_file(tmp_path: Path) -> None:
    """One of three is more than a twentieth and says nothing: ten are needed, whatever the file."""
    header = "sourcedId,userSourcedId,schoolSourcedId,date,kind\n"
    rows = "a,p1,s1,2025-10-01,warning\nb,p1,s1,1.10.2025,other\nc,p3,s2,2025-10-01,other\n"
    reading = read_registers(place(tmp_path / "a", sanctions=header + rows))
    assert [count.rejected for count in reading.files if count.register == "sanctions"] == [1]
    nine = ATTENDANCE + "p1,s1,1.9.2025,1,present,\n" * 9
    assert read_registers(place(tmp_path / "b", attendance=nine)).files[-1].rejected == 9
    with pytest.raises(DataError, match="10 of 10"):
        read_registers(place(tmp_path / "c", attendance=nine + "p1,s1,1.9.2025,1,present,\n"))


def test_every_problem_is_told_in_both_languages() -> None:
    """And differently."""
    for text in PROBLEMS.values():
        assert all(text[language].strip() for language in LANGUAGES)
    assert all(text.lv != text.en for text in OWN.values())
