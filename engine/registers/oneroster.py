"""OneRoster's own ways: roles other than student, and a gradebook instead of a list of marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from engine.frame import ROW
from engine.registers.account import NO_LINES, FileCount
from engine.registers.bundle import Bundle
from engine.registers.files import SOURCED, STATUS, TECHNICAL, Raw, read_file, read_parquet
from engine.registers.schema import REGISTERS, Register
from engine.table import refused

ROLE, STUDENT = "role", "student"
NOT_ASSESSED = ("nv", "n/v")  # what stands in a Latvian journal where a mark would stand
_UNFINISHED = ("submitted", "partially graded")
_LINK, _CLASS = "lineItemSourcedId", "classSourcedId"
_RESULTS = (*TECHNICAL, _LINK, "studentSourcedId", "scoreStatus", "score", "scoreDate")
_SCALE = "scoreScaleSourcedId"
_LINES = (SOURCED, STATUS, _CLASS, "gradingPeriodSourcedId", "academicSessionSourcedId", _SCALE)
_CLASSES = (SOURCED, STATUS, "courseSourcedId", "schoolSourcedId")
_SHOWN = {
    "userSourcedId": "studentSourcedId",
    "date": "scoreDate",
    "schoolSourcedId": _LINK,
    "courseSourcedId": _LINK,
    "academicSessionSourcedId": _LINK,
}
_MARKS = tuple(column.header for column in REGISTERS["marks"].columns)


def open_file(bundles: Sequence[Bundle], file: str, register: Register) -> Raw:
    """Return the rows of a register in a file of the last of the bundles."""
    bundle = bundles[-1]
    path = bundle.paths[file]
    if path.suffix == ".parquet":
        return read_parquet(path, register)
    if file == "results":
        return assessed(_gradebook(bundles))
    wanted = {*TECHNICAL, *(column.header for column in register.columns)}
    match register.name:
        case "pupils" | "enrolments":
            raw = read_file(path, {*wanted, ROLE})
            return students(raw, bundle, users=register.name == "pupils")
        case "marks":
            return assessed(read_file(path, wanted))
        case _:
            return read_file(path, wanted)


def left_out(raw: Raw, others: pl.Expr) -> Raw:
    """Return a file without the rows that are no concern of ours, which are counted."""
    count = int(raw.frame.select(others.sum()).collect(engine="streaming").item() or 0)
    return replace(raw, frame=raw.frame.filter(~others), left_out=count) if count else raw


def role() -> pl.Expr:
    """Return a row's role; capital letters make no other, else pupils would be left out by them."""
    return pl.col(ROLE).str.strip_chars().str.to_lowercase()


def students(raw: Raw, bundle: Bundle, *, users: bool) -> Raw:
    """Return users or enrolments without those whose role is not student.

    They have it in a column; those of users may (since OneRoster 1.2) stand in ``roles.csv``.
    """
    if ROLE in raw.columns:
        other = (role() != STUDENT) & (role() != "")
        return left_out(raw, other.fill_null(value=False))
    if not users or bundle.mode("roles") == "absent":
        return raw
    roles = read_file(bundle.paths["roles"], ("userSourcedId", ROLE)).frame.collect()
    if not {"userSourcedId", ROLE} <= set(roles.columns):
        return raw
    user = pl.col("userSourcedId").str.strip_chars()
    pupils = roles.filter(role() == STUDENT).select(user).to_series()
    others = roles.select(user).to_series()
    mine = pl.col(SOURCED).str.strip_chars()
    other = mine.is_in(others.implode()) & ~mine.is_in(pupils.implode())
    return left_out(raw, other.fill_null(value=False))


def assessed(raw: Raw) -> Raw:
    """Return marks where "nv" (not assessed) instead of a mark is a status without a mark."""
    types = raw.frame.collect_schema()
    if types.get("score") != pl.String:
        return raw
    score = pl.col("score")
    nothing = score.str.strip_chars().str.to_lowercase().is_in(NOT_ASSESSED).fill_null(value=False)
    changes = [pl.when(~nothing).then(score).alias("score")]
    if types.get("scoreStatus") == pl.String:
        status = pl.col("scoreStatus")
        graded = nothing & (status.str.strip_chars() == "fully graded")
        changes.append(pl.when(graded).then(pl.lit("not submitted")).otherwise(status)
                       .alias("scoreStatus"))  # fmt: skip
    return replace(raw, frame=raw.frame.with_columns(changes))


def _gradebook(bundles: Sequence[Bundle]) -> Raw:
    """Return the marks in the last bundle's ``results``; lines and classes may be older.

    A result's course, school and session are those of its line item and of that item's class.
    Results that are not finished are left out.
    """
    bundle = bundles[-1]
    raw = read_file(bundle.paths["results"], _RESULTS)
    for name in _RESULTS[3:]:
        if name not in raw.columns:
            hint = "see docs/registers.md"
            raise refused(
                bundle.paths["results"], "column-missing", f"there is no column '{name}'", hint
            )
    unfinished = pl.col("scoreStatus").str.strip_chars().is_in(_UNFINISHED)
    raw = left_out(raw, unfinished.fill_null(value=False))
    lines = _latest(bundles, "lineItems", _LINES)
    session = pl.coalesce("gradingPeriodSourcedId", "academicSessionSourcedId")
    lines = lines.with_columns(session.alias("academicSessionSourcedId"))
    classes = _latest(bundles, "classes", _CLASSES)
    told = lines.join(classes, left_on=_CLASS, right_on=SOURCED, how="left")
    told = told.select(pl.col(SOURCED).alias(_LINK), *_MARKS[1:4], _SCALE)
    joined = raw.frame.with_columns(pl.col(_LINK).str.strip_chars()).join(
        told.lazy(), on=_LINK, how="left", maintain_order="left"
    )
    frame = joined.with_columns(
        pl.col("studentSourcedId").alias("userSourcedId"),
        pl.col("scoreDate").alias("date"),
    )
    technical = (name for name in TECHNICAL if name in raw.columns)
    there = (*technical, *_MARKS, _LINK)
    return replace(raw, frame=frame.select(ROW, *there), columns=there, shown=_SHOWN, link=_LINK)


def _latest(bundles: Iterable[Bundle], file: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the newest row of each id in a file of the bundles, its columns as text."""
    schema = dict.fromkeys(columns, pl.String())
    found = [pl.DataFrame(schema=schema)]
    for bundle in bundles:
        if bundle.mode(file) != "absent":
            raw = read_file(bundle.paths[file], columns)
            texts = [pl.col(name).str.strip_chars() for name in raw.columns]
            found.append(raw.frame.select(texts).collect())
    whole = pl.concat(found, how="diagonal").filter(pl.col(SOURCED) != "")
    named = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in columns]
    return whole.select(named).unique(SOURCED, keep="last")


def check_beside(bundle: Bundle, file: str) -> tuple[FileCount, pl.DataFrame]:
    """Return the account of a file that is read beside a register's own, and its rejects."""
    key = "userSourcedId" if file == "roles" else SOURCED
    raw = read_file(bundle.paths[file], (key, STATUS))
    if key not in raw.columns:
        hint = "see docs/registers.md"
        raise refused(bundle.paths[file], "column-missing", f"there is no column '{key}'", hint)
    named = pl.col(key).str.strip_chars()
    absent = raw.frame.filter(named.is_null() | (named == "")).select(ROW).collect()
    lines = pl.concat(
        [
            raw.rejects.select(pl.col("row").cast(pl.UInt64), "column", "problem"),
            absent.select(
                pl.col(ROW).cast(pl.UInt64).alias("row"),
                pl.lit(key).alias("column"),
                pl.lit("value-missing").alias("problem"),
            ),
        ]
    )
    used = raw.total - lines.height
    name = bundle.paths[file].name
    count = FileCount(bundle.name, name, "", raw.total, used, lines.height, 0, 0)
    where = {"bundle": pl.lit(bundle.name), "file": pl.lit(name)}
    nothing = pl.lit(None, pl.String)
    told = lines.sort("row").with_columns(**where, value=nothing, hint=nothing, hint_lv=nothing)
    return count, told.select(NO_LINES.columns)
