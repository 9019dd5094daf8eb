"""Small random registers: schools, calendars, pupils that move, corrections, late recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from engine.registers.history import History
from engine.registers.schema import CIRCUMSTANCES, REGISTERS

Row = dict[str, Any]
Rows = dict[str, list[Row]]

START = date(2023, 9, 1)  # a Friday
SPAN = 330
SCHOOLS = ("a", "b", "c")
MOVED = "p3"  # a pupil who was at the school whose calendar ends first
PUPILS = ("p1", "p2", MOVED)
COURSES = ("maths", "latvian", "music", "unknown")
END = START + timedelta(days=SPAN)
STATUSES = ("present", "late", "unexcused", "excused", "medical")
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
LATE = 24 - 1e-6  # hours: just before midnight


class Drawn(Rows):
    """Registers that are shown in short, without their many school days."""

    def __repr__(self) -> str:
        shown = {name: rows for name, rows in self.items() if name != "school_days"}
        return repr({name: [_shown(row) for row in rows] for name, rows in shown.items()})


def _shown(row: Row) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items() if value is not None)


def history_of(rows: Rows) -> History:
    """Return a history that holds these rows."""
    return History.of({name: frame_of(name, each) for name, each in rows.items()})


def frame_of(name: str, rows: list[Row]) -> pl.LazyFrame:
    """Return a register's canonical frame; columns that a row leaves out are null."""
    schema = REGISTERS[name].schema
    filled = [{**dict.fromkeys(schema), **row} for row in rows]
    return pl.DataFrame(filled, schema=schema, orient="row").lazy()


def moment(day: date, hours: float = 0) -> datetime:
    """Return a moment of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def days(last: int = SPAN) -> st.SearchStrategy[date]:
    """Draw a day of the school year, or shortly after it."""
    return st.integers(0, last).map(lambda n: START + timedelta(days=n))


AS_OF = st.one_of(days(), st.integers(60, 130).map(lambda n: START + timedelta(days=n)))


DELAYS = st.sampled_from((0, 7, LATE, 24, 24 * 9, 24 * 40))  # hours
LATER = st.sampled_from((1, 24, 24 * 5, 24 * 30))
FATES = st.sampled_from(("kept", "kept", "kept", "corrected", "deleted"))


@st.composite
def versions(draw: st.DrawFn, register: str, row: st.SearchStrategy[Row], most: int) -> list[Row]:
    """Draw rows of a register: recorded late, corrected, or deleted, some of them."""
    happened = REGISTERS[register].happened
    found: list[Row] = []
    for number in range(draw(st.sampled_from((most, most, most // 2, 1, 0)))):
        first = {"id": f"{register}-{number}", **draw(row)}
        day = first[happened] if happened else START
        recorded = moment(day, draw(DELAYS))
        fate = draw(FATES)
        later = recorded + timedelta(hours=draw(LATER))
        ended = None if fate == "kept" else later
        found.append({**first, "recorded": recorded, "ended": ended})
        if fate == "corrected":
            found.append({**first, **draw(row), "recorded": later, "ended": None})
    return found


def _told(draw: st.DrawFn, rows: list[Row], **other: object) -> list[Row]:
    """Return rows of which one, or none, was told late, taken back, or corrected.

    Where `other` is named, the row said that before.
    """
    at = draw(st.integers(0, len(rows)))
    if not at:
        return rows
    row, rest = rows[at - 1], rows[: at - 1] + rows[at:]
    then = moment(draw(days(150)), draw(st.sampled_from((0, LATE))))
    if other:
        return [{**row, "recorded": then}, *rest, {**row, **other, "ended": then}]
    return [*rest, {**row, draw(st.sampled_from(("recorded", "ended"))): then}]


def _calendar(draw: st.DrawFn) -> Rows:
    """Draw sessions that all share, one of a school's own, and days with holidays between.

    A school may close within the year, so that its calendar ends.
    """
    day = timedelta(days=1)
    christmas = START + day * 110
    sessions: list[Row] = [
        {"id": "y", "type": "school_year", "begins": START, "ends": START + day * 270},
        {"id": "s1", "type": "semester", "begins": START, "ends": christmas, "parent": "y"},
        {"id": "t1", "type": "term", "begins": START, "ends": christmas, "parent": "s1"},
        {
            "id": "s2", "type": "semester", "begins": christmas + day * 14,
            "ends": START + day * 270, "parent": "y",
        },
        {
            "id": "y2", "type": "school_year", "begins": START + day * 305,
            "ends": START + day * 600,
        },
    ]  # fmt: skip
    shut, last = draw(st.sampled_from(SCHOOLS)), draw(st.sampled_from((270, 30, 64, 80)))
    if draw(st.booleans()):
        sessions.append({"id": "b-s1", "type": "semester", "begins": START + day * 20,
                         "ends": draw(st.sampled_from((christmas, START + day * 270))),
                         "school": draw(st.sampled_from(("b", shut)))})  # fmt: skip
    closed = {s: draw(st.sets(st.integers(0, 130), max_size=6)) for s in SCHOOLS}
    missing, saturdays = draw(st.sampled_from((("", "b"), ("c", ""), ("a", "c"))))
    school_days = [
        {"id": f"{school}{n}", "school": school, "day": START + day * n, "recorded": EARLY}
        for school in SCHOOLS
        if school != missing
        for n in range(last + 1 if school == shut else 271)
        if (START + day * n).weekday() < (6 if school == saturdays else 5)
        if n not in closed[school] and not 110 < n < 128
    ]
    for _ in range(draw(st.sampled_from((0, 0, 3)))):
        school_days = _told(draw, school_days)
    before = draw(st.sampled_from(({"ends": START + day * 400}, {"begins": START - day * 20})))
    return {
        "sessions": _told(draw, [{**each, "recorded": EARLY} for each in sessions], **before),
        "school_days": school_days,
    }


def _orgs(draw: st.DrawFn) -> list[Row]:
    """Draw schools of which one, or one after the other, becomes another."""
    c_merged, a_merged = (draw(st.one_of(st.none(), days(200))) for _ in range(2))
    orgs: list[Row] = [
        {
            "id": "a", "type": "school", "school_type": "general", "municipality_type": "town",
            "successor": "b" if a_merged else None, "succeeded_on": a_merged, "recorded": EARLY,
        },
        {"id": "b", "type": "school", "recorded": EARLY},
        {
            "id": "c", "type": "school", "successor": "a" if c_merged else None,
            "succeeded_on": c_merged, "recorded": EARLY,
        },
    ]  # fmt: skip
    return _told(draw, orgs, successor=None, succeeded_on=None, school_type="special")


PUPIL, SCHOOL = st.sampled_from(PUPILS), st.sampled_from(SCHOOLS)


def attendance_row() -> st.SearchStrategy[Row]:
    """Draw one lesson, mostly in the first half of the year."""
    return st.fixed_dictionaries(
        {
            "pupil": PUPIL,
            "school": SCHOOL,
            "day": st.one_of(days(130), st.integers(80, 100).map(lambda n: START + timedelta(n))),
            "lesson": st.integers(1, 2),
            "status": st.sampled_from(STATUSES),
        }
    )


def mark_row() -> st.SearchStrategy[Row]:
    """Draw one course's mark for a term."""
    return st.fixed_dictionaries(
        {
            "pupil": PUPIL,
            "school": SCHOOL,
            "course": st.sampled_from(COURSES),
            "session": st.sampled_from(("s1", "t1", "s2", "y", "b-s1", "y2")),
            "day": days(300),
            "status": st.sampled_from(("marked", "marked", "marked", "not_assessed", "exempt")),
            "mark": st.integers(1, 10) | st.sampled_from((3, 4)),
        }
    )


def enrolment_row() -> st.SearchStrategy[Row]:
    """Draw one enrolment, of this year or of one before."""
    return st.fixed_dictionaries(
        {
            "pupil": st.sampled_from(PUPILS[:2]),
            "school": SCHOOL,
            "begins": st.one_of(
                days(150), st.just(START), days(20).map(lambda d: d.replace(year=2022))
            ),
            "ends": st.one_of(st.none(), st.none(), days(300)),
            "grade": st.one_of(st.integers(0, 12), st.integers(0, 12), st.none()),
            "school_type": st.sampled_from((None, "general", "vocational", "special")),
            "exit": st.sampled_from(
                (None, "moved_school", "stage_completed", "school_closed", "unknown")
            ),
        }
    )


def incident_row() -> st.SearchStrategy[Row]:
    """Draw one incident."""
    role = st.sampled_from(("actor", "actor", "victim", "witness"))
    return st.fixed_dictionaries({"pupil": PUPIL, "school": SCHOOL, "day": days(200), "role": role})


def sanction_row() -> st.SearchStrategy[Row]:
    """Draw one sanction."""
    kind = st.sampled_from(("warning", "exclusion"))
    return st.fixed_dictionaries({"pupil": PUPIL, "school": SCHOOL, "day": days(200), "kind": kind})


def activity_row() -> st.SearchStrategy[Row]:
    """Draw one row of the learning platform."""
    kind = st.sampled_from(("active", "active", "due", "late", "missing"))
    return st.fixed_dictionaries({"pupil": PUPIL, "day": days(140), "kind": kind})


def survey_row() -> st.SearchStrategy[Row]:
    """Draw one answer."""
    score = st.integers(0, 100).map(lambda n: n / 10)
    return st.fixed_dictionaries({"pupil": PUPIL, "day": days(300), "score": score})


def exam_row() -> st.SearchStrategy[Row]:
    """Draw one state test, some of years before."""
    day = st.one_of(days(300), days(100).map(lambda d: d.replace(year=d.year - 1)))
    return st.fixed_dictionaries(
        {
            "pupil": PUPIL,
            "day": day,
            "subject": st.sampled_from(("mathematics", "language")),
            "percentile": st.integers(0, 1000).map(lambda n: n / 10),
        }
    )


def fact_row() -> st.SearchStrategy[Row]:
    """Draw one stated fact."""
    kind = st.sampled_from(CIRCUMSTANCES)
    return st.fixed_dictionaries(
        {
            "pupil": PUPIL,
            "kind": kind,
            "begins": days(200),
            "ends": st.one_of(st.none(), days(330)),
            "value": st.sampled_from((0.0, 1.0, 1.0, 25.0)),
        }
    )


def measure_row() -> st.SearchStrategy[Row]:
    """Draw one measure of support."""
    return st.fixed_dictionaries(
        {
            "pupil": PUPIL,
            "begins": days(200),
            "ends": st.one_of(st.none(), days(330)),
            "measure": st.just("consultation"),
            "delivered": st.sampled_from((True, True, False, None)),
        }
    )


@st.composite
def _coverage(draw: st.DrawFn) -> list[Row]:
    """Draw what schools say they have sent in full: long spans, with a gap now and then.

    Some is told in one row ahead of time or after a while, and most in a row a week.
    """
    found: list[Row] = []
    for register in ("incidents", "sanctions", "activity", "work"):
        for school in SCHOOLS:
            for begins, ends in draw(st.sampled_from(SPANS)):
                told = draw(st.sampled_from((None, None, None, 0, 60, 130)))
                weeks = range(begins, ends + 1, 7) if told is None else [begins]
                for first in weeks:
                    last = min(first + 6, ends) if told is None else ends
                    day = last + 1 if told is None else told
                    found.append(
                        {
                            "id": f"{register}-{school}-{first}", "register": register,
                            "school": school, "begins": START + timedelta(days=first),
                            "ends": START + timedelta(days=last),
                            "recorded": moment(START + timedelta(days=day)),
                        }
                    )  # fmt: skip
    return found


SPANS: tuple[tuple[tuple[int, int], ...], ...] = (
    (),
    ((0, 330),),
    ((0, 330),),
    ((0, 40), (43, 330)),
    ((0, 55), (70, 330)),
    ((30, 90),),
)


COURSES_HELD: list[Row] = [
    {"id": course, "core": course != "music", "recorded": EARLY} for course in COURSES[:3]
]
BIRTHS = (
    None, date(2010, 3, 1), date(2012, 11, 1), date(2012, 11, 1), date(2023, 10, 1),
    date(1982, 9, 1), date(1983, 11, 1),
)  # fmt: skip


@st.composite
def _pupils(draw: st.DrawFn) -> list[Row]:
    return [
        {
            "id": pupil,
            "born": draw(st.sampled_from(BIRTHS)),
            "sex": draw(st.sampled_from((None, "female"))),
            "lives_in": draw(st.sampled_from((None, "a", "c"))),
            "repeated_before": draw(st.sampled_from((None, 0, 2))),
            "recorded": EARLY,
        }
        for pupil in PUPILS
    ]


DRAWN = {
    "enrolments": (enrolment_row(), 6),
    "marks": (mark_row(), 10),
    "attendance": (attendance_row(), 25),
    "incidents": (incident_row(), 6),
    "sanctions": (sanction_row(), 4),
    "activity": (activity_row(), 8),
    "surveys": (survey_row(), 3),
    "exams": (exam_row(), 5),
    "circumstances": (fact_row(), 12),
    "measures": (measure_row(), 4),
}


@st.composite
def registers(draw: st.DrawFn, names: tuple[str, ...] = tuple(DRAWN)) -> Rows:
    """Draw a small history; only enrolments and the registers named have pupils' rows."""
    rows: Rows = {
        "orgs": _orgs(draw),
        **_calendar(draw),
        "courses": _told(draw, COURSES_HELD),
        "pupils": _told(draw, draw(_pupils()), born=None, lives_in="b", repeated_before=1),
        "coverage": _told(draw, draw(_coverage())),
    }
    for name in dict.fromkeys(("enrolments", *names)):
        rows[name] = draw(versions(name, *DRAWN[name]))
    rows["enrolments"] += _moved(draw, rows["school_days"])
    if "attendance" in names:
        rows["attendance"] += journals(draw, rows)
    return Drawn(rows)


def _moved(draw: st.DrawFn, school_days: list[Row]) -> list[Row]:
    """Draw the stays of a pupil who was at the first school that closes, and then at others."""
    last = {row["school"]: row["day"] for row in sorted(school_days, key=lambda row: row["day"])}
    school = min(last, key=lambda school: last[school])
    begins, ends = START, min(last[school], START + timedelta(days=100))
    found: list[Row] = []
    for number, length in enumerate(draw(st.sampled_from(((300,), (300,), (20, 300), (9, 40, 0))))):
        lasts = draw(st.booleans())
        found.append(_stay(number, school, begins, None if lasts else ends))
        school = draw(st.sampled_from([each for each in SCHOOLS if each != school]))
        begins = ends + timedelta(days=draw(st.sampled_from((1, 1, 0, 9))))
        ends = begins + timedelta(days=length)
    return [*found, _stay(9, school, begins, draw(st.sampled_from((None, None, ends))))]


def _stay(number: int, school: str, begins: date, ends: date | None) -> Row:
    return {
        "id": f"{MOVED}-{number}", "pupil": MOVED, "school": school, "begins": begins,
        "ends": ends, "grade": 5, "school_type": None, "exit": None, "recorded": EARLY,
    }  # fmt: skip


def journals(draw: st.DrawFn, rows: Rows) -> list[Row]:
    """Draw journals of whole stays: from the first day on or later, some with days left out."""
    found: list[Row] = []
    for stay in rows["enrolments"]:
        late, held = draw(st.sampled_from((0, 0, 1, 12))), draw(st.integers(0, 90))
        hole, step = draw(st.sampled_from((0, 0, 4, 9, 10, 11, 25))), draw(st.integers(0, 4))
        begins = max(stay["begins"], START) + timedelta(days=late)
        school_days = [
            row["day"]
            for row in rows["school_days"]
            if row["school"] == stay["school"] and begins <= row["day"] <= (stay["ends"] or END)
        ]
        found += [
            {
                "id": f"{stay['id']}-{day}", "pupil": stay["pupil"], "school": stay["school"],
                "day": day, "lesson": 1, "status": STATUSES[n * step % 5],
                "recorded": moment(day, 7),
            }
            for n, day in enumerate(school_days[:held])
            if not hole or n % hole != hole - 1
        ]  # fmt: skip
    return found


def only(rows: Rows, kept: Callable[[Row], bool]) -> Rows:
    """Return the rows for which `kept` is true; rows that have no pupil stay."""
    return {
        name: [row for row in each if "pupil" not in row or kept(row)]
        for name, each in rows.items()
    }


def later_versions(rows: Mapping[str, list[Row]], as_of: date) -> Rows:
    """Return what was recorded by the end of `as_of`, as if nothing had come after."""
    found: Rows = {}
    for name, each in rows.items():
        known = [dict(row) for row in each if row["recorded"].date() <= as_of]
        for row in known:
            if row.get("ended") and row["ended"].date() > as_of:
                row["ended"] = None
        found[name] = known
    return found
