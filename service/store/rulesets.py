"""Ruleset versions, and which was put in force from which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.ruleset import Ruleset
from service.store.places import touch
from service.store.tables import activations, rulesets

Files = Mapping[str, str]  # file name -> YAML


@dataclass(frozen=True, slots=True)
class Activation:
    """A ruleset put in force from a day on; of two for one day the later one counts."""

    id: int
    starts: date
    ruleset: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Decree:
    """What is put in force: a ruleset, its files, and the whole catalogue beside it."""

    ruleset: Ruleset
    files: Files
    catalogue: Files


@dataclass(frozen=True, slots=True)
class Version:
    """A stored ruleset: its files hold all that it speaks of."""

    hash: str
    version: str
    decision_hash: str
    files: Files
    added: datetime


def activate(connection: Connection, decree: Decree, starts: date, now: datetime, by: str) -> None:
    """Store a ruleset, if it is new, and put it in force from a day on."""
    ruleset = decree.ruleset
    found = sa.select(rulesets.c.hash).where(rulesets.c.hash == ruleset.content_hash)
    if connection.execute(found).scalar_one_or_none() is None:
        values = {
            "hash": ruleset.content_hash,
            "version": ruleset.version,
            "decision_hash": ruleset.decision_hash,
            "files": dict(decree.files),
            "added": now,
        }
        connection.execute(sa.insert(rulesets).values(values))
    said = {"starts": starts, "ruleset": ruleset.content_hash, "at": now, "by": by}
    connection.execute(sa.insert(activations).values(**said, catalogue=dict(decree.catalogue)))
    touch(connection)


def read_activations(connection: Connection) -> list[Activation]:
    """Return all activations in the order in which they were made."""
    wanted = [activations.c[name] for name in ("id", "starts", "ruleset", "at", "by")]
    rows = connection.execute(sa.select(*wanted).order_by(activations.c.id))
    return [Activation(*row) for row in rows]


def read_catalogue(connection: Connection) -> Files | None:
    """Return the catalogue that came with the last activation."""
    last = sa.select(activations.c.catalogue).order_by(activations.c.id.desc()).limit(1)
    found: Files | None = connection.execute(last).scalar_one_or_none()
    return found


def read_version(connection: Connection, digest: str) -> Version | None:
    """Return a ruleset by its content hash."""
    row = connection.execute(sa.select(rulesets).where(rulesets.c.hash == digest)).one_or_none()
    return None if row is None else Version(*row)


def read_versions(connection: Connection) -> list[Version]:
    """Return all rulesets, the newest last."""
    return [Version(*row) for row in connection.execute(sa.select(rulesets).order_by("added"))]
