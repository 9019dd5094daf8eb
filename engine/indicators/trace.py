"""The rows behind one number: which counted, as what, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from engine.canonical import canonical_key
from engine.column import OBSERVED
from engine.condition import Value
from engine.errors import DataError, Problem, did_you_mean
from engine.indicator import Catalogue, Indicator
from engine.indicators.compute import evaluated, gather
from engine.indicators.sources import PUPIL, Given
from engine.indicators.spans import FROM, TO, spans
from engine.indicators.table import SOURCES, Source
from engine.indicators.why import Sums, Why, why_none
from engine.registers.calendar import BEGINS, DAY, ENDS, SCHOOL, Window
from engine.registers.history import History
from engine.registers.rows import ALWAYS
from engine.registers.schema import COVERED, ENDED, ID, RECORDED, REGISTERS

Row = Mapping[str, Any]
MOST_ROWS = 2_000  # of one pupil in one register: the latest; how many more there are is said


@dataclass(frozen=True)
class Version:
    """One version of a row of the register, and what it was on the day.

    `state` is ``known``, ``later`` (recorded after the day) or ``superseded`` (a later version or
    a deletion was known by then).
    """

    values: Row
    recorded: datetime
    ended: datetime | None
    state: str


@dataclass(frozen=True)
class Trace:
    """How one pupil's value of an indicator came about.

    `spans` says from when to when the window counts in each school. `counted` are the rows of the
    source that count: their day, school and what each adds to each part; `sums` what the parts
    come to. `versions` are the register's own rows of the pupil: those of the window's days, where
    it has any, and `beside` says how many others there are. `why` says why there is no value, and
    `ended` when what was stated last ended, where that is why. `coverage` is what the pupil's
    schools said they sent of the register, `places` the place where the pupil lives, where the
    value is the place's.
    """

    indicator: Indicator
    pupil: str
    as_of: date
    register: str
    value: Value | None
    observed_on: date | None
    window: Window | None
    spans: Mapping[str, tuple[date, date]]
    counted: tuple[Row, ...]
    sums: Mapping[str, Any]
    versions: tuple[Version, ...]
    beside: int
    why: Why | None = None
    ended: date | None = None
    coverage: tuple[Row, ...] = ()
    places: tuple[Row, ...] = ()

    @property
    def age(self) -> int | None:
        """The value's age in days on the as-of date."""
        return (self.as_of - self.observed_on).days if self.observed_on else None

    @property
    def clipped(self) -> bool:
        """Whether a school said, ahead of days to come, that it had sent them."""
        return any(
            row["counts_to"] is None or row["counts_to"] < min(row[ENDS], self.as_of)
            for row in self.coverage
        )

    @property
    def stale(self) -> bool:
        """Whether the value is older than its indicator's limit, and so counts as unknown."""
        limit = self.indicator.stale_after
        return self.age is not None and limit is not None and self.age > limit


def trace_value(
    history: History, catalogue: Catalogue, pupil: str, indicator: str, as_of: date
) -> Trace:
    """Return how a pupil's value of an indicator came about, as it was known on a day.

    Raises `DataError` for an indicator or a pupil that is not there.
    """
    canonical_key(pupil)
    source = _source_of(indicator, catalogue)
    given = gather(history, as_of, pl.Series([pupil], dtype=pl.String))
    answer = evaluated(given, catalogue).collect().rows(named=True)
    if not answer:
        hint = "check the key and the day; 'pumpurs indicators' lists who is enrolled"
        raise DataError(Problem("no-pupil", f"not enrolled on {as_of}", None, hint))
    figure = source.figures[indicator]
    value, observed_on = (answer[0][name] for name in (indicator, f"{indicator}.{OBSERVED}"))
    within = _spans(given, figure.window) if figure.window else {}
    versions, beside = _versions(history, source.register, pupil, as_of, within)
    sums = _sums(given, source, indicator)
    why = None
    if value is None:
        daily = figure.window in source.sent
        why = why_none(figure, within, sums, daily=daily)
    return Trace(
        indicator=catalogue.indicators[indicator],
        pupil=pupil,
        as_of=as_of,
        register=source.register,
        value=value,
        observed_on=observed_on,
        window=figure.window,
        spans=within,
        counted=sums.counted,
        sums=sums.totals,
        versions=versions,
        beside=beside,
        why=why,
        ended=sums.ended,
        coverage=_coverage(given, source.register),
        places=_home(given, pupil) if indicator == "municipality_type" else (),
    )


def _sums(given: Given, source: Source, indicator: str) -> Sums:
    """Return the rows that count with what each adds, what the parts come to, and up to when."""
    figure, rows = source.figures[indicator], source.rows(given)
    shown = [name for name in ("day", SCHOOL, "course", "kind", "subject") if name in _names(rows)]
    parts = {name: part.adds.alias(f"+{name}") for name, part in figure.parts.items()}
    counted = rows.filter(figure.read).select(*shown, *parts.values())
    sums = rows.group_by(PUPIL).agg(figure.aggregates(indicator)).collect().rows(named=True)
    totals = {name: sums[0][f"{indicator}/{name}"] for name in figure.parts} if sums else {}
    until = sums[0][f"{indicator}/day"] if sums else None
    found = tuple(counted.sort(shown).collect().rows(named=True))
    ended = _ended(given, indicator) if not found and source.register == "circumstances" else None
    return Sums(found, totals, until, ended)


def _ended(given: Given, kind: str) -> date | None:
    """Return the last day of the fact that was stated last, where there is one."""
    stated = given.known["circumstances"].filter(
        pl.col("kind").cast(pl.String) == kind, pl.col(BEGINS) <= given.as_of
    )
    last = stated.sort(BEGINS, ID).select(ENDS).collect()[ENDS]
    return last.item(-1) if last.len() else None


def _coverage(given: Given, register: str) -> tuple[Row, ...]:
    """Return what the pupil's schools said of a register, as known.

    It has register, school, begins, ends, and up to which day the row counts: that on which it was
    recorded; null where it counts for no day. Of work in a platform there are two kinds.
    """
    if register not in COVERED:
        return ()
    kinds = [register, "work"] if register == "activity" else [register]
    schools = given.known["enrolments"].select(SCHOOL).unique()
    said = given.known["coverage"].filter(pl.col("register").cast(pl.String).is_in(kinds))
    recorded = pl.when(pl.col(RECORDED) > ALWAYS).then(pl.col(RECORDED).dt.date())
    until = pl.min_horizontal(ENDS, recorded)
    counts_to = pl.when(until >= pl.col(BEGINS)).then(until).alias("counts_to")
    mine = said.join(schools, on=SCHOOL, how="semi")
    mine = mine.select("register", SCHOOL, BEGINS, ENDS, counts_to)
    return tuple(mine.sort("register", SCHOOL, BEGINS).collect().rows(named=True))


def _home(given: Given, pupil: str) -> tuple[Row, ...]:
    """Return the place where the pupil lives, as known."""
    lives = given.known["pupils"].filter(pl.col(ID) == pupil).select(pl.col("lives_in").alias(ID))
    place = given.known["orgs"].join(lives, on=ID, how="semi")
    return tuple(place.select(ID, "name", "municipality_type").collect().rows(named=True))


def _source_of(indicator: str, catalogue: Catalogue) -> Source:
    for source in SOURCES:
        if indicator in source.figures and indicator in catalogue.indicators:
            return source
    hint = did_you_mean(indicator, catalogue.indicators)
    raise DataError(Problem("unknown-name", f"no indicator '{indicator}'", None, hint))


def _names(rows: pl.LazyFrame) -> list[str]:
    return rows.collect_schema().names()


def _spans(given: Given, window: Window) -> Mapping[str, tuple[date, date]]:
    """Return from when to when the window counts in each school that the pupil ever went to.

    Of a school of before there is none where none of its school days count.
    """
    schools = given.known["enrolments"].select(PUPIL, SCHOOL).unique()
    each = spans(schools, given.cohort, given.calendar, window).filter(pl.col(FROM) <= pl.col(TO))
    days = each.join(given.calendar.past.lazy(), on=SCHOOL)
    held = days.filter(pl.col(DAY).is_between(FROM, TO)).select(SCHOOL)
    some = each.join(pl.concat([held, given.cohort.select(SCHOOL)]), on=SCHOOL, how="semi")
    found = some.sort(SCHOOL).select(SCHOOL, FROM, TO).collect()
    return {school: (begins, ends) for school, begins, ends in found.iter_rows()}


def _versions(
    history: History,
    register: str,
    pupil: str,
    as_of: date,
    spans: Mapping[str, tuple[date, date]],
) -> tuple[tuple[Version, ...], int]:
    """Return the versions of the pupil's rows, by day and when recorded, and how many others."""
    key = ID if register == "pupils" else PUPIL
    happened = REGISTERS[register].happened or ID
    mine = history.frames[register].filter(pl.col(key) == pupil).collect()
    found = mine
    if spans and happened == "day":
        first = min(begins for begins, _ in spans.values())
        found = mine.filter(pl.col(happened).is_between(first, as_of))
    shown = found.sort(happened, ID, RECORDED).tail(MOST_ROWS)
    versions = tuple(
        Version(
            {n: v for n, v in row.items() if n not in (PUPIL, RECORDED, ENDED) and v is not None},
            row[RECORDED],
            row[ENDED],
            _state(row, as_of),
        )
        for row in shown.iter_rows(named=True)
    )
    return versions, mine.height - shown.height


def _state(row: Row, as_of: date) -> str:
    if row[RECORDED].date() > as_of:
        return "later"
    ended = row[ENDED]
    return "superseded" if ended is not None and ended.date() <= as_of else "known"
