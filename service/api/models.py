"""What goes in and out, for the API's description; routes read and write the bytes themselves."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

Value = bool | float | str | None


class Body(BaseModel):
    """An object without unknown members."""

    model_config = ConfigDict(extra="forbid")


class AssessmentRequest(Body):
    """One pupil's indicators on one day."""

    pupil_key: str = Field(
        pattern=r"^[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
        r"[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f._:-]{0,127}$",
        description="the pupil's pseudonymous key",
        examples=["P-4F2A"],
    )
    school: str | None = Field(None, description="the school's code; may be left out with its key")
    as_of: date | None = Field(None, description="day of the assessment; today if left out")
    language: str | None = Field(
        None, pattern="^(lv|en)$", description="language of the words in the answer"
    )
    ruleset: str | None = Field(
        None, description="hash of a ruleset; the one in force on the day if left out"
    )
    indicators: dict[str, Value] = Field(
        description="values by indicator, as `/v1/indicators` lists them; null is unknown",
        examples=[{"attendance_rate_45d": 0.87, "failed_core_courses": 1}],
    )
    observed_on: date | dict[str, date | None] | None = Field(
        None, description="the day to which values go: one for all, or by indicator"
    )


class Evidence(BaseModel):
    """A value seen, and the threshold that it met."""

    indicator: str
    value: Value
    op: str
    threshold: Value | list[str]
    parameter: str | None
    distance: float | None
    back: float | None
    negated: bool


class Reason(BaseModel):
    """A rule that holds."""

    rule: str
    title: str
    step: int
    possible_step: int
    points: int
    at_least: str | None
    evidence: list[Evidence]
    words: str


class Undetermined(BaseModel):
    """A rule that cannot say, and what it could still bring."""

    rule: str
    title: str
    possible_points: int
    possible_at_least: str | None
    missing: list[str]
    words: str


class Offer(BaseModel):
    """A support measure on offer."""

    measure: str
    words: str


class AssessmentAnswer(BaseModel):
    """An assessment. Scores are null outside the ruleset's population."""

    id: str | None
    pupil_key: str
    school: str
    as_of: date
    assessed_at: datetime
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


class ErrorPlace(BaseModel):
    """One wrong place in a request."""

    where: str
    problem: str
    hint: str | None = None


class Problem(BaseModel):
    """A refusal (RFC 9457); `type` leads to its description."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ErrorPlace] | None = None
