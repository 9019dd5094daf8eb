"""``pumpurs replay``, as an analyst meets it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from engine.load import load_catalogue
from engine.replay.history import read_history
from engine.text import LANGUAGES
from engine.tuning.candidate import RECORD
from service.replay_words import PHRASES
from tests.service.test_cli import LV, ROOT, pumpurs

COUNT = 40


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a history of three cohorts in which absence tells who leaves."""
    rows = [
        {
            "pupil_key": f"p{cohort}-{n}",
            "cohort": cohort,
            "school": "S1" if n % 20 else "S2",
            "grade": 9 + n % 2,
            "attendance_rate_45d": 0.7 if n % 4 == 0 else 0.97,
            "unexcused_lessons_semester": 30 if n % 8 == 0 else 0,
            "sex": "female" if n % 2 else "male",
            "outcome": int(n % 8 == 0 or n == 1),
        }
        for cohort in ("2021", "2022", "2023")
        for n in range(COUNT)
    ]
    path = tmp_path_factory.mktemp("past") / "history.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_replay_tells_whom_the_rules_flag_and_how_often_rightly(past: Path, lang: str) -> None:
    """In both languages, with the interval, by cohort, and what each rule brings."""
    done = pumpurs("replay", past, "--rules", LV, "--by", "sex", "--lang", lang, COLUMNS="250")
    assert done.returncode == 0, done.stderr
    said = done.stdout.replace("\xa0", " ")
    assert re.search(r"(Precision|Precizitāte) +50 % \(", said)
    assert ("By Cohort" if lang == "en" else "Pēc: Kohorta") in said
    assert ("Low attendance" if lang == "en" else "Zems apmeklējums") in said
    assert re.search(
        r"By Sex.* female " if lang == "en" else r"Pēc: Dzimums.* sieviešu ", said, re.DOTALL
    )
    assert "{" not in said


@pytest.mark.parametrize(
    ("lang", "silent", "never"),
    [
        ("en", "cannot say in any row", "never holds"),
        ("lv", "nevar pateikt nevienā rindā", "neizpildās nevienam"),
    ],
)
def test_a_rule_that_can_say_nowhere_is_not_said_never_to_hold(
    past: Path, tmp_path: Path, lang: str, silent: str, never: str
) -> None:
    """Nor to catch none, where the history has nothing that it reads."""
    bare = tmp_path / "bare.csv"
    kept = ("pupil_key", "cohort", "outcome", "attendance_rate_45d")
    pl.read_csv(past).select(kept).write_csv(bare)
    done = pumpurs("replay", bare, "--rules", LV, "--lang", lang, COLUMNS="250")
    assert done.returncode == 0, done.stderr
    said = done.stdout.replace("\xa0", " ")
    lines = [line for line in said.splitlines() if silent in line]
    assert len(lines) > 5
    assert not [line for line in lines if " 0 %" in line or not line.rstrip().endswith("120")]
    (other,) = (line for line in said.splitlines() if never in line)
    assert other.rstrip().endswith("90")  # falling attendance: the other rows say that it did not


def test_the_figures_of_a_file_are_those_that_are_said(past: Path, tmp_path: Path) -> None:
    """By school, where one school of few pupils hides the other too; by a group; at capacity."""
    out = tmp_path / "figures.json"
    words = ("--by", "school", "--by", "sex", "--plans", "5", "--out", out)
    assert pumpurs("replay", past, "--rules", LV, *words).returncode == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    line = found["figures"]["level"]
    assert (line["rows"], line["flagged"], line["caught"]) == (3 * COUNT, 30, 15)
    assert line["precision_low"] < line["precision"] == 0.5 < line["precision_high"]
    assert found["figures"]["plans"]["flagged"] == 15
    assert [each["rows"] for each in found["by"]["school"]] == [None, None]
    assert {each["sex"]: each["rows"] for each in found["by"]["sex"]} == {"female": 60, "male": 60}
    assert [each["cohort"] for each in found["by"]["cohort"]] == ["2021", "2022", "2023"]
    assert found["lead_time"] is None


def test_later_cohorts_judge_and_other_rulesets_stand_beside(past: Path, tmp_path: Path) -> None:
    """What a ruleset lacks is named; one of which the history has nothing is not compared."""
    out = tmp_path / "figures.json"
    folders = (LV, ROOT / "rules/published/somerville", ROOT / "rules/published/chicago-on-track")
    rules = [word for folder in folders for word in ("--rules", folder)]
    done = pumpurs("replay", past, *rules, "--after", "2022", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "Judged on the cohorts: 2023" in done.stdout
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["figures"]["level"]["rows"] == COUNT
    names = [each["ruleset"].split("@")[0] for each in found["compared"]]
    assert names == ["lv-general", "somerville"]
    assert "failed_courses" in found["compared"][1]["absent"]
    assert re.search(r"Chicago.*not compared: .*no indicator", done.stdout)
    said = pumpurs("replay", past, *rules, "--lang", "lv", COLUMNS="250").stdout
    assert "netiek salīdzināta: vēsturē nav neviena rādītāja" in said
    assert "vēsturē trūkst: 'as_of', 'left_on'." in said


def test_what_was_tuned_on_the_history_is_refused_or_marked(past: Path, tmp_path: Path) -> None:
    """A candidate's record says on what; the refusal says what to do."""
    shutil.copytree(LV, tmp_path / "rules" / "tuned")
    for name in ("indicators.yaml", "measures.yaml"):
        shutil.copy(LV.parent / name, tmp_path / "rules" / name)
    seen = read_history(past, load_catalogue(LV)).fingerprint
    record = {"history": seen, "cohorts": ["2021", "2022"], "seed": 1}
    folder = tmp_path / "rules" / "tuned"
    (folder / RECORD).write_text(json.dumps({"searched": {}, "learnt": record}))
    done = pumpurs("replay", past, "--rules", folder)
    assert "Judged on the cohorts: 2023" in done.stdout, done.stderr
    refused = pumpurs("replay", past, "--rules", folder, "--after", "2021")
    assert (refused.returncode, "[tuned-on]" in refused.stderr) == (1, True)
    marked = pumpurs("replay", past, "--rules", folder, "--even-on-tuned")
    assert "tuned on these very rows" in marked.stdout


def test_bad_input_is_refused_with_what_to_do(past: Path, tmp_path: Path) -> None:
    """An unknown level, group or cohort, another file type, and a history without outcomes."""
    asked = ("replay", past, "--rules", LV)
    for words, code in (
        (("--level", "hgh"), "no-level"),
        (("--by", "shcool"), "no-group"),
        (("--after", "2030"), "no-split"),
        (("--after", "2023"), "no-split"),
        (("--out", tmp_path / "figures.xlsx"), "file-type"),
    ):
        done = pumpurs(*asked, *words)
        assert done.returncode == 1, words
        assert f"[{code}]" in done.stderr
        assert "hint:" in done.stderr
    blank = tmp_path / "blank.csv"
    pl.read_csv(past).with_columns(outcome=pl.lit(None, pl.Int64)).write_csv(blank)
    done = pumpurs("replay", blank, "--rules", LV)
    assert (done.returncode, "[no-outcomes]" in done.stderr) == (1, True)


def test_rejected_rows_are_counted_and_end_in_two(past: Path, tmp_path: Path) -> None:
    """Two rows of one pupil in one cohort: neither is used, and it is said."""
    twice = tmp_path / "twice.csv"
    table = pl.read_csv(past)
    first = table.filter(pl.col("cohort") == 2021)
    pl.concat([first, first.head(1)]).write_csv(twice)
    done = pumpurs("replay", twice, "--rules", LV)
    assert done.returncode == 2, done.stderr
    assert "Rows rejected: 2. Problems: pupil_key duplicate 2 (first in row 2)" in done.stdout


def test_a_replay_warns_of_what_looks_like_a_leak(past: Path, tmp_path: Path) -> None:
    """On the screen and in the file; a ruleset may be replayed all the same."""
    leaky, out = tmp_path / "leaky.csv", tmp_path / "figures.json"
    gone = pl.col("attendance_rate_45d") < 0.9
    leak = pl.when(gone).then(60).otherwise(0).alias("unexcused_lessons_semester")
    pl.read_csv(past).with_columns(leak, outcome=gone.cast(pl.Int8)).write_csv(leaky)
    done = pumpurs("replay", leaky, "--rules", LV, "--out", out, "--lang", "lv", COLUMNS="250")
    assert done.returncode == 0, done.stderr
    assert "pēc vērtības gandrīz droši var pateikt, kurš pametis mācības" in done.stdout
    notes = json.loads(out.read_text(encoding="utf-8"))["notes"]
    assert any("tells almost surely who left" in note["en"] for note in notes)


def test_what_a_replay_says_is_there_in_both_languages() -> None:
    """No phrase is blank, and both languages take the same fields."""
    for name, text in PHRASES.items():
        fields = [sorted(re.findall(r"{\w*}", text[language])) for language in LANGUAGES]
        assert fields[0] == fields[1], name
        assert text.lv.strip()
        assert text.en.strip()
