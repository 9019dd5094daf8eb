"""The rows of one file in canonical form, each judged by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl

from engine.column import Check, Column
from engine.frame import ROW
from engine.registers.bundle import Bundle
from engine.registers.files import MODIFIED, SOURCED, STATUS, TECHNICAL, Raw
from engine.registers.manifest import EXPORTED
from engine.registers.schema import HIGHEST, ID, LOWEST, MOMENT, RECORDED, Register
from engine.registers.schema import Column as Declared
from engine.registers.values import PERSON, column, stripped, value_name
from engine.table import refused

BAD, DELETED, SOURCE = "__bad", "__deleted", "__source"
OF = "of"  # the row that a row repeats or contradicts
REJECTS: dict[str, pl.DataType] = {
    SOURCE: pl.UInt32(), "row": pl.UInt64(), "column": pl.String(), "value": pl.String(),
    "problem": pl.String(), OF: pl.Struct({SOURCE: pl.UInt32(), "row": pl.UInt64()}),
}  # fmt: skip
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)  # known from the start: nobody says since when
_STATUS = Declared(
    STATUS, STATUS, "category", words=(("active", "active"), ("tobedeleted", "tobedeleted"))
)
_ID = Declared(ID, SOURCED, "key")
_RECORDED = Declared(RECORDED, MODIFIED, "moment")


@dataclass(frozen=True)
class Source:
    """One file of one bundle that holds rows of a register; sources are numbered in time.

    `latest` is the moment after which nobody can know anything yet, where the reader was told.
    """

    index: int
    bundle: Bundle
    register: Register
    file: str
    raw: Raw
    latest: datetime | None = None

    @property
    def exported(self) -> datetime | None:
        """The moment of the export, where it is said."""
        return self.bundle.manifest.exported

    @property
    def limit(self) -> datetime | None:
        """The moment up to which the file can know anything."""
        return self.exported or self.latest

    @property
    def bulk(self) -> bool:
        """Whether the file holds all rows, so that a row that is not in it is gone."""
        return self.bundle.mode(self.file) == "bulk"

    @property
    def name(self) -> str:
        """The file's name for people."""
        return self.bundle.paths[self.file].name


def is_fact(register: Register) -> bool:
    """Return whether a register's rows happen on a day and are never planned ahead."""
    return register.happened == "day" and register.name != "school_days"


class FileRows:
    """Makes one file's rows canonical: `rows`, and `rejects` for those that are bad.

    `rows` has ``id``, the register's columns, ``recorded`` (as the file says), whether the row is
    deleted or bad, its number and its source.
    """

    def __init__(self, source: Source) -> None:
        self._source, self._raw, self._register = source, source.raw, source.register
        types = dict(self._raw.frame.collect_schema())
        dtype = {name: types.get(name, pl.Null()) for name in self._headers()}
        whose = self._register.name if self._register.name == "pupils" else None
        self._id = column(replace(_ID, to=whose), dtype[SOURCED])
        self._status = column(_STATUS, dtype[STATUS])
        self._modified = self._recording(dtype[MODIFIED])
        self._columns = {
            declared.name: column(declared, dtype[declared.header])
            for declared in self._register.columns
        }
        self._check_between()
        made = [self._id, self._status, self._modified, *self._columns.values()]
        self._judged = list(self._with_checks())
        self._frame = (
            self._raw.frame.with_columns(stripped(types))
            .with_columns(each.value.alias(value_name(each.name)) for each in made)
            .with_columns(pl.any_horizontal(each.bad for each in self._judged).alias(BAD))
        )

    @property
    def rows(self) -> pl.LazyFrame:
        """The rows, lazily."""
        return self._frame.select(
            self._identity().alias(ID),
            *(_made(each).alias(name) for name, each in self._columns.items()),
            self._recorded().alias(RECORDED),
            self._deleted.alias(DELETED),
            pl.col(BAD),
            pl.col(ROW).cast(pl.UInt32),
            pl.lit(self._source.index, pl.UInt32).alias(SOURCE),
        )

    def rejects(self) -> pl.DataFrame:
        """Return one line for each value that is wrong."""
        there = self._raw.columns
        texts = [pl.col(c.name) if c.name in there else pl.lit(None) for c in self._judged]
        wide = (
            self._frame.filter(BAD)
            .select(
                pl.col(ROW),
                *(text.cast(pl.String).alias(f"{n}") for n, text in enumerate(texts)),
                *(each.problem.alias(f"{n}!") for n, each in enumerate(self._judged)),
            )
            .collect(engine="streaming")
        )
        lines = pl.concat(
            reject_lines(
                wide.filter(pl.col(f"{n}!").is_not_null()),
                self._source.index,
                self._raw.shown.get(each.name, each.name),
                pl.col(f"{n}"),
                pl.col(f"{n}!"),
            )
            for n, each in enumerate(self._judged)
        )
        return lines.unique(["row", "column"], keep="first", maintain_order=True)

    @property
    def _deleted(self) -> pl.Expr:
        return (_made(self._status) == "tobedeleted").fill_null(value=False)

    def _headers(self) -> list[str]:
        return [*TECHNICAL, *(declared.header for declared in self._register.columns)]

    def _recording(self, dtype: pl.DataType) -> Column:
        """Return the column that says when rows were recorded; unread where none is kept."""
        if self._source.bundle.manifest.happened:
            dtype = pl.Null()
        found = column(_RECORDED, dtype)
        if self._source.limit is None:
            return found
        late = _made(found) > pl.lit(self._source.limit, MOMENT)
        return replace(found, checks=(*found.checks, (late, "recorded-later")))

    def _identity(self) -> pl.Expr:
        natural = [_made(self._columns[name]) for name in self._register.natural]
        if not natural:
            return _made(self._id)
        made = pl.concat_str((value.cast(pl.String) for value in natural), separator="|")
        return made if SOURCED not in self._raw.columns else pl.coalesce(_made(self._id), made)

    def _recorded(self) -> pl.Expr:
        """Return when a row was recorded, null where nobody says."""
        exported = pl.lit(self._source.exported, MOMENT)
        if not self._source.bundle.manifest.happened:
            return _made(self._modified).fill_null(exported)
        known = pl.lit(ALWAYS, MOMENT)
        if self._register.happened:
            day = _made(self._columns[self._register.happened])
            known = day.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
        return pl.when(self._deleted).then(exported).otherwise(known)

    def _with_checks(self) -> Iterator[Column]:
        """Yield all columns; of a deleted row only what names it is judged."""
        yield self._status
        yield self._modified
        if self._register.natural:
            yield self._id
        else:
            absent = pl.lit(value=True) if SOURCED not in self._raw.columns else _absent(SOURCED)
            yield replace(self._id, checks=((absent, "value-missing"), *self._id.checks))
        if self._raw.link:
            yield Column(self._raw.link, pl.col(self._raw.link), tuple(self._link_checks()))
        for name, each in self._columns.items():
            if name in self._register.natural:
                yield each
            else:
                alive = tuple((failed & ~self._deleted, code) for failed, code in each.checks)
                yield replace(each, checks=alive)

    def _link_checks(self) -> Iterator[Check]:
        lost = pl.any_horizontal(
            pl.col(header).is_null()
            for header, shown in self._raw.shown.items()
            if shown == self._raw.link
        )
        yield _absent(self._raw.link) & ~self._deleted, "value-missing"
        yield lost & ~self._deleted, "key-unknown"

    def _check_between(self) -> None:
        """Add the checks that hold two columns of a row against each other."""
        columns = self._columns
        if "begins" in columns and "ends" in columns:
            self._add("ends", _made(columns["begins"]) > _made(columns["ends"]), "period")
        if is_fact(self._register):
            known_by = _made(self._modified).fill_null(pl.lit(self._source.limit, MOMENT))
            limit = known_by.dt.date() + timedelta(days=1)
            self._add("day", _made(columns["day"]) > limit, "happened-later")
        known = self._source.limit
        if self._register.name == "coverage" and self._source.bundle.manifest.happened and known:
            # Without recording dates, the export is all that tells what was still to come.
            later = _made(columns["ends"]) > known.date() + timedelta(days=1)
            self._add("ends", later, "happened-later")
        if self._register.name == "circumstances":
            value, minutes = _made(columns["value"]), _made(columns["kind"]) == "travel_minutes"
            self._add("value", minutes & (value != value.floor()), "not-whole")
            self._add("value", ~minutes & ~value.is_in([0.0, 1.0]), "range")
        if self._register.name == "marks":
            marked = _made(columns["status"]) == "marked"
            absent = pl.col("score").is_null() if "score" in self._raw.columns else True
            self._add("mark", marked == absent, "mark-status")
            mark, ours = _made(columns["mark"]), _made(columns["scale"]).is_null()
            self._add("mark", ours & (mark != mark.floor()), "not-whole")
            self._add("mark", ours & ~mark.is_between(LOWEST, HIGHEST), "range")

    def _add(self, name: str, failed: pl.Expr, code: str) -> None:
        found = self._columns[name]
        self._columns[name] = replace(found, checks=(*found.checks, (failed, code)))


def _made(each: Column) -> pl.Expr:
    return pl.col(value_name(each.name))


def _absent(header: str) -> pl.Expr:
    return pl.col(header).is_null()


def check_dated(source: Source, rows: pl.LazyFrame) -> None:
    """Raise `DataError` where nobody says when a row was recorded."""
    undated = rows.filter(pl.col(RECORDED).is_null() & ~pl.col(BAD)).select(pl.len())
    count = int(undated.collect(engine="streaming").item())
    if count:
        path = source.bundle.paths[source.file]
        message = f"{count} rows do not say when they were recorded"
        hint = f"fill in {MODIFIED}, or give {EXPORTED} in manifest.csv"
        raise refused(path, "undated", message, hint)


def row_of() -> pl.Expr:
    """Return where rows stand, by which a line of rejects names another row."""
    row = pl.col(ROW).cast(pl.UInt64).alias("row")
    return pl.struct(pl.col(SOURCE).cast(pl.UInt32), row)


def reject_lines(
    rows: pl.DataFrame, source: pl.Expr | int, column: str, value: pl.Expr, problem: pl.Expr
) -> pl.DataFrame:
    """Return rows as lines of the rejects, with the other row where they have one (``of``)."""
    of = pl.col(OF) if OF in rows.columns else pl.lit(None)
    index = pl.lit(source) if isinstance(source, int) else source
    shown = pl.when((problem != PERSON).fill_null(value=True)).then(value.cast(pl.String))
    return rows.select(
        index.cast(pl.UInt32).alias(SOURCE),
        pl.col("row" if "row" in rows.columns else ROW).cast(pl.UInt64).alias("row"),
        pl.lit(column).alias("column"),
        shown.alias("value"),  # a personal code goes no further
        problem.alias("problem"),
        of.cast(REJECTS[OF]).alias(OF),
    )


def no_rejects(lines: Iterable[pl.DataFrame] = ()) -> pl.DataFrame:
    """Return lines of rejects as one frame, empty where there are none."""
    return pl.concat([pl.DataFrame(schema=REJECTS), *lines])
