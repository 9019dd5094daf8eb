"""The table of all units: which indicator is computed over which source of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from engine.indicators import (
    attendance,
    behaviour,
    career,
    circumstances,
    engagement,
    enrolments,
    events,
    facts,
    groups,
    performance,
)
from engine.indicators.attendance_days import attendance_days
from engine.indicators.figure import Figure
from engine.indicators.grid import WINDOWS
from engine.indicators.sources import Given
from engine.indicators.term_marks import term_marks
from engine.registers.calendar import Window

Unit = Callable[[], Figure]
Rows = Callable[[Given], pl.LazyFrame]


@dataclass(frozen=True)
class Source:
    """A source of rows, and the units that are evaluated over it in one group-by.

    `sent` are windows whose figures have a value only where the source has rows on nearly all
    days; its rows stand in the order of pupils, numbered, and of days.
    """

    rows: Rows
    register: str
    units: tuple[Unit, ...]
    sent: tuple[Window, ...] = ()

    @property
    def figures(self) -> Mapping[str, Figure]:
        """The source's figures by their indicators' names."""
        return {unit.__name__: unit() for unit in self.units}


SOURCES: tuple[Source, ...] = (
    Source(attendance_days, "attendance", attendance.FIGURES, sent=WINDOWS),
    Source(term_marks, "marks", performance.FIGURES),
    Source(events.incidents, "incidents", behaviour.INCIDENTS),
    Source(events.sanctions, "sanctions", behaviour.SANCTIONS),
    Source(events.activity, "activity", engagement.ACTIVITY),
    Source(events.work, "activity", engagement.WORK),
    Source(facts.surveys, "surveys", engagement.SURVEYS),
    Source(facts.facts, "circumstances", circumstances.FACTS),
    Source(facts.exams, "exams", circumstances.EXAMS),
    Source(facts.measures, "measures", circumstances.MEASURES),
    Source(enrolments.years, "enrolments", career.YEARS),
    Source(enrolments.stays, "enrolments", career.STAYS),
    Source(facts.persons, "pupils", (*career.PERSON, *groups.FIGURES)),
)

# Indicators that registers do not give, each with the reason: none at present.
NOT_GIVEN: Mapping[str, str] = {}
