"""CSV as people save it: read rightly and said so, or refused with a remedy; nothing lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.batch import executor, score_table
from engine.canonical import KEY, PROBLEMS
from engine.errors import DataError
from engine.output import write_table
from engine.table import Table, near_misses, read_table
from tests.ruletext import rule, rules, ruleset

HEADER = "pupil_key,attendance_rate_45d,fails\n"
RULES = ruleset(rules(rule("attendance_rate_45d < 0.9"), rule("fails > 2", name="two")))


def read(path: Path, content: str | bytes, encoding: str = "utf-8") -> Table:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return read_table(path)


def rejects(
    path: Path, content: str | bytes, as_of: date | None = None
) -> list[tuple[object, ...]]:
    """Return (row, column, problem) of what is rejected, after checking that no row is lost."""
    table = read(path, content)
    scored = score_table(table, executor("columns", RULES), as_of)
    kept = scored.rows.collect().height
    bad = scored.rejects["row"].n_unique()
    text = content.decode() if isinstance(content, bytes) else content
    assert kept + bad == sum(1 for line in text.splitlines()[1:] if line)
    return [(row, column, problem) for row, column, _, problem in scored.rejects.rows()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1257", "utf-16"])
def test_delimiters_and_encodings_are_found_out(path: Path, delimiter: str, encoding: str) -> None:
    """Values come out the same, and what was unusual is said."""
    text = "pupil_key,note,fails\nP1,Ķekavas sākumskola,1\nP2,Ēriks,3\n".replace(",", delimiter)
    table = read(path, text, encoding)
    frame = table.frame.collect()
    assert frame["note"].to_list() == ["Ķekavas sākumskola", "Ēriks"]
    assert frame["__row"].to_list() == [2, 3]
    said = " ".join(note.en for note in table.notes)
    assert ("Encoding" in said) == (encoding in ("cp1257", "utf-16"))
    assert ("delimiter" in said) == (delimiter != ",")


def test_decimal_commas_are_read_and_said(path: Path) -> None:
    """0,85 in a file separated by semicolons is 0.85, in Latvian as in English words."""
    table = read(path, "pupil_key;attendance_rate_45d;fails\nP1;0,85;3\nP2;0,95;1\n")
    rows = score_table(table, executor("columns", RULES)).rows.collect()
    assert rows["holds"].to_list() == [["one", "two"], []]
    assert table.decimal_commas == ("attendance_rate_45d",)
    assert "Decimālkomats" in " ".join(note.lv for note in table.notes)


def test_commas_and_points_in_one_column_are_not_guessed(path: Path) -> None:
    """A column that mixes both keeps its points; the comma is rejected."""
    text = "pupil_key;attendance_rate_45d\nP1;0,85\nP2;0.95\n"
    assert rejects(path, text) == [(2, "attendance_rate_45d", "not-number")]


BAD_ROWS = {
    "P1,abc,1": [(2, "attendance_rate_45d", "not-number")],
    "P1,NaN,1": [(2, "attendance_rate_45d", "not-number")],
    "P1,1e999,1": [(2, "attendance_rate_45d", "not-finite")],
    "P1,85,1": [(2, "attendance_rate_45d", "percent")],
    "P1,0.5,1.5": [(2, "fails", "not-whole")],
    "P1,0.5,-1": [(2, "fails", "range")],
    "P1,x,y": [(2, "attendance_rate_45d", "not-number"), (2, "fails", "not-number")],
    ",0.5,1": [(2, "pupil_key", "key-missing")],
    "=cmd,0.5,1": [(2, "pupil_key", "key-form")],
    "P1,0.5,1.000": [(2, "fails", "not-whole")],
    'P1,0.5,"1,000"': [(2, "fails", "not-number")],
    "P1,٠.٧,1": [(2, "attendance_rate_45d", "not-number")],
    "P1,0.5,３": [(2, "fails", "not-number")],
    'P1,"0.5"x,1': [(2, "", "quotes")],
    'P1,"0.5,1': [(2, "", "quotes")],
    'P1,"0.5,1\nP2,0.5,1\nP3,0.5,"1': [(2, "", "quotes"), (4, "", "quotes")],
    'P1,0.5,"1\nP2,0.5",1': [(2, "", "width"), (3, "attendance_rate_45d", "not-number")],
    "P1,0.5": [(2, "", "width")],
    "P1,0.5,1,9": [(2, "", "width")],
    "P1,0.5,1\nP2,0.5,1\nP1,0.6,2": [(2, "pupil_key", "duplicate"), (4, "pupil_key", "duplicate")],
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_bad_row_is_rejected_and_all_others_scored(path: Path, row: str) -> None:
    """Row number as in a spreadsheet, column, problem; each code has words in both languages."""
    found = rejects(path, f"{HEADER}{row}\nP9,0.99,0\n")
    assert found == BAD_ROWS[row]
    assert all(str(problem) in PROBLEMS for *_, problem in found)


def test_missing_values_and_empty_lines_are_no_rejects(path: Path) -> None:
    """An empty field is a missing value, and an empty line is no row."""
    assert rejects(path, HEADER + "P1,,\n\nP2, ,1\n") == []


REFUSED = {
    "": "empty",
    "\n\n": "empty",
    "pupil,rate\nP1,1\n": "no-key-column",
    "Pupil_Key;rate\nP1;1\n": "no-key-column",
    "pupil_key,a,a\nP1,1,2\n": "duplicate-column",
    '"pupil_key,a\nP1,1\n': "csv",
    b"pupil_key,a\nP\xff\xfe\x81,1\n": "encoding",
    b"pupil_key,a\nP1,\0\n": "binary",
    "pupil_key,name\nP1,Żółć\n".encode("cp1250"): "encoding",
    "pupil_key,name\nда,1\n".encode("cp1251"): "encoding",
    "pupil_key,name\nZoë,1\n".encode("cp1252"): "encoding",
    "pupil_key,__row\nP1,1\n": "duplicate-column",
}


@pytest.mark.parametrize("content", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_remedy(path: Path, content: str | bytes) -> None:
    """The error has a code, a place and a hint."""
    with pytest.raises(DataError) as caught:
        read(path, content)
    (problem,) = caught.value.problems
    assert (problem.code, bool(problem.hint), bool(problem.place)) == (REFUSED[content], True, True)


def test_ten_thousand_columns_are_no_trouble(path: Path) -> None:
    """Only declared columns are read; the others do no harm."""
    names = ",".join(f"extra_{n}" for n in range(10_000))
    values = "," * 9_999
    table = read(path, f"pupil_key,fails,{names}\nP1,5,{values}\nP2,0,{values}\n")
    rows = score_table(table, executor("columns", RULES)).rows.collect()
    assert rows["holds"].to_list() == [["two"], []]


def test_a_column_nearly_named_like_an_indicator_is_pointed_out(path: Path) -> None:
    """A misspelt column would make every pupil "cannot say"; so it is said."""
    table = read(path, "pupil_key,Attendance Rate 45d,fails\nP1,0.5,1\n")
    (found,) = near_misses(table, RULES.reads)
    assert found == ("Attendance Rate 45d", "attendance_rate_45d")


def test_dates_of_other_columns_are_left_alone(path: Path) -> None:
    """Only the dates of indicators that are read are checked; a misspelt one is pointed out."""
    text = "pupil_key,fails,birth.observed_on,attendence_rate_45d.observed_on\nP1,1,2020,x\n"
    assert rejects(path, text, date(2026, 1, 16)) == []
    (found,) = near_misses(read(path, text), RULES.reads)
    assert found == ("attendence_rate_45d.observed_on", "attendance_rate_45d.observed_on")


@pytest.mark.parametrize("flags", [[1.0, None, 0.0], [1, None, 0], [True, None, False]])
def test_flags_of_many_types(tmp_path: Path, flags: list[object]) -> None:
    """Pandas writes flags with gaps as 1.0 and 0.0; they are flags all the same."""
    low_income = ruleset(rules(rule("low_income", follows="offers: [transport]")))
    pl.DataFrame({KEY: ["a", "b", "c"], "low_income": flags}).write_parquet(tmp_path / "in.parquet")
    scored = score_table(read_table(tmp_path / "in.parquet"), executor("columns", low_income))
    answers = scored.rows.select("holds", "undetermined").collect().rows()
    assert answers == [(["one"], []), ([], ["one"]), ([], [])]


@pytest.mark.parametrize("keys", [[1.5], [True], [b"x"], [["x"]], [date(2026, 1, 1)]])
def test_keys_that_are_no_text_are_refused(tmp_path: Path, keys: list[object]) -> None:
    """A key is text or a whole number; nothing is turned into a key by guessing."""
    pl.DataFrame({KEY: keys, "fails": [1]}).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(DataError, match="pupil_key"):
        score_table(read_table(tmp_path / "in.parquet"), executor("columns", RULES))


def test_a_table_without_any_indicator_is_refused(path: Path) -> None:
    """Scoring nothing is an error, with the list of what is read."""
    with pytest.raises(DataError, match="no column") as caught:
        score_table(read(path, "pupil_key,x\nP1,1\n"), executor("columns", RULES))
    assert "fails" in caught.value.problems[0].hint


def test_old_values_are_unknown_and_future_ones_refused(path: Path) -> None:
    """The limit counts in calendar days from the day to which the values go."""
    text = "pupil_key,attendance_rate_45d,observed_on\nP1,0.5,{}\nP9,0.5,2026-01-16\n"
    as_of = date(2026, 1, 16)
    table = read(path, text.format("2025-12-16"))
    found = score_table(table, executor("columns", RULES), as_of).rows.collect()
    assert found["missing"].to_list() == [["attendance_rate_45d", "fails"], ["fails"]]
    undated = read(path, text.format(""))
    again = score_table(undated, executor("columns", RULES), as_of).rows.collect()
    assert again["missing"].to_list() == [["attendance_rate_45d", "fails"], ["fails"]]
    fresh = read(path, text.format("2025-12-17"))
    assert score_table(fresh, executor("columns", RULES), as_of).rows.collect()[
        "score"
    ].to_list() == [1, 1]
    assert rejects(path, text.format("2026-01-17"), as_of) == [(2, "observed_on", "future")]
    assert rejects(path, text.format("17.01.2026"), as_of) == [(2, "observed_on", "not-date")]


PARQUET = {
    "float": (pl.Series([0.5, 0.95]), []),
    "text": (pl.Series(["0.5", "0.95"]), []),
    "nan": (pl.Series([0.5, float("nan")]), ["not-finite"]),
    "per cent": (pl.Series([50, 1]), ["percent"]),
    "nothing": (pl.Series([None, None]), []),
}


@pytest.mark.parametrize("kind", PARQUET)
def test_parquet_columns_of_many_types(tmp_path: Path, kind: str) -> None:
    """Typed columns are checked like texts; rows are numbered from 1."""
    values, problems = PARQUET[kind]
    path = tmp_path / "in.parquet"
    frame = pl.DataFrame({KEY: [1, 2], "attendance_rate_45d": values, "fails": [3, 0]})
    frame.write_parquet(path)
    scored = score_table(read_table(path), executor("columns", RULES))
    assert scored.rejects["problem"].to_list() == problems
    assert scored.rows.collect().height == 2 - len(problems)


def test_a_column_that_cannot_hold_its_indicator_is_refused(tmp_path: Path) -> None:
    """Dates in a ratio's column are an error of the column, not of each row."""
    path = tmp_path / "in.parquet"
    pl.DataFrame({KEY: ["a"], "fails": [date(2026, 1, 1)]}).write_parquet(path)
    with pytest.raises(DataError, match="holds Date"):
        score_table(read_table(path), executor("columns", RULES))


def test_what_is_no_parquet_and_no_table_is_refused(tmp_path: Path) -> None:
    """Broken, missing and foreign files are refused with a remedy."""
    broken = tmp_path / "in.parquet"
    broken.write_bytes(b"PAR1 nothing")
    (tmp_path / "in.xlsx").write_bytes(b"PK")
    for name, code in (
        ("in.parquet", "parquet"),
        ("in.xlsx", "file-type"),
        ("none.csv", "no-file"),
    ):
        with pytest.raises(DataError) as caught:
            read_table(tmp_path / name)
        assert caught.value.problems[0].code == code


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_output_appears_whole_in_each_format(tmp_path: Path, suffix: str) -> None:
    """Lists are lists, joined by semicolons in CSV; no part file stays behind."""
    frame = pl.LazyFrame({KEY: ["a", "b"], "holds": [["x", "y"], []]})
    out = tmp_path / f"out{suffix}"
    write_table(frame, out)
    if suffix == ".parquet":
        read_back = pl.read_parquet(out)
    elif suffix == ".jsonl":
        read_back = pl.read_ndjson(out)
    else:
        read_back = pl.read_csv(out).with_columns(pl.col("holds").fill_null(""))
    expected = ["x;y", ""] if suffix == ".csv" else [["x", "y"], []]
    assert read_back["holds"].to_list() == expected
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
