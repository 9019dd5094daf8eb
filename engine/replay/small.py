"""Small cells: what so few pupils stand behind that it would speak of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

SMALLEST = 10


def too_few(count: int) -> bool:
    """Return whether so many, and not none, are too few to tell what became of them."""
    return 0 < count < SMALLEST


def suppressed(cells: pl.DataFrame, pupils: int) -> pl.DataFrame:
    """Return cells with the numbers of small ones taken away, and ``suppressed`` to say which.

    `cells` has a line for each value of one dimension, or one in all; ``pupils`` says how many
    stand behind each line. `pupils` is how many stand behind all of them together, where each is
    counted once. A cell of fewer than ten pupils is suppressed. What the total less the cells
    shown would tell is the sum of those that are not: while that is one cell, or may be fewer than
    ten pupils, the next smallest is suppressed as well.
    """
    hidden = _hidden(cells["pupils"].to_list(), pupils)
    mark = pl.Series("suppressed", [place in hidden for place in range(cells.height)])
    numbers = [name for name, kind in cells.schema.items() if kind.is_numeric()]
    return cells.with_columns(mark).with_columns(
        pl.when(~pl.col("suppressed")).then(pl.col(name)).alias(name) for name in numbers
    )


def untold(
    cells: pl.DataFrame, behind: Sequence[int], told: Collection[str], pupils: int = 0
) -> pl.DataFrame:
    """Return cells without the columns `told` where these speak of fewer than ten pupils.

    `behind` says for each line of how many (of those flagged, say), `pupils` how many these are
    together, where that is known. Lines that speak of nobody hide nothing; others are hidden as by
    `suppressed`.
    """
    some = [place for place, size in enumerate(behind) if size]
    hidden = {some[at] for at in _hidden([behind[place] for place in some], pupils)}
    kept = pl.Series([place not in hidden for place in range(cells.height)], dtype=pl.Boolean)
    return cells.with_columns(pl.when(kept).then(pl.col(name)).alias(name) for name in told)


def _hidden(sizes: Sequence[int], pupils: int) -> set[int]:
    """Return the places of cells to hide, of so many pupils in each and in all."""
    hidden: set[int] = set()
    shown, largest = sum(sizes), 0
    for at in sorted(range(len(sizes)), key=lambda place: sizes[place]):
        together = max(pupils - shown, largest)
        if sizes[at] >= SMALLEST and not (hidden and (len(hidden) < 2 or together < SMALLEST)):
            break
        hidden.add(at)
        shown, largest = shown - sizes[at], sizes[at]
    return hidden
