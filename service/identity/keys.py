"""API keys: ``pumpurs_ID_SECRET``. The secret is shown once and stored as its SHA-256 only.

A fast hash is right here: a secret of 256 random bits cannot be guessed, whatever the hash costs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from service.identity.caller import Caller, Place, Role, Unauthorised

PREFIX = "pumpurs_"
_FORM = re.compile(r"pumpurs_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Key:
    """A stored key: everything but its secret. Moments are UTC."""

    id: str
    digest: bytes
    label: str
    role: Role
    place: Place
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    last_used: datetime | None = None

    @property
    def shown(self) -> str:
        """The part of the key that may be shown."""
        return f"{PREFIX}{self.id}"

    @cached_property
    def caller(self) -> Caller:
        """Who calls with this key."""
        return Caller(self.shown, self.role, self.place)


def new_key(
    label: str, role: Role, place: Place, now: datetime, expires: datetime | None
) -> tuple[Key, str]:
    """Return a new key and its whole text, which nobody can show again."""
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = Key(name, hashlib.sha256(secret.encode()).digest(), label, role, place, now, expires)
    return key, f"{key.shown}_{secret}"


def check_key(text: str, known: Mapping[str, Key], now: datetime | None = None) -> Key:
    """Return the known key that `text` is; raises `Unauthorised`."""
    match = _FORM.fullmatch(text)
    key = known.get(match[1]) if match else None
    if match is None or key is None:
        raise Unauthorised("unknown key")
    if not hmac.compare_digest(hashlib.sha256(match[2].encode()).digest(), key.digest):
        raise Unauthorised("wrong secret")
    if key.revoked is not None:
        raise Unauthorised("revoked")
    if key.expires is not None and key.expires <= (now or datetime.now(UTC)):
        raise Unauthorised("expired")
    return key
