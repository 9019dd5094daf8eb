"""Stored API keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.errors import DataError, Problem
from service.identity.caller import Place, Role
from service.identity.keys import PREFIX, Key
from service.store.places import touch
from service.store.tables import api_keys, places


def add_key(connection: Connection, key: Key) -> None:
    """Store a key; raises `DataError` where its place is not there."""
    found = connection.execute(
        sa.select(places.c.level).where(places.c.code == key.place.code)
    ).scalar_one_or_none()
    if found != key.place.level:
        hint = "'pumpurs places list' shows what is there"
        raise DataError(Problem("place", f"there is no {key.place}", None, hint))
    values = {
        "id": key.id,
        "digest": key.digest,
        "label": key.label,
        "role": key.role.value,
        "place": key.place.code,
        "created": key.created,
        "expires": key.expires,
    }
    connection.execute(sa.insert(api_keys).values(values))
    touch(connection)


def read_keys(connection: Connection) -> list[Key]:
    """Return all keys, also those that are revoked, in the order in which they were made."""
    joined = sa.select(api_keys, places.c.level).join(places).order_by(api_keys.c.created)
    return [
        Key(
            id=row.id,
            digest=row.digest,
            label=row.label,
            role=Role(row.role),
            place=Place(row.level, row.place),
            created=row.created,
            expires=row.expires,
            revoked=row.revoked,
            last_used=row.last_used,
        )
        for row in connection.execute(joined)
    ]


def revoke_key(connection: Connection, name: str, now: datetime) -> None:
    """Revoke a key by its shown part; raises `DataError` where there is none such."""
    live = (api_keys.c.id == name.removeprefix(PREFIX)) & api_keys.c.revoked.is_(None)
    if not connection.execute(sa.update(api_keys).where(live).values(revoked=now)).rowcount:
        hint = "'pumpurs keys list' shows the keys"
        raise DataError(Problem("key", f"there is no key '{name}' to revoke", None, hint))
    touch(connection)


def note_used(connection: Connection, used: Mapping[str, datetime]) -> None:
    """Note when keys were last used."""
    for name, moment in used.items():
        connection.execute(
            sa.update(api_keys).where(api_keys.c.id == name).values(last_used=moment)
        )
