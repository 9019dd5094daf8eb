"""OIDC bearer tokens: signed by a key of the issuer, for us, now, with a role and a place.

The issuer's keys are fetched over HTTP and kept; a token with an unknown key id has them fetched
again, but seldom, so that a flood of forged tokens is no flood on the issuer.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
import structlog

from service.identity.caller import Caller, Role, Unauthorised, parse_place

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never "none", never a shared secret
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
KEPT_SECONDS, STALE_SECONDS, AGAIN_SECONDS = 600, 24 * 3600, 10
FETCH_SECONDS, MAX_KEYS_BYTES, MAX_TOKEN = 5, 256 * 1024, 8 * 1024
log = structlog.get_logger()


class IssuerUnavailableError(Exception):
    """The issuer's keys cannot be fetched, and none are kept."""


class Tokens:
    """Finds out who calls with a token. `jwks_url` is where the issuer's keys stand."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        jwks_url: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if urlsplit(jwks_url).scheme not in ("http", "https"):
            message = "the address of the issuer's keys starts with http:// or https://"
            raise ValueError(message)
        self._issuer, self._audience, self._url = issuer, audience, jwks_url
        self._now = now
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched = self._tried = -float("inf")
        self._fetching = asyncio.Lock()

    async def caller(self, token: str) -> Caller:
        """Return who calls; raises `Unauthorised`, or `IssuerUnavailableError` without keys."""
        if len(token) > MAX_TOKEN or not token.isascii():
            raise Unauthorised("not a token")
        try:
            name = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError:
            raise Unauthorised("not a token") from None
        key = await self._key(name if isinstance(name, str) else "")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=30,
                options={"require": REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise Unauthorised(type(error).__name__) from None
        return _caller(claims)

    def _young(self, seconds: float) -> bool:
        return self._now() - self._fetched <= seconds

    async def _key(self, name: str) -> jwt.PyJWK:
        """Return the issuer's key of this name, fetching keys where they are old or lack it."""
        if name not in self._keys or not self._young(KEPT_SECONDS):
            async with self._fetching:
                needed = name not in self._keys or not self._young(KEPT_SECONDS)
                if needed and self._now() - self._tried > AGAIN_SECONDS:
                    self._tried = self._now()
                    await self._fetch()
        if not self._keys or not self._young(STALE_SECONDS):
            raise IssuerUnavailableError
        if name not in self._keys:
            raise Unauthorised("unknown key of the issuer")
        return self._keys[name]

    async def _fetch(self) -> None:
        try:
            found = jwt.PyJWKSet.from_json(await asyncio.to_thread(self._load))
        except Exception as error:  # noqa: BLE001  whatever the issuer sends: the keys kept go on
            log.warning("the issuer's keys could not be fetched", reason=type(error).__name__)
            return
        signing = [key for key in found.keys if key.algorithm_name in ALGORITHMS]
        self._keys = {key.key_id: key for key in signing if key.key_id}
        self._fetched = self._now()

    def _load(self) -> str:
        with urllib.request.urlopen(self._url, timeout=FETCH_SECONDS) as answer:  # noqa: S310  http(s), see __init__
            data: bytes = answer.read(MAX_KEYS_BYTES + 1)
        if len(data) > MAX_KEYS_BYTES:
            raise ValueError
        return data.decode()


def _caller(claims: dict[str, Any]) -> Caller:
    """Return who a good token speaks for: its subject, with one role and one place."""
    subject, role, place = (claims.get(n) for n in ("sub", "pumpurs_role", "pumpurs_place"))
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= 190:
        raise Unauthorised("no subject")
    try:
        return Caller(f"token:{subject}", Role(str(role)), parse_place(str(place)))
    except ValueError:
        raise Unauthorised("no role or place") from None
