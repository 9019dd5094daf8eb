"""Attendance on days that are no school days of its school: windows never see it, so it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from engine.registers.calendar import days_of_schools
from engine.registers.schema import ENDED
from engine.text import Text

_SHOWN = 10  # schools: those with the most such rows


def outside_calendar(frames: Mapping[str, pl.LazyFrame]) -> Iterator[Text]:
    """Yield a note that counts, by school, the lessons outside its calendar as it stands now.

    Nothing is said where there is no calendar at all.
    """
    if not {"school_days", "orgs"} <= frames.keys():
        return
    now = {
        name: frames[name].filter(pl.col(ENDED).is_null())
        for name in ("attendance", "school_days", "orgs")
    }
    lessons = now["attendance"].group_by("school", "day").len("lessons")
    found = (
        lessons.join(days_of_schools(now), on=["school", "day"], how="anti")
        .group_by("school")
        .agg(pl.col("lessons").sum())
        .sort("lessons", "school", descending=[True, False])
        .collect(engine="streaming")
    )
    if found.height:
        listed = ", ".join(f"{school} ({count})" for school, count in found.head(_SHOWN).rows())
        listed += ", …" if found.height > _SHOWN else ""
        total = found["lessons"].sum()
        yield Text(
            f"apmeklējuma rindas dienās, kas skolas kalendārā nav mācību dienas, netiek skaitītas"
            f" ({total}); skolas: {listed}",
            f"attendance rows on days that are no school days in the school's calendar do not count"
            f" ({total}); schools: {listed}",
        )
