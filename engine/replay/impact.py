"""Impact: whom another ruleset would newly flag, and whom it would no longer flag.

Rulesets with equal decision hashes change nothing for anybody: a law.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.canonical import KEY
from engine.errors import DataError, Problem
from engine.frame import ROW
from engine.replay.cuts import Cut
from engine.replay.figures import OUTCOMES, figures
from engine.replay.history import AS_OF, COHORT, OUTCOME
from engine.replay.replay import LEVEL, Replay
from engine.replay.small import suppressed, too_few, untold

NEWLY, DROPPED = "newly", "dropped"
NUMBERS = (
    *("rows", "before", "after", NEWLY, DROPPED, "newly_left", "dropped_left"),
    *("cannot_say_before", "cannot_say_after"),
)


@dataclass(frozen=True)
class Impact:
    """The rows of two replays beside each other.

    `rows` has the history's columns that figures can be given by, and for each row whether it was
    flagged ``before`` and is ``after``, and whether that could not be said; a row outside a
    ruleset's population is not flagged by it.
    """

    rows: pl.LazyFrame
    pupils: int
    dimensions: tuple[str, ...]

    def counts(self, by: str | None = None) -> pl.DataFrame:
        """Return the `NUMBERS`, in one line or one for each value of the column `by`.

        ``rows`` counts rows, as do all others: a pupil may have one on several days. Lines behind
        which stand fewer than ten pupils are suppressed, as in `engine.replay.figures`. What became
        of fewer than ten rows newly flagged, or no longer, is null; where so few are in all, that
        of the others too, from which it could be had.
        """
        if by is not None and by not in self.dimensions:
            hint = f"choose of: {', '.join(self.dimensions)}"
            raise DataError(Problem("no-group", f"there are no figures by '{by}'", None, hint))
        numbers = [pl.col(KEY).n_unique().alias("pupils"), *(_number(name) for name in NUMBERS)]
        if by is None:
            table = self.rows.select(numbers)
        else:
            number = pl.col(by).cast(pl.Int64, strict=False)  # grade 10 comes after grade 9
            table = self.rows.group_by(by).agg(numbers).sort(number, by, nulls_last=True)
        found = table.collect(engine="streaming")
        some = not any(too_few(sum(found[moved])) for moved in (NEWLY, DROPPED))
        for moved in (NEWLY, DROPPED):
            left = f"{moved}_left"
            found = untold(found, found[moved].to_list(), [left], sum(found[moved]))
            told = pl.lit(some) | (pl.col(moved) == 0)
            found = found.with_columns(pl.when(told).then(pl.col(left)).alias(left))
        return suppressed(found, self.pupils)

    @property
    def moved(self) -> int:
        """How many rows one of the rulesets flags, and the other does not."""
        return int(self.rows.select((pl.col("before") != pl.col("after")).sum()).collect().item())

    def __bool__(self) -> bool:
        changed = (pl.col("before") != pl.col("after")) | (
            pl.col("cannot_say_before") != pl.col("cannot_say_after")
        )
        return bool(self.rows.select(changed.any()).collect().item())


def figures_beside(
    before: tuple[Replay, Cut], after: tuple[Replay, Cut], changed: Impact
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the figures of two rulesets, of which `changed` is the impact.

    Where one flags fewer than ten rows that the other does not, the second line has no `OUTCOMES`:
    held against those of the first, they would say what became of these.
    """
    old, new = (figures(*side) for side in (before, after))
    if too_few(changed.moved):
        new = new.with_columns(pl.lit(None, new.schema[name]).alias(name) for name in OUTCOMES)
    return old, new


def impact(before: tuple[Replay, Cut], after: tuple[Replay, Cut]) -> Impact:
    """Return what the second ruleset changes for the rows that both were replayed on.

    Raises `DataError` where these are not the same rows of one history.
    """
    (old, _), (new, _) = before, after
    if (old.fingerprint, old.part, old.cohorts) != (new.fingerprint, new.part, new.cohorts):
        hint = "replay both rulesets over the same part of one history"
        raise DataError(Problem("no-group", "these are replays of different rows", None, hint))
    shared = [name for name in old.dimensions if name in new.dimensions and name != LEVEL]
    if COHORT in shared and AS_OF in shared:
        shared.remove(AS_OF)  # days are told by their cohorts
    sides = [_side(*before, "before", shared), _side(*after, "after", shared)]
    joined = sides[0].join(
        sides[1], on=[ROW, KEY, OUTCOME, *shared], how="full", coalesce=True, nulls_equal=True
    )
    flags = [f"{kind}{time}" for time in ("before", "after") for kind in ("", "cannot_say_")]
    rows = joined.with_columns(pl.col(flags).fill_null(value=False))
    pupils = pl.concat([old.rows[KEY], new.rows[KEY]]).n_unique()
    return Impact(rows, pupils, tuple(shared))


def _side(found: Replay, cut: Cut, time: str, shared: list[str]) -> pl.LazyFrame:
    return found.rows.lazy().select(
        ROW,
        KEY,
        OUTCOME,
        *(found.dimension(name) for name in shared),
        (cut.flagged > 0).alias(time),
        (cut.cannot_say > 0).alias(f"cannot_say_{time}"),
    )


def _number(name: str) -> pl.Expr:
    before, after = pl.col("before"), pl.col("after")
    moved = {NEWLY: ~before & after, DROPPED: before & ~after}
    match name:
        case "rows":
            found = pl.len()
        case "newly" | "dropped":
            found = moved[name].sum()
        case "newly_left" | "dropped_left":
            found = (moved[name.removesuffix("_left")] & pl.col(OUTCOME)).sum()
        case _:
            found = pl.col(name).sum()
    return found.cast(pl.Int64).alias(name)
