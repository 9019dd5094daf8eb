"""From the rows of all files of a register to its versions: judged, then followed in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.frame import ROW
from engine.registers.between import judged
from engine.registers.known import Known
from engine.registers.rows import DELETED, SOURCE, Source, no_rejects
from engine.registers.schema import ID, RECORDED, Register
from engine.registers.versions import opened_and_closed, versions

_ORDER = ("pupil", "day", "begins", "lesson", "school", "register")


@dataclass(frozen=True)
class Resolved:
    """A register's versions, lines of rejects, and how many rows of each source were used."""

    versions: pl.DataFrame
    rejects: pl.DataFrame
    counts: pl.DataFrame


def resolve(
    rows: pl.DataFrame, register: Register, sources: Sequence[Source], known: Known
) -> Resolved:
    """Return the versions of rows; what is good is learnt, for registers that point here."""
    judge = judged(rows, register, sources, known)
    known.learn(register.name, judge.rows.filter(~pl.col(DELETED)))
    present = rows.select(SOURCE, ID)
    found, stale = versions(_told(judge.rows, register, sources), present, register, sources)
    return Resolved(
        found.sort(order_of(register)),
        no_rejects([judge.rejects, stale]),
        _counts(judge.rows, stale),
    )


def order_of(register: Register) -> list[str]:
    """Return the columns that a register is sorted by: pupil by pupil, day by day."""
    names = [name for name in _ORDER if any(each.name == name for each in register.columns)]
    return [*names, *(() if register.natural else (ID,)), RECORDED]


def _told(rows: pl.DataFrame, register: Register, sources: Sequence[Source]) -> pl.DataFrame:
    """Return what rows tell, and when: two things where the source keeps no recording dates."""
    kept = [source.index for source in sources if source.bundle.manifest.happened]
    if not kept:
        return rows
    theirs = pl.col(SOURCE).is_in(kept)
    return pl.concat([rows.filter(~theirs), opened_and_closed(rows.filter(theirs), register)])


def _counts(rows: pl.DataFrame, stale: pl.DataFrame) -> pl.DataFrame:
    """Return how many rows of each source live, and how many end another."""
    if stale.height:
        lines = stale.select(SOURCE, pl.col("row").cast(pl.UInt32).alias(ROW))
        rows = rows.join(lines, on=[SOURCE, ROW], how="anti")
    deleted = pl.col(DELETED)
    return rows.group_by(SOURCE).agg((~deleted).sum().alias("used"), deleted.sum())
