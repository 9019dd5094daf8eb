"""What to expect of a drafted scorecard on the next cohort, and how many steps it can bear.

In each trial the whole search runs on one part of the history, and its scorecards are judged on
another that it did not see: what it says of the rows that it was tuned on is never stated. The
number of steps is the least whose deviance is within half a standard error of the best, counted
over pupils; one is usual (Breiman and others, *Classification and regression trees*, 1984, section
3.4.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drafting.calibrate import Floats, auc, caught, fit, softplus
from engine.drafting.scorecard import Card, Rows
from engine.drafting.search import Search
from engine.replay.trials import Kind, Trial

FLAGGED = 0.2
WITHIN = 0.5  # standard errors of the best deviance: fewer steps do as well
SURE = 2.0  # standard errors by which the deviance must fall for a draft to be a gain
RANKED = 4.0  # or by which the AUC must lie above 0.5: ranks are what a cut of the score uses
CARRIED = (
    0.9  # of the gain in precision, where no trial judged a later cohort: some is lost by then
)
DRIFT = 0.06  # by how much cohorts differ at least, beyond chance, in units of one draw's deviation


@dataclass(frozen=True)
class Judged:
    """How a scorecard did on rows: precision and recall where the share `flagged` is flagged."""

    name: str
    rows: int
    left: int
    auc: float
    precision: float
    recall: float
    flagged: float = FLAGGED

    @property
    def base(self) -> float:
        """The share of these rows that left."""
        return self.left / self.rows


@dataclass(frozen=True)
class Size:
    """What trials say of scorecards of so many steps.

    `deviance` is a row's, on rows not tuned on; `worse` is how much that is above the best, and
    `error` the standard error of the difference.
    """

    steps: int
    deviance: float
    worse: float
    error: float
    auc: float


@dataclass(frozen=True)
class Stated:
    """What the next cohort should show where the share `flagged` of it is flagged.

    `low` and `high` enclose the precision of about 19 in 20 such cohorts.
    """

    precision: float
    low: float
    high: float
    recall: float
    auc: float
    base: float
    flagged: float = FLAGGED


@dataclass(frozen=True)
class Expectation:
    """What trials of a kind let expect of a scorecard of `steps` steps.

    `cards` are those of each trial. `gain` is by how much a row's deviance fell below that of
    knowing the base rate alone, on rows not tuned on, and `error` its standard error; `auc` is how
    well it ranked them, each trial by its rows, and `auc_error` the standard error of that.
    """

    kind: Kind
    steps: int
    sizes: tuple[Size, ...]
    trials: tuple[Judged, ...]
    cards: tuple[Card, ...]
    next: Stated
    gain: float
    error: float
    auc: float
    auc_error: float

    @property
    def likelier(self) -> bool:
        """Whether its probabilities are surely better than the base rate alone."""
        return self.steps > 0 and self.gain > SURE * self.error

    @property
    def ranks(self) -> bool:
        """Whether who left surely scored more than who stayed, beyond chance."""
        return self.steps > 0 and self.auc - 0.5 > RANKED * self.auc_error

    @property
    def gains(self) -> bool:
        """Whether it surely tells more than the base rate, by its probabilities or its ranks."""
        return self.likelier or self.ranks


@dataclass(frozen=True)
class _Tried:
    """One trial: its scorecards by number of steps, and the deviance of each row judged."""

    trial: Trial
    judge: Rows
    cards: tuple[Card, ...]
    losses: tuple[Floats, ...]


def expect(
    rows: Rows,
    pupils: NDArray[np.intp],
    parts: tuple[Kind, Sequence[Trial]],
    steps: int,
    flagged: float = FLAGGED,
) -> Expectation:
    """Return what trials let expect of scorecards of at most so many steps.

    `pupils` numbers the pupil of each row: rows of one pupil count together.
    """
    kind, each = parts
    tried = [_tried(rows, trial, steps) for trial in each]
    who = np.unique(np.concatenate([pupils[t.judge] for t in each]), return_inverse=True)[1]
    losses = [np.concatenate([t.losses[n] for t in tried]) for n in range(steps + 1)]
    best = min(losses, key=lambda loss: float(loss.mean()))
    sizes = tuple(
        Size(n, float(loss.mean()), *_difference(loss - best, who), _area(tried, n))
        for n, loss in enumerate(losses)
    )
    chosen = next(size.steps for size in sizes if size.worse <= WITHIN * size.error)
    cards = tuple(t.cards[chosen] for t in tried)
    results = tuple(judge(t.trial.name, t.judge, t.cards[chosen], flagged) for t in tried)
    gain, error = _difference(losses[0] - losses[chosen], who)
    ranked = _ranked(tried, chosen, who)
    stated = _stated(kind, results)
    return Expectation(kind, chosen, sizes, results, cards, stated, gain, error, *ranked)


def judge(name: str, rows: Rows, card: Card, flagged: float = FLAGGED) -> Judged:
    """Return how a scorecard does on rows."""
    stayed, left = rows.counts(card)
    precision, recall = caught(stayed, left, flagged)
    area = auc(stayed, left)
    return Judged(name, len(rows.left), int(left.sum()), area, precision, recall, flagged)


def _tried(rows: Rows, trial: Trial, steps: int) -> _Tried:
    """Search on one part, and judge what was found there on the other."""
    tune, held = rows.part(trial.tune), rows.part(trial.judge)
    cards = [stage.card for stage in Search(tune).stages(steps)]
    cards += [cards[-1]] * (steps + 1 - len(cards))  # more steps brought nothing
    losses: list[Floats] = []
    for card in cards:
        curve = fit(*tune.counts(card))
        logits = curve.intercept + curve.slope * held.scores(card)
        losses.append(2 * (softplus(logits) - held.left * logits))
    return _Tried(trial, held, tuple(cards), tuple(losses))


def _difference(each: Floats, who: NDArray[np.intp]) -> tuple[float, float]:
    """Return the mean of a difference between rows, and its standard error over pupils."""
    mean = float(each.mean())
    sums = np.bincount(who, weights=each - mean)
    return mean, math.sqrt(float((sums**2).sum())) / len(each)


def _ranked(tried: Sequence[_Tried], steps: int, who: NDArray[np.intp]) -> tuple[float, float]:
    """Return the AUC of trials, each by its rows, and its standard error over pupils.

    A row's part in it is how many of the other outcome it ranks rightly against (DeLong and others,
    *Comparing the areas under two or more correlated ROC curves*, 1988).
    """
    area, parts = _area(tried, steps), []
    for each in tried:
        card, left = each.cards[steps], each.judge.left.astype(np.bool_)
        counts = each.judge.counts(card)
        below, above = ((np.cumsum(n) - n / 2) / n.sum() for n in counts)
        scores = each.judge.scores(card)
        right = np.where(left, below[scores], 1 - above[scores]) - auc(*counts)
        parts.append(right / np.where(left, left.sum(), (~left).sum()) * len(left) / len(who))
    sums = np.bincount(who, weights=np.concatenate(parts))
    return area, math.sqrt(float((sums**2).sum()))


def _area(tried: Sequence[_Tried], steps: int) -> float:
    areas = [auc(*t.judge.counts(t.cards[steps])) for t in tried]
    return float(np.average(areas, weights=[len(t.judge.left) for t in tried]))


def _stated(kind: Kind, results: Sequence[Judged]) -> Stated:
    """Return what to say of the next cohort, from how trials were judged.

    A cohort counts twice as much as the one before it.
    """
    newer = 2.0 if kind == "cohorts" else 1.0
    sizes = [result.rows for result in results]
    weights = [rows * newer**at for at, rows in enumerate(sizes)]
    precision, recall, area, base = (
        float(np.average(each, weights=weights))
        for each in zip(*((r.precision, r.recall, r.auc, r.base) for r in results), strict=True)
    )
    flagged, count = results[0].flagged, sizes[-1]
    among = float(np.var([r.precision for r in results], ddof=1)) if len(results) > 1 else 0.0
    if kind != "cohorts":
        precision = base + CARRIED * (precision - base)
        recall = flagged * precision / base
        among, count = among / len(results), sum(sizes)
    many = flagged * count
    near = (precision * many + 1) / (many + 2)  # never quite 0 or 1
    chance = near * (1 - near)
    wide = 2 * math.sqrt(chance / max(1.0, many) + max(among, DRIFT**2 * chance))
    low, high = max(0.0, precision - wide), min(1.0, precision + wide)
    return Stated(precision, low, high, recall, area, base, flagged)
