"""Behaviour: incidents and sanctions, where it is known that all of them were sent.

A row of a source is one event, or one that stands for a pupil without events. Only events up to
the day until which the coverage has no gap count; before that day no rows means none happened.
"""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only, share, tally
from engine.registers.calendar import SEMESTER, YEAR

ACTED = (pl.col("role") == "actor").fill_null(value=False)


def incidents_semester() -> Figure:
    """Conduct incidents of the semester in which the pupil acted, in incidents."""
    return Figure({"incidents": tally(ACTED)}, only("incidents"), SEMESTER, until="semester_until")


def incident_days_rate_year() -> Figure:
    """School days with an incident in which the pupil acted, as a share of those held: a ratio.

    Days are held from the year's beginning, or from when the pupil came, to the end of coverage.
    """
    parts = {
        "days": Part(ACTED & pl.col("school_day"), "days"),
        "held": Part(pl.col("year_held"), "same"),
    }
    return Figure(parts, lambda of: share(of["days"], of["held"]), YEAR, until="year_until")


def sanctions_year() -> Figure:
    """Formal sanctions of the school year, in sanctions."""
    imposed = tally(pl.col("kind").is_not_null())
    return Figure({"sanctions": imposed}, only("sanctions"), YEAR, until="year_until")


INCIDENTS = (incidents_semester, incident_days_rate_year)
SANCTIONS = (sanctions_year,)
