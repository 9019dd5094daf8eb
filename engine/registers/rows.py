"""The rows of one file in canonical form, each judged by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl

from engine.column import Check, Column
from engine.frame import ROW
from engine.registers.bundle import Bundle
from engine.registers.files import MODIFIED, SOURCED, STATUS, Raw
from engine.registers.manifest import EXPORTED
from engine.registers.schema import ID, MOMENT, RECORDED, Register
from engine.registers.schema import Column as Declared
from engine.registers.values import column, moment_column, text
from engine.table import refused

BAD, DELETED, SOURCE = "__bad", "__deleted", "__source"
REJECTS = {
    SOURCE: pl.UInt32(), "row": pl.UInt64(), "column": pl.String(), "value": pl.String(),
    "problem": pl.String(),
}  # fmt: skip
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)  # known from the start: nobody says since when
_STATUS = Declared(
    STATUS, STATUS, "category", words=(("active", "active"), ("tobedeleted", "tobedeleted"))
)
_ID = Declared(ID, SOURCED, "key")


@dataclass(frozen=True)
class Source:
    """One file of one bundle that holds rows of a register; sources are numbered in time."""

    index: int
    bundle: Bundle
    register: Register
    file: str
    raw: Raw

    @property
    def exported(self) -> datetime | None:
        """The moment up to which the file can know anything."""
        return self.bundle.manifest.exported

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
        self._source, self._raw = source, source.raw
        types = dict(self._raw.frame.collect_schema())
        self._types = {name: types.get(name, pl.Null()) for name in (SOURCED, STATUS, MODIFIED)}
        self._status = column(_STATUS, self._types[STATUS])
        self._modified = self._recording(types)
        self._columns = {
            declared.name: column(declared, types.get(declared.header, pl.Null()))
            for declared in source.register.columns
        }
        self._key_columns = self._keys()
        self._check_between()

    @property
    def rows(self) -> pl.LazyFrame:
        """The rows, lazily."""
        index = pl.lit(self._source.index, pl.UInt32).alias(SOURCE)
        values = [each.value.alias(name) for name, each in self._columns.items()]
        return self._raw.frame.select(
            self._identity().alias(ID),
            *values,
            self._recorded().alias(RECORDED),
            self._deleted.alias(DELETED),
            pl.any_horizontal(each.bad for each in self._judged()).alias(BAD),
            pl.col(ROW).cast(pl.UInt32),
            index,
        )

    def rejects(self) -> pl.DataFrame:
        """Return one line for each value that is wrong."""
        columns = list(self._judged())
        bad = pl.any_horizontal(each.bad for each in columns)
        present = self._raw.columns
        shown = self._raw.frame.filter(bad).select(
            pl.col(ROW).cast(pl.UInt64).alias("row"),
            *(
                (pl.col(c.name).cast(pl.String) if c.name in present else pl.lit(None, pl.String))
                .alias(f"{n}")
                for n, c in enumerate(columns)
            ),
            *(each.problem.alias(f"{n}!") for n, each in enumerate(columns)),
        )  # fmt: skip
        wide = shown.collect(engine="streaming")
        return pl.concat(
            reject_lines(
                wide.filter(pl.col(f"{n}!").is_not_null()),
                self._source.index,
                self._raw.shown.get(each.name, each.name),
                pl.col(f"{n}"),
                pl.col(f"{n}!"),
            )
            for n, each in enumerate(columns)
        )

    @property
    def _deleted(self) -> pl.Expr:
        return (self._status.value == "tobedeleted").fill_null(value=False)

    def _recording(self, types: dict[str, pl.DataType]) -> Column:
        """Return the column that says when rows were recorded; unread where none is kept."""
        if self._source.bundle.manifest.happened or MODIFIED not in types:
            return Column(MODIFIED, pl.lit(None, MOMENT))
        declared = Declared(RECORDED, MODIFIED, "moment")
        dtype = types[MODIFIED]
        if dtype == pl.String:
            found = moment_column(MODIFIED, text(MODIFIED, dtype))
        else:
            found = column(declared, dtype)
        if self._source.exported is None:
            return found
        late = found.value > pl.lit(self._source.exported, MOMENT)
        return replace(found, checks=(*found.checks, (late, "recorded-later")))

    def _keys(self) -> tuple[Column, ...]:
        """Return the columns without which a row cannot be told from others."""
        found = column(_ID, self._types[SOURCED])
        if self._source.register.natural:
            return (found, *(self._columns[name] for name in self._source.register.natural))
        absent = text(SOURCED, self._types[SOURCED]).is_null()
        return (replace(found, checks=((absent, "value-missing"), *found.checks)),)

    def _identity(self) -> pl.Expr:
        given = self._key_columns[0].value
        natural = [self._columns[name].value for name in self._source.register.natural]
        if not natural:
            return given
        made = pl.concat_str((value.cast(pl.String) for value in natural), separator="|")
        return made if SOURCED not in self._raw.columns else pl.coalesce(given, made)

    def _recorded(self) -> pl.Expr:
        """Return when a row was recorded, null where nobody says."""
        manifest, happened = self._source.bundle.manifest, self._source.register.happened
        exported = pl.lit(manifest.exported, MOMENT)
        if not manifest.happened:
            return self._modified.value.fill_null(exported)
        if happened is None:
            return pl.when(self._deleted).then(exported).otherwise(pl.lit(ALWAYS, MOMENT))
        day = self._columns[happened].value.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
        return pl.when(self._deleted).then(exported).otherwise(day)

    def _judged(self) -> Iterator[Column]:
        """Yield all columns; of a deleted row only what names it is judged."""
        yield self._status
        yield self._modified
        yield from self._key_columns
        for name, each in self._columns.items():
            if name not in self._source.register.natural:
                alive: list[Check] = [
                    (failed & ~self._deleted, code) for failed, code in each.checks
                ]
                yield replace(each, checks=tuple(alive))

    def _check_between(self) -> None:
        """Add the checks that hold two columns of a row against each other."""
        columns = self._columns
        if "begins" in columns and "ends" in columns:
            self._add("ends", columns["begins"].value > columns["ends"].value, "period")
        if is_fact(self._source.register):
            known_by = self._modified.value.fill_null(pl.lit(self._source.exported, MOMENT))
            limit = known_by.dt.date() + timedelta(days=1)
            self._add("day", columns["day"].value > limit, "happened-later")
        if self._source.register.name == "marks":
            marked = columns["status"].value == "marked"
            self._add("mark", marked == columns["mark"].value.is_null(), "mark-status")

    def _add(self, name: str, failed: pl.Expr, code: str) -> None:
        found = self._columns[name]
        self._columns[name] = replace(found, checks=(*found.checks, (failed, code)))
        self._key_columns = tuple(
            self._columns[name] if each is found else each for each in self._key_columns
        )


def check_dated(source: Source, rows: pl.LazyFrame) -> None:
    """Raise `DataError` where nobody says when a row was recorded."""
    undated = rows.filter(pl.col(RECORDED).is_null() & ~pl.col(BAD)).select(pl.len())
    count = int(undated.collect(engine="streaming").item())
    if count:
        path = source.bundle.paths[source.file]
        message = f"{count} rows do not say when they were recorded"
        hint = f"fill in {MODIFIED}, or give {EXPORTED} in manifest.csv"
        raise refused(path, "undated", message, hint)


def reject_lines(
    rows: pl.DataFrame, source: pl.Expr | int, column: str, value: pl.Expr, problem: pl.Expr
) -> pl.DataFrame:
    """Return rows as lines of the rejects."""
    index = pl.lit(source) if isinstance(source, int) else source
    return rows.select(
        index.cast(pl.UInt32).alias(SOURCE),
        pl.col("row" if "row" in rows.columns else ROW).cast(pl.UInt64).alias("row"),
        pl.lit(column).alias("column"),
        value.cast(pl.String).alias("value"),
        problem.alias("problem"),
    )


def no_rejects(lines: Iterable[pl.DataFrame] = ()) -> pl.DataFrame:
    """Return lines of rejects as one frame, empty where there are none."""
    return pl.concat([pl.DataFrame(schema=REJECTS), *lines])
