"""Lines across the rows: of what lies between two of them, it can be had what became of it.

Where it is told how many left of all above one line, and of all above another, the difference says
how many left of those between. So of two lines of which both is told, none or at least ten pupils
stand between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from engine.canonical import KEY
from engine.replay.cuts import Cut
from engine.replay.history import OUTCOME
from engine.replay.replay import LEVEL, Replay
from engine.replay.small import too_few

NOBODY, EVERYBODY = pl.lit(value=False), pl.lit(value=True)


def of_levels(replay: Replay) -> list[pl.Expr]:
    """Return the lines at which levels begin, and those above nobody and everybody."""
    ranks = range(1, len(replay.ruleset.levels))
    return [NOBODY, EVERYBODY, *(pl.col(LEVEL) >= rank for rank in ranks)]


def of_cut(cut: Cut) -> list[pl.Expr]:
    """Return the lines of a cut: who is surely flagged, and who is within ties at its end.

    A cut that ends among ties tells of both: its counts are the one's and a part of the rest.
    """
    return [cut.flagged >= 1, cut.flagged > 0]


def tells_of_few(replay: Replay, cut: Cut, lines: Iterable[pl.Expr]) -> bool:
    """Return whether one to nine pupils stand between a line of a cut and another, or its own."""
    surely, within = of_cut(cut)
    pairs = [(surely, within), *((mine, line) for mine in (surely, within) for line in lines)]
    asked = [
        pl.col(KEY).filter(one != other).n_unique().alias(str(at))
        for at, (one, other) in enumerate(pairs)
    ]
    known = replay.rows.lazy().filter(pl.col(OUTCOME).is_not_null())
    return any(map(too_few, known.select(asked).collect(engine="streaming").row(0)))


class Between:
    """How many pupils stand between lines and any score; pupils of unknown outcome do not count."""

    def __init__(self, replay: Replay, lines: Iterable[pl.Expr]) -> None:
        known = replay.rows.lazy().filter(pl.col(OUTCOME).is_not_null())
        self._ends = [*_ends(known, lines)]

    def few(self, score: int) -> bool:
        """Return whether one to nine pupils stand between this score and one of the lines."""
        apart = (pl.col("under") >= score).fill_null(value=False) | (
            pl.col("over") < score
        ).fill_null(value=False)
        return any(too_few(int(ends.filter(apart)["len"].sum())) for ends in self._ends)


def _ends(known: pl.LazyFrame, lines: Iterable[pl.Expr]) -> Iterator[pl.DataFrame]:
    """Yield, for each line, of how many pupils the highest score under it, and the lowest over it.

    A pupil of several rows may have either, and stands between a score and the line by one of them.
    """
    score = pl.col("score")
    for line in lines:
        each = known.select(KEY, score, line.alias("line")).group_by(KEY)
        ends = each.agg(
            score.filter(~pl.col("line")).max().alias("under"),
            score.filter("line").min().alias("over"),
        )
        yield ends.group_by("under", "over").len().collect(engine="streaming")
