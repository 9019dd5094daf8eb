"""Indicators that tell almost surely who left.

No sign of risk does that; what does was mostly known only afterwards. Where its date does not say
so, nobody can prove it: so no search may choose it, unless a person says that it is no leak, and
that is remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import polars as pl

from engine.errors import DataError, Problem, did_you_mean
from engine.indicator import Indicator
from engine.text import Text

TELLS, ENOUGH = 0.99, 20  # the AUC that no honest indicator has, of so many of each class


def trusted(
    rows: pl.DataFrame, indicators: Iterable[Indicator], no_leak: Collection[str]
) -> tuple[str, ...]:
    """Return the indicators that tell almost surely who left, and are said to be no leak.

    `rows` are those that a search sees, `indicators` those that it may use. Raises `DataError`
    for those that tell so and are not among `no_leak`, and for what there names no indicator of
    these.
    """
    asked = {each.name: each for each in indicators}
    for name in no_leak:
        if name not in asked:
            message = f"'{name}' is no indicator that the search would use"
            hint = did_you_mean(name, asked) or f"it would use: {', '.join(sorted(asked))}"
            raise DataError(Problem("no-indicators", message, None, hint))
    told = {i.name: said for i, tally in tallies(rows, asked.values()) if (said := tells(i, tally))}
    refused = [_refusal(name, said) for name, said in told.items() if name not in no_leak]
    if refused:
        raise DataError(refused)
    return tuple(sorted(told))


def _refusal(name: str, said: Text) -> Problem:
    hint = (
        "leave the column out, or take values from before the as-of day; if you know that it was "
        f"known by then, say so (--no-leak {name}): the candidate will remember it"
    )
    return Problem("leak", f"'{name}' cannot be searched by: {said.en}", None, hint)


def tallies(
    rows: pl.DataFrame, indicators: Iterable[Indicator]
) -> Iterator[tuple[Indicator, pl.DataFrame]]:
    """Yield for each indicator how many left and stayed of the rows with each of its values."""
    asked = list(indicators)
    counted = pl.collect_all([_tally(rows, i.name) for i in asked], engine="streaming")
    yield from zip(asked, counted, strict=True)


def _tally(rows: pl.DataFrame, name: str) -> pl.LazyFrame:
    """Return for each value of an indicator how many rows have it, and how many left and stayed."""
    left = pl.col("outcome").sum().cast(pl.Int64).alias("left")
    stayed = (~pl.col("outcome")).sum().cast(pl.Int64).alias("stayed")
    return rows.lazy().group_by(pl.col(name).alias("value")).agg(left, stayed)


def tells(indicator: Indicator, tally: pl.DataFrame) -> Text | None:
    """Return what is said of an indicator that tells almost surely who left; None of others.

    `tally` is as `tallies` gives it, a missing value among the values.
    """
    label = indicator.label
    presence = tally.group_by(pl.col("value").is_null()).agg(pl.col("left", "stayed").sum())
    if told_by(presence) >= TELLS:
        return Text(
            f"{label.lv}: pēc tā, vai vērtība ir zināma, gandrīz droši var pateikt, kurš pametis "
            "mācības; izskatās, ka tā kļuvusi zināma tikai pēc tam.",
            f"{label.en}: whether there is a value tells almost surely who left; it looks as if "
            "it was known only after the outcome.",
        )
    if told_by(tally.drop_nulls("value"), by_share=indicator.type == "category") >= TELLS:
        return Text(
            f"{label.lv}: pēc vērtības gandrīz droši var pateikt, kurš pametis mācības; "
            "izskatās, ka tā kļuvusi zināma tikai pēc tam.",
            f"{label.en}: the value tells almost surely who left; it looks as if it was known "
            "only after the outcome.",
        )
    return None


def told_by(tally: pl.DataFrame, *, by_share: bool = False) -> float:
    """Return how well values tell who left: the AUC, the better way round; 0 of too few rows.

    `tally` has value, left, stayed. Values that have no order are ordered by the share of leavers.

    >>> told_by(pl.DataFrame({"value": [1, 2], "left": [0, 30], "stayed": [60, 0]}))
    1.0
    >>> told_by(pl.DataFrame({"value": [1, 2], "left": [15, 15], "stayed": [60, 60]}))
    0.5
    """
    left, stayed = int(tally["left"].sum()), int(tally["stayed"].sum())
    if min(left, stayed) < ENOUGH:
        return 0.0
    share = pl.col("left") / (pl.col("left") + pl.col("stayed"))
    ordered = tally.sort(share if by_share else "value")
    below = pl.col("stayed").cum_sum() - pl.col("stayed")
    # Twice the pairs in which the leaver has the higher value: pairs of one value count half.
    pairs = ordered.select((pl.col("left") * (2 * below + pl.col("stayed"))).sum()).item()
    auc = pairs / (2 * left * stayed)
    return float(max(auc, 1 - auc))
