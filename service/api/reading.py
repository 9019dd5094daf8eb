"""Past answers: by id, and by pupil. Every look is noted before it is answered."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
import uuid_utils
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from engine.canonical import KEY_FORM
from service.api.context import Service, service
from service.api.describe import problems
from service.api.models import History, PastAssessment
from service.api.one import check_query
from service.identity.caller import Caller, Right
from service.problems import Refusal
from service.store.assessments import Stored, find, history
from service.store.connect import reading
from service.store.writer import Job
from service.usecases.one import checked_key
from service.usecases.past import changes, recomputed, shown

router = APIRouter(prefix="/v1", tags=["past assessments"])
PAGE = 50


@router.get(
    "/assessments/{assessment_id}",
    responses=problems("not-found") | {200: {"model": PastAssessment}},
)
async def past_assessment(
    request: Request, assessment_id: str, recompute: Literal["true", "false"] = "false"
) -> Response:
    """Return a past answer with its inputs and ruleset; `recompute=true` computes it again."""
    here = service(request)
    caller = await here.caller(request, Right.READ)
    check_query(request, ("recompute",))

    def look() -> Stored | None:
        with reading(here.engine, caller.place) as connection:
            return find(connection, _uuid(assessment_id), caller.place)

    stored = await run_in_threadpool(look)
    if stored is None:
        raise Refusal("not-found", "there is no such assessment within your place")
    if stored.pupil is not None:
        await _note(here, caller, "assessment", stored.pupil)
    found = shown(stored)
    if recompute == "true" and stored.inputs is not None:
        compiled = await here.compile(stored.ruleset)
        if compiled is not None:
            found["recomputed"] = recomputed(stored, compiled)
    return _json(found)


@router.get(
    "/pupils/{pupil_key}/assessments",
    responses=problems("not-found", "bad-request") | {200: {"model": History}},
)
async def pupil_history(
    request: Request,
    pupil_key: Annotated[str, Path(json_schema_extra={"pattern": f"^{KEY_FORM}$"})],
    cursor: Annotated[
        str | None, Query(json_schema_extra={"pattern": "^[A-Za-z0-9_-]{22}$"})
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
) -> Response:
    """Return a pupil's assessments, the newest first, and why levels changed: data, or rules."""
    here = service(request)
    caller = await here.caller(request, Right.READ)
    check_query(request, ("cursor", "limit"))
    before = None if cursor is None else _opened(cursor)
    checked_key(pupil_key)

    def look() -> list[Stored]:
        with reading(here.engine, caller.place) as connection:
            return history(connection, pupil_key, caller.place, before, limit + 1)

    stored = await run_in_threadpool(look)
    if not stored:  # a cursor of `next` always has something behind it
        raise Refusal("not-found", "there is no assessment of this pupil within your place")
    await _note(here, caller, "history", pupil_key)
    page = stored[:limit]
    said = await run_in_threadpool(changes, stored, here.follower.compiled)
    more = _closed(page[-1].id) if len(stored) > limit else None
    return _json({"assessments": said[: len(page)], "next": more})


async def _note(here: Service, caller: Caller, what: str, pupil: str) -> None:
    """Write down who looks at whom; without that there is no answer."""
    read = {
        "id": str(uuid_utils.uuid7()),
        "at": datetime.now(UTC),
        "caller": caller.name,
        "role": caller.role.value,
        "place": caller.place.code,
        "what": what,
        "pupil": pupil,
        "erasure": None,
    }
    await here.writer.write(Job(caller.place, read=read))


def _json(found: object) -> Response:
    return Response(orjson.dumps(found), media_type="application/json")


def _uuid(text: str) -> str:
    try:
        if len(text) == len(found := str(UUID(text))):
            return found
    except ValueError:
        pass
    raise Refusal("not-found", "there is no such assessment within your place")


def _closed(identifier: str) -> str:
    return base64.urlsafe_b64encode(UUID(identifier).bytes).decode().rstrip("=")


def _opened(cursor: str) -> str:
    try:
        return str(UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True)))
    except (ValueError, binascii.Error):
        raise Refusal("bad-request", "the cursor is not one that `next` gave") from None
