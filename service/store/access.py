"""The access log: who looked at whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.store.tables import reads


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody looked at a pupil: when, who, in which role, for which place, at what."""

    at: datetime
    caller: str
    role: str
    place: str
    what: str


def reads_of(connection: Connection, pupil: str) -> list[Read]:
    """Return all reads of a pupil, the newest first."""
    columns = (reads.c.at, reads.c.caller, reads.c.role, reads.c.place, reads.c.what)
    wanted = sa.select(*columns).where(reads.c.pupil == pupil)
    rows = connection.execute(wanted.order_by(reads.c.at.desc(), reads.c.id.desc()))
    return [Read(*row) for row in rows]
