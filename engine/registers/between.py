"""What rows say together: rows that stand twice, keys that lead nowhere, stays that overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from engine.frame import ROW
from engine.registers.files import SOURCED
from engine.registers.known import BUNDLE, Known
from engine.registers.rows import BAD, DELETED, OF, SOURCE, Source, no_rejects, reject_lines
from engine.registers.schema import ID, RECORDED, Column, Register
from engine.registers.twice import CONFLICT, COPY, doubled
from engine.registers.versions import told_apart

_OPEN = date(2300, 1, 1)
Line = tuple[int, int]  # source, row


def judged(
    rows: pl.DataFrame, register: Register, sources: Sequence[Source], known: Known
) -> Judge:
    """Return what comes of rows that are each good by themselves, judged together."""
    bundles = {source.index: source.bundle.index for source in sources}
    bundle = pl.col(SOURCE).replace_strict(bundles, return_dtype=pl.UInt32).alias(BUNDLE)
    judge = Judge(rows.filter(~pl.col(BAD)).with_columns(bundle), register, sources, known)
    judge.judge()
    return judge


class Judge:
    """Judges a register's good rows of all sources: `rows` are left, `rejects` are the others."""

    def __init__(
        self, rows: pl.DataFrame, register: Register, sources: Sequence[Source], known: Known
    ) -> None:
        self._register, self._sources, self._known = register, sources, known
        self.rows = rows
        self._lines: list[pl.DataFrame] = []

    @property
    def rejects(self) -> pl.DataFrame:
        """Lines of rejects."""
        return no_rejects(self._lines)

    def judge(self) -> None:
        """Take out, one question after the other, the rows that cannot be used."""
        self._twice()
        names = {column.name for column in self._register.columns}
        for column in self._register.columns:
            if column.to == self._register.name:
                while self._unknown(column, self._own_ids()):
                    pass
            elif column.to:
                self._unknown(column, self._known)
        if {"pupil", "school", "day"} <= names:
            live = ~self.rows[DELETED]
            self._out("day", live & self._known.absent(self.rows), "not-enrolled")
        if self._register.name == "marks":
            self._out("mark", self._known.off_scale(self.rows) & ~self.rows[DELETED], "range")
        if self._register.name == "enrolments":
            overlapping = pl.DataFrame(
                list(overlaps(self.rows, self._sources)),
                schema={SOURCE: pl.UInt32, ROW: pl.UInt32},
                orient="row",
            ).with_columns(pl.lit(value=True).alias("__flag"))
            found = self.rows.select(SOURCE, ROW).join(
                overlapping, on=[SOURCE, ROW], how="left", maintain_order="left"
            )
            self._out("begins", found["__flag"].fill_null(value=False), "overlap")

    def _own_ids(self) -> Known:
        own = Known()
        own.learn("", self.rows.filter(~pl.col(DELETED)).select(ID, BUNDLE))
        return own

    def _unknown(self, column: Column, known: Known) -> bool:
        register = "" if column.to == self._register.name else str(column.to)
        lost = known.unknown(self.rows, column.name, register) & ~self.rows[DELETED]
        return self._out(column.name, lost, "key-unknown")

    def _twice(self) -> None:
        """Take out copies, and rows with one id that contradict each other."""
        if told_apart(self.rows):
            return
        content = [DELETED, *(column.name for column in self._register.columns)]
        found = doubled(self.rows, content, self._sources)
        for code in (CONFLICT, COPY):
            bad = (found["code"] == code).fill_null(value=False)
            self._out(ID, bad, code, found[OF])
            found = found.filter(~bad)

    def _out(self, name: str, bad: pl.Series, code: str, of: pl.Series | None = None) -> bool:
        """Take out bad rows, naming the column by its header; return whether there were any."""
        if not bad.any():
            return False
        rows = self.rows if of is None else self.rows.with_columns(of)
        rows = rows.filter(bad)
        for source in self._sources:
            mine = rows.filter(pl.col(SOURCE) == source.index)
            column = header_of(source, name)
            self._lines.append(reject_lines(mine, source.index, column, pl.col(name), pl.lit(code)))
        self.rows = self.rows.filter(~bad)
        return True


def header_of(source: Source, name: str) -> str:
    """Return how people know a column; an id that was made is known as the whole row."""
    if name == ID:
        header = SOURCED if SOURCED in source.raw.columns else ""
    else:
        header = next(each.header for each in source.register.columns if each.name == name)
    return source.raw.shown.get(header, header)


def overlaps(rows: pl.DataFrame, sources: Sequence[Source]) -> Iterator[Line]:
    """Yield the enrolments that overlap another of the same pupil at the same school.

    Of two, the one that begins first stays; one that stood in an earlier bundle stays before all.
    A stay may begin on the day on which another ends.
    """
    columns = [ID, "pupil", "school", "begins", "ends", SOURCE, ROW]
    state = rows.clear().select(columns)
    for source in sources:
        mine = rows.filter(pl.col(SOURCE) == source.index).sort(RECORDED, ROW)
        last = mine.unique(ID, keep="last", maintain_order=True)
        others = state.clear() if source.bulk else state.join(last, on=ID, how="anti")
        new = last.filter(~pl.col(DELETED)).select(columns)
        bad = set(_clashes(pl.concat([others, new]), source.index))
        yield from bad
        clash = pl.Series([(source.index, row) in bad for row in new[ROW]], dtype=pl.Boolean)
        stays = state.join(new.filter(clash), on=ID, how="semi")  # what was known of it before
        state = pl.concat([others, stays, new.filter(~clash)])


def _clashes(stays: pl.DataFrame, newest: int) -> Iterator[Line]:
    pair = ["pupil", "school"]
    ordered = stays.with_columns(pl.col("ends").fill_null(_OPEN)).sort(*pair, "begins", ROW)
    reached = pl.col("ends").cum_max().shift(1).over(pair)
    doubtful = ordered.filter(
        ((pl.col("begins") < reached) | (pl.col("begins") == pl.col("begins").shift(1).over(pair)))
        .fill_null(value=False)
    ).select(pair).unique()  # fmt: skip
    held = ordered.join(doubtful, on=pair, how="semi")
    for _, group in held.group_by(pair):
        newer = pl.col(SOURCE) == newest  # what stood before was judged, and comes first
        taken: list[tuple[date, date]] = []
        for begins, ends, source, row in (
            group.sort(newer, "begins", ROW).select("begins", "ends", SOURCE, ROW).iter_rows()
        ):
            clash = any((begins < to and since < ends) or begins == since for since, to in taken)
            if clash:
                yield source, row
            else:
                taken.append((begins, ends))
