"""What is said of a history's rows that were set aside: how many, why, and where to look first."""

from __future__ import annotations

import polars as pl

from engine.canonical import PROBLEMS
from engine.text import Language, Text
from engine.words.quantities import number

SHOWN = 5  # kinds of problems
# What a history needs said in other words than the rows of one day.
_REMEDIES = {
    "not-flag": "write 1 (left) or 0 (stayed), and leave it empty where it is not known",
    "duplicate": "the pupil has other rows of the same day; keep one, or give each its day 'as_of'",
}


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


def mend_words(rejects: pl.DataFrame) -> str:
    """Return what to do about rejected rows, of which there are some; no value is shown."""
    row, column, problem = rejects.sort("row").select("row", "column", "problem").row(0)
    told = problem == "duplicate" or (column, problem) == ("outcome", "not-flag")
    remedy = _REMEDIES[problem] if told else PROBLEMS[problem].en
    where = f"row {row}, column '{column}'" if column else f"row {row}"
    return f"mend the rejected rows, first {where}: {remedy}"
