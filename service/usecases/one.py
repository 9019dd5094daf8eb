"""Assessing one pupil: what was asked, by whom, by which ruleset, and the row that is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

import orjson
import uuid_utils

from engine.canonical import (
    canonical_key,
    canonical_value,
    pseudonym,
    stale_values,
)
from engine.condition import Value
from engine.errors import DataError
from engine.indicator import Catalogue
from engine.text import Language
from service.identity.caller import Caller, Place
from service.problems import Refusal, invalid, of_engine
from service.store.places import Places
from service.store.writer import Job
from service.usecases.answers import Inputs
from service.usecases.inforce import Compiled
from service.usecases.rows import in_common, row_of
from service.usecases.second import Case


class Asked(NamedTuple):
    """A request for one assessment, its form checked and its values still to be checked."""

    pupil_key: str
    school: str
    as_of: date
    language: Language
    indicators: Mapping[str, object]
    observed: Mapping[str, date]


class Answered(NamedTuple):
    """What is answered, and what must be confirmed and stored."""

    body: bytes
    case: Case


def allowed_school(asked: str | None, caller: Caller, places: Places) -> str:
    """Return the school that an assessment is for; raises `Refusal` outside the caller's place."""
    if asked is None:
        if caller.place.level == "school":
            return caller.place.code
        raise invalid("school", "say which school this is", "its code")
    if not places.school(asked) or not places.within(asked, caller.place):
        raise Refusal("forbidden", "school: there is no such school within your place")
    return asked


def checked_key(pupil_key: str, check: Callable[[object], str] = canonical_key) -> str:
    """Return a pupil's key; raises `Refusal` where it does not pass the check."""
    try:
        return check(pupil_key)
    except DataError as error:
        raise of_engine(error, "pupil_key") from None


def inputs_of(asked: Asked, compiled: Compiled, catalogue: Catalogue) -> Inputs:
    """Return the canonical values that the ruleset reads; all values sent are checked."""
    reads, readers = compiled.reads, compiled.readers
    record: dict[str, Value | None] = dict.fromkeys(reads)
    for name, value in asked.indicators.items():
        read = readers.get(name)
        try:
            if read is not None:
                record[name] = read(value)
            else:
                canonical_value(catalogue.indicators[name], value)
        except DataError as error:
            raise of_engine(error, f"indicators.{name}") from None
    stale = stale_values(reads.values(), asked.observed, asked.as_of) if asked.observed else {}
    if stale:
        stale = {name: day for name, day in stale.items() if record[name] is not None}
        record.update(dict.fromkeys(stale))
    return Inputs(record, stale, asked.language)


def assess_one(
    asked: Asked, compiled: Compiled, catalogue: Catalogue, caller: Caller, *, store: bool
) -> Answered:
    """Return the answer; raises `Refusal` where a value cannot be used."""
    checked_key(asked.pupil_key, pseudonym)
    inputs = inputs_of(asked, compiled, catalogue)
    found = compiled.assessor.assess(inputs.record)
    now = datetime.now(UTC)
    identifier = str(uuid_utils.uuid7()) if store else None
    said = compiled.telling[inputs.language].answer(found, inputs.stale)
    head = {
        "id": identifier,
        "pupil_key": asked.pupil_key,
        "school": asked.school,
        "as_of": asked.as_of,
        "assessed_at": now,
    }
    body = b"%b,%b}" % (orjson.dumps(head)[:-1], said)
    job = Job(Place("school", asked.school))
    if store:
        told = orjson.dumps(inputs.stored()).decode(), body.decode()
        common = in_common(compiled.hash, asked.as_of, caller, now)
        own = row_of(found, asked.school, *told)
        job.assessments = [{"id": identifier, "pupil": asked.pupil_key, **common, **own}]
    return Answered(body, Case(compiled, inputs, found.finding.truths, now, job))
