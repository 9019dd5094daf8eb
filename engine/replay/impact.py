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
from engine.replay.history import AS_OF, COHORT, OUTCOME
from engine.replay.replay import LEVEL, Replay
from engine.replay.small import suppressed, untold

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
        which stand fewer than ten pupils are suppressed, as in `engine.replay.figures`; what became
        of fewer than ten rows newly flagged, or no longer, is null.
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
        for moved in (NEWLY, DROPPED):
            found = untold(found, found[moved].to_list(), [f"{moved}_left"], sum(found[moved]))
        return suppressed(found, self.pupils)

    def __bool__(self) -> bool:
        changed = (pl.col("before") != pl.col("after")) | (
            pl.col("cannot_say_before") != pl.col("cannot_say_after")
        )
        return bool(self.rows.select(changed.any()).collect().item())


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
