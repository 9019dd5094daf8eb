"""What an analyst should know of a history's columns before trusting what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from engine.column import OBSERVED
from engine.indicator import Catalogue, Indicator
from engine.replay.leaks import AS_OF, LEFT_ON
from engine.replay.tells import tallies, tells
from engine.table import Table, near_misses
from engine.text import Text

SHOWN = 5
OWN = ("outcome", AS_OF, LEFT_ON, "school", "grade", "cohort")


def remarks(
    table: Table, rows: pl.DataFrame, read: Iterable[Indicator], catalogue: Catalogue
) -> Iterator[Text]:
    """Yield what is odd of a history's columns, or cannot be checked; `rows` are those used."""
    read = list(read)
    for name, near in near_misses(table, [*catalogue.indicators, *OWN]):
        yield Text(
            f"Kolonna „{name}” nav izmantota; vai tā ir „{near}”?",
            f"The column '{name}' is not used; is it '{near}'?",
        )
    yield from _dates(table, read)
    if "cohort" in rows.columns and (without := rows["cohort"].null_count()):
        yield Text(
            f"Rindas bez kohortas: {without}; pēc tām ne skaņo, ne vērtē.",
            f"Rows without a cohort: {without}; nothing is tuned or judged on them.",
        )
    for indicator, tally in tallies(rows, read):
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


def _of_indicator(indicator: Indicator, tally: pl.DataFrame) -> Iterator[Text]:
    label, known = indicator.label, tally.drop_nulls("value")
    if not known.height:
        yield Text(f"{label.lv}: nav nevienas vērtības", f"{label.en}: no value at all")
        return
    if known.height == 1:
        yield Text(f"{label.lv}: visur viena vērtība", f"{label.en}: the same value throughout")
    if sure := tells(indicator, tally):
        yield sure
