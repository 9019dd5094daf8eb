"""The Open University Learning Analytics Dataset (Kuzilek, Hlosta, Zdrahal 2017) as registers.

Its days are counted from the start of a module's presentation, whose date it does not tell: here
``B`` starts on 1 February and ``J`` on 1 October. A presentation of a module is an org of its own
with one year of one term, each day of it a school day; a student is a pupil in each of them, as
results are. A piece of work is due on its day, and late once it comes; until then it is missing.
A score counts as known when the work was handed in: when it was marked, the data does not tell.
Exams and the clickstream are left out, and so is what rules may not read but sex and attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from engine.registers.adapters.export import Export
from engine.table import refused

SYSTEM = "Open University Learning Analytics Dataset"
STARTS = {"B": (2, 1), "J": (10, 1)}  # month and day, ours
SCALE, PASS = "oulad-score", 40  # scores from 0 to 100; below 40 is a fail
COMPLETE = date(2016, 1, 1)  # all that the data tells had happened by then
_TABLES = {
    "courses": ("code_module", "code_presentation", "module_presentation_length"),
    "assessments": ("code_module", "code_presentation", "id_assessment", "assessment_type", "date"),
    "studentInfo": (
        "code_module", "code_presentation", "id_student", "gender", "num_of_prev_attempts",
        "final_result",
    ),
    "studentRegistration": (
        "code_module", "code_presentation", "id_student", "date_registration",
        "date_unregistration",
    ),
    "studentAssessment": ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
}  # fmt: skip
_PRESENTED = ["code_module", "code_presentation"]
_ORG = pl.concat_str(_PRESENTED, separator="-")
_PUPIL = pl.concat_str("id_student", _ORG, separator="-")
_ENDED = {"Withdrawn": "left", "Pass": "graduated", "Distinction": "graduated",
          "Fail": "not_completed"}  # fmt: skip


def oulad(folder: Path) -> Iterator[Export]:
    """Yield the registers as they were first recorded, then what changed."""
    tables = {name: _table(folder, name, columns) for name, columns in _TABLES.items()}
    courses = tables["courses"].with_columns(start=_start(), school=_ORG)
    courses = courses.with_columns(end=_day("module_presentation_length"), recorded=pl.col("start"))
    stays = _stays(tables, courses)
    works = _works(tables, courses, stays)
    yield Export(
        "first",
        SYSTEM,
        COMPLETE,
        {**_calendar(courses), **_people(stays), **_first(works, tables["assessments"], courses)},
    )
    later = {"enrolments": _ends(stays), "activity": _late(works)}
    yield Export("later", SYSTEM, COMPLETE.replace(day=2), later)


def _table(folder: Path, name: str, columns: tuple[str, ...]) -> pl.LazyFrame:
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise refused(path, "no-file", "there is no such file", "name the folder of the dataset")
    frame = pl.scan_csv(path, infer_schema=False)
    absent = [column for column in columns if column not in frame.collect_schema()]
    if absent:
        hint = "the columns of the dataset keep their names"
        raise refused(path, "column-missing", f"there is no column '{absent[0]}'", hint)
    # Days and scores stand as 19.0 there.
    numbers = [c for c in columns if c.startswith(("date", "num_", "module_")) or c == "score"]
    return frame.select(columns).with_columns(pl.col(numbers).cast(pl.Float64, strict=False))


def _start() -> pl.Expr:
    presentation = pl.col("code_presentation")
    month, day = (
        presentation.str.slice(4).replace_strict(
            {letter: parts[place] for letter, parts in STARTS.items()}, return_dtype=pl.Int8
        )
        for place in (0, 1)
    )
    return pl.date(presentation.str.slice(0, 4).cast(pl.Int32), month, day)


def _day(column: str) -> pl.Expr:
    """Return the date of a day of the presentation."""
    return pl.col("start") + pl.duration(days=pl.col(column).cast(pl.Int64))


def _calendar(courses: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """Return orgs, sessions and school days, known when the presentation starts, and coverage.

    Each day is covered on that day: of work alone, as the clickstream is left out.
    """
    session = courses.select("school", begins="start", ends="end", recorded="start")
    kinds = [
        session.with_columns(
            id=pl.concat_str("school", pl.lit(kind), separator="-"), type=pl.lit(kind)
        )
        for kind in ("school_year", "semester")
    ]
    days = courses.select("school", "recorded", day=pl.date_ranges("start", "end"))
    return {
        "orgs": courses.select(id="school", name="school", type=pl.lit("school"), recorded="start"),
        "sessions": pl.concat(kinds),
        "school_days": days.explode("day"),
        "coverage": days.explode("day").select(
            "school", begins="day", ends="day", recorded="day", register=pl.lit("work")
        ),
        "scales": pl.LazyFrame(
            {"id": [SCALE], "low": [0.0], "high": [100.0], "passes_from": [float(PASS)],
             "recorded": [date(2013, 1, 1)]}
        ),
    }  # fmt: skip


def _stays(tables: dict[str, pl.LazyFrame], courses: pl.LazyFrame) -> pl.LazyFrame:
    """Return each student's registration: from when to when, and how it ended."""
    info = tables["studentInfo"]
    registered = tables["studentRegistration"].join(info, on=[*_PRESENTED, "id_student"])
    ended = pl.coalesce(_day("date_unregistration"), pl.col("end"))
    return registered.join(courses, on=_PRESENTED).with_columns(
        pupil=_PUPIL, id=_PUPIL, begins=_day("date_registration"), ends=ended
    )


def _people(stays: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    begun = pl.min_horizontal("begins", "start")
    sex = pl.col("gender").replace({"F": "female", "M": "male"})
    attempts = pl.col("num_of_prev_attempts").cast(pl.Int32)
    outcome = pl.col("final_result").replace(_ENDED)
    first = stays.with_columns(recorded=pl.coalesce(begun, "start"))
    return {
        "pupils": first.select("id", "recorded", sex=sex, repeated_before=attempts),
        "enrolments": first.select(
            "id", "pupil", "school", "begins", "recorded", ends=pl.lit(None, pl.Date),
            exit=pl.lit(None, pl.String),
        ),
        "outcomes": stays.select("id", "pupil", outcome=outcome, day="ends", recorded="ends"),
    }  # fmt: skip


def _ends(stays: pl.LazyFrame) -> pl.LazyFrame:
    """Return the registrations again, as known from their last day on."""
    left = pl.col("final_result") == "Withdrawn"
    exit_ = pl.when(left).then(pl.lit("left")).otherwise(pl.lit("stage_completed"))
    recorded = _evening("ends")  # some left on the very day on which they came
    return stays.select("id", "pupil", "school", "begins", "ends", recorded=recorded, exit=exit_)


def _evening(day: str) -> pl.Expr:
    return pl.col(day).cast(pl.Datetime("ms")) + pl.duration(hours=18)


def _works(
    tables: dict[str, pl.LazyFrame], courses: pl.LazyFrame, stays: pl.LazyFrame
) -> pl.LazyFrame:
    """Return each piece of work of each student: due when, and handed in when, if it was."""
    due = tables["assessments"].filter(pl.col("assessment_type") != "Exam")
    due = due.join(courses, on=_PRESENTED).with_columns(due=_day("date"))
    works = due.join(stays.select(*_PRESENTED, "id_student", "pupil", "begins", "ends"),
                     on=_PRESENTED)  # fmt: skip
    handed = tables["studentAssessment"]
    return works.join(handed, on=["id_assessment", "id_student"], how="left").with_columns(
        id=pl.concat_str("pupil", "id_assessment", separator="-"),
        handed=_day("date_submitted"),
    )


def _first(
    works: pl.LazyFrame, assessments: pl.LazyFrame, courses: pl.LazyFrame
) -> dict[str, pl.LazyFrame]:
    """Return courses (a piece of work is one), marks, and what was due, as known on its day."""
    asked = works.filter(pl.col("due").is_between("begins", "ends"))
    in_time = (pl.col("handed") <= pl.col("due")).fill_null(value=False)
    kind = pl.when(in_time).then(pl.lit("due")).otherwise(pl.lit("missing"))
    work = assessments.join(courses, on=_PRESENTED)
    title = pl.concat_str("school", "assessment_type", "id_assessment", separator=" ")
    score = pl.col("score")
    status = pl.when(score.is_null()).then(pl.lit("not_assessed")).otherwise(pl.lit("marked"))
    return {
        "courses": work.select(
            "recorded", id="id_assessment", title=title, core=pl.lit(value=False)
        ),
        "marks": works.filter(pl.col("handed").is_not_null()).select(
            "id", "pupil", "school", course="id_assessment", day="handed", recorded="handed",
            session=pl.concat_str("school", pl.lit("semester"), separator="-"),
            status=status, mark=score, scale=pl.lit(SCALE),
        ),
        "activity": asked.select("id", "pupil", day="due", recorded="due", kind=kind),
    }  # fmt: skip


def _late(works: pl.LazyFrame) -> pl.LazyFrame:
    """Return work that came after its day, known from the day on which it came."""
    came = works.filter(
        pl.col("due").is_between("begins", "ends"), pl.col("handed") > pl.col("due")
    )
    return came.select("id", "pupil", day="due", recorded="handed", kind=pl.lit("late"))
