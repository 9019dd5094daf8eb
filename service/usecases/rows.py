"""What is stored of an answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import orjson
import uuid_utils

from service.identity.caller import Caller
from service.store.assessments import Row
from service.usecases.answers import Inputs


def in_common(ruleset: str, as_of: date, caller: Caller, now: datetime) -> Row:
    """Return what all rows of one request have in common."""
    return {
        "at": now,
        "caller": caller.name,
        "as_of": as_of,
        "ruleset": ruleset,
        "request": None,
        "place_in_request": None,
        "erasure": None,
    }


def row_of(said: Any, school: str, inputs: str, answer: str, *, agreed: bool = True) -> Row:  # noqa: ANN401  an Assessment or a Brief
    """Return what a row has of its own, beside its id and its pupil."""
    return {
        "school": school,
        "score": said.score,
        "possible_score": said.possible_score,
        "level": said.level,
        "possible_level": said.possible_level,
        "agreed": agreed,
        "inputs": inputs,
        "answer": answer,
    }


def disagreement(ruleset: str, inputs: Inputs, now: datetime) -> Row:
    """Return the record on which the executors differ, kept for a test; without the pupil."""
    stored = orjson.dumps(inputs.stored()).decode()
    return {"id": str(uuid_utils.uuid7()), "at": now, "ruleset": ruleset, "inputs": stored}
