"""Places: the state, its municipalities, their schools; and what lies within which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.errors import DataError, Problem
from service.identity.caller import LEVELS, Level, Place
from service.store.tables import places, revision

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its name, and the code of the place above it."""

    place: Place
    name: str
    parent: str | None


class Places:
    """All places, as they were when they were read."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.sites: Mapping[str, Site] = {site.place.code: site for site in sites}

    def within(self, inner: str, outer: Place) -> bool:
        """Return whether the place with code `inner` is `outer` or lies below it."""
        code: str | None = inner
        while code is not None:
            site = self.sites.get(code)
            if site is None:
                return False
            if site.place == outer:
                return True
            code = site.parent
        return False

    def above(self, code: str) -> tuple[str, ...]:
        """Return the codes of the places above one, the nearest first."""
        found: list[str] = []
        site = self.sites.get(code)
        while site is not None and site.parent is not None:
            found.append(site.parent)
            site = self.sites.get(site.parent)
        return tuple(found)

    def school(self, code: str) -> bool:
        """Return whether this is the code of a school."""
        site = self.sites.get(code)
        return site is not None and site.place.level == "school"

    def schools(self, code: str) -> frozenset[str]:
        """Return the codes of the schools that are a place or lie below it."""
        place = self.sites[code].place
        return frozenset(c for c in self.sites if self.school(c) and self.within(c, place))


def read_places(connection: Connection) -> Places:
    """Return all places."""
    rows = connection.execute(sa.select(places).order_by(places.c.code))
    return Places(Site(Place(row.level, row.code), row.name, row.parent) for row in rows)


def add_place(connection: Connection, level: Level, code: str, name: str, parent: str) -> None:
    """Add a place below `parent` (its code; empty for the state, of which there is one).

    Raises `DataError` where the code is taken, or the parent is not one level above.
    """
    if not _CODE.fullmatch(code):
        hint = "use Latin letters without diacritics, digits and . _ -, at most 64"
        raise DataError(Problem("place", f"'{code}' is no code of a place", None, hint))
    known = read_places(connection)
    if code in known.sites:
        raise DataError(Problem("place", f"there is a place '{code}' already"))
    above = LEVELS[LEVELS.index(level) - 1] if level != "state" else None
    site = known.sites.get(parent)
    if above is None and parent:
        raise DataError(Problem("place", "a state has no place above it"))
    if above is None and any(each.place.level == "state" for each in known.sites.values()):
        raise DataError(Problem("place", "there is a state already: whoever acts for it sees all"))
    if above is not None and (site is None or site.place.level != above):
        hint = f"name a {above} that is there: 'pumpurs places list' shows them"
        raise DataError(Problem("place", f"a {level} lies in a {above}", None, hint))
    values = {"code": code, "level": level, "name": name, "parent": parent or None}
    connection.execute(sa.insert(places).values(values))
    touch(connection)


def touch(connection: Connection) -> None:
    """Count a change that every worker must follow."""
    connection.execute(sa.update(revision).values(number=revision.c.number + 1))


def read_revision(connection: Connection) -> int:
    """Return how many such changes there were."""
    return int(connection.execute(sa.select(revision.c.number)).scalar_one())
