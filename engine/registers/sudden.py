"""Sudden changes: what the newest export holds against the one before.

A school system changes, an export breaks, a school forgets: such things show in counts, not in
rows, and each row may be right. They are findings for a person, and never stop a reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from engine.registers.gaps import schools_with_gaps
from engine.registers.reused import reused_keys
from engine.registers.rows import BAD, DELETED, SOURCE, Source
from engine.registers.schema import Register
from engine.registers.silent import Said, absent_file, silent_schools, stopped_schools
from engine.text import LANGUAGES, Text
from engine.words.quantities import percent

ENOUGH = 20  # rows; fewer say nothing
FELL = 0.5  # a number of rows below this share of the one before
EMPTIED = 0.1  # a column filled below this share of how it was filled before
OFF_SCALE = 0.1  # share of values beyond the scale before
_SCALES = {"marks": "mark", "exams": "percentile", "surveys": "score"}


@dataclass(frozen=True)
class Finding:
    """A sudden change: its code, the file, and what is to be said of it."""

    code: str
    bundle: str
    file: str
    text: Text


def sudden_changes(
    rows: pl.LazyFrame,
    register: Register,
    sources: Sequence[Source],
    newest: int,
    school_days: pl.LazyFrame | None = None,
) -> Iterator[Finding]:
    """Yield what changed suddenly between the newest bundle's file and what came before it.

    Only good rows count. Files with all rows are held against such, changes against changes.
    `school_days` are those that hold now, where any are known.
    """
    last = sources[-1]
    good = rows.filter(~pl.col(BAD) & ~pl.col(DELETED))
    for code, text in _found(good, register, sources, newest):
        yield Finding(code, last.bundle.name, last.name, text)
    if register.name == "attendance" and school_days is not None:
        for found in (stopped_schools, schools_with_gaps):
            for code, text in found(good, school_days):
                yield Finding(code, last.bundle.name, last.name, text)


def _found(
    good: pl.LazyFrame, register: Register, sources: Sequence[Source], newest: int
) -> Iterator[Said]:
    last = sources[-1]
    if last.bundle.index != newest:
        yield from absent_file(register, sources, newest)
        return
    yield from reused_keys(good, register, sources)
    like = [source for source in sources[:-1] if source.bulk == last.bulk]
    if like:
        before, now = (good.filter(pl.col(SOURCE) == each.index) for each in (like[-1], last))
        yield from _changes(before, now, register, bulk=last.bulk)
    if any(column.name == "school" and column.required for column in register.columns):
        yield from silent_schools(good, register, sources)


def _changes(
    before: pl.LazyFrame, now: pl.LazyFrame, register: Register, *, bulk: bool
) -> Iterator[Said]:
    filled = [pl.col(column.name).count() for column in register.columns]
    counts = [frame.select(pl.len(), *filled).collect().row(0) for frame in (before, now)]
    (total, *was), (rest, *is_now) = counts
    if bulk and total >= ENOUGH and rest < FELL * total:
        yield "rows-fell", Text(f"rindu skaits: {total} → {rest}", f"rows: {total} → {rest}")
    if total >= ENOUGH and rest >= ENOUGH:
        for column, filled_before, filled_now in zip(register.columns, was, is_now, strict=True):
            if filled_before and filled_now / rest < EMPTIED * filled_before / total:
                name, shares = column.header, (filled_before / total, filled_now / rest)
                yield "column-emptied", _emptied(name, *shares)
        if register.name in _SCALES:
            yield from _scale(before, now, register, _SCALES[register.name])


def _emptied(header: str, before: float, now: float) -> Text:
    lv, en = ([percent(round(share, 2), lang) for share in (before, now)] for lang in LANGUAGES)
    return Text(
        f"kolonna „{header}“ iztukšojusies: aizpildīta {lv[0]} → {lv[1]}",
        f"the column '{header}' went empty: filled {en[0]} → {en[1]}",
    )


def _scale(
    before: pl.LazyFrame, now: pl.LazyFrame, register: Register, name: str
) -> Iterator[Said]:
    """Yield a finding where values left their scale, or fill only its lower half."""
    value = pl.col(name)
    (header,) = (column.header for column in register.columns if column.name == name)
    least, most, middle = before.select(
        value.min().alias("least"), value.max().alias("most"), value.median().alias("middle")
    ).collect().row(0)  # fmt: skip
    if least is None:
        return
    outside, high, low, top = now.select(
        (~value.is_between(least, most)).mean().alias("outside"),
        value.quantile(0.95).alias("high"),
        value.min().alias("low"),
        value.max().alias("top"),
    ).collect().row(0)  # fmt: skip
    if outside is not None and (outside > OFF_SCALE or high < middle):
        was, become = f"{least:g}-{most:g}", f"{low:g}-{top:g}"
        yield (
            "scale-changed",
            Text(
                f"vērtību „{header}“ robežas bija {was}, tagad {become}; vai mainīta skala?",
                f"the values of '{header}' ran over {was}, now over {become};"
                " did the scale change?",
            ),
        )
