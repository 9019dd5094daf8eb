"""How well a score tells who leaves: a logistic curve through counts by score, and ranks.

Everything is worked out from whole numbers (how many have a score, how many of them left), so that
no order of rows can change it, and many candidates are judged at once: the last axis is the score,
any before it are candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64 | np.float64]
Floats = NDArray[np.float64]

ROUNDS = 20  # of Newton's method; where outcomes overlap it has converged long before
_RIDGE = 1e-6  # keeps the equations solvable where all have one score
_STEEPEST = 5.0  # logits a point: where all who leave score more than all who stay


@dataclass(frozen=True)
class Curves:
    """The share that leaves by score, ``1 / (1 + exp(-(intercept + slope * score)))``, of each."""

    intercept: Floats
    slope: Floats

    def logits(self, scores: Floats) -> Floats:
        """Return the logarithm of the odds of leaving at these scores."""
        found: Floats = self.intercept[..., None] + self.slope[..., None] * scores
        return found

    def deviance(self, stayed: Counts, left: Counts) -> Floats:
        """Return minus twice the log-likelihood of these counts (the binomial deviance)."""
        logits = self.logits(np.arange(left.shape[-1], dtype=np.float64))
        lost: Floats = ((stayed + left) * softplus(logits) - left * logits).sum(-1)
        return 2 * lost


def softplus(logits: Floats) -> Floats:
    """Return ``log(1 + exp(x))`` without overflow."""
    found: Floats = np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits)))
    return found


def fit(stayed: Counts, left: Counts, rounds: int = ROUNDS) -> Curves:
    """Return the curves of most likelihood, by Newton's method within bounds.

    The slope is never below 0: more points never mean less risk. Half a pupil is added to either
    side of the level from which Newton's method sets out, so that it is finite. A step that makes
    the fit worse is taken back, and half of it tried.
    """
    total = (stayed + left).astype(np.float64)
    scores = np.arange(total.shape[-1], dtype=np.float64)
    mean = (total * scores).sum() / total.sum()
    off = scores - mean
    powers = np.stack([np.ones_like(off), off, off**2], axis=1)
    level = np.log((left.sum(-1) + 0.5) / (stayed.sum(-1) + 0.5))
    slope, best = np.zeros_like(level), np.full_like(level, np.inf)
    tried, steps = (level, slope), (slope, slope)
    for _ in range(rounds):
        logits = tried[0][..., None] + tried[1][..., None] * off
        lost = (total * softplus(logits) - left * logits).sum(-1)
        better = lost <= best
        best = np.where(better, lost, best)
        level, slope = (np.where(better, t, x) for t, x in zip(tried, (level, slope), strict=True))
        newton = _steps(logits, total, left, powers, tried[1])
        steps = np.where(better, newton[0], steps[0] / 2), np.where(better, newton[1], steps[1] / 2)
        tried = level + steps[0], np.clip(slope + steps[1], 0, _STEEPEST)
    return Curves(level - slope * mean, slope)


def _steps(
    logits: Floats, total: Floats, left: Counts, powers: Floats, slope: Floats
) -> tuple[Floats, Floats]:
    """Return Newton's steps of level and slope; of the level alone where the slope cannot go on."""
    share = 1.0 / (1.0 + np.exp(-logits))
    expected = total * share
    a, b, c = np.moveaxis((expected * (1 - share)) @ powers, -1, 0)
    up, along = np.moveaxis((left - expected) @ powers[:, :2], -1, 0)
    a, c = a + _RIDGE, c + _RIDGE
    size = a * c - b * b
    held = ((slope <= 0) & (along < 0)) | ((slope >= _STEEPEST) & (along > 0))
    levels = np.where(held, up / a, (c * up - b * along) / size)
    slopes = np.where(held, 0, (a * along - b * up) / size)
    length = np.maximum(1, np.maximum(np.abs(levels) / 2, np.abs(slopes)))
    return levels / length, slopes / length


def auc(stayed: Counts, left: Counts) -> float:
    """Return how often one who left scores more than one who stayed, ties counted half.

    >>> auc(np.array([2, 1]), np.array([0, 2]))
    0.8333333333333334
    """
    below = np.cumsum(stayed) - stayed
    return float((left * (below + stayed / 2)).sum() / (left.sum() * stayed.sum()))


def caught(stayed: Counts, left: Counts, flagged: float) -> tuple[float, float]:
    """Return precision and recall where this share is flagged from the highest score down.

    Where the share ends inside a score, its pupils count by the part that is flagged, as if drawn
    by lot: no order of rows decides.

    >>> caught(np.array([4, 3, 1]), np.array([0, 1, 1]), 0.4)
    (0.375, 0.75)
    """
    total = (stayed + left)[::-1].astype(np.float64)
    room = flagged * total.sum()
    before = np.cumsum(total) - total
    taken = np.clip(room - before, 0, total)
    hits = float((taken * left[::-1] / np.maximum(total, 1)).sum())
    return hits / float(room), hits / float(left.sum())
