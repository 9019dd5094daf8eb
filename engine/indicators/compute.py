"""All indicators of all pupils as of a day: one group-by for each source of rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

import polars as pl

from engine.canonical import KEY
from engine.column import OBSERVED, column_type, rounded
from engine.indicator import Catalogue, Indicator
from engine.indicators.cohort import of_stays
from engine.indicators.days_sent import sent, sent_sums
from engine.indicators.figure import Figure
from engine.indicators.sources import PUPIL, Given
from engine.indicators.steady import PupilDays
from engine.indicators.table import SOURCES, Source
from engine.registers.calendar import SCHOOL, Calendar, Window
from engine.registers.history import History
from engine.registers.schema import REGISTERS


def indicators(
    history: History, catalogue: Catalogue, as_of: date, pupils: pl.Series | None = None
) -> pl.LazyFrame:
    """Return one row for each pupil enrolled on `as_of`, as it was known when that day ended.

    Columns: ``pupil_key``, ``school``, each indicator in canonical form under its name, and
    ``INDICATOR.observed_on``, the day up to which its rows go. With `pupils` only those among
    these keys are computed.
    """
    return evaluated(gather(history, as_of, pupils), catalogue)


def gather(
    history: History,
    as_of: date,
    pupils: pl.Series | None = None,
    pupil_days: PupilDays | None = None,
) -> Given:
    """Return what sources are made of, of these pupils alone where they are named.

    `pupil_days` are those of these pupils, up to the day or a later one, where they are at hand.
    """
    known = {
        name: frame if pupils is None else _of(pupils, name, frame)
        for name, frame in history.versions(as_of).items()
    }
    if pupil_days is None:
        pupil_days = days_until(history, as_of, pupils)
    stays = of_stays(pupil_days.enrolments_known(as_of), as_of)
    cohort = stays.collect(engine="streaming").lazy()
    calendar = pupil_days.calendar
    if as_of < calendar.as_of:
        calendar = calendar.earlier(history, as_of)
    return Given(as_of, known, calendar, cohort, pupil_days)


def days_until(history: History, last: date, pupils: pl.Series | None = None) -> PupilDays:
    """Return the pupils' days up to a day, of these pupils alone where they are named."""
    enrolments = history.frames["enrolments"]
    mine = enrolments if pupils is None else _of(pupils, "enrolments", enrolments)
    days = partial(history.pupil_days, last, pupils)
    return PupilDays(days, mine, Calendar.known(history, last))


def _of(pupils: pl.Series, name: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of these pupils; registers that speak of no pupil stay whole."""
    if name == "pupils":
        return frame.filter(_among(pupils, "id"))
    if any(column.name == PUPIL for column in REGISTERS[name].columns):
        return frame.filter(_among(pupils, PUPIL))
    return frame


def _among(pupils: pl.Series, column: str) -> pl.Expr:
    return pl.col(column).is_in(pupils.implode())


def evaluated(given: Given, catalogue: Catalogue) -> pl.LazyFrame:
    """Return the indicators of the cohort in the catalogue's order, pupils by their keys."""
    found = given.cohort.select(PUPIL, SCHOOL)
    names, in_order = set(), True
    for source in sorted(SOURCES, key=lambda each: not each.sent):
        wanted = [name for name in source.figures if name in catalogue.indicators]
        if wanted:
            mine = _of_source(source, given, catalogue, wanted)
            if source.sent:
                found = pl.concat([found, mine], how="horizontal")
            else:
                found, in_order = found.join(mine, on=PUPIL, how="left"), False
            names.update(wanted)
    ordered = [name for name in catalogue.indicators if name in names]
    columns = [column for name in ordered for column in (name, f"{name}.{OBSERVED}")]
    found = found.select(pl.col(PUPIL).alias(KEY), SCHOOL, *columns)
    return found if in_order else found.sort(KEY)


def _of_source(
    source: Source, given: Given, catalogue: Catalogue, wanted: list[str]
) -> pl.LazyFrame:
    """Return the source's indicators in canonical form, one row for each pupil with any row.

    Where rows must have been sent, there is one for each pupil of the cohort, in its order.
    """
    figures = {name: source.figures[name] for name in wanted}
    windows = [w for w in source.sent if any(each.window == w for each in figures.values())]
    if source.sent:
        sums = sent_sums(given, figures, windows).lazy()
    else:
        aggregates, again = _once(each for n in wanted for each in figures[n].aggregates(n))
        sums = source.rows(given).group_by(PUPIL).agg(aggregates).with_columns(again)
    values = [
        canonical(_result(figures[name], name, windows), catalogue.indicators[name]).alias(name)
        for name in wanted
    ]
    days = [
        pl.when(pl.col(name).is_not_null()).then(pl.col(f"{name}/day")).alias(f"{name}.{OBSERVED}")
        for name in wanted
    ]
    key = [] if source.sent else [PUPIL]
    return sums.with_columns(values).select(*key, *wanted, *days)


def _result(figure: Figure, name: str, windows: list[Window]) -> pl.Expr:
    """Return a figure's value, null where its window's rows were not sent."""
    result = figure.result(name)
    if figure.window is None or figure.window not in windows:
        return result
    return pl.when(pl.col(sent(figure.window))).then(result)


def _once(aggregates: Iterable[pl.Expr]) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """Return the different aggregates, and for those that repeat one, its column by their name."""
    first: list[tuple[str, pl.Expr]] = []
    again = []
    for each in aggregates:
        name, bare = each.meta.output_name(), each.meta.undo_aliases()
        same = next((known for known, other in first if other.meta.eq(bare)), None)
        if same is None:
            first.append((name, bare))
        else:
            again.append(pl.col(same).alias(name))
    return [bare.alias(name) for name, bare in first], again


def canonical(value: pl.Expr, indicator: Indicator) -> pl.Expr:
    """Return a value as the catalogue declares it: rounded to its decimals, in its type."""
    if indicator.type in ("ratio", "number"):
        value = rounded(value.cast(pl.Float64), indicator)
    return value.cast(column_type(indicator))
