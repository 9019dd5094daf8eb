"""From rows of several exports, one after the other, to the versions of each row.

A row that says the same again is no new version. A change is known from the moment its row gives,
if that is later than the version before; else the source did not say when it changed, and the
change is known from the export. So versions of a row follow each other strictly in time.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.frame import ROW
from engine.registers.rows import DELETED, SOURCE, Source, no_rejects, reject_lines
from engine.registers.schema import ENDED, ID, MOMENT, RECORDED, Register

_FOREVER = pl.lit(None, MOMENT).alias(ENDED)
# What is learnt only when a stay or a measure ends, beside its last day.
LEARNT_AT_END = {"enrolments": ("exit",), "measures": ("delivered",)}


def versions(
    events: pl.DataFrame, present: pl.DataFrame, register: Register, sources: Sequence[Source]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return all versions in canonical form, and lines of rejects for rows that are no newer.

    `events` are rows, live or deleted; `present` names (source, id) of all rows that stand in the
    files, also of bad ones: what stands there has not vanished.
    """
    events = pl.concat([events, _vanished(events, present, sources)], how="diagonal")
    again = events[ID].hash().is_duplicated()  # seldom equal for two ids: no harm
    once = events.filter(~again & ~pl.col(DELETED)).with_columns(_FOREVER)
    many, rejects = _follow(events.filter(again), register, sources)
    found = pl.concat([once.select(list(register.schema)), many.select(list(register.schema))])
    return found, rejects


def told_apart(rows: pl.DataFrame) -> bool:
    """Return whether no id stands twice in one source, at the cost of hashes only."""
    place = pl.col(SOURCE).cast(pl.UInt64) * 0x9E37_79B9
    return rows.select(pl.col(ID).hash() + place).to_series().n_unique() == rows.height


def opened_and_closed(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    """Return rows of sources that keep no recording dates, without what came later.

    A stay is known from its first day without its end, and with it from its last day on. Where it
    stood in an earlier bundle, that it began was known already.
    """
    if not any(column.name == "ends" and not column.required for column in register.columns):
        return rows
    ended = pl.col("ends").is_not_null() & ~pl.col(DELETED)
    last = pl.col("ends").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    longer = pl.col(SOURCE) == pl.col(SOURCE).min().over(ID)
    longer &= last > pl.col(RECORDED)
    later = ("ends", *LEARNT_AT_END.get(register.name, ()))
    unknown = [pl.lit(None, rows.schema[name]).alias(name) for name in later]
    return pl.concat([
        rows.filter(~ended),
        rows.filter(ended & longer).with_columns(unknown),
        rows.filter(ended).with_columns(last.alias(RECORDED)),
    ])  # fmt: skip


def _vanished(
    events: pl.DataFrame, present: pl.DataFrame, sources: Sequence[Source]
) -> pl.DataFrame:
    """Return an end, at the moment of the export, for each row that a later bulk file lacks."""
    found = [events.clear().select(ID, SOURCE, RECORDED, DELETED, ROW)]
    for source in sources[1:]:
        if not source.bulk:
            continue
        before = events.filter(pl.col(SOURCE) < source.index).select(ID).unique()
        here = present.filter(pl.col(SOURCE) == source.index).select(ID)
        gone = before.join(here, on=ID, how="anti")
        found.append(
            gone.select(
                ID,
                pl.lit(source.index, pl.UInt32).alias(SOURCE),
                pl.lit(source.exported, MOMENT).alias(RECORDED),
                pl.lit(value=True).alias(DELETED),
                pl.lit(0, pl.UInt32).alias(ROW),
            )
        )
    return pl.concat(found)


def _follow(
    events: pl.DataFrame, register: Register, sources: Sequence[Source]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the versions of rows that have several events."""
    ordered = events.sort(ID, SOURCE, RECORDED, ROW)
    told = _without_echoes(ordered, [column.name for column in register.columns])
    exports = {source.index: source.exported for source in sources}
    exported = pl.col(SOURCE).replace_strict(exports, return_dtype=MOMENT)
    told = told.with_columns(exported.alias("__exported"))
    dropped = [no_rejects()]
    while True:
        before = pl.col(RECORDED).cum_max().shift(1).over(ID)
        late = pl.col(RECORDED) <= before
        stuck = (late & (pl.col("__exported") > before).not_()).fill_null(value=False)
        stuck |= late.fill_null(value=False) & pl.col("__exported").is_null()
        told = told.with_columns(
            late.fill_null(value=False).alias("__late"), stuck.alias("__stuck")
        )
        if told["__stuck"].any():
            first = told.filter("__stuck").unique(ID, keep="first", maintain_order=True)
            dropped.append(
                reject_lines(first, pl.col(SOURCE), "dateLastModified",
                             pl.col(RECORDED), pl.lit("not-newer"))
            )  # fmt: skip
            told = told.join(first.select(ID, SOURCE, ROW), on=[ID, SOURCE, ROW], how="anti",
                             maintain_order="left")  # fmt: skip
        elif told["__late"].any():
            moved = pl.when("__late").then("__exported").otherwise(RECORDED)
            told = told.with_columns(moved.alias(RECORDED))
        else:
            break
    told = _without_echoes(told, [column.name for column in register.columns])
    ends = pl.col(RECORDED).shift(-1).over(ID).alias(ENDED)
    return told.with_columns(ends).filter(~pl.col(DELETED)), no_rejects(dropped)


def _without_echoes(ordered: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return events without those that say again what the one before said, and ends of nothing."""
    follows = (pl.col(ID) == pl.col(ID).shift(1)).fill_null(value=False)
    deleted, before = pl.col(DELETED), pl.col(DELETED).shift(1)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in columns)
    echo = follows & ~deleted & ~before & same
    idle = deleted & (~follows | before)
    return ordered.filter(~(echo | idle).fill_null(value=False))
