"""The declared route of ``POST /v1/assessments``; its handler is `service.api.one.assess`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response

from service.api.describe import body_of, problems
from service.api.media import JSON
from service.api.models import ONE, AssessmentAnswer, AssessmentRequest
from service.api.one import assess

router = APIRouter(prefix="/v1", tags=["assessments"])


@router.post(
    "/assessments",
    responses=problems(
        "bad-json", "bad-request", "conflict", "no-ruleset", "timeout", "too-large", "media-type"
    )
    | {200: {"model": AssessmentAnswer}},
    openapi_extra=body_of(AssessmentRequest, ONE),
)
async def assess_one_pupil(
    request: Request,
    store: Literal["true", "false"] = "true",
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern="^[ -~]*$")
    ] = None,
) -> Response:
    """Assess one pupil: score and level with their bounds, reasons in words, what is unknown.

    The assessment is stored before it is answered, unless `store=false` asks for a trial.
    """
    del store, idempotency_key  # described here, read by the handler
    return Response(await assess(request), media_type=JSON)
