"""Who asks, in which role, and for which place; what each role may do.

A place is the state, a municipality or a school. Whoever is bound to a place acts for it and for
what lies below it, never beside or above.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

Level = Literal["state", "municipality", "school"]
LEVELS: tuple[Level, ...] = get_args(Level)


class Role(StrEnum):
    """What somebody is here for."""

    __hash__ = str.__hash__  # the text's: enum's own is slow, and this is asked on each request

    SCORER = "scorer"
    READER = "reader"
    ANALYST = "analyst"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


class Right(StrEnum):
    """What a role may do. Rulesets and the catalogue are open to every role."""

    __hash__ = str.__hash__  # as above

    SCORE = "ask for assessments"
    TRY = "try an assessment that is not stored"
    READ = "read stored assessments"
    SEND = "send registers"
    HELD = "see what is held of registers"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.SCORER: frozenset(Right),
    Role.READER: frozenset({Right.READ}),
    Role.ANALYST: frozenset({Right.TRY}),
    Role.COORDINATOR: frozenset({Right.READ, Right.TRY}),
    Role.ADMIN: frozenset(),  # runs the service; reads no pupil
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its level and code; codes are unique among all places."""

    level: Level
    code: str

    def __str__(self) -> str:
        return f"{self.level}:{self.code}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose key or token was found good; `name` is what the access log shows."""

    name: str
    role: Role
    place: Place

    def may(self, right: Right) -> bool:
        """Return whether the role has this right."""
        return right in RIGHTS[self.role]


class Unauthorised(Exception):  # noqa: N818  an answer, not an accident
    """A key or token that is not good; the reason is for the log, the client sees only a 401."""


def parse_place(text: str) -> Place:
    """Return the place that a text names.

    Raises `ValueError` where it names none.

    >>> parse_place("municipality:riga")
    Place(level='municipality', code='riga')
    """
    level, _, code = text.partition(":")
    for known in LEVELS:
        if level == known and code:
            return Place(known, code)
    levels = ", ".join(LEVELS)
    message = f"'{text}' is no place; write LEVEL:CODE with a level of {levels}"
    raise ValueError(message)
