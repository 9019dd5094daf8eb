"""The scoring service, put together: parts, routes, and what goes around every request."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.engine import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.api import assessing, bulk, from_registers, operations, reading, registers, rulesets
from service.api.context import Service
from service.api.describe import DescribedApi
from service.api.envelope import STATIC, Envelope, problem, refusal_of
from service.api.limits import Rate
from service.api.metrics import Metrics
from service.api.one import assess
from service.identity.tokens import Tokens
from service.logs import set_up_logs
from service.problems import Refusal
from service.settings import Settings, read_settings
from service.store.connect import StoreUnavailableError, connect
from service.store.migrate import check_version
from service.store.writer import Writer
from service.usecases.from_registers import Histories
from service.usecases.inforce import Follower
from service.usecases.second import SecondOpinion

STATUS = {404: "not-found", 405: "method", 406: "not-acceptable", 413: "too-large"}
log = structlog.get_logger()


def create() -> Envelope:
    """Return the application as the environment sets it: what a server runs."""
    return application(read_settings(), alone=True)


def application(settings: Settings, *, alone: bool = False) -> Envelope:
    """Return the application; its store is opened when it starts and closed when it stops.

    `alone` says that the process does nothing else.
    """
    set_up_logs(settings.log_level)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = connect(settings.database)
        check_version(engine)
        here = app.state.service = _service(settings, engine, metrics)
        here.writer.start()
        here.follower.start()
        if alone:
            _share_time()
        log.info("started", ruleset=here.follower.picture.catalogue is not None)
        yield
        here.follower.stop()
        here.writer.stop()
        engine.dispose()
        log.info("stopped")

    app = DescribedApi(
        title="Pumpurs",
        summary="Early warning against early school leaving",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for part in (assessing, bulk, from_registers, reading, registers, rulesets, operations):
        app.include_router(part.router)
    app.mount(STATIC, StaticFiles(directory=Path(__file__).parent / "static"))
    _handle_errors(app)
    shortcuts = {("POST", "/v1/assessments"): assess}
    return Envelope(app, metrics, shortcuts, settings)


def _service(settings: Settings, engine: Engine, metrics: Metrics) -> Service:
    """Return the parts of the service on a store, not yet started."""
    histories, writer = Histories(), Writer(engine)
    tokens = None
    if settings.oidc_issuer:
        tokens = Tokens(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks)
    return Service(
        settings,
        engine,
        writer,
        SecondOpinion(writer, metrics.disagreed),
        Follower(engine, histories.forget),
        Rate(settings.rate / settings.workers),
        tokens,
        metrics,
        histories,
    )


def _share_time() -> None:
    """Give less time to the garbage collector, and give it to the writer sooner.

    Garbage is looked for less often, and not among what lives as long as the process: else a third
    of the time goes into going through rulesets and libraries again and again. And after a commit
    the writer must not wait for five milliseconds, as threads usually do, to tell that it is done.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)


def _handle_errors(app: FastAPI) -> None:
    """Make every error of FastAPI and ours a problem document."""

    async def known(request: Request, error: Exception) -> Response:
        return problem(refusal_of(error), request)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  it is registered for these only
        kind = STATUS.get(error.status_code, "bad-request")
        headers = dict(error.headers or {})
        if kind == "method":
            if headers["Allow"] == "GET":
                headers["Allow"] = "GET, HEAD"  # the envelope answers it wherever GET is
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=headers)
        return problem(Refusal(kind, headers=headers), request)

    async def query(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101  the same
        errors = [
            {"where": ".".join(map(str, each["loc"][1:])), "problem": str(each["msg"])}
            for each in error.errors()
        ]
        detail = f"{errors[0]['where']}: {errors[0]['problem']}"
        return problem(Refusal("invalid", detail, errors), request)

    for kind in (Refusal, StoreUnavailableError, Exception):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, query)
