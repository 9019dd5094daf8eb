"""The files of registers that the service takes, one at a time, and what of them it keeps.

Only the columns that are read are kept: others may hold names. Rows of ``roles.csv`` have no file
of their own here, since it speaks of the users beside it in one export; users say their role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.registers.files import MODIFIED, SOURCED, STATUS, TECHNICAL
from engine.registers.oneroster import ROLE
from engine.registers.schema import ALL, REGISTERS, Column, Register

SHARED = frozenset({"orgs", "academicSessions", "courses", "scoreScales"})
STAFFED = frozenset({"users", "enrollments"})
ELSEWHERE = frozenset({"enrollments"})  # a pupil's earlier schools stand in them
_RESULTS = (*TECHNICAL, "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score",
            "scoreDate")  # fmt: skip
_LINES = (SOURCED, STATUS, MODIFIED, "classSourcedId", "gradingPeriodSourcedId",
          "academicSessionSourcedId", "scoreScaleSourcedId")  # fmt: skip
_CLASSES = (SOURCED, STATUS, MODIFIED, "courseSourcedId", "schoolSourcedId")
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "results": _RESULTS, "lineItems": _LINES, "classes": _CLASSES,
}  # fmt: skip
_LED = {"lineItems": ("classSourcedId",), "classes": ("courseSourcedId", "schoolSourcedId")}


@dataclass(frozen=True)
class File:
    """One file: the columns of it that are read, and those that name a pupil, a school and a day.

    `register` is what its rows become; those of line items and classes only lead results to
    theirs. `needs` are the files by which its rows are judged: those that they point to, and the
    file itself only where rows are judged by others of it. `like` are the files of its register.
    """

    name: str
    register: Register | None
    columns: tuple[str, ...]
    pupil: str | None
    school: str | None
    day: str | None
    needs: frozenset[str]
    like: frozenset[str]

    @property
    def shared(self) -> bool:
        """Whether its rows may belong to no school."""
        return self.name in SHARED

    @property
    def staffed(self) -> bool:
        """Whether it may hold rows of staff, known by their role, which are no concern of ours."""
        return self.name in STAFFED

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns that tell its rows apart: a row that ends another needs no more."""
        if self.register is None or not self.register.natural:
            return (SOURCED,)
        own = self.register.columns
        return tuple(each.header for each in own if each.name in self.register.natural)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that must be there."""
        if self.register is None:
            return (SOURCED, *_LED[self.name])
        if self.name == "results":
            return (SOURCED, *_RESULTS[3:])
        own = tuple(each.header for each in self.register.columns if each.required)
        return own if self.register.natural else (SOURCED, *own)


def _file(register: Register) -> File:
    columns = (*TECHNICAL, *(each.header for each in register.columns))
    return File(
        register.file,
        register,
        (*columns, ROLE) if register.file in STAFFED else columns,
        SOURCED if register.name == "pupils" else _header(register, to="pupils"),
        _header(register, to="orgs", named="school"),
        "date" if "date" in columns else None,
        _needs(register),
        _like(register),
    )


def _beside(name: str) -> File:
    results = name == "results"
    return File(
        name,
        REGISTERS["marks"] if results else None,
        _BESIDE[name],
        "studentSourcedId" if results else None,
        "schoolSourcedId" if name == "classes" else None,
        "scoreDate" if results else None,
        _needs(REGISTERS["marks"]) if results else frozenset(),
        _like(REGISTERS["marks"]) if results else frozenset({name}),
    )


def _header(register: Register, to: str, named: str = "") -> str | None:
    def fits(column: Column) -> bool:
        return column.to == to and named in ("", column.name)

    return next((column.header for column in register.columns if fits(column)), None)


def _like(register: Register) -> frozenset[str]:
    return frozenset({"marks", "results"} if register.name == "marks" else {register.file})


def _needs(register: Register) -> frozenset[str]:
    """Return the files by which a register's rows are judged.

    A row that is sent is later than all that is held, so an earlier version of it judges nothing.
    But stays may not overlap, and rows may point to rows of their own register.
    """
    found: set[str] = set()
    waiting = _pointed_to(register)
    while waiting:
        each = waiting.pop()
        if each.file not in found:
            found.add(each.file)
            waiting += _pointed_to(each)
    if register.name == "enrolments":
        found.add(register.file)
    return frozenset(found | ({"lineItems", "classes"} if register.name == "marks" else set()))


def _pointed_to(register: Register) -> list[Register]:
    found = [REGISTERS[column.to] for column in register.columns if column.to]
    if {"pupil", "school", "day"} <= {column.name for column in register.columns}:
        found.append(REGISTERS["enrolments"])
    return found


FILES: Mapping[str, File] = MappingProxyType(
    {register.file: _file(register) for register in ALL} | {name: _beside(name) for name in _BESIDE}
)
