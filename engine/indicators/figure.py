"""How a pupil's rows become one value: what each row adds, and what is made of the sums.

A figure is a declaration. `engine.indicators.compute` evaluates all figures of one source in one
group-by, and `engine.indicators.trace` shows the same parts row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from engine.registers.calendar import DAY, Window

Kind = Literal["sum", "days", "least", "same"]
Sums = Mapping[str, pl.Expr]
ANY_ROW = pl.lit(value=True)


@dataclass(frozen=True)
class Part:
    """What each row adds (`what`, null for nothing), and how the rows' parts become one number.

    ``sum`` adds them up; ``days`` counts the different days of the rows for which it is true;
    ``least`` takes the smallest; ``same`` takes what all rows of the pupil say, counted or not.
    Of the figure's rows only those in the part's own `window` add, where it has one.
    """

    what: pl.Expr
    kind: Kind = "sum"
    window: Window | None = None

    @property
    def adds(self) -> pl.Expr:
        """What each row of the figure adds, null for nothing."""
        return self.what if self.window is None else pl.when(self.window.name).then(self.what)

    def over(self, rows: pl.Expr) -> pl.Expr:
        """Return the part's number over those of a pupil's rows for which `rows` is true."""
        match self.kind:
            case "sum":
                return pl.when(rows).then(self.adds).sum()
            case "days":
                days = pl.when(rows & self.adds.fill_null(value=False)).then(DAY)
                return days.n_unique() - days.is_null().any()
            case "least":
                return pl.when(rows).then(self.adds).min()
            case "same":
                return self.adds.first()


def tally(which: pl.Expr) -> Part:
    """Return the part that counts the rows for which `which` is true."""
    return Part(which.cast(pl.UInt32))


@dataclass(frozen=True)
class Figure:
    """One value: the parts, what is made of them, and up to which day its rows go.

    `window` is the time from which rows are read, named by a flag column of the source; `rows`
    says which of them; without any such row there is no value. `until` names the column that
    gives the day up to which the value goes where this is not the day of the last row read.
    """

    parts: Mapping[str, Part]
    value: Callable[[Sums], pl.Expr]
    window: Window | None = None
    rows: pl.Expr = ANY_ROW
    until: str | None = None

    @property
    def read(self) -> pl.Expr:
        """Whether a row of the source counts for the figure."""
        return self.rows if self.window is None else pl.col(self.window.name) & self.rows

    def aggregates(self, name: str) -> Iterator[pl.Expr]:
        """Yield what a group-by must find for the figure, under names that begin with `name`."""
        for part, each in self.parts.items():
            yield each.over(self.read).alias(f"{name}/{part}")
        day = pl.col(self.until).first() if self.until else pl.when(self.read).then(DAY).max()
        yield day.alias(f"{name}/day")

    def result(self, name: str) -> pl.Expr:
        """Return the value over the columns that `aggregates` names, null where no row counts."""
        sums = {part: pl.col(f"{name}/{part}") for part in self.parts}
        return pl.when(pl.col(f"{name}/day").is_not_null()).then(self.value(sums))


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return part / whole, null where the whole is nothing.

    >>> frame = pl.DataFrame({"part": [3, 0], "whole": [4, 0]})
    >>> frame.select(share(pl.col("part"), pl.col("whole")))["part"].to_list()
    [0.75, None]
    """
    return pl.when(whole > 0).then(part / whole)


def only(name: str) -> Callable[[Sums], pl.Expr]:
    """Return the value that is one part alone."""
    return lambda of: of[name]
