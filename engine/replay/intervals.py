"""Intervals of shares: exact where rows are independent, widened where pupils stand in several.

Clopper and Pearson's interval holds its 95 % for any share and any number. Rows of one pupil are
alike, so that they say less than as many rows of strangers: their number is divided by the design
effect, estimated from the differences between pupils (Korn and Graubard, *Confidence intervals for
proportions with small expected number of positive counts estimated from survey data*, 1998).
Nothing is drawn at random: the same rows give the same interval.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

CONFIDENCE = 0.95

Floats = npt.NDArray[np.float64]


def interval(hits: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the lower and upper bounds of shares, NaN where there was no trial.

    Numbers need not be whole: an effective number of rows is none.

    >>> low, high = interval([0, 5, 10], [10, 10, 10])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.1871, 0.6915], [0.3085, 0.8129, 1.0])
    """
    x, n = (np.asarray(each, dtype=np.float64) for each in (hits, trials))
    tail = (1 - CONFIDENCE) / 2
    none, full = x <= 0, x >= n
    low = np.where(none, 0.0, betaincinv(np.where(none, 1.0, x), np.maximum(n - x, 0) + 1, tail))
    high = np.where(full, 1.0, betaincinv(x + 1, np.where(full, 1.0, n - x), 1 - tail))
    nothing = n <= 0
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def effective(hits: Floats, trials: Floats, sums: tuple[Floats, Floats, Floats]) -> Floats:
    """Return how many independent rows say as much as `trials` rows of pupils with several.

    `sums` are over pupils: of hits squared, of hits by trials, and of trials squared. Never more
    than the rows; where all rows agree, nothing can be estimated, and rows of one pupil count as
    entirely alike.
    """
    squares, products, sizes = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / trials
        spread = squares - 2 * share * products + share**2 * sizes
        alike = trials**2 / sizes
        found = share * (1 - share) * trials**2 / spread
    agreed = (hits <= 0) | (hits >= trials)
    return np.where(trials <= 0, 0.0, np.where(agreed, alike, np.minimum(found, trials)))
