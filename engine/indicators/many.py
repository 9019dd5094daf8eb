"""Indicators as of many days: lessons are gathered into pupils' days once for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from engine.indicator import Catalogue
from engine.indicators.compute import days_until, evaluated, gather
from engine.registers.history import History


def indicators_on(
    history: History,
    catalogue: Catalogue,
    days: Sequence[date],
    pupils: pl.Series | None = None,
) -> Iterator[tuple[date, pl.LazyFrame]]:
    """Yield each day, the earliest first, with what `indicators` gives for it.

    Pupils' days stay in memory meanwhile: about 30 bytes for each pupil and school day.
    """
    in_order = sorted(set(days))
    if not in_order:
        return
    shared = days_until(history, in_order[-1], pupils)
    for day in in_order:
        yield day, evaluated(gather(history, day, pupils, shared), catalogue)
