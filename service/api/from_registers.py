"""``POST /v1/assessments/from-registers``: pupils assessed by what is held of their school."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from service.api import media
from service.api.bodies import check_json, read_body
from service.api.bulk import ANSWERS, answer, order_of
from service.api.context import Service, service
from service.api.describe import body_of, problems
from service.api.idempotency import idempotency
from service.api.one import check_query, flag, text
from service.api.register_models import FROM_REGISTERS, FromRegisters, FromRegistersQuery
from service.api.strict import members, parsed
from service.api.tables import MOST
from service.identity.caller import Right
from service.problems import Refusal, invalid
from service.usecases.bulk import Batch, Order, assess_many
from service.usecases.from_registers import NOBODY, Wanted, note_looked_at, table
from service.usecases.inforce import Picture
from service.usecases.one import allowed_school

router = APIRouter(prefix="/v1", tags=["assessments"])


@router.post(
    "/assessments/from-registers",
    responses=ANSWERS | problems("no-registers", "no-ruleset", "conflict"),
    openapi_extra=body_of(FromRegisters, FROM_REGISTERS),
)
async def assess_from_registers(
    request: Request,
    query: Annotated[FromRegistersQuery, Query()],
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern="^[ -~]*$")
    ] = None,
) -> Response:
    """Assess pupils of a school by the registers that are held of it, as they were known that day.

    All pupils who are enrolled that day, or those who are named; one of them who is not enrolled is
    rejected, by the place in the list. Answers are those of `/v1/assessments/bulk` for the same
    values, in the same forms; that nobody is enrolled that day is noted.
    """
    del query, idempotency_key  # described here, read below
    return await from_registers(request)


@router.get("/assessments/from-registers", include_in_schema=False)
async def no_such_assessment() -> Response:
    """Refuse to read `from-registers` as the id of a past assessment."""
    raise Refusal("method", headers={"Allow": "POST"})


async def from_registers(request: Request) -> Response:
    """Answer a request for assessments from registers: only when all are committed."""
    here = service(request)
    store = flag(request, "store", default=True)
    check_query(request, FromRegistersQuery.model_fields)
    # A trial shows what is held of pupils as well: it is not for those who may only try.
    caller = await here.caller(request, Right.SCORE)
    check_json(request)
    kind = media.wanted_kind(request)
    body = await read_body(request, here.settings.body_limit, here.settings.body_seconds)
    key = idempotency(request, body, caller, store=store)
    asked = members(parsed(body), FromRegisters.model_fields, "")
    said = {name: text(asked, name) for name in ("language", "as_of", "ruleset")}
    order = await order_of(here, request, said, caller, kind, store=store)
    work = partial(_work, here, asked, order, here.follower.picture)
    return await answer(here, order, key, kind, work, NOBODY)


def _wanted(asked: Any, order: Order, picture: Picture) -> Wanted:  # noqa: ANN401  parsed JSON
    school = allowed_school(text(asked, "school"), order.caller, picture.places)
    pupils = asked.get("pupils")
    if pupils is not None:
        if not isinstance(pupils, list) or not all(isinstance(each, str) for each in pupils):
            raise invalid("pupils", "send a list of pupils' keys", "left out, it is all enrolled")
        if len(pupils) > MOST:
            raise Refusal("too-large", f"a request has at most {MOST} pupils")
    return Wanted(school, order.as_of, pupils, order.caller)


def _work(here: Service, asked: Any, order: Order, picture: Picture) -> Batch:  # noqa: ANN401
    """Compute indicators and assess their pupils; runs beside the requests that go on."""
    wanted = _wanted(asked, order, picture)
    history = here.histories.history(here.engine, wanted, picture.places, here.settings.work)
    read = replace(order.compiled.ruleset.catalogue, indicators=order.compiled.reads)
    sent = table(history, wanted, read)
    known = {**picture.indicators, **order.compiled.reads}
    batch = assess_many(sent, order, known, picture.places)
    if not order.store:
        note_looked_at(here.engine, order.caller, batch.told["pupil_key"])
    return batch
