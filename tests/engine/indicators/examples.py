"""Examples of each indicator: what stands in registers, and what is made of it.

Days are told by their numbers. There is a school day each weekday from Friday, 1 September 2023;
the second semester begins with day 81. The pupil is in grade 5 of school a from the first day,
unless enrolments stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.engine.indicators.drawn import EARLY, START, Row, Rows, moment

DAYS = [day for n in range(250) if (day := START + timedelta(days=n)).weekday() < 5]


@dataclass(frozen=True)
class Example:
    """What is known at the end of a school day (its number), and the value that follows."""

    say: str
    value: Any
    at: int = 50
    rows: Rows | None = None


def on(number: int) -> date:
    """Return the date of a school day."""
    return DAYS[number - 1]


def lessons(text: str) -> Rows:
    """Return attendance day by day: ``present*3 late+unexcused -`` is of five days, one empty."""
    said = [(day, int(n or 1)) for day, _, n in (word.partition("*") for word in text.split())]
    told = enumerate([day for day, n in said for _ in range(n)], 1)
    rows = [
        {"school": "a", "day": on(number), "lesson": n, "status": status}
        for number, day in told
        for n, status in enumerate(day.split("+"), 1)
        if status != "-"
    ]
    return {"attendance": rows}


def marks(*said: str) -> Rows:
    """Return marks such as ``maths 8``, ``music nv`` or ``maths 6 in s2``."""
    rows = []
    for each in said:
        course, mark, _, session = (*each.split(), "in", "s1")[:4]
        status = {"nv": "not_assessed", "exempt": "exempt"}.get(mark, "marked")
        row: Row = {"course": course, "session": session, "status": status, "school": "a"}
        row["day"] = on(5 if session == "s1" else 85)
        rows.append(row | ({"mark": float(mark)} if status == "marked" else {}))
    return {"marks": rows}


def events(register: str, column: str, *said: str, covered: str = "", to: int = 50) -> Rows:
    """Return rows such as ``3 actor`` (day, what), and that all were sent up to a day."""
    rows = [
        {"school": "a", "day": on(int(day)), column: what} for day, what in map(str.split, said)
    ]
    told = {"school": "a", "begins": START, "ends": on(to), "recorded": moment(on(to), 20)}
    found: Rows = {register: rows}
    return found | ({"coverage": [{"register": covered, **told}]} if covered else {})


def facts(kind: str, value: float, ends: date | None = None) -> Rows:
    """Return one fact, stated since the first day."""
    return {"circumstances": [{"kind": kind, "begins": START, "ends": ends, "value": value}]}


def stays(*said: Row) -> Rows:
    """Return enrolments at school a, unless they say otherwise."""
    return {"enrolments": [{"school": "a", **each} for each in said]}


def before(grade: int, **more: object) -> Row:
    """Return the enrolment of the year before."""
    return {"begins": date(2022, 9, 1), "ends": date(2023, 5, 31), "grade": grade, **more}


def now(grade: int | None, **more: object) -> Row:
    """Return the enrolment of this year."""
    return {"begins": START, "grade": grade, **more}


def pupil(**said: object) -> Rows:
    """Return what the register of pupils says."""
    return {"pupils": [{"id": "p", **said}]}


def flag(kind: str) -> tuple[Example, ...]:
    """Return the examples of a fact that is yes or no."""
    return (
        Example("nobody states it", None),
        Example("stated", value=True, rows=facts(kind, 1)),
        Example("stated that it is not so", value=False, rows=facts(kind, 0)),
        Example("it still held on the day itself", value=True, rows=facts(kind, 1, on(50))),
        Example("it ended long ago", None, at=90, rows=facts(kind, 1, START - timedelta(1))),
    )


def work(*said: str) -> Rows:
    """Return work in the learning platform, all of which was sent up to day 20."""
    return events("activity", "kind", *said, covered="work", to=20)


NOTHING = Example("no rows, no value", None)
UNGRADED = stays(now(None))
EXAMPLES: dict[str, tuple[Example, ...]] = {
    "attendance_rate_45d": (
        NOTHING,
        Example("45 days without a miss", 1, 45, lessons("present*45")),
        Example("one of 46 lessons missed", 0.9783, 45, lessons("present*44 present+unexcused")),
        Example("44 days are no 45", None, 44, lessons("present*44")),
    ),
    "attendance_rate_year": (
        NOTHING,
        Example("a late pupil attended", 0.9, 10, lessons("present*8 medical late")),
        Example("two of ten days not sent", None, 10, lessons("present*5 -*2 present*3")),
        Example("one of ten days not sent", 1, 10, lessons("present*5 - present*4")),
    ),
    "unexcused_lessons_semester": (
        NOTHING,
        Example("two lessons; an illness is none", 2, 10,
                lessons("present*8 unexcused+unexcused medical")),
        Example("present on all days", 0, 10, lessons("present*10")),
        Example("of the semester before", 0, 85, lessons("unexcused*80 present*5")),
    ),
    "unexcused_hours_4w": (
        NOTHING,
        Example("24 lessons of 40 minutes are 16 hours", 16, 20,
                lessons("present*8 unexcused+unexcused+unexcused*8 present*4")),
        Example("three weeks are no four", None, 11, lessons("unexcused*11")),
    ),
    "absent_days_semester": (
        NOTHING,
        Example("one day without any lesson", 1, 10,
                lessons("present*8 unexcused+medical present+unexcused")),
        Example("of the semester before", 0, 85, lessons("present*79 medical present*5")),
    ),
    "absent_days_year": (
        NOTHING,
        Example("of the semester before", 1, 85, lessons("present*79 medical present*5")),
        Example("late is there", 0, 10, lessons("present*9 late")),
    ),
    "late_arrivals_20d": (
        NOTHING,
        Example("each of 20 days", 20, 21, lessons("present late*20")),
        Example("the day before them", 0, 21, lessons("late present*20")),
    ),
    "attendance_trend_40d": (
        NOTHING,
        Example("from all to none", -100, 40, lessons("present*20 unexcused*20")),
        Example("39 days are no 40", None, 39, lessons("present*39")),
    ),
    "medical_absence_share": (
        NOTHING,
        Example("one of two", 0.5, 10, lessons("present*8 medical unexcused")),
        Example("nothing missed", None, 10, lessons("present*10")),
    ),
    "failed_core_courses": (
        NOTHING,
        Example("music is no core course", 1, rows=marks("maths 3", "music 2")),
        Example("four passes", 0, rows=marks("maths 4")),
        Example("no core course", None, rows=marks("music 3")),
    ),
    "failed_courses": (
        NOTHING,
        Example("any course", 2, rows=marks("maths 3", "music 2")),
        Example("four passes", 0, rows=marks("maths 4")),
    ),
    "near_fails": (
        NOTHING,
        Example("four, and neither five nor three", 1,
                rows=marks("maths 4", "music 5", "latvian 3")),
        Example("no mark at all", None, rows=marks("maths nv")),
    ),
    "mean_mark": (
        NOTHING,
        Example("without what is not assessed", 6.5,
                rows=marks("maths 8", "music 5", "latvian nv")),
        Example("exempt from all", None, rows=marks("maths exempt")),
    ),
    "mean_score": (
        NOTHING,
        Example("the ends of the scale", 50, rows=marks("maths 10", "music 1")),
        Example("exempt from all", None, rows=marks("maths exempt")),
    ),
    "mark_trend": (
        NOTHING,
        Example("from eight to six", -2, 90, marks("maths 8", "maths 6 in s2")),
        Example("no term before", None, 90, marks("maths 6 in s2")),
    ),
    "not_assessed_courses": (
        NOTHING,
        Example("exempt is another thing", 1, rows=marks("maths nv", "music exempt")),
        Example("all assessed", 0, rows=marks("maths 8")),
    ),
    "incidents_semester": (
        NOTHING,
        Example("one acted in; a victim is no actor", 1,
                rows=events("incidents", "role", "3 actor", "4 victim", covered="incidents")),
        Example("all sent, and none", 0, rows=events("incidents", "role", covered="incidents")),
        Example("nobody says that all were sent", None,
                rows=events("incidents", "role", "3 actor")),
    ),
    "incident_days_rate_year": (
        NOTHING,
        Example("two on one day of 50", 0.02,
                rows=events("incidents", "role", "3 actor", "3 actor", covered="incidents")),
        Example("all sent, and none", 0, rows=events("incidents", "role", covered="incidents")),
    ),
    "sanctions_year": (
        NOTHING,
        Example("two", 2,
                rows=events("sanctions", "kind", "3 warning", "9 other", covered="sanctions")),
        Example("all sent, and none", 0, rows=events("sanctions", "kind", covered="sanctions")),
    ),
    "lms_active_days_20d": (
        NOTHING,
        Example("twice on one day is one day", 2, 20,
                events("activity", "kind", "3 active", "3 active", "4 active",
                       covered="activity", to=20)),
        Example("all sent, and none", 0, 20,
                events("activity", "kind", covered="activity", to=20)),
    ),
    "late_work_rate_20d": (
        NOTHING,
        Example("late and missing, of four", 0.5, 20,
                work("3 due", "3 due", "4 late", "5 missing")),
        Example("nothing was due", None, 20, work()),
    ),
    "late_work_rate_year": (
        NOTHING,
        Example("one of two", 0.5, 20, work("1 due", "2 missing")),
        Example("all in time", 0, 20, work("1 due")),
        Example("nothing was due", None, 20, work()),
    ),
    "wellbeing_score": (
        NOTHING,
        Example("the last answer", 7, rows={"surveys": [{"day": on(3), "score": 3.5},
                                                        {"day": on(9), "score": 7.0}]}),
        Example("an answer still to come", None,
                rows={"surveys": [{"day": on(51), "score": 3.5}]}),
    ),
    "travel_minutes": (
        NOTHING,
        Example("as stated", 45, rows=facts("travel_minutes", 45)),
        Example("it ended yesterday", None, rows=facts("travel_minutes", 45, on(49))),
    ),
    **{kind: flag(kind) for kind in (
        "low_income", "out_of_family_care", "parent_abroad", "language_support_need",
        "long_illness", "club_member", "trusted_adult", "on_track",
    )},
    "special_needs_support": (
        *flag("special_needs_support"),
        Example("a special programme", value=True, rows=stays(now(5, school_type="special"))),
    ),
    "state_test_percentile": (
        NOTHING,
        Example("the lower of both", 40, rows={"exams": [
            {"day": on(3), "subject": "mathematics", "percentile": 40.0},
            {"day": on(4), "subject": "language", "percentile": 60.0}]}),
        Example("the other a year before", 60, rows={"exams": [
            {"day": date(2022, 9, 6), "subject": "mathematics", "percentile": 40.0},
            {"day": date(2023, 9, 6), "subject": "language", "percentile": 60.0}]}),
    ),
    "measures_delivered_rate": (
        NOTHING,
        Example("one of two", 0.5, rows={"measures": [
            {"begins": on(3), "measure": "talk", "delivered": True},
            {"begins": on(3), "measure": "tutor", "delivered": False}]}),
        Example("of one nobody says", None, rows={"measures": [
            {"begins": on(3), "measure": "talk", "delivered": True},
            {"begins": on(3), "measure": "tutor"}]}),
    ),
    "grades_repeated": (
        Example("what was before grade 5 is unknown", None),
        Example("once, from the first grade on", 1, rows=stays(before(1), now(1))),
        Example("a repetition seen is not all there may be", None,
                rows=stays(before(5), now(5))),
        Example("with what is stated for the time before", 3,
                rows=stays(before(5), now(5)) | pupil(repeated_before=2)),
        Example("stated that there was none", 0, rows=pupil(repeated_before=0)),
    ),
    "years_overage": (
        Example("no month of birth", None, rows=pupil()),
        Example("turns eleven in the year of grade 5", 0, rows=pupil(born=date(2012, 12, 1))),
        Example("one year older", 1, rows=pupil(born=date(2011, 12, 1))),
    ),
    "school_moves_12m": (
        Example("what was before is unknown", None),
        Example("from another school", 1, rows=stays(before(4, school="b"), now(5))),
        Example("after a stage was completed", 0,
                rows=stays(before(9, school="b", exit="stage_completed"), now(10))),
        Example("at the same school", 0, rows=stays(before(4), now(5))),
    ),
    "new_stage": (
        Example("what was before is unknown", None),
        Example("from basic to secondary", value=True, rows=stays(before(9), now(10))),
        Example("another grade of the stage", value=False, rows=stays(before(4), now(5))),
    ),
    "grade": (
        Example("not entered", None, rows=UNGRADED),
        Example("of the enrolment in force", 5, rows=stays(before(4), now(5))),
    ),
    "school_type": (
        Example("neither the enrolment nor the school says", None,
                rows=stays(now(5, school="b"))),
        Example("the school's", "general"),
        Example("the enrolment's", "vocational", rows=stays(now(10, school_type="vocational"))),
    ),
    "sex": (
        Example("not entered", None, rows=pupil()),
        Example("as entered", "female", rows=pupil(sex="female")),
    ),
    "home_language": (
        Example("not entered", None, rows=pupil()),
        Example("as entered", "ukrainian", rows=pupil(home_language="ukrainian")),
    ),
    "municipality_type": (
        Example("nobody says where the pupil lives", None, rows=pupil()),
        Example("of the place", "rural", rows=pupil(lives_in="m")),
    ),
}  # fmt: skip


def registers(example: Example) -> Rows:
    """Return the registers of an example, every row with its key."""
    day = timedelta(days=1)
    rows: Rows = {
        "orgs": [
            {"id": "a", "type": "school", "school_type": "general"},
            {"id": "b", "type": "school"},
            {"id": "m", "type": "municipality", "municipality_type": "rural"},
        ],
        "school_days": [{"school": school, "day": each} for school in "ab" for each in DAYS],
        "sessions": [
            {"id": "y", "type": "school_year", "begins": START, "ends": DAYS[-1]},
            {"id": "s1", "type": "semester", "begins": START, "ends": on(81) - day},
            {"id": "s2", "type": "semester", "begins": on(81), "ends": DAYS[-1]},
        ],
        "courses": [
            {"id": name, "core": name != "music"} for name in ("maths", "latvian", "music")
        ],
        "pupils": [{"id": "p"}],
        **stays(now(5)),
        **(example.rows or {}),
    }
    return {
        name: [{"id": f"{name}{n}", "pupil": "p", "recorded": EARLY, **row} for n, row in each_one]
        for name, each in rows.items()
        for each_one in [list(enumerate(each))]
    }
