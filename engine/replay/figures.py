"""Figures: whom a cut flags, whom of them rightly, and whom it misses, with intervals.

Every share is of rows whose outcome is known, but for the shares flagged and not to be said. A
share of nothing has no value. Cells of fewer than ten pupils are not shown.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import add

import numpy as np
import polars as pl

from engine.canonical import KEY
from engine.replay.cuts import Cut
from engine.replay.history import OUTCOME
from engine.replay.intervals import effective, interval
from engine.replay.replay import LEVEL, Replay
from engine.replay.small import SMALLEST, suppressed, untold

COUNTS = (
    *("rows", "left", "stayed", "unknown"),
    *("flagged", "caught", "false_alarms", "cannot_say", "cannot_say_left"),
)
SHARES = {  # name: what is counted, of what
    "flagged_share": ("flagged", "rows"),
    "precision": ("caught", "flagged_known"),
    "recall": ("caught", "left"),
    "false_alarm_rate": ("false_alarms", "stayed"),
    "cannot_say_share": ("cannot_say", "rows"),
    "recall_if_all": ("caught_if_all", "left"),
    "left_share": ("left", "known"),
}
_ENDS = ("", "_low", "_high")
_OF_FLAGGED = (
    *("caught", "false_alarms", "alarms_per_catch"),
    *(f"{name}{end}" for name in ("precision", "recall", "false_alarm_rate") for end in _ENDS),
)
OF_UNSURE = ("cannot_say_left", *(f"recall_if_all{end}" for end in _ENDS))
OUTCOMES = (*_OF_FLAGGED, *OF_UNSURE)  # say what became of those flagged, and of the others
_BEHIND = {  # pupils of whom it is told what became of them: those and these columns
    "pupils_flagged": OUTCOMES,
    "pupils_others": OUTCOMES,
    "pupils_unsure": OF_UNSURE,
}
_PRODUCTS = ("hits_squared", "hits_by_trials", "trials_squared")
_SUMS = {  # of several counts
    "known": ("left", "stayed"),
    "flagged_known": ("caught", "false_alarms"),
    "caught_if_all": ("caught", "cannot_say_left"),
}


def figures(replay: Replay, cut: Cut, by: str | None = None) -> pl.DataFrame:
    """Return the figures of a cut: one line in all, or one for each value of the column `by`.

    ``pupils`` and the `COUNTS` say how many; `SHARES` are each followed by ``_low`` and ``_high``,
    the ends of its 95 % interval; ``alarms_per_catch`` is how many false alarms there are for each
    leaver caught. Where fewer than ten pupils stand behind a line, or one could be had from the
    others by subtraction, its numbers are null and ``suppressed`` is true. What became of fewer
    than ten pupils who are flagged, or who are not, is null.
    """
    return figures_for(replay, cut, replay.dimension(by) if by else None)


def figures_for(replay: Replay, cut: Cut, cell: pl.Expr | None) -> pl.DataFrame:
    """Return `figures`, a line for each value of any expression."""
    counted = counted_by(replay, cut, cell)
    found = shares(counted)
    for behind, told in _BEHIND.items():
        sizes = counted[behind].to_list()
        found = untold(found, sizes, told, 0 if replay.repeated else sum(sizes))
    return _shown(found, counted["pupils"].item() if cell is None else replay.pupils)


def by_level(replay: Replay, cut: Cut) -> pl.DataFrame:
    """Return the figures of each level's pupils, as `figures` does.

    The figures at a cut tell of all whom it flags. So levels that it flags, and those that it does
    not, are hidden each as a whole of their own, if the other ones were known.
    """
    found = shares(counts(replay, cut, LEVEL))
    sides = [found.filter(pl.col("flagged") > 0), found.filter(pl.col("flagged") == 0)]
    ranked = replay.rows.lazy().select(KEY, flagged=cut.flagged > 0)
    pupils = dict(ranked.group_by("flagged").agg(pl.col(KEY).n_unique()).collect().iter_rows())
    if min(pupils.values(), default=0) < SMALLEST:
        return _shown(found, replay.pupils)
    return pl.concat(
        _shown(side, pupils[flagged])
        for side, flagged in zip(reversed(sides), (False, True), strict=True)
        if side.height
    )


def _shown(found: pl.DataFrame, pupils: int) -> pl.DataFrame:
    return suppressed(found, pupils).drop(_moments(), _BEHIND, strict=False)


def counts(replay: Replay, cut: Cut, by: str | None = None) -> pl.DataFrame:
    """Return how many rows are what, exactly, before anything is suppressed: for reckoning only.

    Columns: `by`, ``pupils``, the `COUNTS`, how many pupils are flagged, or not, or possibly, and
    sums over pupils that intervals need.
    """
    return counted_by(replay, cut, replay.dimension(by) if by else None)


def counted_by(replay: Replay, cut: Cut, cell: pl.Expr | None = None) -> pl.DataFrame:
    """Return `counts`, a line for each value of any expression."""
    by = None if cell is None else cell.meta.output_name()
    asked = replay.rows.lazy().select(*([] if cell is None else [cell]), KEY, *_numbers(cut))
    sums = [pl.col(name).sum() for name in COUNTS]
    found = [pl.len().cast(pl.Int64).alias("pupils"), *sums, *_pupils_behind()]
    if replay.repeated:
        asked = asked.group_by(*([by] if by else []), KEY).agg(sums)
        found += _between_pupils()
    if by is None:
        return asked.select(found).collect(engine="streaming")
    order = [_order(replay, by), pl.col(by)]
    return asked.group_by(by).agg(found).sort(order, nulls_last=True).collect(engine="streaming")


def counted_for(replay: Replay, cut: Cut, told: Collection[str]) -> pl.DataFrame:
    """Return the `COUNTS` in all, and the sums over pupils that intervals of these shares need.

    Only rows that these shares are of are put together by pupil, which takes longest of all.
    """
    each = replay.rows.lazy().select(KEY, *_numbers(cut))
    sums = [pl.col(name).sum() for name in COUNTS]
    asked = [each.select(sums)]
    if replay.repeated:
        inside = pl.any_horizontal(_count(name) > 0 for share in told for name in SHARES[share])
        asked.append(each.filter(inside).group_by(KEY).agg(sums).select(_between_pupils(told)))
    return pl.concat(pl.collect_all(asked, engine="streaming"), how="horizontal")


def _order(replay: Replay, by: str) -> pl.Expr:
    """Order levels from the least, and numbers (grades, years) by size; all else is text."""
    if by == LEVEL:
        ids = [level.id for level in replay.ruleset.levels]
        return pl.col(by).replace_strict(ids, range(len(ids)), return_dtype=pl.UInt32)
    return pl.col(by).cast(pl.Int64, strict=False)


def _numbers(cut: Cut) -> list[pl.Expr]:
    """Return the `COUNTS` of each single row."""
    left = pl.col(OUTCOME).fill_null(value=False).cast(pl.UInt8)
    stayed = (~pl.col(OUTCOME)).fill_null(value=False).cast(pl.UInt8)
    each = (
        *(pl.lit(1, pl.UInt8), left, stayed, pl.col(OUTCOME).is_null().cast(pl.UInt8)),
        *(cut.flagged, left * cut.flagged, stayed * cut.flagged),
        *(cut.cannot_say, left * cut.cannot_say),
    )
    return [number.alias(name) for number, name in zip(each, COUNTS, strict=True)]


def _pupils_behind() -> list[pl.Expr]:
    """Return how many pupils have a row that is flagged, one that is not, one that may be."""
    flagged, unsure = pl.col("flagged"), pl.col("cannot_say")
    some = (flagged > 0, flagged < pl.col("rows"), unsure > 0)
    return [each.sum().cast(pl.Int64).alias(n) for each, n in zip(some, _BEHIND, strict=True)]


def _count(name: str) -> pl.Expr:
    return reduce(add, map(pl.col, _SUMS.get(name, (name,))))


def _moments() -> list[str]:
    return [f"{name}.{sum_}" for name in SHARES for sum_ in _PRODUCTS]


def _between_pupils(told: Collection[str] = tuple(SHARES)) -> list[pl.Expr]:
    """Return, for each share, the sums over pupils by which they differ from one another."""
    found = []
    for name in told:
        x, n = map(_count, SHARES[name])
        for product, each in zip(_PRODUCTS, (x * x, x * n, n * n), strict=True):
            found.append(each.sum().alias(f"{name}.{product}"))
    return found


def shares(counted: pl.DataFrame, told: Collection[str] = tuple(SHARES)) -> pl.DataFrame:
    """Return counts with these of the `SHARES`, and their intervals, beside them."""
    found = counted
    for name in told:
        x, n = (counted.select(_count(each)).to_series().to_numpy() for each in SHARES[name])
        x, n = x.astype(np.float64), n.astype(np.float64)
        independent = n
        if f"{name}.{_PRODUCTS[0]}" in counted.columns:
            xx, xn, nn = (counted[f"{name}.{each}"].to_numpy() for each in _PRODUCTS)
            independent = effective(x, n, (xx, xn, nn))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = x / n
        low, high = interval(share * independent, independent)
        columns = zip((name, f"{name}_low", f"{name}_high"), (share, low, high), strict=True)
        found = found.with_columns(pl.Series(c, v).fill_nan(None) for c, v in columns)
    per_catch = pl.when(pl.col("caught") > 0).then(pl.col("false_alarms") / pl.col("caught"))
    return found.with_columns(per_catch.alias("alarms_per_catch"))
