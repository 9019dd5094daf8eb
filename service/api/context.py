"""What every route needs: the parts of the running service, and who calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from anyio import CapacityLimiter
from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from service.api.limits import Rate
from service.api.metrics import Metrics
from service.identity.caller import Caller, Right, Unauthorised
from service.identity.keys import PREFIX, check_key
from service.identity.tokens import IssuerUnavailableError, Tokens
from service.problems import Refusal
from service.settings import Settings
from service.store.writer import Writer
from service.usecases.from_registers import Histories
from service.usecases.inforce import Compiled, Follower
from service.usecases.second import SecondOpinion

_HASH = re.compile("[0-9a-f]{64}")
BULK_AT_ONCE = 2  # bulk requests in work: more would only take memory from one another
_WHO = {"WWW-Authenticate": 'Bearer realm="pumpurs"'}


@dataclass(frozen=True)
class Service:
    """The parts of one running process."""

    settings: Settings
    engine: Engine
    writer: Writer
    second: SecondOpinion
    follower: Follower
    rate: Rate
    tokens: Tokens | None
    metrics: Metrics
    histories: Histories
    bulk: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(BULK_AT_ONCE))

    async def caller(self, request: Request, right: Right | None = None) -> Caller:
        """Return who calls; raises `Refusal` unless they may do this, and not too often."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise Refusal("unauthorised", headers=_WHO)
        try:
            text = text.strip()
            caller = self._of_key(text) if text.startswith(PREFIX) else await self._of_token(text)
        except Unauthorised as reason:
            self.metrics.refused_callers.labels(str(reason)).inc()
            raise Refusal("unauthorised", headers=_WHO) from None
        request.scope["caller"] = caller
        self.rate.take(caller.name)
        if right is not None and not caller.may(right):
            raise Refusal("forbidden", f"the role '{caller.role}' may not: {right}")
        return caller

    async def compile(self, digest: str) -> Compiled | None:
        """Return a ruleset, compiled beside the requests that go on; None if it is not stored."""
        if not _HASH.fullmatch(digest):
            return None
        return await run_in_threadpool(self.follower.compiled, digest)

    def _of_key(self, text: str) -> Caller:
        key = check_key(text, self.follower.picture.keys)
        self.follower.used(key.id)
        return key.caller

    async def _of_token(self, text: str) -> Caller:
        if self.tokens is None:
            raise Unauthorised("no tokens here")
        try:
            caller = await self.tokens.caller(text)
        except IssuerUnavailableError:
            raise Refusal(
                "unavailable", "the issuer of tokens does not answer", headers={"Retry-After": "10"}
            ) from None
        site = self.follower.picture.places.sites.get(caller.place.code)
        if site is None or site.place != caller.place:
            raise Unauthorised("unknown place")
        return caller


def service(request: Request) -> Service:
    """Return the running service that a request has reached."""
    return cast("Service", request.app.state.service)
