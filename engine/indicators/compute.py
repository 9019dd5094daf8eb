"""All indicators of all pupils as of a day: one group-by for each source of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.canonical import KEY
from engine.column import OBSERVED, column_type
from engine.indicator import Catalogue, Indicator
from engine.indicators import attendance, performance
from engine.indicators.attendance_days import attendance_days
from engine.indicators.cohort import enrolled
from engine.indicators.figure import Figure
from engine.indicators.sources import PUPIL, Given
from engine.indicators.term_marks import term_marks
from engine.registers.calendar import SCHOOL, Calendar
from engine.registers.history import History
from engine.registers.schema import REGISTERS


@dataclass(frozen=True)
class Source:
    """A source of rows, and the figures that are evaluated over it in one group-by."""

    rows: Callable[[Given], pl.LazyFrame]
    figures: Mapping[str, Figure]


def _source(
    rows: Callable[[Given], pl.LazyFrame], units: tuple[Callable[[], Figure], ...]
) -> Source:
    return Source(rows, {unit.__name__: unit() for unit in units})


SOURCES: tuple[Source, ...] = (
    _source(attendance_days, attendance.FIGURES),
    _source(term_marks, performance.FIGURES),
)


def indicators(
    history: History, catalogue: Catalogue, as_of: date, pupils: pl.Series | None = None
) -> pl.LazyFrame:
    """Return one row for each pupil enrolled on `as_of`, as it was known when that day ended.

    Columns: ``pupil_key``, ``school``, each indicator in canonical form under its name, and
    ``INDICATOR.observed_on``, the day up to which its rows go. With `pupils` only those among
    these keys are computed.
    """
    given = gather(history, as_of, pupils)
    found = given.cohort.select(PUPIL, SCHOOL)
    for source in SOURCES:
        found = found.join(_evaluated(source, given, catalogue), on=PUPIL, how="left")
    names = [n for s in SOURCES for n in s.figures]
    ordered = [n for n in catalogue.indicators if n in names]
    columns = [column for n in ordered for column in (n, f"{n}.{OBSERVED}")]
    return found.select(pl.col(PUPIL).alias(KEY), SCHOOL, *columns)


def gather(history: History, as_of: date, pupils: pl.Series | None = None) -> Given:
    """Return what sources are made of, of these pupils alone where they are named."""
    known = {
        name: frame if pupils is None else _of(pupils, name, frame)
        for name, frame in history.versions(as_of).items()
    }
    return Given(as_of, known, Calendar.known(history, as_of), enrolled(known, as_of))


def _of(pupils: pl.Series, name: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of these pupils; registers that speak of no pupil stay whole."""
    key = "id" if name == "pupils" else PUPIL
    if key not in (column.name for column in REGISTERS[name].columns) and name != "pupils":
        return frame
    return frame.filter(pl.col(key).is_in(pupils.implode()))


def _evaluated(source: Source, given: Given, catalogue: Catalogue) -> pl.LazyFrame:
    """Return the source's indicators in canonical form, one row for each pupil with any row."""
    wanted = {n: f for n, f in source.figures.items() if n in catalogue.indicators}
    sums = source.rows(given).group_by(PUPIL).agg(
        each for name, figure in wanted.items() for each in figure.aggregates(name)
    )  # fmt: skip
    values = [
        canonical(figure.result(name), catalogue.indicators[name]).alias(name)
        for name, figure in wanted.items()
    ]
    days = [
        pl.when(pl.col(name).is_not_null()).then(pl.col(f"{name}/day")).alias(f"{name}.{OBSERVED}")
        for name in wanted
    ]
    return sums.with_columns(values).select(PUPIL, *wanted, *days)


def canonical(value: pl.Expr, indicator: Indicator) -> pl.Expr:
    """Return a value as the catalogue declares it: rounded to its decimals, in its type."""
    if indicator.type in ("flag", "category"):
        return value.cast(column_type(indicator))
    if indicator.type != "count":
        scale = float(10**indicator.decimals)
        number = value.cast(pl.Float64)
        value = (number * scale).round(0, mode="half_to_even") / scale + 0.0
    return value.cast(column_type(indicator))
