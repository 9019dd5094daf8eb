"""``pumpurs demo``: a school that does not exist, with the dirt of registers that do.

The school is drawn from one seed. A pupil has a hidden strain that moves attendance, marks and
conduct together. Then come the troubles of real registers: newcomers without marks, long medical
absence, a class whose journal nobody filled in, single gaps, pupils without any data, and rows
that cannot be read.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table as Grid

from engine.assess import Assessor
from engine.frame import KEY
from engine.pupil import find_pupil
from engine.text import Language
from engine.words.assessments import AssessmentWords
from engine.words.phrases import PUPILS
from engine.words.quantities import counted
from service.phrases import say
from service.scoring import Run, colour, score_file, summarise

AS_OF = date(2026, 1, 16)
FIRST = 8
Row = dict[str, object]
SCHOOL_DAYS = 78
LESSONS_A_DAY = 7


def run_demo(folder: Path, rules: Path, pupils: int, seed: int, language: Language) -> None:
    """Make the school, score it, and show levels, pupils with reasons, and what is not known."""
    console = Console()
    folder.mkdir(parents=True, exist_ok=True)
    source, out = folder / "school.csv", folder / "assessments.parquet"
    write_school(source, pupils, seed)
    console.rule(say("school", language, count=counted(pupils, PUPILS, language), seed=str(seed)))
    run = score_file(source, rules, out, AS_OF, "columns", language)
    summarise(run, out, AS_OF, console, language)
    console.print(_first(run, language))
    console.print(_unknown(run, language))
    if run.rejects.height:
        console.print(_rejected(run, language))
    key = _gravest(run).select(KEY).head(1).collect().item()
    console.print(say("next", language), style="bold")
    for command in (
        f"pumpurs explain {key} {source} --rules rules/lv --as-of {AS_OF} --lang {language}",
        f"pumpurs words rules/lv --lang {language}",
        "pumpurs check",
    ):
        console.print(f"  .venv/bin/{command}", highlight=False, soft_wrap=True)


def write_school(path: Path, pupils: int, seed: int) -> None:
    """Write the school's indicators as CSV, dirt included; the same seed gives the same bytes."""
    rows = list(_rows(pupils, random.Random(seed)))  # noqa: S311  a school is no secret
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def _rows(pupils: int, draw: random.Random) -> Iterator[Row]:
    keys: list[str] = []
    for number in range(pupils):
        key = hashlib.sha256(f"{draw.random()}{number}".encode()).hexdigest()[:8]
        keys.append(f"P-{key.upper()}")
        row = {KEY: keys[-1], **_pupil(draw)}
        yield _with_trouble(row, draw)
    if pupils > 20:
        yield from _unreadable(keys, draw)


def _pupil(draw: random.Random) -> Row:
    """Return one pupil's indicators: all hang on one hidden strain, each with noise of its own."""
    strain = draw.gauss(0, 1)
    grade = draw.randint(1, 12)
    expected = SCHOOL_DAYS * LESSONS_A_DAY
    absence = min(0.6, max(0.0, 0.034 + 0.034 * strain + draw.gauss(0, 0.018)))
    unexcused = max(
        0, round(expected * absence * max(0.0, 0.05 + 0.12 * strain) + draw.gauss(0, 1))
    )
    mean = min(10.0, max(2.5, 7.0 - 1.1 * strain + draw.gauss(0, 0.6)))
    fails = sum(draw.random() < max(0.0, 0.02 + (4.8 - mean) * 0.12) for _ in range(11))
    core = sum(draw.random() < 0.4 for _ in range(fails))
    poor = draw.random() < 0.14 + 0.05 * strain
    return {
        "school": "demo",
        "school_type": "general",
        "class": f"{grade}{draw.choice('abc')}",
        "grade": grade,
        "attendance_rate_45d": round(1 - absence, 4),
        "attendance_rate_45d.observed_on": AS_OF.isoformat(),
        "unexcused_lessons_semester": unexcused,
        "unexcused_hours_4w": round(unexcused * draw.uniform(0.1, 0.5)),
        "absent_days_semester": round(SCHOOL_DAYS * absence),
        "absent_days_year": round(SCHOOL_DAYS * absence),
        "late_arrivals_20d": max(0, round(1 + 1.5 * strain + draw.gauss(0, 1))),
        "attendance_trend_40d": round(draw.gauss(-0.8 * strain, 2.5), 2),
        "medical_absence_share": round(draw.uniform(0.3, 0.9), 2) if absence else "",
        "failed_core_courses": core,
        "failed_courses": fails,
        "near_fails": sum(draw.random() < max(0.0, (6.5 - mean) * 0.08) for _ in range(11)),
        "mean_mark": round(mean, 2),
        "mark_trend": round(draw.gauss(-0.15 * strain, 0.4), 2),
        "not_assessed_courses": sum(draw.random() < 0.02 + 0.3 * absence for _ in range(11)),
        "incidents_semester": sum(draw.random() < max(0.0, 0.04 + 0.06 * strain) for _ in range(6)),
        "incident_days_rate_year": round(max(0.0, draw.gauss(0.004 + 0.008 * strain, 0.006)), 4),
        "on_track": str(fails < 3).lower(),
        "sanctions_year": int(draw.random() < max(0.0, 0.02 + 0.03 * strain)),
        "grades_repeated": int(draw.random() < max(0.0, 0.01 + 0.02 * strain)),
        "years_overage": int(draw.random() < max(0.0, 0.03 + 0.03 * strain)),
        "school_moves_12m": int(draw.random() < 0.05 + max(0.0, 0.02 * strain)),
        "travel_minutes": max(3, round(draw.lognormvariate(2.9, 0.6))),
        "low_income": str(poor).lower(),
        "out_of_family_care": str(draw.random() < 0.012).lower(),
        "parent_abroad": str(draw.random() < 0.04).lower(),
        "language_support_need": str(draw.random() < 0.05).lower(),
        "special_needs_support": str(draw.random() < 0.07).lower(),
        "long_illness": "false",
        "wellbeing_score": ""
        if draw.random() < 0.35
        else round(min(10, max(1, draw.gauss(6.8 - strain, 1.2))), 1),
    }


_MARKS = (
    "on_track",
    "failed_core_courses",
    "failed_courses",
    "near_fails",
    "mean_mark",
    "mark_trend",
)
_KEPT = (KEY, "school", "school_type", "class", "grade")


def _with_trouble(row: Row, draw: random.Random) -> Row:
    """Return the row with what registers do to it."""
    luck = draw.random()
    if luck < 0.008:  # nobody sent anything
        return {name: value if name in _KEPT else "" for name, value in row.items()}
    if luck < 0.04:  # a newcomer: no marks yet, and no attendance long enough to count
        blank = {*_MARKS, "attendance_rate_45d", "attendance_trend_40d", "not_assessed_courses"}
        return {name: "" if name in blank else value for name, value in row.items()} | {
            "school_moves_12m": 1
        }
    if luck < 0.06:  # long illness: absent, and excused
        days = draw.randint(15, 40)
        return row | {
            "attendance_rate_45d": round(1 - days / 45, 4),
            "absent_days_semester": days,
            "absent_days_year": days,
            "unexcused_lessons_semester": 0,
            "unexcused_hours_4w": 0,
            "medical_absence_share": round(draw.uniform(0.92, 1), 2),
            "long_illness": "true",
        }
    if row["class"] == "8c":  # the journal of this class ends in October
        return row | {"attendance_rate_45d.observed_on": "2025-10-03"}
    if luck < 0.12:  # a single gap
        return row | {draw.choice([name for name in row if name not in _KEPT]): ""}
    return row


def _unreadable(keys: list[str], draw: random.Random) -> Iterator[Row]:
    """Yield rows that nobody can read: text, per cents, a key twice, no key."""
    for place, wrong in (
        (3, {"mean_mark": "nv"}),
        (5, {"attendance_rate_45d": "87"}),
        (8, {"failed_courses": "1.5"}),
        (13, {"low_income": "maybe"}),
    ):
        yield {KEY: f"{keys[place]}-X", **_pupil(draw), **wrong}
    yield {KEY: keys[0], **_pupil(draw)}
    yield {KEY: "", **_pupil(draw)}


def _gravest(run: Run) -> pl.LazyFrame:
    """Return the assessments, gravest first: by sure level, then by sure and possible score."""
    ranks = {level.id: rank for rank, level in enumerate(run.ruleset.levels)}
    rank = pl.col("level").replace_strict(ranks, default=-1, return_dtype=pl.Int8)
    by = [rank, pl.col("score"), pl.col("possible_score")]
    return run.assessments.sort(*by, pl.col(KEY), descending=[True, True, True, False])


def _first(run: Run, language: Language) -> Grid:
    """Return the pupils to look at first, with their reasons in words."""
    words = AssessmentWords(run.ruleset, language)
    assessor = Assessor(run.ruleset)
    title = say("first-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold", show_lines=True)
    for name in ("pupil", "level", "score"):
        grid.add_column(say(name, language), no_wrap=name == "pupil")
    grid.add_column(say("why", language), ratio=1)
    for key, *_ in _gravest(run).head(FIRST).collect().iter_rows():
        pupil = find_pupil(run.table, key, run.ruleset, AS_OF)
        found = assessor.assess(pupil.record)
        reasons = "\n".join(f"• {words.brief(reason)}" for reason in words.raising(found))
        level = words.level(found.level, found.possible_level)
        score = words.score(found.score, found.possible_score)
        grid.add_row(key, f"[{colour(run.ruleset, found.level)}]{level}[/]", score, reasons)
    return grid


def _unknown(run: Run, language: Language) -> Grid:
    """Return what cannot be said: for how many pupils which indicator is missing, and matters."""
    words = AssessmentWords(run.ruleset, language)
    title = say("cannot-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold")
    grid.add_column(say("missing-indicator", language))
    grid.add_column(say("pupils", language), justify="right")
    missing = run.assessments.select(pl.col("missing").explode()).drop_nulls()
    counted_missing = (
        missing.group_by("missing").len().sort("len", "missing", descending=[True, False])
    )
    for name, count in counted_missing.collect().iter_rows():
        grid.add_row(words.label(name), str(count))
    least = run.ruleset.levels[0].id
    unsure = run.assessments.filter(
        (pl.col("level") == least) & (pl.col("possible_level") != least)
    )
    total = unsure.select(pl.len()).collect().item()
    grid.caption = f"{say('cannot-pupils', language)}: {total}"
    return grid


def _rejected(run: Run, language: Language) -> Grid:
    """Return the rows that could not be read."""
    title = say("rejects-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold yellow")
    for name in ("row", "column", "value", "problem"):
        grid.add_column(say(name, language))
    for row, column, value, problem in run.rejects.head(10).iter_rows():
        grid.add_row(str(row), column, value or "", problem)
    return grid
