"""The command line, as a user meets it: a real process on real files."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tests.service.made import made_indicators

ROOT = Path(__file__).parents[2]
LV = ROOT / "rules" / "lv"
COLUMNS = [
    "pupil_key",
    "score",
    "possible_score",
    "level",
    "possible_level",
    "holds",
    "undetermined",
    "not_applicable",
    "offers",
    "missing",
    "ruleset",
]
WRONG_IN = {"pupil_key", "mean_mark", "attendance_rate_45d", "low_income"}


def pumpurs(*words: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line and return what it said; a traceback is always a failure."""
    command = [sys.executable, "-m", "service.cli", *map(str, words)]
    settings = {
        **os.environ,
        "PUMPURS_LANG": "en",
        "COLUMNS": "160",
        "PYTHONPATH": str(ROOT),
        **env,
    }
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=settings, check=False, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a table of indicators, with rows that cannot be read at its end."""
    path = tmp_path_factory.mktemp("school") / "school.csv"
    table = made_indicators(80, seed=7).cast(pl.String)
    wrong = {"mean_mark": "nv", "attendance_rate_45d": "87", "low_income": "maybe"}
    changes = [{"pupil_key": f"X-{name}", name: value} for name, value in wrong.items()]
    bad = [
        table[number].with_columns(pl.lit(value).alias(name) for name, value in change.items())
        for number, change in enumerate([*changes, {"pupil_key": ""}, {"grade": "7"}])
    ]
    pl.concat([table, *bad]).write_csv(path)
    return path


@pytest.fixture(scope="module")
def key(school: Path) -> str:
    with school.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))[10]["pupil_key"]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
@pytest.mark.parametrize("executor", ["columns", "durable", "reference"])
def test_score_gives_one_answer_whatever_the_executor_and_format(
    school: Path, tmp_path: Path, executor: str, suffix: str
) -> None:
    """All rows are scored or rejected; columns are as documented; exit code 2 tells of rejects."""
    out = tmp_path / f"out.{suffix}"
    words = ("score", school, "--rules", LV, "--out", out, "--as-of", "2026-01-16")
    done = pumpurs(*words, "--executor", executor)
    assert done.returncode == 2, done.stderr
    if suffix == "parquet":
        frame = pl.read_parquet(out)
    elif suffix == "jsonl":
        frame = pl.read_ndjson(out)
    else:
        frame = pl.read_csv(out)
    assert frame.columns == COLUMNS
    with (tmp_path / "out.rejects.csv").open(encoding="utf-8") as file:
        rejects = list(csv.DictReader(file))
    assert list(rejects[0]) == ["row", "column", "value", "problem"]
    rows = len(school.read_text(encoding="utf-8").splitlines()) - 1
    assert frame.height + len({reject["row"] for reject in rejects}) == rows
    assert {reject["column"] for reject in rejects} == WRONG_IN
    answer = frame.select("pupil_key", "score", "possible_score", "level", "possible_level")
    assert answer.sort("pupil_key").equals(_reference_answer(school))


def _reference_answer(school: Path) -> pl.DataFrame:
    """Return the reference executor's answer, in process."""
    from datetime import date

    from engine.batch import executor, score_table
    from engine.load import load
    from engine.table import read_table

    scored = score_table(read_table(school), executor("reference", load(LV)), date(2026, 1, 16))
    names = ("pupil_key", "score", "possible_score", "level", "possible_level")
    typed = scored.rows.select(names).collect().sort("pupil_key")
    return typed.with_columns(pl.col("score", "possible_score").cast(pl.Int64))


def test_an_old_rejects_file_does_not_outlive_its_run(school: Path, tmp_path: Path) -> None:
    """A clean run removes the rejects of the run before it, and exits with 0."""
    out, clean = tmp_path / "out.csv", tmp_path / "clean.csv"
    assert pumpurs("score", school, "--rules", LV, "--out", out).returncode == 2
    assert (tmp_path / "out.rejects.csv").exists()
    clean.write_text("pupil_key,grade,attendance_rate_45d\nP1,7,0.8\n", encoding="utf-8")
    done = pumpurs("score", clean, "--rules", LV, "--out", out)
    assert done.returncode == 0
    assert not (tmp_path / "out.rejects.csv").exists()
    assert "Not in the table" in done.stdout


def test_a_file_of_somebody_else_named_like_rejects_is_left(school: Path, tmp_path: Path) -> None:
    """Nothing is scored, whether or not a row would have been rejected."""
    clean, mine = tmp_path / "clean.csv", tmp_path / "out.rejects.csv"
    clean.write_text("pupil_key,grade,attendance_rate_45d\nP1,7,0.8\n", encoding="utf-8")
    mine.write_text("row,column,value,problem and what I did\n", encoding="utf-8")
    for source in (school, clean):
        done = pumpurs("score", source, "--rules", LV, "--out", tmp_path / "out.csv")
        assert (done.returncode, "[overwrite]" in done.stderr) == (1, True)
    assert mine.read_text(encoding="utf-8").endswith("I did\n")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(("language", "says"), [("lv", "Kāpēc"), ("en", "Why")])
def test_explain_says_everything_of_one_pupil(
    school: Path, key: str, language: str, says: str
) -> None:
    """Level, reasons, unknowns, offers, in the language asked for."""
    words = ("explain", key, school, "--rules", LV, "--as-of", "2026-01-16", "--lang", language)
    done = pumpurs(*words)
    assert done.returncode == 0, done.stderr
    assert key in done.stdout
    assert says in done.stdout


def test_the_rejects_of_a_run_are_not_removed_while_they_are_its_input(tmp_path: Path) -> None:
    """A repaired rejects file, rescored into the same output, is refused."""
    repaired = tmp_path / "a.rejects.csv"
    repaired.write_text("pupil_key,grade,attendance_rate_45d\nP1,7,0.8\n", encoding="utf-8")
    done = pumpurs("score", repaired, "--rules", LV, "--out", tmp_path / "a.csv")
    assert (done.returncode, "replace the input" in done.stderr) == (1, True)
    assert repaired.exists()


def test_output_without_any_row_is_written_all_the_same(tmp_path: Path) -> None:
    """Every row rejected: the output has its columns, the rejects have the rows."""
    table = tmp_path / "in.csv"
    table.write_text("pupil_key,grade,attendance_rate_45d\nP1,7,88\n", encoding="utf-8")
    for suffix in ("csv", "parquet", "jsonl"):
        out = tmp_path / f"out.{suffix}"
        assert pumpurs("score", table, "--rules", LV, "--out", out).returncode == 2
        assert out.exists()


def test_wrong_usage_is_said_without_the_words_of_a_library() -> None:
    """What a parser raised is the message, as it was written."""
    done = pumpurs("places", "add", "village:x", "--name", "X")
    assert done.returncode == 64
    assert done.stderr.startswith("Invalid value for 'LEVEL:CODE': 'village:x' is no place;")


def test_a_reader_that_stops_reading_is_no_error() -> None:
    """``pumpurs words DIR | head`` ends quietly."""
    command = f"{sys.executable} -m service.cli words rules/lv | head -1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S602
    assert done.stderr == ""


def test_damaged_pages_are_refused(tmp_path: Path) -> None:
    """A Parquet file whose footer is sound and whose pages are not."""
    path = tmp_path / "in.parquet"
    grades = pl.Series("grade", range(5000)) % 12 + 1
    keys = pl.Series("pupil_key", [f"P{n}" for n in range(5000)])
    pl.DataFrame([keys, grades]).write_parquet(path)
    data = bytearray(path.read_bytes())
    data[100:2000] = bytes(1900)
    path.write_bytes(data)
    done = pumpurs("score", path, "--rules", LV, "--out", tmp_path / "out.csv")
    assert (done.returncode, "cannot be read" in done.stderr) == (1, True), done.stderr


def test_explain_tells_since_when_data_are_missing(tmp_path: Path) -> None:
    """Old values are unknown, and the page says up to when they go."""
    table = tmp_path / "in.csv"
    header = "pupil_key,grade,attendance_rate_45d,attendance_rate_45d.observed_on\n"
    table.write_text(header + "P1,7,0.7,2025-10-03\n", encoding="utf-8")
    done = pumpurs("explain", "P1", table, "--rules", LV, "--as-of", "2026-01-16")
    assert "last data: 3 October 2025" in done.stdout


def test_words_diff_and_schema(tmp_path: Path) -> None:
    """Documents go to standard output, and an unchanged ruleset has no changes."""
    assert "Low attendance" in pumpurs("words", LV).stdout
    assert pumpurs("diff", LV, LV).stdout == "Nothing that could change an answer.\n"
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    changed = tmp_path / "rules" / "lv" / "attendance.yaml"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace("value: 0.95", "value: 0.94"), encoding="utf-8")
    said = pumpurs("diff", LV, tmp_path / "rules" / "lv").stdout
    assert "95\u00a0% → 94\u00a0%" in said
    assert json.loads(pumpurs("schema").stdout)["title"] == "Pumpurs rule files"


def test_check_reports_and_exits_with_1(tmp_path: Path) -> None:
    """Every problem has file, line, column, caret and hint."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    assert pumpurs("check", tmp_path / "rules" / "lv").returncode == 0
    broken = tmp_path / "rules" / "lv" / "attendance.yaml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(
        text.replace("unexcused_lessons_semester >", "unexcused_lesson_semester >", 1),
        encoding="utf-8",
    )
    done = pumpurs("check", "rules/lv", cwd=tmp_path)
    assert done.returncode == 1
    assert "rules/lv/attendance.yaml:" in done.stdout
    assert "^" in done.stdout
    assert "did you mean 'unexcused_lessons_semester'?" in done.stdout


WRONG = {
    ("score", "none.csv", "--rules", str(LV), "--out", "out.csv"): (1, "no such file"),
    ("score", "in.csv", "--rules", "nowhere", "--out", "out.csv"): (1, "no ruleset.yaml"),
    ("score", "in.csv", "--rules", str(LV), "--out", "out.xlsx"): (1, ".parquet, .csv or .jsonl"),
    ("score", "in.csv", "--rules", str(LV), "--out", "no/out.csv"): (1, "no folder"),
    ("score", "in.csv", "--rules", str(LV)): (64, "--out"),
    ("score", "in.csv", "--rules", str(LV), "--out", "o.csv", "--as-of", "16.01."): (64, "as-of"),
    ("explain", "P2", "in.csv", "--rules", str(LV)): (1, "no readable row"),
    ("explain", "P3", "in.csv", "--rules", str(LV)): (1, "valid range"),
    ("check", "empty"): (1, "no ruleset here"),
    ("words", "empty"): (1, "no ruleset.yaml"),
    ("bogus",): (64, "bogus"),
    ("score", "in.csv", "--rules", str(LV), "--out", "in.csv"): (1, "replace the input"),
    ("score", "in.csv", "--rules", str(LV), "--out", "empty"): (1, ".parquet"),
    ("score", "in.csv", "--rules", str(LV), "--out", "/proc/out.csv"): (1, "/proc"),
    ("explain", "P3", "in.csv", "--rules", str(LV), "--lang", "lv"): (1, "derīgo vērtību"),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_goes_wrong_is_said_with_a_remedy(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No traceback; exit 1 for refusals, 64 for wrong usage; nothing is written."""
    (tmp_path / "in.csv").write_text("pupil_key,grade\nP1,7\nP3,99\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    code, says = WRONG[words]
    done = pumpurs(*words, cwd=tmp_path)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "in.csv"]


SHOWN = {
    "lv": ("Noraidītās rindas", "Kam pievērsties vispirms", "Ko nevar pateikt", "{} skolēni"),
    "en": ("Rejected rows", "Whom to look at first", "What cannot be said", "{} pupils"),
}
WHY_UNKNOWN = (
    r"• S\d+: the school sent no data from",
    r"• S\d+, class \w+ \(\d+.pupils\): the journal",
)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_demo_shows_levels_reasons_unknowns_and_rejects(tmp_path: Path, language: str) -> None:
    """The first thing that a new user sees; each command that it prints works when pasted."""
    done = pumpurs("demo", "--no-serve", "--folder", tmp_path, "--lang", language)
    assert done.returncode == 0, done.stderr
    said = done.stdout.replace("\u00a0", " ")
    pupils = pl.read_parquet(tmp_path / "indicators.parquet").height
    assert all(title.format(pupils) in said for title in SHOWN[language])
    if language == "en":
        assert all(re.search(why, said) for why in WHY_UNKNOWN)
        commands = re.findall(r"^  \.venv/bin/pumpurs (.*)$", said, re.MULTILINE)
        answers = [pumpurs(*shlex.split(command)) for command in commands]
        assert [answer.returncode for answer in answers] == [2, 0, 0, 0, 0]  # rejects are told of
        assert [command.split()[0] for command in commands][1:3] == ["trace", "explain"]


def test_the_demo_replaces_no_registers_but_its_own(tmp_path: Path) -> None:
    """A folder in which somebody keeps registers is refused, and left as it is."""
    mine = tmp_path / "registers" / "2025-12" / "manifest.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("propertyName,value\n", encoding="utf-8")
    done = pumpurs("demo", "--no-serve", "--folder", tmp_path, "--pupils", "50")
    assert (done.returncode, "not the demonstration's" in done.stderr) == (1, True), done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_the_language_follows_the_system(tmp_path: Path) -> None:
    """PUMPURS_LANG, else the system's language, else English."""
    assert tmp_path.exists()
    assert "Nekas" in pumpurs("diff", LV, LV, PUMPURS_LANG="lv").stdout
    assert "Nekas" in pumpurs("diff", LV, LV, PUMPURS_LANG="", LC_ALL="lv_LV.UTF-8").stdout
    assert "Nothing" in pumpurs("diff", LV, LV, PUMPURS_LANG="", LC_ALL="C.UTF-8").stdout


def test_help_names_every_command_and_imports_no_frames() -> None:
    """Help stays quick because polars, pydantic and durable_rules are not imported for it."""
    done = pumpurs("--help")
    for command in ("check", "score", "explain", "words", "diff", "schema", "demo"):
        assert command in done.stdout
    script = "import sys, service.cli; print(*sorted(sys.modules))"
    start = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert time.perf_counter() > start
    assert not {"polars", "pydantic", "durable_rules_engine", "ruamel.yaml"} & set(
        found.stdout.split()
    )
