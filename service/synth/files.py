"""The files of a bundle: CSV with the schema's headers, Parquet where CSV would be too much."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from engine.registers.manifest import manifest_text
from engine.registers.schema import ID, RECORDED, REGISTERS, Column
from service.synth.table import GONE

MOMENT_FORM = "%Y-%m-%dT%H:%M:%SZ"
SYSTEM = "Pumpurs synthetic registers"
ROLES = ("pupils", "enrolments")  # OneRoster's files for all people: their role tells them apart
RESULT = {
    "lineItem": "lineItemSourcedId", "pupil": "studentSourcedId", "status_": "scoreStatus",
    "mark": "score", "day": "scoreDate",
}  # fmt: skip


def texts(register: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a register's rows as they stand in its CSV file: all texts, under its headers."""
    declared = REGISTERS[register]
    head = [] if declared.natural else [pl.col(ID).alias("sourcedId")]
    role = [pl.lit("student").alias("role")] if register in ROLES else []
    return rows.select(
        *head, *_technical(), *role,
        *(_text(column).alias(column.header) for column in declared.columns),
    )  # fmt: skip


def gradebook(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return marks as OneRoster's gradebook: ``results``, ``lineItems`` and ``classes``."""
    class_ = pl.concat_str(
        pl.col("school"), pl.col("session").str.head(4), "class_name", "course", separator="-"
    )
    known = rows.with_columns(
        class_.alias("class"), pl.concat_str(class_, "session", separator="-").alias("lineItem")
    )
    columns = {column.name: column for column in REGISTERS["marks"].columns}
    results = known.select(
        pl.col(ID).alias("sourcedId"), *_technical(),
        pl.col("lineItem").alias("lineItemSourcedId"), pl.col("pupil").alias("studentSourcedId"),
        _text(columns["status"]).alias("scoreStatus"), _text(columns["mark"]).alias("score"),
        _text(columns["day"]).alias("scoreDate"),
    )  # fmt: skip
    items = _first(known, "lineItem").select(
        pl.col("lineItem").alias("sourcedId"), *_technical(),
        pl.col("class").alias("classSourcedId"), pl.col("session").alias("gradingPeriodSourcedId"),
    )  # fmt: skip
    classes = _first(known, "class").select(
        pl.col("class").alias("sourcedId"), *_technical(),
        pl.col("course").alias("courseSourcedId"), pl.col("school").alias("schoolSourcedId"),
        pl.col("class_name").alias("title"),
    )  # fmt: skip
    return {"results": results, "lineItems": items, "classes": classes}


def write_csv(path: Path, rows: pl.DataFrame) -> None:
    """Write texts as CSV (UTF-8, commas)."""
    rows.write_csv(path, line_terminator="\n")


def write_parquet(path: Path, lessons: pl.DataFrame) -> None:
    """Write lessons in canonical types; the id is left out, as the columns make it."""
    names = [column.name for column in REGISTERS["attendance"].columns]
    lessons.select(*names, RECORDED).write_parquet(path, statistics=True, row_group_size=500_000)


def write_manifest(path: Path, exported: str, modes: dict[str, str]) -> None:
    """Write what a bundle holds and when it was exported."""
    path.write_text(manifest_text(modes, exported, SYSTEM), encoding="utf-8")


def _first(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return the first row recorded for each key, in the order of the keys."""
    return rows.sort(key, RECORDED).unique(key, keep="first", maintain_order=True)


def _technical() -> tuple[pl.Expr, pl.Expr]:
    status = pl.when(pl.col(GONE)).then(pl.lit("tobedeleted")).otherwise(pl.lit("active"))
    modified = pl.col(RECORDED).dt.to_string(MOMENT_FORM)
    return status.alias("status"), modified.alias("dateLastModified")


def _text(column: Column) -> pl.Expr:
    """Return a column's values as texts: the words of the file for categories."""
    value = pl.col(column.name)
    if column.kind == "category":
        words = {name: word for word, name in reversed(column.words) if word != name}
        return value.cast(pl.String).replace(words) if words else value.cast(pl.String)
    if column.kind == "date":
        return value.dt.to_string("%Y-%m-%d")
    if column.kind == "number":
        return value.cast(pl.String).str.strip_suffix(".0")
    return value.cast(pl.String)
