"""What more there is to say of what is wrong: the nearest word, the range, the other row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from engine.errors import nearest
from engine.registers.rows import OF, SOURCE, Source
from engine.registers.schema import HIGHEST, LOWEST, Column, Register
from engine.registers.values import FIRST, LAST
from engine.text import Text

LIKE = 0.6  # likeness of two words, from 0 to 1, above which one may mean the other
_BY = ["column", "value", "problem"]
_SCHEMA = {SOURCE: pl.UInt32(), **dict.fromkeys([*_BY, "_en", "_lv"], pl.String())}


def with_hints(rejects: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Return lines of rejects with ``hint`` (English) and ``hint_lv``, null where there is none."""
    of_values = pl.DataFrame(list(_of_values(rejects, sources)), schema=_SCHEMA, orient="row")
    told = rejects.join(of_values, on=[SOURCE, *_BY], how="left", maintain_order="left")
    files = {each.index: f"{each.bundle.name}/{each.name}" for each in sources}
    row, other = (pl.col(OF).struct.field(name) for name in ("row", SOURCE))
    file = other.replace_strict(files, default=None, return_dtype=pl.String)
    return told.with_columns(
        pl.coalesce("_en", pl.format("see row {} of {}", row, file)).alias("hint"),
        pl.coalesce("_lv", pl.format("sk. {}. rindu failā {}", row, file)).alias("hint_lv"),
    )


def _of_values(
    rejects: pl.DataFrame, sources: Iterable[Source]
) -> Iterator[tuple[int, str, str, str, str, str]]:
    """Yield the hint of each unknown word, and of each number or date out of range."""
    wrong = rejects.filter(pl.col("problem").is_in(["category", "range"])).drop_nulls("value")
    for source in sources:
        mine = wrong.filter(pl.col(SOURCE) == source.index).select(_BY).unique()
        declared = {
            source.raw.shown.get(each.header, each.header): each for each in source.register.columns
        }
        for column, value, problem in mine.iter_rows():
            if column not in declared:
                continue
            word, its = problem == "category", declared[column]
            hint = _nearest(value, its) if word else _range(source.register, its)
            if hint is not None:
                yield source.index, column, value, problem, hint.en, hint.lv


def _nearest(value: str, column: Column) -> Text:
    known = [word for word, _ in column.words]
    near = nearest(value, known, LIKE)
    if near is None:
        return Text(*[", ".join(known)] * 2)
    return Text(f"vai domāts „{near}“?", f"did you mean '{near}'?")


def _range(register: Register, column: Column) -> Text | None:
    """Return the range of a column in words."""
    if column.kind == "date":
        return _from_to(FIRST, LAST)
    if (register.name, column.name) == ("marks", "mark"):
        scale = _from_to(LOWEST, HIGHEST)
        return Text(
            f"{scale.lv} vai tā, kā nosaka rindā nosauktā skala",
            f"{scale.en}, or what the scale named in the row says",
        )
    if column.low is None or column.high is None:
        return None
    shown = _from_to(f"{column.low:g}", f"{column.high:g}")
    if (register.name, column.name) == ("circumstances", "value"):
        return Text(f"0 vai 1; travel_minutes: {shown.lv}", f"0 or 1; travel_minutes: {shown.en}")
    return shown


def _from_to(low: object, high: object) -> Text:
    return Text(f"no {low} līdz {high}", f"{low} to {high}")
