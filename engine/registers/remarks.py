"""What is to be said of files beside their counts: it stops nothing, but somebody must know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from engine.registers.bundle import Bundle
from engine.registers.known import Known
from engine.registers.rows import SOURCE, Source
from engine.text import Text

MOST = 0.5  # share of a file's rows
FEW = 2  # wrong values of a column; of so few nobody can tell that columns are swapped
# A date in another form is a date: that column is the right one.
_LOOKS_ELSE = ("key-form", "key-unknown", "not-date", "not-number", "not-flag", "category")


def swapped(sources: Iterable[Source], rejects: pl.DataFrame) -> Iterator[Text]:
    """Yield a note for each column of which most values look like another column's."""
    seen = rejects.group_by(SOURCE, "column", "problem").len().sort(SOURCE, "column", "problem")
    by_index = {source.index: source for source in sources}
    for index, column, problem, count in seen.iter_rows():
        source = by_index[index]
        if count <= max(FEW, MOST * source.raw.total):
            continue
        if problem == "period":
            yield _of(
                source,
                Text(
                    "beigas gandrīz visur ir pirms sākuma: izskatās, ka kolonnas ir samainītas",
                    "ends stand before beginnings nearly everywhere: the columns look swapped",
                ),
            )
        elif problem in _LOOKS_ELSE:
            yield _of(
                source,
                Text(
                    f"kolonnā „{column}“ vairums vērtību ir nederīgas: izskatās, ka kolonnas"
                    " ir samainītas vai virsraksts nosauc citu",
                    f"most values in '{column}' are wrong: the columns look swapped, or the header"
                    " names another",
                ),
            )


def undated(bundles: Iterable[Bundle]) -> Iterator[Text]:
    """Yield a note for each bundle whose source keeps no recording dates."""
    for bundle in bundles:
        if bundle.manifest.happened:
            yield Text(
                f"{bundle.name}: avots neglabā ierakstīšanas datumus; katra rinda skaitās"
                " ierakstīta dienā, kad notikusi, tāpēc vēlāku labojumu ietekme nav redzama",
                f"{bundle.name}: the source keeps no recording dates; each row counts as recorded"
                " on the day it happened, so the effect of late corrections cannot be seen",
            )


def at_two_schools(known: Known) -> Iterator[Text]:
    """Yield a note on pupils who are enrolled at two schools at once, which is allowed."""
    count = known.at_two_schools()
    if count:
        yield Text(
            f"skolēni, kas vienlaikus uzņemti vairākās skolās: {count}",
            f"pupils enrolled at several schools at once: {count}",
        )


def of_file(source: Source) -> Iterator[Text]:
    """Yield what was found out about a file when it was opened."""
    for note in source.raw.notes:
        yield _of(source, note)


def _of(source: Source, note: Text) -> Text:
    place = f"{source.bundle.name}/{source.name}"
    return Text(f"{place}: {note.lv}", f"{place}: {note.en}")
