"""Conditions: the tree of the rule language, its text form, and negation.

A condition is a question about one pupil's indicators. Its answer is Kleene's: true, false, or
unknown (``None``), because a comparison with a missing value is unknown (Kleene, *Introduction to
Metamathematics*, 1952, section 64).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

Number = int | float
Value = bool | int | float | str
Truth = bool | None
Record = Mapping[str, Value | None]  # one pupil's canonical values, None where missing

Op = Literal["<", "<=", "==", "!=", ">=", ">"]

OPPOSITE: dict[Op, Op] = {"<": ">=", "<=": ">", "==": "!=", "!=": "==", ">=": "<", ">": "<="}
MIRRORED: dict[Op, Op] = {"<": ">", "<=": ">=", "==": "==", "!=": "!=", ">=": "<=", ">": "<"}


@dataclass(frozen=True, slots=True)
class Param:
    """``$name``: a number that the ruleset names, bounds and explains."""

    name: str


Operand = Number | str | Param


@dataclass(frozen=True, slots=True)
class Node:
    """What every node has: `offset`, where it starts in its text (not part of its meaning)."""

    offset: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``indicator op operand``: a number against a threshold, or a category against another."""

    indicator: str
    op: Op
    operand: Operand


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``low < indicator <= high``: a band; both ends are ``<`` or ``<=``."""

    low: Number | Param
    low_op: Literal["<", "<="]
    indicator: str
    high_op: Literal["<", "<="]
    high: Number | Param


@dataclass(frozen=True, slots=True)
class Member(Node):
    """``indicator in {a, b}``: a category among several."""

    indicator: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag(Node):
    """A yes-or-no indicator, standing alone."""

    indicator: str


@dataclass(frozen=True, slots=True)
class Known(Node):
    """``known(indicator)``: the value is there. Never unknown itself."""

    indicator: str


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``not part``."""

    part: Condition


@dataclass(frozen=True, slots=True)
class And(Node):
    """``a and b and ...``: false if any part is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """``a or b or ...``: true if any part is true."""

    parts: tuple[Condition, ...]


Atom = Comparison | Between | Member | Flag | Known
Condition = Atom | Not | And | Or


def both(first: Truth, second: Truth) -> Truth:
    """Kleene's ``and``."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def either(first: Truth, second: Truth) -> Truth:
    """Kleene's ``or``."""
    if first is True or second is True:
        return True
    return None if first is None or second is None else False


def opposite(truth: Truth) -> Truth:
    """Kleene's ``not``."""
    return None if truth is None else not truth


def atoms(condition: Condition) -> Iterator[Atom]:
    """Yield the comparisons, flags and ``known`` of a condition, left to right."""
    match condition:
        case Comparison() | Between() | Member() | Flag() | Known():
            yield condition
        case Not(part):
            yield from atoms(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from atoms(part)
        case _:
            assert_never(condition)


def indicators(condition: Condition) -> tuple[str, ...]:
    """Return the indicators that a condition reads, sorted, each once."""
    return tuple(sorted({atom.indicator for atom in atoms(condition)}))


def operands(condition: Condition) -> Iterator[tuple[Atom, Op, Number | Param | str]]:
    """Yield every ``indicator op operand`` of a condition; a band is two of them."""
    for atom in atoms(condition):
        match atom:
            case Comparison(_, op, operand):
                yield atom, op, operand
            case Between(low, low_op, _, high_op, high):
                yield atom, MIRRORED[low_op], low
                yield atom, high_op, high
            case Member(_, categories):
                for category in categories:
                    yield atom, "==", category
            case Flag() | Known():
                pass
            case _:
                assert_never(atom)


def pushed(condition: Condition, *, negated: bool = False) -> Condition:
    """Return an equal condition in which ``not`` stands only before categories and flags.

    Negations move inwards to the comparisons, which turn round: ``not (a < 1 and b)`` becomes
    ``a >= 1 or not b``. Kleene's logic allows it: a comparison with a missing value and its
    opposite are both unknown.
    """
    match condition:
        case Not(part):
            return pushed(part, negated=not negated)
        case And(parts) | Or(parts):
            inner = tuple(pushed(part, negated=negated) for part in parts)
            return And(inner) if isinstance(condition, And) != negated else Or(inner)
        case Comparison(_, op, _):
            return replace(condition, op=OPPOSITE[op]) if negated else condition
        case Between(low, low_op, indicator, high_op, high):
            if not negated:
                return condition
            below = Comparison(indicator, OPPOSITE[MIRRORED[low_op]], low)
            return Or((below, Comparison(indicator, OPPOSITE[high_op], high)))
        case Member() | Flag() | Known():
            return Not(condition) if negated else condition
        case _:
            assert_never(condition)


def text(condition: Condition) -> str:
    """Return the condition as rule text; parsing it gives an equal tree."""
    match condition:
        case Comparison(indicator, op, operand):
            return f"{indicator} {op} {operand_text(operand)}"
        case Between(low, low_op, indicator, high_op, high):
            return f"{operand_text(low)} {low_op} {indicator} {high_op} {operand_text(high)}"
        case Member(indicator, categories):
            return f"{indicator} in {{{', '.join(operand_text(c) for c in categories)}}}"
        case Flag(indicator):
            return indicator
        case Known(indicator):
            return f"known({indicator})"
        case Not(part):
            return f"not {_inner(part, And, Or)}"
        case And(parts):
            return " and ".join(_inner(part, And, Or) for part in parts)
        case Or(parts):
            return " or ".join(_inner(part, Or) for part in parts)
        case _:
            assert_never(condition)


def _inner(part: Condition, *bracketed: type) -> str:
    return f"({text(part)})" if isinstance(part, bracketed) else text(part)


def ordered(condition: Condition) -> Condition:
    """Return an equal condition whose ``and`` and ``or`` list their parts in one fixed order."""
    match condition:
        case And(parts) | Or(parts):
            inner = sorted((ordered(part) for part in parts), key=text)
            return replace(condition, parts=tuple(inner))
        case Not(part):
            return replace(condition, part=ordered(part))
        case _:
            return condition


RESERVED = frozenset({"and", "or", "not", "in", "known"})


def operand_text(operand: Operand) -> str:
    """Return a number, category or parameter as it stands in a rule."""
    match operand:
        case Param(name):
            return f"${name}"
        case str():
            plain = operand.isascii() and operand.isidentifier() and operand not in RESERVED
            return operand if plain and not operand.startswith("_") else f'"{operand}"'
        case _:
            return repr(operand)


def exact(number: Number) -> Number:
    """Return a number in its one form: whole numbers as ``int``, and no negative zero.

    >>> exact(5.0), exact(-0.0), exact(0.9)
    (5, 0, 0.9)
    """
    if isinstance(number, float) and math.isfinite(number) and number.is_integer():
        return int(number)
    return number
