"""UCI 697 (Realinho, Machado, Baptista, Martins 2021) as a history, at the end of semester 1.

A row is a student of higher education; cohorts are years of enrolment. Columns of the second
semester are left out: at the end of the first nobody knows them. ``Dropout`` is having left,
``Graduate`` having stayed; of who is still enrolled it is not known what becomes of them. Columns
are those of ``rules/examples/realinho/indicators.yaml``.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from engine.replay.history import COHORT, OUTCOME
from engine.table import refused

FILE = "uci697-2008-2014.csv"
_COHORT = "Cohort (reconstructed)"
_OUTCOMES = {"Dropout": 1, "Graduate": 0, "Enrolled": None}
_AGES = (20, 25)


def realinho(folder: Path) -> pl.DataFrame:
    """Return the history in the dataset's folder, in the order of its rows.

    Raises `DataError` where the file is not there, or lacks a column.
    """
    path = folder / FILE
    if not path.is_file():
        raise refused(path, "no-file", "there is no such file", "name the folder of the dataset")
    rows = pl.read_csv(path)
    try:
        return rows.with_row_index("number", offset=1).select(_columns())
    except pl.exceptions.ColumnNotFoundError as error:
        message = str(error).split("\n", maxsplit=1)[0][:100]
        hint = "the columns of the dataset keep their names"
        raise refused(path, "column-missing", message, hint) from None


def _columns() -> list[pl.Expr]:
    enrolled, approved, grade, without = (
        pl.col(f"Curricular units 1st sem ({what})")
        for what in ("enrolled", "approved", "grade", "without evaluations")
    )
    age = pl.col("Age at enrollment")
    younger = pl.when(age < _AGES[0]).then(pl.lit("under_20"))
    group = younger.when(age < _AGES[1]).then(pl.lit("20_to_24")).otherwise(pl.lit("from_25"))
    return [
        pl.format("s{}", pl.col("number").cast(pl.String).str.zfill(4)).alias("pupil_key"),
        pl.col(_COHORT).cast(pl.String).alias(COHORT),
        pl.col("Target").replace_strict(_OUTCOMES, return_dtype=pl.Int8).alias(OUTCOME),
        pl.when(enrolled > 0).then(approved / enrolled).alias("units_approved_share"),
        approved.alias("units_approved"),
        (enrolled - approved).alias("units_not_passed"),
        without.alias("units_without_evaluation"),
        pl.when(approved > 0).then(grade).alias("units_mean_grade"),
        pl.col("Admission grade").alias("admission_grade"),
        pl.col("Previous qualification (grade)").alias("previous_grade"),
        pl.col("Application order").alias("application_choice"),
        (pl.col("Tuition fees up to date") == 0).alias("fees_unpaid"),
        (pl.col("Debtor") == 1).alias("debtor"),
        (pl.col("Scholarship holder") == 1).alias("scholarship"),
        group.alias("age_group"),
        pl.col("Gender").replace_strict({0: "female", 1: "male"}).alias("sex"),
    ]
