"""What goes in and out, for the API's description; routes read and write the bytes themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.canonical import KEY_FORM
from engine.canonical import PROBLEMS as VALUES
from service.usecases.sent import PROBLEMS as ROWS

Value = bool | float | str | None
# What can be sent as it stands, with the key of a school.
INDICATORS = {"grade": 7, "attendance_rate_45d": 0.87, "failed_core_courses": 1}
ONE = {"pupil_key": "P-4F2A", "language": "en", "indicators": INDICATORS}
MANY = [
    {"pupil_key": "P-4F2A", "indicators": INDICATORS},
    {"pupil_key": "P-5B3C", "indicators": INDICATORS | {"attendance_rate_45d": 0.95}},
]


class Body(BaseModel):
    """An object without unknown members."""

    model_config = ConfigDict(extra="forbid")


class AssessmentRequest(Body):
    """One pupil's indicators on one day."""

    pupil_key: str = Field(
        pattern=f"^{KEY_FORM}$",
        description="the pupil's pseudonymous key",
        examples=["P-4F2A"],
    )
    school: str | None = Field(None, description="the school's code; may be left out with its key")
    as_of: date | None = Field(None, description="day of the assessment; today if left out")
    language: str | None = Field(
        None, pattern="^(lv|en)$", description="language of the words in the answer"
    )
    ruleset: str | None = Field(
        None,
        description="hash of a ruleset; the one in force on the day if left out",
        json_schema_extra={"pattern": "^[0-9a-f]{64}$"},
    )
    indicators: dict[str, Value] = Field(
        description="values by indicator, as `/v1/indicators` lists them; null is unknown",
        examples=[{"attendance_rate_45d": 0.87, "failed_core_courses": 1}],
    )
    observed_on: date | dict[str, date | None] | None = Field(
        None, description="the day to which values go: one for all, or by indicator"
    )


class BulkQuery(BaseModel):
    """What is asked of all rows of a bulk request."""

    as_of: str | None = Field(
        None,
        description="day of the assessments; today if left out",
        json_schema_extra={"format": "date"},
    )
    language: Literal["lv", "en"] | None = Field(None, description="language of the words")
    ruleset: str | None = Field(
        None,
        description="hash; the one in force on the day if left out",
        json_schema_extra={"pattern": "^[0-9a-f]{64}$"},
    )
    store: Literal["true", "false"] = Field("true", description="false for a trial")
    reasons: Literal["true", "false"] | None = Field(
        None, description="whether reasons are told in words: JSON and its lines do if left out"
    )


class BulkRow(Body):
    """One pupil of many; what all have in common stands in the query."""

    pupil_key: str = Field(description="as for one pupil", examples=["P-4F2A"])
    school: str | None = Field(None, description="the school's code; may be left out with its key")
    indicators: dict[str, Value] = Field(description="as for one pupil")
    observed_on: date | dict[str, date | None] | None = Field(None, description="as for one pupil")


class Evidence(Body):
    """A value seen, and the threshold that it met."""

    indicator: str
    value: Value
    op: str
    threshold: Value | list[str]
    parameter: str | None
    distance: float | None
    back: float | None
    negated: bool


class Reason(Body):
    """A rule that holds."""

    rule: str
    title: str
    step: int
    possible_step: int
    points: int
    at_least: str | None
    evidence: list[Evidence]
    words: str


class Undetermined(Body):
    """A rule that cannot say, and what it could still bring."""

    rule: str
    title: str
    possible_points: int
    possible_at_least: str | None
    missing: list[str]
    words: str


class Offer(Body):
    """A support measure on offer."""

    measure: str
    words: str


class Assessed(Body):
    """What follows from inputs and ruleset. Scores are null outside the ruleset's population."""

    ruleset: str
    ruleset_version: str
    score: int | None
    possible_score: int | None
    level: str
    possible_level: str
    words: str
    reasons: list[Reason]
    undetermined: list[Undetermined]
    not_applicable: list[str]
    offers: list[Offer]
    missing: list[str]
    stale: dict[str, date]
    language: str


class AssessmentAnswer(Assessed):
    """An assessment; its id is null where it was not stored."""

    id: str | None
    pupil_key: str
    school: str
    as_of: date
    assessed_at: datetime


class BulkAssessment(Body):
    """One pupil's answer: rules, offers and missing indicators by name.

    `row` counts from 1, in lines the line. `reasons` are null for pupils who are not flagged.
    """

    row: int
    id: str | None
    pupil_key: str
    school: str
    as_of: date
    assessed_at: datetime
    ruleset: str
    ruleset_version: str
    language: str
    score: int | None
    possible_score: int | None
    level: str
    possible_level: str
    holds: list[str]
    undetermined: list[str]
    not_applicable: list[str]
    offers: list[str]
    missing: list[str]
    stale: dict[str, date]
    reasons: list[Reason] | None


class BulkReject(Body):
    """Why a row was not assessed, without the value."""

    row: int
    column: str
    code: str = Field(json_schema_extra={"enum": [*VALUES, *ROWS]})
    problem: str
    hint: str | None = None


class BulkAnswer(Body):
    """Answers in the order of the rows, and the rows that could not be read."""

    assessments: list[BulkAssessment]
    rejects: list[BulkReject]
    notes: list[str] | None = Field(None, description="where there is something to be noted")


class Summary(Body):
    """A stored assessment without the person."""

    id: str
    school: str
    as_of: date
    assessed_at: datetime
    ruleset: str
    score: int | None
    possible_score: int | None
    level: str
    possible_level: str
    executors_agreed: bool


class StoredInputs(Body):
    """All that an answer followed from, beside its ruleset; stale values are left out."""

    indicators: dict[str, Value]
    stale: dict[str, date]
    language: str


class Recomputed(Body):
    """The answer computed again from the stored inputs, and whether it is the same."""

    same: bool
    answer: Assessed


class PastAssessment(Summary):
    """A past answer as it was given; answer and inputs are null where the pupil was erased."""

    erased: bool
    answer: AssessmentAnswer | None
    inputs: StoredInputs | None
    recomputed: Recomputed | None = None


class HistoryEntry(Summary):
    """A past assessment, and by what its level differs from the one before it."""

    changed_by: list[Literal["rules", "data", "unknown"]]


class History(Body):
    """A page of a pupil's assessments; `next` is the cursor of the page after it."""

    assessments: list[HistoryEntry]
    next: str | None


class Readiness(Body):
    """Whether requests can be served, and what of it is missing."""

    status: Literal["ready", "not ready"]
    checks: dict[str, bool]


class ProblemKind(Body):
    """What a problem's type means, and what to do."""

    type: str
    status: int
    title: str
    remedy: str


class ErrorPlace(Body):
    """One wrong place in a request."""

    where: str
    problem: str
    hint: str | None = None


class Problem(Body):
    """A refusal (RFC 9457); `type` leads to its description."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ErrorPlace] | None = None
