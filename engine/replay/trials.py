"""Trials: parts of a history to tune on, and others to judge on, as the next cohort will judge.

Where there are several cohorts, each trial tunes on the earlier ones and judges on the next
(rolling origin). Where there is one only, whole schools are held back, because a cohort differs
from the next as schools do; and where there are no schools, pupils.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.canonical import KEY
from engine.replay.history import AS_OF, COHORT, OUTCOME, SCHOOL

Kind = Literal["cohorts", "schools", "pupils"]
ORIGINS = 4  # the latest: what happened long ago says little of what comes next
FOLDS = 5
LARGE, FOLDS_IF_LARGE = 50_000, 3  # fewer folds say as much where there are many rows
LEAST = 50  # who left, and who stayed, to tune on in a trial
LEAST_JUDGED = 10  # of either, to judge on


@dataclass(frozen=True)
class Trial:
    """Rows to tune on and rows to judge on, by their numbers; `name` says what is judged."""

    name: str
    tune: NDArray[np.intp]
    judge: NDArray[np.intp]


def trials(
    labelled: pl.DataFrame, cohorts: Sequence[str], seed: int, horizon: int | None = None
) -> tuple[Kind, tuple[Trial, ...]]:
    """Return the trials that rows with known outcomes allow, and of what kind they are.

    `cohorts` are in order of time. Where there are as-of days, a trial tunes on those before the
    judged cohort began; where it is said after how many days an outcome is settled (`horizon`), on
    rows whose outcomes were settled by then.
    The same rows and seed give the same trials.
    """
    rolling = rolling_origin(labelled, cohorts, horizon)
    if rolling:
        return "cohorts", rolling
    left = labelled[OUTCOME].to_numpy()
    count = FOLDS if labelled.height < LARGE else FOLDS_IF_LARGE
    if SCHOOL in labelled.columns and labelled[SCHOOL].null_count() == 0:
        held = tuple(_folds(labelled, SCHOOL, count, seed))
        if len(held) >= 3 and all(_enough(trial, left) for trial in held):
            return "schools", held
    return "pupils", tuple(_folds(labelled, KEY, count, seed))


def rolling_origin(
    rows: pl.DataFrame, cohorts: Sequence[str], horizon: int | None = None
) -> tuple[Trial, ...]:
    """Return the trials that judge on the latest cohorts, as far as there are outcomes enough.

    Rows may be without an outcome; `cohorts` and `horizon` are as in `trials`.
    """
    left = rows[OUTCOME].fill_null(value=False).to_numpy()
    every = _rolling(rows, cohorts, timedelta(days=horizon or 0))
    return tuple(trial for trial in every if _enough(trial, left))[-ORIGINS:]


def _rolling(rows: pl.DataFrame, cohorts: Sequence[str], settled: timedelta) -> Iterator[Trial]:
    if COHORT not in rows.columns:
        return
    order = {name: at for at, name in enumerate(cohorts)}
    column = rows[COHORT].to_list()
    place = np.array([order.get(name, len(order)) for name in column], dtype=np.intp)
    days = rows[AS_OF] if AS_OF in rows.columns else None
    for at, name in enumerate(cohorts):
        held, before = place == at, place < at
        if days is not None and held.any():
            first = days.filter(held).min()
            before &= ((days < first) & (days + settled <= first)).to_numpy()
        yield Trial(name, np.flatnonzero(before), np.flatnonzero(held))


def _enough(trial: Trial, left: NDArray[np.bool_]) -> bool:
    """Return whether both kinds of outcome are there often enough."""
    for part, least in ((trial.tune, LEAST), (trial.judge, LEAST_JUDGED)):
        gone = int(left[part].sum())
        if min(gone, len(part) - gone) < least:
            return False
    return True


def _folds(labelled: pl.DataFrame, name: str, count: int, seed: int) -> Iterator[Trial]:
    """Yield folds that keep the rows of one name together, and have like shares of either outcome.

    Names with most rows of the rarer outcome are dealt out first, each to the fold that has fewest
    of these; then those without, each to the fold that has fewest rows.
    """
    rarer = labelled[OUTCOME].to_numpy() == (2 * int(labelled[OUTCOME].sum()) < labelled.height)
    each = labelled.select(name, pl.Series("rarer", rarer)).group_by(name)
    sizes = each.agg(pl.col("rarer").sum(), pl.len().alias("rows")).rows()
    rares, filled = [0] * count, [0] * count
    fold: dict[str, int] = {}
    for key, rare, rows in sorted(sizes, key=lambda s: (-s[1], -s[2], _digest(s[0], seed))):
        fewest = list(zip(rares, filled, strict=True)) if rare else filled
        least = min(range(count), key=fewest.__getitem__)
        fold[key] = least
        rares[least] += rare
        filled[least] += rows
    of = np.array([fold[key] for key in labelled[name].to_list()], dtype=np.intp)
    for number in sorted(set(fold.values())):
        yield Trial(str(number + 1), np.flatnonzero(of != number), np.flatnonzero(of == number))


def _digest(name: str, seed: int) -> bytes:
    """Return what orders names as if by lot, the same on every machine."""
    return hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
