"""What an analyst should know of a history's columns before trusting what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from engine.column import OBSERVED
from engine.indicator import Catalogue, Indicator
from engine.replay.leaks import AS_OF, LEFT_ON
from engine.table import Table, near_misses
from engine.text import Text

TELLS, ENOUGH = 0.99, 20  # the AUC that no honest indicator has, of so many of each class
SHOWN = 5
OWN = ("outcome", AS_OF, LEFT_ON, "school", "grade", "cohort")


def remarks(
    table: Table, rows: pl.DataFrame, read: Iterable[Indicator], catalogue: Catalogue
) -> Iterator[Text]:
    """Yield what is odd of a history's columns, or cannot be checked; `rows` are those used."""
    read = list(read)
    for name, near in near_misses(table, [*catalogue.indicators, *OWN]):
        yield Text(
            f"Kolonna „{name}“ nav izmantota; vai tā ir „{near}“?",
            f"The column '{name}' is not used; is it '{near}'?",
        )
    yield from _dates(table, read)
    if "cohort" in rows.columns and (without := rows["cohort"].null_count()):
        yield Text(
            f"Rindas bez kohortas: {without}; tajās ne pielāgo, ne pārbauda.",
            f"Rows without a cohort: {without}; nothing is tuned or judged on them.",
        )
    tallies = pl.collect_all([_tally(rows, i.name) for i in read], engine="streaming")
    for indicator, tally in zip(read, tallies, strict=True):
        yield from _of_indicator(indicator, tally)


def _dates(table: Table, read: list[Indicator]) -> Iterator[Text]:
    """Yield what the leak guard cannot check."""
    names = set(table.columns)
    bare = [i for i in read if not {OBSERVED, f"{i.name}.{OBSERVED}"} & names]
    if len(bare) == len(read):
        yield Text(
            "Vēsturē nav teikts, kad vērtības novērotas (observed_on), tāpēc netiek pārbaudīts, "
            "vai tās tobrīd bija zināmas.",
            "The history does not say when values were observed (observed_on), so whether they "
            "were known by then is not checked.",
        )
    elif AS_OF not in names:
        yield Text(
            "Vēsturē nav vērtēšanas dienu (as_of), tāpēc netiek pārbaudīts, vai vērtības tobrīd "
            "bija zināmas un vai tās nav novecojušas.",
            "The history has no as-of days (as_of), so whether values were known by then, and "
            "whether they were too old, is not checked.",
        )
    elif bare:
        more = len(bare) - SHOWN
        lv, en = (", ".join(i.label[language] for i in bare[:SHOWN]) for language in ("lv", "en"))
        yield Text(
            f"Nav teikts, kad novērots: {lv}" + (f" (un vēl {more})" if more > 0 else ""),
            f"When it was observed is not said: {en}" + (f" (and {more} more)" if more > 0 else ""),
        )


def _tally(rows: pl.DataFrame, name: str) -> pl.LazyFrame:
    """Return for each value of an indicator how many rows have it, and how many left and stayed."""
    left = pl.col("outcome").sum().cast(pl.Int64).alias("left")
    stayed = (~pl.col("outcome")).sum().cast(pl.Int64).alias("stayed")
    return rows.lazy().group_by(pl.col(name).alias("value")).agg(left, stayed)


def _of_indicator(indicator: Indicator, tally: pl.DataFrame) -> Iterator[Text]:
    label, known = indicator.label, tally.drop_nulls("value")
    if not known.height:
        yield Text(f"{label.lv}: nav nevienas vērtības", f"{label.en}: no value at all")
        return
    if known.height == 1:
        yield Text(f"{label.lv}: visur viena vērtība", f"{label.en}: the same value throughout")
    presence = tally.group_by(pl.col("value").is_null()).agg(pl.col("left", "stayed").sum())
    if told_by(presence) >= TELLS:
        yield Text(
            f"{label.lv}: pēc tā, vai vērtība ir zināma, gandrīz droši var pateikt, kurš pametis "
            "mācības; izskatās, ka tā kļuvusi zināma tikai pēc tam.",
            f"{label.en}: whether there is a value tells almost surely who left; it looks as if "
            "it was known only after the outcome.",
        )
    elif told_by(known, by_share=indicator.type == "category") >= TELLS:
        yield Text(
            f"{label.lv}: pēc vērtības gandrīz droši var pateikt, kurš pametis mācības; "
            "izskatās, ka tā kļuvusi zināma tikai pēc tam.",
            f"{label.en}: the value tells almost surely who left; it looks as if it was known "
            "only after the outcome.",
        )


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
