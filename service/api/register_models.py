"""What goes in and out of the routes of registers, for the API's description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from service.api.models import Body
from service.usecases.registers import PROBLEMS

FROM_REGISTERS = {"as_of": "2026-10-15", "language": "en"}


class RegisterQuery(BaseModel):
    """For which school rows are sent, and whether they are all there are."""

    school: str | None = Field(
        None,
        description="the school's code; left out with its key, and for files of no school",
        json_schema_extra={"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
    )
    mode: Literal["delta", "bulk"] = Field(
        "delta",
        description="`bulk`: these are all rows of the file, what is not among them is gone",
    )
    may_end: int | None = Field(
        None,
        ge=0,
        description="with `bulk`: how many rows that are held may end since they are not in the"
        " file; half of them, or 9, if left out",
    )
    language: Literal["lv", "en"] | None = Field(None, description="language of the words")


class FromRegistersQuery(BaseModel):
    """How to answer, and whether to store."""

    store: Literal["true", "false"] = Field("true", description="false for a trial")
    reasons: Literal["true", "false"] | None = Field(
        None, description="whether reasons are told in words: JSON and its lines do if left out"
    )


class FromRegisters(Body):
    """Whom to assess by the registers that are held, on which day, by which ruleset."""

    as_of: date | None = Field(None, description="day of the assessments; today if left out")
    school: str | None = Field(None, description="the school's code; may be left out with its key")
    pupils: list[str] | None = Field(
        None, description="pupils' keys; all who are enrolled that day if left out"
    )
    language: str | None = Field(None, pattern="^(lv|en)$", description="language of the words")
    ruleset: str | None = Field(
        None,
        description="hash of a ruleset; the one in force on the day if left out",
        json_schema_extra={"pattern": "^[0-9a-f]{64}$"},
    )


class HeldQuery(BaseModel):
    """Of which school to say what is held."""

    school: str | None = Field(None, description="a school's code; all within reach if left out")


class RegisterReject(Body):
    """Why a row is not used, without the value. `row` counts as a spreadsheet, or lines do."""

    row: int
    column: str
    code: str = Field(json_schema_extra={"enum": [*PROBLEMS]})
    problem: str
    hint: str | None = None


class ParcelAnswer(Body):
    """What became of the rows: ``read = used + rejected + deleted + left_out``.

    `ended` are rows that were held and are not in a file of all rows; `unmatched` are those of
    `deleted` that end nothing, since nothing with their key is held.
    """

    id: str
    at: datetime
    file: str
    place: str
    mode: Literal["delta", "bulk"]
    read: int
    used: int
    rejected: int
    deleted: int
    left_out: int
    ended: int
    unmatched: int
    rejects: list[RegisterReject]
    notes: list[str]


class HeldFile(Body):
    """What is held of one file of one place."""

    place: str
    level: Literal["state", "municipality", "school"]
    file: str
    parcels: int
    rows: int
    last: datetime


class HeldRegisters(Body):
    """What is held within a place, and of the places above it what belongs to no school."""

    registers: list[HeldFile]
