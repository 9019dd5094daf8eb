"""``/v1/registers``: a school system sends rows of its registers, and sees what is held."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from engine.errors import DataError, did_you_mean
from engine.text import Language
from service.api import media
from service.api.bodies import read_body
from service.api.context import Service, service
from service.api.describe import problems
from service.api.idempotency import idempotency
from service.api.one import check_query
from service.api.register_bodies import CSV, sent_kind, sheet, unreadable
from service.api.register_models import HeldQuery, HeldRegisters, ParcelAnswer, RegisterQuery
from service.identity.caller import Caller, Right
from service.problems import Refusal, invalid
from service.register_files import FILES, File
from service.store.assessments import Row
from service.store.bundles import room
from service.store.connect import reading
from service.store.parcels import Held, held
from service.usecases.one import allowed_school
from service.usecases.register_endings import TooManyEndedError
from service.usecases.register_keeping import Answer, answered, keep
from service.usecases.register_sheets import kept
from service.usecases.registers import PROBLEMS, Sending, TooManyRejectsError
from service.usecases.sent import Reject

router = APIRouter(prefix="/v1", tags=["registers"])
_TEXT = {"schema": {"type": "string"}}
_USERS = (
    "sourcedId,status,dateLastModified,role,metadata.birthMonth\n"
    "P-4F2A,active,2026-09-01T07:00:00Z,student,2013-05\n"
)
_LINE = (
    '{"sourcedId": "P-4F2A", "dateLastModified": "2026-09-01", "metadata.birthMonth": "2013-05"}'
)
_SENT = {
    "requestBody": {
        "required": True,
        "content": {CSV: _TEXT | {"example": _USERS}, media.NDJSON: _TEXT | {"example": _LINE}},
    }
}
_KINDS = ("bad-request", "conflict", "would-end", "not-found", "timeout", "too-large", "media-type")
FileName = Annotated[
    str, Path(description="a file of docs/registers.md", json_schema_extra={"enum": [*FILES]})
]


@router.post(
    "/registers/{file}",
    responses=problems(*_KINDS) | {200: {"model": ParcelAnswer}},
    openapi_extra=_SENT,
)
async def send_register(
    request: Request,
    file: FileName,
    query: Annotated[RegisterQuery, Query()],
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern="^[ -~]*$")
    ] = None,
) -> Response:
    """Send rows of one register as CSV or lines of JSON; they are kept before this is answered.

    Rows are judged by all that is held. One that cannot be used is rejected with its number and a
    code; of more than 5 % such rows, if at least 10, nothing is kept. A row that stands there
    already is no new one, so the same rows may be sent again. In mode `bulk` rows that are held and
    not sent end: more than half of them, if at least 10, only where `may_end` allows it.
    """
    del idempotency_key  # described here, read below
    here = service(request)
    caller = await here.caller(request, Right.SEND)
    check_query(request, RegisterQuery.model_fields)
    known = _known(file)
    kind = sent_kind(request)
    sending = _sending(here, caller, known, query)
    body = await read_body(request, here.settings.body_limit, here.settings.body_seconds)
    key = idempotency(request, body, caller)
    row = None if key is None else key.row(caller)
    before = None if row is None else await run_in_threadpool(answered, here.engine, caller, row)
    if before is None:
        work = partial(_take_in, here, sending, kind, body, row)
        before = await run_sync(work, limiter=here.bulk)
    return _json(_told(before, query.language or here.settings.language))


@router.get("/registers", responses=problems() | {200: {"model": HeldRegisters}})
async def held_registers(request: Request, query: Annotated[HeldQuery, Query()]) -> Response:
    """Say what is held: for each place and file, how many parcels and rows, and the newest."""
    here = service(request)
    caller = await here.caller(request, Right.HELD)
    check_query(request, HeldQuery.model_fields)
    places, codes = here.follower.picture.places, None
    if query.school is not None or caller.place.level == "school":
        school = allowed_school(query.school, caller, places)
        codes = (school, *places.above(school))

    def look() -> list[Held]:
        with reading(here.engine, caller.place) as connection:
            return held(connection, codes, caller.place)

    return _json({"registers": await run_in_threadpool(look)})


def _known(name: str) -> File:
    file = FILES.get(name)
    if file is None:
        hint = f"{did_you_mean(name, FILES)} known: {', '.join(FILES)}".strip()
        raise Refusal("not-found", f"this is no file of a register; {hint}")
    return file


def _sending(here: Service, caller: Caller, file: File, query: RegisterQuery) -> Sending:
    """Return for which place rows are sent; raises `Refusal` where it is not the caller's."""
    places = here.follower.picture.places
    if query.school is None and caller.place.level != "school" and file.shared:
        place = caller.place.code
    else:
        place = allowed_school(query.school, caller, places)
    if query.mode == "bulk" and file.shared:
        raise invalid(
            "query.mode",
            "several places send rows of this file, and all rows of one would end those of others",
            "send what changed, and end a row by its status 'tobedeleted'",
        )
    if query.mode == "delta" and query.may_end is not None:
        raise invalid("query.may_end", "only a file of all rows lacks rows", "add mode=bulk")
    return Sending(file, place, query.mode, query.may_end, caller, places.above(place))


def _take_in(
    here: Service, sending: Sending, kind: str, body: bytes, request: Row | None
) -> Answer:
    """Judge rows and keep them; runs beside the requests that go on."""
    work = here.settings.work
    with room(work) as folder:
        read = sheet(kind, body, sending.file, folder)
    schools = here.follower.picture.places.schools(sending.place)
    foreign = "another-school" if sending.place in schools else "school-place"
    try:
        rows = kept(read, sending.file, schools, foreign)
        return keep(here.engine, sending, rows, work, request)
    except DataError as error:
        raise unreadable(error) from None
    except TooManyRejectsError as error:
        raise _too_many(error) from None
    except TooManyEndedError as error:
        raise _would_end(error) from None


def _too_many(error: TooManyRejectsError) -> Refusal:
    said = f"{error.rejected} of {error.read} rows cannot be used: nothing was kept"
    errors = [
        {
            "where": f"row {first}" + (f", {column}" if column else ""),
            "problem": f"{PROBLEMS[code].en} [{code}]",
            "hint": f"rows with this problem: {number}",
        }
        for column, code, number, first in error.counts
    ]
    return Refusal("invalid", said, errors)


def _would_end(error: TooManyEndedError) -> Refusal:
    said = f"this file lacks {error.ended} of {error.held} rows that are held, which would end"
    remedy = f"send them too or, where they did end, say so: may_end={error.ended}"
    return Refusal("would-end", f"{said}: nothing was changed; {remedy}")


def _told(answer: Answer, language: Language) -> dict[str, Any]:
    account = answer.account
    return {
        "id": account.id,
        "at": account.at,
        "file": account.file,
        "place": account.place,
        "mode": account.mode,
        "read": account.read,
        "used": account.used,
        "rejected": account.rejected,
        "deleted": account.deleted,
        "left_out": account.left_out,
        "ended": account.ended,
        "unmatched": account.unmatched,
        "rejects": [_rejected(each, language) for each in answer.rejects],
        "notes": [note[language] for note in account.notes],
    }


def _rejected(reject: Reject, language: Language) -> dict[str, object]:
    problem = PROBLEMS[reject.code][language]
    said = {"row": reject.row, "column": reject.column, "code": reject.code, "problem": problem}
    hint = reject.hint_in(language)
    return said | ({"hint": hint} if hint else {})


def _json(found: object) -> Response:
    return Response(orjson.dumps(found), media_type=media.JSON)
