"""Is it up, is it ready, how does it do; and what the refusals mean."""

from __future__ import annotations

from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from engine.errors import EarlyWarningError
from service.api.context import service
from service.api.describe import refusals
from service.api.models import ProblemKind, Readiness
from service.problems import KINDS, Refusal
from service.store.migrate import check_version

router = APIRouter(tags=["operations"])
STATIC = Path(__file__).parents[1] / "static"


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={200: {"model": Readiness}, 503: {"model": Readiness}})
async def readyz(request: Request) -> Response:
    """Say whether requests can be served: the store takes what is written, and rules are in it."""
    here = service(request)
    checks = {"ruleset": here.follower.picture.catalogue is not None}
    try:
        await run_in_threadpool(check_version, here.engine)
        await here.writer.probe()
        checks["store"] = True
    except EarlyWarningError:
        checks["store"] = False
    ready = all(checks.values())
    body = orjson.dumps({"status": "ready" if ready else "not ready", "checks": checks})
    return Response(body, 200 if ready else 503, media_type="application/json")


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Return metrics as Prometheus reads them."""
    text, kind = service(request).metrics.text()
    return Response(text, headers={"content-type": kind})


@router.get("/problems/{kind}", responses=refusals("not-found"))
async def problem_kind(kind: str) -> ProblemKind:
    """Say what a problem's `type` means and what to do."""
    known = KINDS.get(kind)
    if known is None:
        raise Refusal("not-found", f"known: {', '.join(KINDS)}")
    return ProblemKind(
        type=f"/problems/{kind}", status=known.status, title=known.title, remedy=known.remedy
    )


@router.get("/docs", include_in_schema=False)
async def docs() -> Response:
    """Show the interactive description of the API, with nothing from another host."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Pumpurs API",
        swagger_js_url="/static/swagger-ui-bundle.js",
        swagger_css_url="/static/swagger-ui.css",
        swagger_favicon_url="/static/favicon.svg",
    )
    start = (
        bytes(page.body).decode().rpartition("<script>")[0]
    )  # the page's own script would be inline
    return Response(
        f'{start}<script src="/static/docs.js"></script></body></html>', media_type="text/html"
    )
