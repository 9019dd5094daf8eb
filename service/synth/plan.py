"""What is asked for, and the seeded streams from which everything is drawn."""

from __future__ import annotations

import hashlib
import math
import random
import sys
from array import array
from dataclasses import dataclass

import polars as pl

CSV_LESSONS_UP_TO = 3_000  # pupil-years; above it, attendance is written as Parquet


@dataclass(frozen=True, slots=True)
class Plan:
    """A history to make: `pupils` at school in each of `years` school years from `start_year` on.

    `dirt` adds a handful of rows that a reader must reject.
    """

    pupils: int
    years: int
    seed: int
    start_year: int = 2020
    dirt: bool = True

    @property
    def lessons_as_csv(self) -> bool:
        """Whether attendance by lesson is few enough rows for CSV."""
        return self.pupils * self.years <= CSV_LESSONS_UP_TO

    def stream(self, *what: object) -> random.Random:
        """Return the stream for one purpose: more draws for one thing move nothing else."""
        return random.Random(self._name(what))  # noqa: S311  nothing here is a secret

    def key(self, prefix: str, *what: object) -> str:
        """Return a pseudonymous key of at most 12 characters."""
        digest = hashlib.sha256(self._name(what).encode()).hexdigest()
        return f"{prefix}-{digest[: 11 - len(prefix)].upper()}"

    def _name(self, what: tuple[object, ...]) -> str:
        return "/".join(map(str, (self.seed, *what)))


def uniforms(draw: random.Random, count: int) -> pl.Series:
    """Return numbers in [0, 1) for bulk columns, from the stream's own bytes."""
    words = array("I", draw.randbytes(4 * count))
    if sys.byteorder == "big":
        words.byteswap()
    return (pl.Series("u", words, dtype=pl.UInt32).cast(pl.Float32) * 2.0**-32).cast(pl.Float32)


def poisson(draw: random.Random, mean: float) -> int:
    """Return how often something happens that happens `mean` times on average (a small mean)."""
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def chance(score: float) -> float:
    """Return the logistic function of a score.

    >>> chance(0)
    0.5
    """
    return 1 / (1 + math.exp(-score))
