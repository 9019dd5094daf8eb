"""Lead time: how many days before leaving a leaver was first flagged."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.canonical import KEY
from engine.replay.cuts import Cut
from engine.replay.history import AS_OF, LEFT_ON, OUTCOME
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST


@dataclass(frozen=True)
class LeadTime:
    """`leavers` who left on a known day; of them `caught` on some day, and `never`.

    `quartiles` are days from the first day on which a leaver was flagged to that of leaving: a
    quarter of those caught had no more, half, three quarters. None for fewer than ten caught.
    """

    leavers: int
    caught: int
    quartiles: tuple[float, float, float] | None

    @property
    def never(self) -> int:
        """How many leavers were flagged on no day."""
        return self.leavers - self.caught


def lead_time(replay: Replay, cut: Cut) -> LeadTime | None:
    """Return how early a cut flags leavers; None where the history has no ``as_of`` or ``left_on``.

    Whoever ties leave to chance is not counted as flagged.
    """
    if not {AS_OF, LEFT_ON} <= {*replay.rows.columns}:
        return None
    first = pl.col(AS_OF).filter(cut.flagged >= 1).min()
    leavers = (
        replay.rows.lazy()
        .filter(pl.col(OUTCOME) & pl.col(LEFT_ON).is_not_null())
        .group_by(KEY, LEFT_ON)
        .agg(first.alias("first"))
        .select((pl.col(LEFT_ON) - pl.col("first")).dt.total_days())
        .collect(engine="streaming")
        .to_series()
    )
    days = leavers.drop_nulls()
    quartiles = None
    if days.len() >= SMALLEST:
        low, middle, high = (days.quantile(q, "linear") for q in (0.25, 0.5, 0.75))
        quartiles = (float(low or 0), float(middle or 0), float(high or 0))
    return LeadTime(leavers.len(), days.len(), quartiles)
