"""What is said of a history's rows that were set aside: how many, why, and where to look first."""

from __future__ import annotations

import polars as pl

from engine.text import Language, Text
from engine.words.quantities import number

SHOWN = 5  # kinds of problems


def rejects_words(rejects: pl.DataFrame) -> Text:
    """Return how many rows were rejected, and by column and problem how many, and the first row.

    `rejects` are a history's; it has some.
    """
    kinds = rejects.group_by("column", "problem").agg(pl.len(), pl.col("row").min().alias("first"))
    lines = kinds.sort("len", "first", "column", descending=[True, False, False]).rows()

    def said(language: Language, first: str, more: str) -> str:
        shown = [
            f"{column} {problem} {number(count, language)} ({first.format(number(row, language))})"
            for column, problem, count, row in lines[:SHOWN]
        ]
        rest = len(lines) - SHOWN
        return ", ".join(shown) + (more.format(rest) if rest > 0 else "")

    total = rejects["row"].n_unique()
    lv, en = (number(total, language) for language in ("lv", "en"))
    return Text(
        f"Noraidītās rindas: {lv}. Problēmas: {said('lv', 'pirmoreiz rindā: {}', ' (un vēl {})')}",
        f"Rows rejected: {en}. Problems: {said('en', 'first in row {}', ' (and {} more)')}",
    )
