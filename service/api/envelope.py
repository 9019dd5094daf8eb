"""Around every request: an id, security headers, metrics, logs, and no error without a problem.

Logs and metrics name the route's template, never the path or the query: they hold pupils' keys.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast

import structlog
import uuid_utils
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.metrics import Metrics
from service.api.packing import Packing
from service.connections import ANSWER
from service.problems import MEDIA_TYPE, Refusal
from service.settings import Settings
from service.store.connect import StoreUnavailableError

_JSON = (b"content-type", b"application/json")
_DATA = frozenset({_JSON[1], MEDIA_TYPE.encode()})
Handler = Callable[[Request], Awaitable[bytes]]  # answers JSON, with 200
Header = tuple[bytes, bytes]
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
STATIC, DOCUMENT = "/static", "/openapi.json"
log = structlog.get_logger()

# What every answer has, as OWASP asks of an API; the others are for what browsers show as a page.
SECURITY = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "cache-control": "no-store",
}
PAGES = {
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
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
        settings: Settings,
    ) -> None:
        self.inner, self._metrics, self._shortcuts = app, metrics, shortcuts
        self._log_requests = settings.log_requests
        # Inside the envelope, and around the shortcuts and all errors: browsers read these too.
        self._run: ASGIApp = Packing(self._answer)
        if settings.cors_origins:
            self._run = CORSMiddleware(
                self._run,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Encoding", "Idempotency-Key"],
                expose_headers=["ETag", "Retry-After", "X-Request-Id"],
            )
        self._always, self._pages = (
            [(n.encode(), v.encode()) for n, v in each.items()] for each in (SECURITY, PAGES)
        )
        self._head = b"".join([b"%b: %b\r\n" % header for header in [_JSON, *self._always]])
        self._plain = not settings.cors_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        start, method = time.perf_counter(), scope["method"]
        if method == "HEAD":
            scope, send = {**scope, "method": "GET"}, _bodiless(send)
        scope["app"] = self.inner
        scope["request_id"] = identifier = str(uuid_utils.uuid7())
        scope["status"] = None

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["status"] = message["status"]
                given = message["headers"]
                added = self._added(given)
                message["headers"] = [*given, *added, (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self._run(scope, receive, wrapped)
        finally:
            self._note(scope, method, scope["status"] or 500, time.perf_counter() - start)

    def _added(self, given: Sequence[Header]) -> list[Header]:
        """Return the headers that an answer must still have."""
        if given and given[0] is _JSON:  # a shortcut's answer, which has none of them
            return self._always
        present = dict(given)
        kind = present.get(b"content-type", b"")
        always = self._always if kind in _DATA else self._always + self._pages
        return [pair for pair in always if pair[0] not in present]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens; no error goes on to the server, which would log its text.

        An answer that broke off is left unfinished: the server then closes the connection.
        """
        handler = self._shortcuts.get((scope["method"], scope["path"]))
        try:
            if handler is None:
                await self.inner(scope, receive, send)
            else:
                await self._short(handler, scope, receive, send)
        except Exception as error:
            begun = scope["status"] is not None
            if begun or not isinstance(error, StoreUnavailableError | Refusal):
                log.exception("a request broke", request_id=scope["request_id"])
            if not begun:
                refused = problem(refusal_of(error), Request(scope, receive))
                await refused(scope, receive, send)

    async def _short(self, handler: Handler, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by a shortcut: in one piece, where nothing else has to be done to the answer."""
        scope["route_template"] = scope["path"]
        request = ShortRequest(scope, receive)
        body = await handler(request)
        whole = scope.get("state", {}).get(ANSWER)
        if whole and self._plain and "accept-encoding" not in request.headers:
            more = b"content-length: %d\r\nx-request-id: %b\r\n"
            if whole(self._head + more % (len(body), scope["request_id"].encode()), body):
                scope["status"] = 200
                return
        headers = [_JSON, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = template(scope)
        method = method if method in METHODS else "(other)"
        self._metrics.note(route, method, status, seconds)
        if self._log_requests or status >= 500:
            log.info(
                "request",
                request_id=scope["request_id"],
                method=method,
                route=route,
                status=status,
                ms=round(1000 * seconds, 1),
                caller=getattr(scope.get("caller"), "name", None),
            )


class ShortRequest(Request):
    """A request whose headers stand in a dict, by small letters; starlette searches them."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope, self._receive = scope, receive
        found = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        self._headers = cast("Headers", found)


def _bodiless(send: Send) -> Send:
    """Return what sends an answer without its body: HEAD is GET without it."""

    async def bare(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return bare


def template(scope: Scope) -> str:
    """Return the route's template, such as ``/v1/assessments/{id}``."""
    found = scope.get("route_template") or getattr(scope.get("route"), "path", None)
    return str(found or _beside(scope["path"]))


def _beside(path: str) -> str:
    """Return the name of what is served, and is no route of FastAPI's."""
    if path.startswith(f"{STATIC}/"):
        return STATIC
    return path if path == DOCUMENT else "(none)"
