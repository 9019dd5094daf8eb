"""Files as people save them, and bundles as they put them together: read rightly, or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.registers.files import read_file
from engine.registers.read import read_registers
from engine.registers.schema import REGISTERS
from tests.engine.registers.exports import ATTENDANCE, PLACE, bundle, place, read, rejected

ORGS = "sourcedId,type,name\nm1,local,Ķekavas novads\ns1,school,Ērgļu skola\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1257", "utf-16"])
def test_delimiters_and_encodings_are_found_out(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """Values come out the same, and what was unusual is said, with the file."""
    text = ORGS.replace(",", delimiter).encode(encoding)
    reading = read(bundle(tmp_path / "a", {"orgs": text}))
    names = reading.history.frames["orgs"].collect()["name"].to_list()
    assert names == ["Ķekavas novads", "Ērgļu skola"]
    notes = " ".join(note.en for note in reading.notes)
    assert ("a/orgs.csv: Encoding" in notes) == (encoding in ("cp1257", "utf-16"))
    assert ("a/orgs.csv: Field delimiter" in notes) == (delimiter != ",")


@pytest.mark.parametrize(
    "text",
    [
        "sourcedId,type\r\nm1,local\r\ns1,school\r\n",
        'sourcedId,type\n"m1",local\ns1,"school"',
        "sourcedId,type\nm1,local\n\ns1,school\n",
        'sourcedId,type,name\nm1,local,"two\nlines"\ns1,school,"a ""b"""\n',
        "type,x,sourcedId\nlocal,1,m1\nschool,2,s1\n",
        "sourcedId , type\nm1,local\ns1,school\n",
    ],
)
def test_rows_are_the_same_however_they_are_written(tmp_path: Path, text: str) -> None:
    """Line ends, quotes, empty lines, lines within a field, the order of columns."""
    reading = read(bundle(tmp_path / "a", {"orgs": text}))
    orgs = reading.history.frames["orgs"].collect()
    assert orgs["id"].to_list() == ["m1", "s1"]
    assert reading.files[0].read == 2


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    """With quoted line ends and empty lines as well: those are rows of a spreadsheet too."""
    text = 'sourcedId,type,name\nm1,local,"a\nb"\n\nx,?,\ny\n'
    assert rejected(read(bundle(tmp_path / "a", {"orgs": text}))) == [
        (4, "type", "category"),
        (5, "", "width"),
    ]


@pytest.mark.parametrize("size", [80, 20_000])
def test_a_quote_that_does_not_end_costs_its_own_line_alone(tmp_path: Path, size: int) -> None:
    """Not those up to the next quote, nor up to the end of the file, nor to the longest field."""
    rows = [f"u{n},student" for n in range(size)]
    rows[4], rows[10], rows[50] = 'u4,"student"', 'u10,"student', 'u50,"student'
    text = "sourcedId,role\n" + "\n".join(rows) + "\n"
    reading = read(bundle(tmp_path / "a", {"users": text}))
    assert rejected(reading) == [(12, "", "quotes"), (52, "", "quotes")]
    assert (reading.files[0].read, reading.files[0].used) == (size, size - 2)


def test_a_column_nearly_named_like_one_is_pointed_out(tmp_path: Path) -> None:
    """A column that is not read because of its case would be missed by nobody."""
    reading = read(bundle(tmp_path / "a", {"users": "sourcedId,Metadata.Sex\np1,male\n"}))
    assert "did you mean 'metadata.sex'?" in reading.notes[0].en


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("sourcedid,type", "if 'sourcedid' is it, rename that"),
        ("sourcedId,tipe,name", "if 'tipe' is it, rename that"),
        ("sourcedId,name", "add it: see docs/registers.md"),
    ],
)
def test_a_required_column_nearly_named_like_one_is_pointed_out(
    tmp_path: Path, header: str, hint: str
) -> None:
    """The name that stands in the file, which is what somebody must change."""
    with pytest.raises(DataError, match=hint):
        read_registers(bundle(tmp_path / "a", {"orgs": f"{header}\n"}))


def test_parquet_may_stand_instead_of_csv(tmp_path: Path) -> None:
    """Canonical names and types; its rows are numbered from 1; the same checks hold."""
    folder = place(tmp_path / "a")
    with (folder / "manifest.csv").open("a") as manifest:
        manifest.write("file.attendance,bulk\n")
    days = [date(2025, 9, 1), date(2025, 9, 2), None, date(2025, 9, 3)]
    pl.DataFrame(
        {
            "pupil": ["p1"] * 4,
            "school": ["s1"] * 4,
            "day": days,
            "lesson": [1, 2, 3, 99],
            "status": pl.Series(["late", "present", "late", "late"], dtype=pl.Categorical),
            "recorded": [datetime(2025, 9, 5, 12, tzinfo=UTC)] * 4,
            "teacher": ["Nobody"] * 4,
        }
    ).write_parquet(folder / "attendance.parquet")
    reading = read(folder)
    assert rejected(reading) == [(3, "day", "value-missing"), (4, "lesson", "range")]
    frame = reading.history.frames["attendance"].collect()
    assert frame.schema == pl.Schema(REGISTERS["attendance"].schema)
    assert frame["id"].to_list() == ["p1|s1|2025-09-01|1", "p1|s1|2025-09-02|2"]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Riga", "America/New_York"])
def test_a_moment_in_parquet_is_a_date_where_it_is_midnight_there(
    tmp_path: Path, zone: str | None
) -> None:
    """A day never becomes the one before; a midnight of elsewhere is refused, and not guessed."""
    folder = place(tmp_path / "a")
    with (folder / "manifest.csv").open("a") as manifest:
        manifest.write("file.attendance,bulk\n")
    hours = ((9, 2, 0), (9, 1, 21), (11, 3, 0))
    days = pl.Series([datetime(2025, *each, tzinfo=UTC) for each in hours])
    lessons = {"day": days.dt.replace_time_zone(zone), "pupil": "p1", "school": "s1"}
    frame = pl.DataFrame(lessons).with_columns(lesson=1, status=pl.lit("late"))
    frame.write_parquet(folder / "attendance.parquet")
    reading = read(folder)
    assert rejected(reading) == [(2, "day", "date-form")]
    held = reading.history.frames["attendance"].collect()["day"]
    assert held.to_list() == [date(2025, 9, 2), date(2025, 11, 3)]


def test_a_date_of_birth_in_parquet_is_cut_to_its_month(tmp_path: Path) -> None:
    """As in CSV: the day is nobody's business."""
    folder = place(tmp_path / "a")
    (folder / "users.csv").unlink()
    born = pl.DataFrame({"id": ["p1", "p2", "p3"], "born": [date(2012, 5, 17), None, None]})
    born.write_parquet(folder / "users.parquet")
    held = read(folder).history.frames["pupils"].collect()["born"]
    assert held.to_list() == [date(2012, 5, 1), None, None]


WHOLE = pl.DataFrame({"pupil": ["p1"], "school": ["s1"], "day": [date(2025, 9, 1)],
                      "lesson": [1], "status": ["late"]})  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (WHOLE.with_columns(pupil=pl.lit([1])), "column-type"),
        (WHOLE.with_columns(day=pl.lit(1.5)), "column-type"),
        (WHOLE.with_columns(lesson=pl.col("day")), "column-type"),
        (WHOLE.drop("status"), "column-missing"),
        (b"", "parquet"),
        (b"PAR1 no more", "parquet"),
    ],
)
def test_parquet_that_holds_something_else_is_refused(
    tmp_path: Path, change: pl.DataFrame | bytes, code: str
) -> None:
    """By its file, its column, and what is declared."""
    folder = place(tmp_path / "a")
    with (folder / "manifest.csv").open("a") as manifest:
        manifest.write("file.attendance,bulk\n")
    path = folder / "attendance.parquet"
    if isinstance(change, bytes):
        path.write_bytes(change)
    else:
        change.write_parquet(path)
    with pytest.raises(DataError) as caught:
        read_registers(folder)
    (problem,) = caught.value.problems
    assert (problem.code, bool(problem.hint)) == (code, True)
    assert problem.place
    assert problem.place.file == str(path)


def test_parquet_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    """Half a file never passes for a whole one."""
    folder = place(tmp_path / "a")
    with (folder / "manifest.csv").open("a") as manifest:
        manifest.write("file.attendance,bulk\n")
    path = folder / "attendance.parquet"
    WHOLE.write_parquet(path)
    data = path.read_bytes()
    for end in range(0, len(data), 97):
        path.write_bytes(data[:end])
        with pytest.raises(DataError):
            read_registers(folder)


REFUSED: dict[str, tuple[dict[str, str | bytes], str]] = {
    "empty": ({"orgs": ""}, "empty"),
    "no type": ({"orgs": "sourcedId\ns1\n"}, "column-missing"),
    "no key": ({"users": "name\nx\n"}, "column-missing"),
    "a workbook": ({"orgs": b"PK\0\0"}, "binary"),
    "another encoding": ({"orgs": "sourcedId,type\nŻółć,local\n".encode("cp1250")}, "encoding"),
    "an open quote": ({"orgs": '"sourcedId,type\nm1,local\n'}, "csv"),
    "a column twice": ({"orgs": "sourcedId,type,type\nm1,local,local\n"}, "duplicate-column"),
    "a key column twice": ({"users": "sourcedId,a,sourcedId\nm1,x,y\n"}, "duplicate-column"),
    "marks in two files": ({"marks": "a,b\n", "results": "a,b\n"}, "two-marks"),
    "results without scores": ({"results": "sourcedId,score\n1,2\n"}, "column-missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(tmp_path: Path, name: str) -> None:
    """The error names the file and says what to do."""
    files, code = REFUSED[name]
    with pytest.raises(DataError) as caught:
        read_registers(bundle(tmp_path / "a", files))
    (problem,) = caught.value.problems
    assert (problem.code, bool(problem.hint)) == (code, True)
    assert problem.place
    assert problem.place.file.startswith(str(tmp_path))


MANIFESTS = {
    "": "manifest",
    "name,value\nfile.orgs,bulk\n": "manifest",
    "propertyName,value\n": "manifest",  # orgs.csv is not named
    "propertyName,value\nfile.orgs,all\n": "manifest",
    "propertyName,value\nfile.orgs,bulk\nfile.orgs,delta\n": "manifest",
    "propertyName,value\nfile.orgs,bulk\nfile.users,bulk\n": "no-file",
    "propertyName,value\nfile.orgs,bulk\npumpurs.exported,2025-01-01\n": "manifest",
    "propertyName,value\nfile.orgs,bulk\npumpurs.exportedAt,31.12.2025\n": "manifest",
    "propertyName,value\nfile.orgs,bulk\npumpurs.recorded,yes\n": "manifest",
    'propertyName,value\n"file.orgs,bulk\n': "manifest",
}


@pytest.mark.parametrize("text", MANIFESTS)
def test_a_manifest_that_says_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    """Each with what to write instead."""
    folder = bundle(tmp_path / "a", {"orgs": PLACE["orgs"]})
    (folder / "manifest.csv").write_text(text)
    with pytest.raises(DataError) as caught:
        read_registers(folder)
    (problem,) = caught.value.problems
    assert (problem.code, bool(problem.hint)) == (MANIFESTS[text], True)


def test_absent_files_and_those_of_others_are_left_alone(tmp_path: Path) -> None:
    """OneRoster has more files than we read; a manifest may name them."""
    folder = bundle(tmp_path / "a", {"users": "?"}, modes={"users": "absent"})
    (folder / "demographics.csv").write_text("anything")
    with (folder / "manifest.csv").open("a") as manifest:
        manifest.write("file.demographics,bulk\noneroster.version,1.2\n\n")
    reading = read_registers(folder)
    assert reading.files == ()
    (note,) = reading.notes
    assert all("demographics.csv" in text for text in (note.lv, note.en))


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("attendence.csv", "attendance.csv"),
        ("Attendance.csv", "attendance.csv"),
        ("attendance.CSV", "attendance.csv"),
        ("attendances.parquet", "attendance.parquet"),
        ("enrolments.csv", "enrollments.csv"),
        ("lineitem.csv", "lineItems.csv"),
    ],
)
def test_a_misspelt_file_is_refused_with_the_name_that_was_meant(
    tmp_path: Path, name: str, meant: str, *, named: bool
) -> None:
    """Whether the manifest names it or not: else its rows were lost without a word."""
    folder = bundle(tmp_path / "a", {"orgs": PLACE["orgs"]})
    (folder / name).write_text("anything")
    if named and "CSV" not in name:
        with (folder / "manifest.csv").open("a") as manifest:
            manifest.write(f"file.{name.rsplit('.', 1)[0]},bulk\n")
    with pytest.raises(DataError, match="file-unknown") as caught:
        read_registers(folder)
    assert f"'{meant}'" in caught.value.problems[0].hint or f"'{meant[:-8]}.csv'" in str(
        caught.value
    )


def test_a_misspelt_name_in_the_manifest_alone_is_refused(tmp_path: Path) -> None:
    """The file was forgotten, or bears yet another name."""
    folder = bundle(tmp_path / "a", {"orgs": PLACE["orgs"]})
    with (folder / "manifest.csv").open("a") as manifest:
        manifest.write("file.attendence,bulk\n")
    with pytest.raises(DataError, match=r"did you mean 'attendance\.csv'"):
        read_registers(folder)


def test_an_unknown_file_is_told_of_unless_it_is_called_absent(tmp_path: Path) -> None:
    """Nothing that could be a register is passed over in silence."""
    folder = bundle(tmp_path / "a", {"orgs": PLACE["orgs"], "canteen": "x"})
    (note,) = read_registers(folder).notes
    assert all("a/canteen.csv" in text for text in (note.lv, note.en))
    for name in ("canteen", "Orgs"):
        bundle(folder, {"orgs": PLACE["orgs"], name: "x"}, modes={name: "absent"})
    (folder / "canteen.csv").unlink()
    assert read_registers(folder).notes == ()


def test_a_store_without_its_account_is_no_bundle_either(tmp_path: Path) -> None:
    """And is said to be none."""
    read_registers(place(tmp_path / "a")).write(tmp_path / "store")
    (tmp_path / "store" / "store.json").unlink()
    with pytest.raises(DataError, match=r"store\.json") as caught:
        read_registers(tmp_path / "store")
    assert (caught.value.problems[0].code, bool(caught.value.problems[0].hint)) == (
        "no-bundle", True,
    )  # fmt: skip


def test_a_folder_without_bundles_is_refused(tmp_path: Path) -> None:
    """As is one that is not there."""
    for folder, code in ((tmp_path, "no-bundle"), (tmp_path / "x", "no-folder")):
        with pytest.raises(DataError, match=code):
            read_registers(folder)


def test_broken_lines_are_found_wherever_the_file_is_parsed(tmp_path: Path) -> None:
    """One broken row sends the whole file the other way, and nothing else changes."""
    rows = "".join(f"p{n},s1,2025-09-01,{n % 7},late,\n" for n in range(100))
    path = tmp_path / "attendance.csv"
    wanted = ("userSourcedId", "lesson", "dateLastModified")
    found = []
    for text in (rows, f"{rows}p1,s1\n"):
        path.write_text(ATTENDANCE + text)
        raw = read_file(path, wanted)
        frame = raw.frame.with_columns(pl.col(pl.String).replace("", None)).collect()
        found.append((frame.rows(), raw.total, raw.rejects.height))
    assert found == [(found[0][0], 100, 0), (found[0][0], 101, 1)]


def test_folders_and_tables_beside_bundles_are_named(tmp_path: Path) -> None:
    """A folder without a manifest, a table of no bundle; not what the system hides."""
    place(tmp_path / "2025-12")
    for name in ("2026-01", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "orgs.csv").write_text("sourcedId,type\n")
    (note,) = read_registers(tmp_path).notes
    assert note.en.endswith("manifest.csv: 2026-01/, orgs.csv")
    assert note.lv.startswith("nav lasīts")


def test_where_there_are_only_folders_without_a_manifest_they_are_named(tmp_path: Path) -> None:
    """It is refused, as there is nothing to read."""
    (tmp_path / "2026-01").mkdir()
    with pytest.raises(DataError, match="no-bundle") as caught:
        read_registers(tmp_path)
    assert "missing in: 2026-01" in caught.value.problems[0].hint


def test_bundles_within_a_bundle_are_named(tmp_path: Path) -> None:
    """The folder itself is read, and they are not."""
    place(tmp_path)
    place(tmp_path / "2025-12")
    assert ["2025-12/" in note.en for note in read_registers(tmp_path).notes] == [True]


def test_what_the_system_will_not_open_is_refused_with_its_place(tmp_path: Path) -> None:
    """A link that leads nowhere, one that leads to itself, a folder in a file's place."""
    for number, name in enumerate(("orgs.csv", "users.csv", "courses.csv")):
        path = place(tmp_path / f"{number}") / name
        path.unlink()
        match number:
            case 0:
                path.symlink_to("nowhere.csv")
            case 1:
                path.symlink_to(path)
            case _:
                path.mkdir()
        with pytest.raises(DataError, match="unreadable") as caught:
            read_registers(path.parent)
        (problem,) = caught.value.problems
        assert problem.place
        assert problem.place.file == str(path)
        assert problem.hint
