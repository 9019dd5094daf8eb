"""What many pupils are sent as, made one table: JSON objects, or columns.

Objects are like those for one pupil, and mean the same: text is no number, and a value without a
date is taken as it is. What cannot stand in a table is set aside with its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl

from engine.canonical import KEY
from engine.column import OBSERVED
from engine.errors import DataError, Problem, did_you_mean
from engine.frame import ROW
from engine.indicator import Indicator
from engine.text import Language, Text
from service.problems import Refusal

SCHOOL = "school"
ISO_DAY = len("2026-01-31")
FIELDS = frozenset({KEY, SCHOOL, "indicators", OBSERVED})
PROBLEMS: dict[str, Text] = {
    "not-json": Text(
        "rinda nav viens stingrs JSON objekts", "this line is not one strict JSON object"
    ),
    "not-object": Text("nav JSON objekts", "this is not a JSON object"),
    "not-text": Text("nav teksts", "this is not text"),
    "unknown-name": Text("šāda nosaukuma nav", "this name is not known here"),
    "school-missing": Text("nav norādīta skola", "say which school this is"),
    "school-place": Text(
        "jūsu pārziņā šādas skolas nav", "there is no such school within your place"
    ),
    "not-enrolled": Text(
        "skolēns tajā dienā nav uzņemts šajā skolā, cik reģistros zināms",
        "the pupil is not enrolled at this school on this day, as far as the registers tell",
    ),
}
_NONE = type(None)
_Types = tuple[
    frozenset[type], str, type[pl.DataType]
]  # of values, the code for others, of columns
_TYPES: dict[str, _Types] = {
    "flag": (frozenset({bool, _NONE}), "not-flag", pl.Boolean),
    "category": (frozenset({str, _NONE}), "category", pl.String),
}
_NUMBERS: _Types = (frozenset({int, float, _NONE}), "not-number", pl.Float64)
_TEXT: frozenset[type] = frozenset({str, _NONE})


@dataclass(frozen=True, slots=True, order=True)
class Reject:
    """Why a row is not used: its number as it was sent, the column, a code; never the value.

    Codes are of `PROBLEMS`, of those of registers, or the engine's. `hint` says more, where there
    is more to say.
    """

    row: int
    column: str
    code: str
    hint: str = ""
    hint_lv: str = ""

    def hint_in(self, language: Language) -> str:
        """Return the hint, in English where it has no other words."""
        return (self.hint_lv if language == "lv" else "") or self.hint


@dataclass(frozen=True)
class Sent:
    """`frame` has row number, key, school, and indicators and dates by name; rejects so far."""

    frame: pl.DataFrame
    rejects: list[Reject] = field(default_factory=list)


def of_columns(frame: pl.DataFrame) -> Sent:
    """Return a table that was sent as columns; raises `DataError` where schools are no texts."""
    dtype = frame.schema.get(SCHOOL)
    if dtype is None:
        frame = frame.hstack([pl.Series(SCHOOL, [None] * frame.height, pl.String)])
    elif dtype in (pl.Categorical, pl.Enum, pl.Null) or dtype.is_integer():
        frame = frame.with_columns(pl.col(SCHOOL).cast(pl.String))
    elif dtype != pl.String:
        message = f"the column '{SCHOOL}' holds {dtype}"
        raise DataError(Problem("column-type", message, None, "write schools' codes as text"))
    return Sent(frame.with_row_index(ROW, 1))


def of_objects(found: Sequence[object], known: Mapping[str, Indicator], as_of: date) -> Sent:
    """Return a table of objects; `known` are the indicators that may be sent."""
    return _Objects(known, as_of).table(found)


class _Objects:
    """The table being made: `numbers` are the rows in it, `rejects` what was wrong in any."""

    def __init__(self, known: Mapping[str, Indicator], as_of: date) -> None:
        self._known, self._as_of = known, as_of
        self._numbers: list[int] = []
        self._rejects: list[Reject] = []
        self._near: dict[str, str] = {}
        self._days: dict[object, date | None] = {None: as_of}

    def table(self, found: Sequence[object]) -> Sent:
        rows = self._rows(found)
        values = self._values(rows)
        names = self._named(values, "indicators.", self._known)
        self._named(rows, "", FIELDS)
        columns = [
            pl.Series(ROW, self._numbers, pl.UInt32),
            self._texts(KEY, "key-form", rows),
            self._texts(SCHOOL, "not-text", rows),
            *(self._indicator(self._known[name], values) for name in sorted(names)),
            *self._dates(rows, values),
        ]
        return Sent(pl.DataFrame(columns), self._rejects)

    def _rows(self, found: Sequence[object]) -> list[dict[str, Any]]:
        rows = []
        for number, each in enumerate(found, 1):
            if isinstance(each, dict):
                rows.append(each)
                self._numbers.append(number)
            else:
                refused = each if isinstance(each, Refusal) else None
                code, hint = ("not-json", refused.detail) if refused else ("not-object", "")
                self._rejects.append(Reject(number, "", code, hint))
        return rows

    def _values(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        values: list[dict[str, Any]] = []
        for number, row in zip(self._numbers, rows, strict=True):
            given = row.get("indicators")
            if not isinstance(given, dict):
                self._rejects.append(Reject(number, "indicators", "not-object"))
                given = {}
            values.append(given)
        return values

    def _named(
        self, objects: Sequence[Mapping[str, object]], within: str, known: Collection[str]
    ) -> set[str]:
        """Return the names that objects have, of those that are known; reject the others."""
        names: set[str] = set().union(*objects)
        extra = names.difference(known)
        if extra:
            for number, each in zip(self._numbers, objects, strict=True):
                self._unknown(number, extra.intersection(each), within, known)
        return names - extra

    def _unknown(
        self, number: int, names: Iterable[str], within: str, known: Iterable[str]
    ) -> None:
        """Reject names that nobody knows; what is no name could be anything: it is not shown."""
        for name in sorted(names):
            plain = name.isascii() and name.isidentifier()
            column, hint = within + (name[:64] if plain else "(a name)"), ""
            if plain and name not in self._near:
                self._near[name] = did_you_mean(name, sorted(known)) or ""
            if plain:
                hint = self._near[name]
            self._rejects.append(Reject(number, column, "unknown-name", hint))

    def _checked(
        self, name: str, values: list[Any], types: frozenset[type], code: str
    ) -> list[Any]:
        """Return values with those of a wrong type emptied and rejected."""
        if set(map(type, values)) <= types:
            return values
        for number, value in zip(self._numbers, values, strict=True):
            if type(value) not in types:
                self._rejects.append(Reject(number, name, code))
        return [value if type(value) in types else None for value in values]

    def _texts(self, name: str, code: str, rows: list[dict[str, Any]]) -> pl.Series:
        values = self._checked(name, [row.get(name) for row in rows], _TEXT, code)
        return pl.Series(name, values, pl.String)

    def _indicator(self, indicator: Indicator, rows: list[dict[str, object]]) -> pl.Series:
        name = indicator.name
        types, code, kind = _TYPES.get(indicator.type, _NUMBERS)
        values = self._checked(name, [row.get(name) for row in rows], types, code)
        if kind is pl.String:  # here, as tables may have blanks around a text
            wrong = set(values).difference(indicator.categories, [None])
            rejected = [n for n, v in zip(self._numbers, values, strict=True) if v in wrong]
            self._rejects += [Reject(number, name, code) for number in rejected]
            values = [None if value in wrong else value for value in values]
        return pl.Series(name, values, kind)

    def _dates(
        self, rows: list[dict[str, Any]], values: list[dict[str, object]]
    ) -> list[pl.Series]:
        """Return the days to which values go: one column for all, or one for each indicator."""
        given = [row.get(OBSERVED) for row in rows]
        if not any(each is not None for each in given):
            return []
        if not any(isinstance(each, dict) for each in given):
            return [self._days_of(OBSERVED, given)]
        dated = [each if isinstance(each, dict) else {} for each in given]
        names = self._named(dated, f"{OBSERVED}.", self._known).union(*values)
        return [
            self._days_of(
                f"{name}.{OBSERVED}",
                [each.get(name) if isinstance(each, dict) else each for each in given],
            )
            for name in sorted(names & self._known.keys())
        ]

    def _days_of(self, name: str, given: list[object]) -> pl.Series:
        days: list[date | None] = []
        for number, each in zip(self._numbers, given, strict=True):
            day = self._day(each)
            if day is None:
                self._rejects.append(Reject(number, name, "not-date"))
            days.append(day)
        return pl.Series(name, days, pl.Date)

    def _day(self, text: object) -> date | None:
        """Return a day written as 2026-01-31, the day of the assessment for none, else None."""
        if text is not None and not isinstance(text, str):
            return None
        if text not in self._days:
            self._days[text] = iso_day(text or "")
        return self._days[text]


def iso_day(text: str) -> date | None:
    """Return a day written as 2026-01-31, and in no other way, as 2026-W05-6 is; else None."""
    return _iso_day(text) if len(text) == ISO_DAY else None


@lru_cache(4096)
def _iso_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
