"""``POST /v1/assessments/bulk``: many pupils, in and out as JSON, lines, Arrow or Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, get_args

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request, Response
from polars.exceptions import PanicException, PolarsError

from engine.errors import DataError
from engine.text import Language, Text
from service.api import media
from service.api.bodies import read_body
from service.api.context import Service, service
from service.api.describe import REF, problems
from service.api.idempotency import Idempotency, earlier_answers, idempotency
from service.api.models import MANY, BulkAnswer, BulkQuery, BulkRow
from service.api.one import check_query, day_assessed, flag, ruleset
from service.api.tables import columns, objects, written
from service.identity.caller import Caller, Right
from service.problems import Refusal, invalid, of_engine
from service.store.writer import ConflictError
from service.usecases.bulk import Batch, Order, assess_many, told_before
from service.usecases.inforce import Picture
from service.usecases.sent import of_columns, of_objects

router = APIRouter(prefix="/v1", tags=["assessments"])
QUERY = ("as_of", "language", "ruleset", "store", "reasons")
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_LINES = {"schema": {"type": "string"}}
_OTHERS = {media.NDJSON: _LINES, media.ARROW: _BYTES, media.PARQUET: _BYTES}
_SENT = {
    "requestBody": {
        "required": True,
        "content": {
            media.JSON: {
                "schema": {
                    "type": "array",
                    "maxItems": 100_000,
                    "items": BulkRow.model_json_schema(ref_template=REF),
                },
                "example": MANY,
            },
            **_OTHERS,
            media.NDJSON: {**_LINES, "example": "\n".join(map(json.dumps, MANY))},
        },
    }
}
_KINDS = ("bad-json", "bad-request", "conflict", "no-ruleset", "timeout", "too-large", "media-type")
ANSWERS: dict[int | str, dict[str, Any]] = {
    **problems(*_KINDS, "not-acceptable"),
    200: {"model": BulkAnswer, "content": dict(_OTHERS)},
}


@router.post("/assessments/bulk", responses=ANSWERS, openapi_extra=_SENT)
async def assess_many_pupils(
    request: Request,
    query: Annotated[BulkQuery, Query()],
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern="^[ -~]*$")
    ] = None,
) -> Response:
    """Assess up to 100,000 pupils at once; a row that cannot be read is rejected with the reason.

    JSON and lines of JSON hold objects as for one pupil, without `as_of`, `language` and `ruleset`,
    which stand in the query for all; Arrow and Parquet hold a column for each indicator. `Accept`
    chooses what is answered. Reasons are given in words for pupils whose level is above the
    least; Arrow and Parquet name the rules only. All answers are stored together before one leaves.
    """
    del query, idempotency_key  # described here, read below
    return await bulk(request)


@router.get("/assessments/bulk", include_in_schema=False)
async def no_such_assessment() -> Response:
    """Refuse to read `bulk` as the id of a past assessment."""
    raise Refusal("method", headers={"Allow": "POST"})


async def bulk(request: Request) -> Response:
    """Answer a request for many assessments: only when all are committed."""
    here = service(request)
    store = flag(request, "store", default=True)
    check_query(request, QUERY)
    caller = await here.caller(request, Right.SCORE if store else Right.TRY)
    sent, wanted = media.sent_kind(request), media.wanted_kind(request)
    order = await order_of(here, request, request.query_params, caller, wanted, store=store)
    body = await read_body(request, here.settings.body_limit, here.settings.body_seconds)
    key = idempotency(request, body, caller, store=store)
    work = partial(_work, sent, body, order, here.follower.picture)
    return await answer(here, order, key, wanted, work)


async def answer(  # noqa: PLR0913, PLR0917  what is asked, how, and what finds the answer
    here: Service,
    order: Order,
    key: Idempotency | None,
    kind: str,
    work: Callable[[], Batch],
    empty: Text | None = None,
) -> Response:
    """Answer with a batch in a media type: as before, or as `work` finds it and it is stored.

    `empty` is noted where there is neither an answer nor a reject.
    """
    batch = None if key is None else await _answered_before(here, order.caller, key)
    if batch is None:
        batch = await run_sync(work, limiter=here.bulk)
        batch = await _stored(here, batch, order.caller, key)
        if batch.disagreements:
            here.metrics.disagreed(order.compiled.hash, batch.disagreements)
        here.metrics.assessed[order.store].inc(len(batch.told))
    note = empty if not (len(batch.told) or batch.rejects) else None
    body = await run_sync(written, batch, kind, order.language, note)
    return Response(body, media_type=kind)


async def order_of(  # noqa: PLR0913  what a request says, who sent it, and how
    here: Service,
    request: Request,
    asked: Mapping[str, str | None],
    caller: Caller,
    wanted: str,
    *,
    store: bool,
) -> Order:
    """Return what is asked of all rows; `asked` has language, day and ruleset."""
    said = asked.get("language")
    spoken = here.settings.language if said is None else said
    language = next((each for each in get_args(Language) if each == spoken), None)
    if language is None:
        raise invalid("language", "this is not a language here", "lv or en")
    as_of = day_assessed(asked.get("as_of"))
    if here.follower.picture.catalogue is None:
        raise Refusal("no-ruleset")
    as_text = wanted in (media.JSON, media.NDJSON)
    reasons = flag(request, "reasons", default=as_text)
    if reasons and not as_text:
        raise invalid("reasons", "tables name the rules only", "ask for JSON")
    return Order(
        await ruleset(here, asked.get("ruleset"), as_of),
        as_of,
        language,
        caller,
        reasons=reasons,
        store=store,
        lines=store or as_text,
    )


def _work(sent: str, body: bytes, order: Order, picture: Picture) -> Batch:
    """Read a body and assess its pupils; runs beside the requests that go on."""
    known = {**picture.indicators, **order.compiled.reads}
    try:
        if sent in (media.JSON, media.NDJSON):
            table = of_objects(objects(sent, body), known, order.as_of)
        else:
            table = of_columns(columns(sent, body, known))
        return assess_many(table, order, known, picture.places)
    except DataError as error:
        raise of_engine(error, "columns") from None
    except (PolarsError, PanicException):
        raise invalid("columns", "one holds what cannot be read as a column") from None


async def _stored(here: Service, batch: Batch, caller: Caller, key: Idempotency | None) -> Batch:
    """Return the batch when it is committed: this one, or the one that was quicker."""
    if batch.job is None:
        return batch
    if key is not None:
        key.note(batch.job, caller, [asdict(each) for each in batch.rejects])
    try:
        await here.writer.write(batch.job)
    except ConflictError:
        before = None if key is None else await _answered_before(here, caller, key)
        if before is None:
            raise
        return before
    return batch


async def _answered_before(here: Service, caller: Caller, key: Idempotency) -> Batch | None:
    """Return the answer to the same request, if there was one."""
    found = await earlier_answers(here, caller, key)
    return None if found is None else await run_sync(told_before, *found)
