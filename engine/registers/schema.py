"""The canonical registers: which there are, and what stands in each column.

Every row has two dates: when it happened (its own columns) and when it was recorded. A correction
is a new version of the row with the same id; a version is known from `recorded` until `ended`.
Files follow OneRoster 1.2 CSV where it has the thing; ``docs/registers.md`` describes each file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

MOMENT = pl.Datetime("ms", "UTC")
RECORDED, ENDED, ID = "recorded", "ended", "id"

Kind = Literal["key", "text", "date", "moment", "whole", "number", "flag", "category"]

_TYPES: dict[Kind, pl.DataType] = {
    "key": pl.String(),
    "text": pl.String(),
    "date": pl.Date(),
    "moment": MOMENT,
    "whole": pl.Int32(),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register.

    `header` is its name in the file. `to` names the register that a key points into. `words` maps
    what stands in the file to the category's canonical name. `low` and `high` bound numbers.
    """

    name: str
    header: str
    kind: Kind
    required: bool = False
    to: str | None = None
    words: tuple[tuple[str, str], ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """The canonical names of a category, each once."""
        return tuple(dict.fromkeys(name for _, name in self.words))

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of the column's canonical values."""
        return pl.Enum(self.categories) if self.kind == "category" else _TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Register:
    """One register: its file, its columns, and the columns that tell its rows apart.

    Rows have the id that stands in the file; where a file needs none, `natural` columns make it.
    `happened` is the column that says when a row happened, where it has such a day.
    """

    name: str
    file: str
    columns: tuple[Column, ...]
    happened: str | None = None
    natural: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The canonical frame: id, the columns, and from when until when the version is known."""
        columns = {column.name: column.dtype for column in self.columns}
        return {ID: pl.String(), **columns, RECORDED: MOMENT, ENDED: MOMENT}


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


_PUPIL = Column("pupil", "userSourcedId", "key", required=True, to="pupils")
_SCHOOL = Column("school", "schoolSourcedId", "key", required=True, to="orgs")
_DAY = Column("day", "date", "date", required=True)
_FROM = Column("begins", "beginDate", "date", required=True)
_TO = Column("ends", "endDate", "date")

SCHOOL_TYPES = _same("general", "vocational", "special")
CIRCUMSTANCES = (
    "travel_minutes", "low_income", "out_of_family_care", "parent_abroad", "language_support_need",
    "special_needs_support", "long_illness", "club_member", "trusted_adult", "on_track",
)  # fmt: skip
# The scale of marks that name no other: Latvia's, in whole numbers; 4 is the lowest that passes.
LOWEST, HIGHEST, PASSES_FROM = 1, 10, 4
# What a school can say that it has sent in full: without it, no rows are no zero. Of the register
# of activity, ``activity`` is use of the platform (kind active), ``work`` all work that was due.
COVERED = ("attendance", "marks", "incidents", "sanctions", "activity", "work")

ALL: tuple[Register, ...] = (
    Register(
        "orgs",
        "orgs",
        (
            Column("name", "name", "text"),
            Column(
                "type", "type", "category", required=True,
                words=(("school", "school"), ("district", "municipality"),
                       ("local", "municipality"), ("state", "state"), ("national", "state")),
            ),
            Column("parent", "parentSourcedId", "key", to="orgs"),
            Column("school_type", "metadata.schoolType", "category", words=SCHOOL_TYPES),
            Column(
                "municipality_type", "metadata.municipalityType", "category",
                words=_same("state_city", "town", "rural"),
            ),
            Column("successor", "metadata.successorSourcedId", "key", to="orgs"),
            Column("succeeded_on", "metadata.succeededOn", "date"),
        ),
    ),
    Register(
        "sessions",
        "academicSessions",
        (
            Column(
                "type", "type", "category", required=True,
                words=(("schoolYear", "school_year"), ("semester", "semester"), ("term", "term"),
                       ("gradingPeriod", "grading_period")),
            ),
            Column("begins", "startDate", "date", required=True),
            Column("ends", "endDate", "date", required=True),
            Column("parent", "parentSourcedId", "key", to="sessions"),
            Column("school", "metadata.schoolSourcedId", "key", to="orgs"),
        ),
    ),
    Register("school_days", "schoolDays", (_SCHOOL, _DAY), "day", ("school", "day")),
    Register(
        "coverage",
        "coverage",
        (
            _SCHOOL,
            Column("register", "register", "category", required=True, words=_same(*COVERED)),
            _FROM,
            Column("ends", "endDate", "date", required=True),
        ),
        natural=("school", "register", "begins"),
    ),
    Register(
        "pupils",
        "users",
        (
            Column("born", "metadata.birthMonth", "date"),
            Column("sex", "metadata.sex", "category", words=_same("female", "male")),
            Column(
                "home_language", "metadata.homeLanguage", "category",
                words=_same("latvian", "russian", "ukrainian", "other"),
            ),
            Column("lives_in", "metadata.municipalitySourcedId", "key", to="orgs"),
            Column("repeated_before", "metadata.gradesRepeatedBefore", "whole", low=0, high=6),
        ),
    ),
    Register(
        "enrolments",
        "enrollments",
        (
            _PUPIL,
            _SCHOOL,
            _FROM,
            _TO,
            Column("grade", "metadata.grade", "whole", low=0, high=12),
            Column("class_name", "metadata.class", "text"),
            Column("school_type", "metadata.programmeType", "category", words=SCHOOL_TYPES),
            Column(
                "exit", "metadata.exitStatus", "category",
                words=_same("moved_school", "stage_completed", "graduated", "left", "moved_abroad",
                            "school_closed", "died", "unknown"),
            ),
        ),
        "begins",
    ),
    Register("courses", "courses", (
        Column("title", "title", "text"),
        Column("core", "metadata.core", "flag", required=True),
    )),
    Register("scales", "scoreScales", (
        Column("title", "title", "text"),
        Column("low", "metadata.low", "number", required=True),
        Column("high", "metadata.high", "number", required=True),
        Column("passes_from", "metadata.passesFrom", "number"),
    )),
    Register(
        "marks",
        "marks",
        (
            _PUPIL,
            _SCHOOL,
            Column("course", "courseSourcedId", "key", required=True, to="courses"),
            Column("session", "academicSessionSourcedId", "key", required=True, to="sessions"),
            _DAY,
            Column(
                "status", "scoreStatus", "category", required=True,
                words=(("fully graded", "marked"), ("not submitted", "not_assessed"),
                       ("exempt", "exempt")),
            ),
            Column("mark", "score", "number"),
            Column("scale", "scoreScaleSourcedId", "key", to="scales"),
        ),
        "day",
    ),
    Register(
        "exams",
        "exams",
        (
            _PUPIL,
            _DAY,
            Column("subject", "subject", "category", required=True,
                   words=_same("mathematics", "language")),
            Column("percentile", "percentile", "number", required=True, low=0, high=100),
        ),
        "day",
    ),
    Register(
        "attendance",
        "attendance",
        (
            _PUPIL,
            _SCHOOL,
            _DAY,
            Column("lesson", "lesson", "whole", required=True, low=0, high=20),
            Column("status", "attendance", "category", required=True,
                   words=_same("present", "late", "unexcused", "excused", "medical")),
        ),
        "day",
        ("pupil", "school", "day", "lesson"),
    ),
    Register(
        "incidents",
        "incidents",
        (
            _PUPIL,
            _SCHOOL,
            _DAY,
            Column("role", "role", "category", required=True,
                   words=_same("actor", "victim", "witness")),
        ),
        "day",
    ),
    Register("sanctions", "sanctions", (
        _PUPIL, _SCHOOL, _DAY,
        Column("kind", "kind", "category", required=True,
               words=_same("warning", "reprimand", "exclusion", "other")),
    ), "day"),
    Register(
        "activity",
        "activity",
        (
            _PUPIL,
            _DAY,
            Column("kind", "kind", "category", required=True,
                   words=_same("active", "due", "late", "missing")),
        ),
        "day",
    ),
    Register("surveys", "surveys", (
        _PUPIL, _DAY,
        Column("score", "score", "number", required=True, low=0, high=10),
    ), "day"),
    Register(
        "circumstances",
        "circumstances",
        (
            _PUPIL,
            Column("kind", "kind", "category", required=True, words=_same(*CIRCUMSTANCES)),
            _FROM,
            _TO,
            Column("value", "value", "number", required=True, low=0, high=300),
        ),
        "begins",
    ),
    Register("measures", "measures", (
        _PUPIL, _FROM, _TO,
        Column("measure", "measure", "text", required=True),
        Column("delivered", "delivered", "flag"),
    ), "begins"),
    Register("outcomes", "outcomes", (
        _PUPIL, _DAY,
        Column("outcome", "outcome", "category", required=True,
               words=_same("left", "graduated", "not_completed", "moved_abroad", "unknown")),
    ), "day"),
)  # fmt: skip

REGISTERS: dict[str, Register] = {register.name: register for register in ALL}
