"""Indicators as of many days: lessons are gathered into pupils' days once for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.indicator import Catalogue
from engine.indicators.attendance_days import counts
from engine.indicators.compute import evaluated, gather
from engine.indicators.sources import PUPIL, Given, all_differ
from engine.registers.calendar import DAY, SCHOOL
from engine.registers.history import History
from engine.registers.schema import ENDED, RECORDED

SINCE, UNTIL = "_since", "_until"  # numbers of the days from which, and before which, rows hold
A_DAY = (PUPIL, SCHOOL, DAY)


@dataclass(frozen=True)
class PupilDays:
    """All lessons in pupils' days, with the as-of days on which each was known.

    `whole` are days of which all lessons were known on the same as-of days; `split` are the
    others, in parts that are added up for each as-of day.
    """

    days: tuple[date, ...]
    whole: pl.DataFrame
    split: pl.DataFrame

    def known(self, as_of: date) -> pl.LazyFrame:
        """Return the pupils' days as they were known when the day `as_of` ended."""
        number = self.days.index(as_of)
        known = (pl.col(SINCE) <= number) & (pl.col(UNTIL) > number) & (pl.col(DAY) <= as_of)
        whole, split = (
            part.lazy().filter(known).drop(SINCE, UNTIL) for part in (self.whole, self.split)
        )
        return pl.concat([whole, split.group_by(A_DAY).agg(pl.all().sum()).select(self._columns)])

    @property
    def _columns(self) -> list[str]:
        return [name for name in self.whole.columns if name not in (SINCE, UNTIL)]


def indicators_on(
    history: History,
    catalogue: Catalogue,
    days: Sequence[date],
    pupils: pl.Series | None = None,
) -> Iterator[tuple[date, pl.LazyFrame]]:
    """Yield each day, the earliest first, with what `indicators` gives for it.

    Pupils' days stay in memory meanwhile: about 40 bytes for each pupil and school day.
    """
    in_order = tuple(sorted(set(days)))
    # One kind of key for all days: what all versions name is what any day may name.
    short = all_differ(history.frames)
    shared: PupilDays | None = None
    for day in in_order:
        given = gather(history, day, pupils, short=short)
        if shared is None:
            shared = pupil_days(history, in_order, given, pupils)
        yield day, evaluated(replace(given, pupil_days=shared.known(day)), catalogue)


def pupil_days(
    history: History, days: tuple[date, ...], given: Given, pupils: pl.Series | None
) -> PupilDays:
    """Return all lessons up to the last of the days, gathered by when they were known."""
    lessons = history.frames["attendance"].filter(pl.col(DAY) <= days[-1])
    if pupils is not None:
        lessons = lessons.filter(pl.col(PUPIL).is_in(pupils.implode()))
    since = _number_of(pl.col(RECORDED), days)
    until = (
        pl.when(pl.col(ENDED).is_null()).then(len(days)).otherwise(_number_of(pl.col(ENDED), days))
    )
    kinds = {SINCE: since.cast(pl.UInt16), UNTIL: until.cast(pl.UInt16)}
    gathered = (
        lessons.with_columns(given.key(PUPIL), given.key(SCHOOL), **kinds)
        .filter(pl.col(SINCE) < pl.col(UNTIL))
        .group_by(*A_DAY, SINCE, UNTIL)
        .agg(counts())
        .collect(engine="streaming")
    )
    parts = gathered.lazy().group_by(A_DAY).len().filter(pl.col("len") > 1).select(A_DAY)
    several = parts.collect(engine="streaming").lazy()
    # In the order of pupils, because each day's group-by then finds a pupil's days together.
    whole = gathered.lazy().join(several, on=A_DAY, how="anti").sort(PUPIL)
    split = gathered.lazy().join(several, on=A_DAY, how="semi")
    return PupilDays(days, *pl.collect_all([whole, split], engine="streaming"))


def _number_of(moment: pl.Expr, days: Sequence[date]) -> pl.Expr:
    """Return the number of the first as-of day by whose end the moment has passed."""
    return moment.dt.date().bin_intervals(list(days), labels=False, right_closed=True)
