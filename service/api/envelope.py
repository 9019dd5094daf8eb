"""Around every request: an id, security headers, metrics, logs, and no error without a problem.

Logs and metrics name the route's template, never the path or the query: they hold pupils' keys.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
import uuid_utils
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.metrics import Metrics
from service.problems import MEDIA_TYPE, Refusal
from service.store.connect import StoreUnavailableError

Handler = Callable[[Request], Awaitable[Response]]
log = structlog.get_logger()

SECURITY = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "cache-control": "no-store",
}


def problem(refusal: Refusal, request: Request) -> Response:
    """Return the response that says what is wrong."""
    body = refusal.body(request.scope.get("request_id", ""))
    headers = refusal.headers
    return Response(body, refusal.status, headers, MEDIA_TYPE)


def refusal_of(error: Exception) -> Refusal:
    """Return what the client is told of an error."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, StoreUnavailableError):
        return Refusal("unavailable", headers={"Retry-After": "2"})
    return Refusal("internal")


class Envelope:
    """The outermost layer; `shortcuts` are answered here, as FastAPI's routing costs more."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        shortcuts: Mapping[tuple[str, str], Handler],
        *,
        log_requests: bool,
    ) -> None:
        self.inner, self._metrics, self._shortcuts = app, metrics, shortcuts
        self._log_requests = log_requests
        self._always = [(n.encode(), v.encode()) for n, v in SECURITY.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        start = time.perf_counter()
        scope["app"] = self.inner
        scope["request_id"] = identifier = str(uuid_utils.uuid7())
        status = 500
        begun = False

        async def wrapped(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = MutableHeaders(scope=message)
                present = {name for name, _ in headers.raw}
                headers.raw.extend(pair for pair in self._always if pair[0] not in present)
                headers.raw.append((b"x-request-id", identifier.encode()))
            await send(message)

        handler = self._shortcuts.get((scope["method"], scope["path"]))
        try:
            if handler is None:
                await self.inner(scope, receive, wrapped)
            else:
                await _short(handler, Request(scope, receive), wrapped)
        except Exception as error:
            if not isinstance(error, StoreUnavailableError | Refusal):
                log.exception("a request broke", request_id=identifier)
            if begun:
                raise
            request = Request(scope, receive)
            await problem(refusal_of(error), request)(scope, receive, wrapped)
        finally:
            self._note(scope, status, time.perf_counter() - start)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = template(scope)
        self._metrics.requests.labels(route, scope["method"], status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if self._log_requests or status >= 500:
            log.info(
                "request",
                request_id=scope["request_id"],
                method=scope["method"],
                route=route,
                status=status,
                ms=round(1000 * seconds, 1),
                caller=getattr(scope.get("caller"), "name", None),
            )


async def _short(handler: Handler, request: Request, send: Send) -> None:
    request.scope["route_template"] = request.scope["path"]
    try:
        response = await handler(request)
    except Refusal as refusal:
        response = problem(refusal, request)
    await response(request.scope, request.receive, send)


def template(scope: Scope) -> str:
    """Return the route's template, such as ``/v1/assessments/{id}``."""
    found = scope.get("route_template") or getattr(scope.get("route"), "path", None)
    return str(found or "(none)")
