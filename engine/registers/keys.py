"""One lesson under two keys: what columns tell apart counts once, in all exports together.

The rows of the few keys that ever shared a lesson with another are found, and what comes of them
is applied to all rows; `engine.registers.holders` says which key may have which lesson when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from engine.frame import ROW
from engine.registers.between import header_of, judged
from engine.registers.holders import Event, Holders
from engine.registers.known import Known
from engine.registers.rows import BAD, DELETED, REJECTS, SOURCE, Source, no_rejects
from engine.registers.schema import ID, MOMENT, RECORDED, Register

_PART = 4_000_000
_SINCE = "__since"


@dataclass(frozen=True)
class Repeated:
    """What comes of keys that shared a lesson: rows that are rejected, and when others count."""

    lines: pl.DataFrame
    since: pl.DataFrame

    def applied(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return rows with the rejected ones marked as bad, and the others when they count."""
        if self.lines.height:
            out = pl.lit(value=True).alias("__out")
            lines = self.lines.select(SOURCE, pl.col("row").cast(pl.UInt32).alias(ROW), out)
            rows = rows.join(lines.lazy(), on=[SOURCE, ROW], how="left", maintain_order="left")
            rows = rows.with_columns(pl.col(BAD) | pl.col("__out").fill_null(value=False))
            rows = rows.drop("__out")
        if self.since.height:
            since = self.since.lazy()
            rows = rows.join(since, on=[SOURCE, ROW], how="left", maintain_order="left")
            rows = rows.with_columns(pl.coalesce(_SINCE, RECORDED).alias(RECORDED)).drop(_SINCE)
        return rows


def repeated(
    rows: pl.LazyFrame, register: Register, sources: Sequence[Source], known: Known, total: int
) -> Repeated:
    """Return what comes of a register's rows that are one by the columns that tell them apart.

    A row that cannot be used for another reason holds nothing: the same lesson may be sent again.
    """
    there = _doubtful(rows, register, total)
    if there.is_empty():
        return Repeated(no_rejects(), _since([]))
    judge = judged(there, register, sources, known)
    good, holders, lines, since = judge.rows, Holders(), [], []
    for source in sources:
        present = there.filter(pl.col(SOURCE) == source.index)[ID]
        told = list(_events(good, register, source))
        taken = holders.take(told, set(present) if source.bulk else None, source.exported)
        header = header_of(source, ID)
        for event, code, other in taken.wrong:
            of = {SOURCE: other.source, "row": other.row}
            lines.append((source.index, event.row, header, event.key, code, of))
        since += [(source.index, row, moment) for row, moment in taken.since.items()]
    again = pl.DataFrame(lines, schema=REJECTS, orient="row")
    return Repeated(no_rejects([judge.rejects, again]), _since(since))


def _since(rows: list[tuple[int, int, datetime]]) -> pl.DataFrame:
    schema = {SOURCE: pl.UInt32(), ROW: pl.UInt32(), _SINCE: MOMENT}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _doubtful(rows: pl.LazyFrame, register: Register, total: int) -> pl.DataFrame:
    """Return all rows of the keys that ever shared a lesson with another key.

    Hashes are held in parts, so that memory does not grow with the file.
    """
    live = rows.filter(~pl.col(BAD) & ~pl.col(DELETED))
    nature, key = pl.struct(register.natural).hash(), pl.col(ID).hash()
    parts, suspects = 1 + total // _PART, []
    for part in range(parts):
        mine = live.select(nature.alias("__hash"), key.alias("__key"))
        met = mine.filter(pl.col("__hash") % parts == part).group_by("__hash")
        least_and_most = met.agg(least=pl.col("__key").min(), most=pl.col("__key").max())
        shared = least_and_most.filter(pl.col("least") != pl.col("most")).select("__hash")
        suspects.append(shared.collect(engine="streaming"))
    found = pl.concat(suspects)["__hash"]
    if found.is_empty():
        return rows.clear().collect()
    keys = live.filter(nature.is_in(found.implode())).select(ID).unique()
    return rows.join(keys, on=ID, how="semi").collect(engine="streaming")


def _events(good: pl.DataFrame, register: Register, source: Source) -> list[Event]:
    """Return a source's rows in the order in which they were recorded."""
    mine = good.filter(pl.col(SOURCE) == source.index).sort(RECORDED, ROW)
    content = [each.name for each in register.columns if each.name not in register.natural]
    places = mine.select(SOURCE, ROW, ID, RECORDED, DELETED).iter_rows()
    lessons, contents = (mine.select(names).iter_rows() for names in (register.natural, content))
    told = zip(places, lessons, contents if content else [()] * mine.height, strict=True)
    return [Event._make((*place, lesson, held)) for place, lesson, held in told]
