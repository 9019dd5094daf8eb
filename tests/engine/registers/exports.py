"""Exports of a small place, for tests: one school system, two schools, three pupils."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from engine.registers.numbered import Numbered
from engine.registers.pupil_days import SCHEMA
from engine.registers.read import Reading, read_registers

EXPORTED = "2025-12-31T20:00:00Z"
PLACE: dict[str, str] = {
    "orgs": "sourcedId,type,parentSourcedId\nm1,local,\ns1,school,m1\ns2,school,m1\n",
    "academicSessions": "sourcedId,type,startDate,endDate\ny,schoolYear,2025-09-01,2026-05-31\n",
    "users": "sourcedId\np1\np2\np3\n",
    "enrollments": (
        "sourcedId,userSourcedId,schoolSourcedId,beginDate,endDate,metadata.grade\n"
        "e1,p1,s1,2025-09-01,,7\ne2,p2,s1,2025-09-01,2025-10-31,7\ne3,p3,s2,2025-09-01,,9\n"
    ),
    "courses": "sourcedId,metadata.core\nc1,true\nc2,false\n",
}
ATTENDANCE = "userSourcedId,schoolSourcedId,date,lesson,attendance,dateLastModified\n"
MARKS = (
    "sourcedId,userSourcedId,schoolSourcedId,courseSourcedId,academicSessionSourcedId,date,"
    "scoreStatus,score\n"
)


def bundle(
    folder: Path,
    files: Mapping[str, str | bytes],
    exported: str = EXPORTED,
    modes: Mapping[str, str] | None = None,
    **properties: str,
) -> Path:
    """Write a bundle: `files` by name without ending, `modes` where a file is not bulk."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {f"file.{name}": (modes or {}).get(name, "bulk") for name in files}
    if exported:
        said["pumpurs.exportedAt"] = exported
    said |= {f"pumpurs.{name}": value for name, value in properties.items()}
    lines = "".join(f"{name},{value}\n" for name, value in said.items())
    (folder / "manifest.csv").write_text(f"propertyName,value\n{lines}", encoding="utf-8")
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def place(folder: Path, **files: str | bytes) -> Path:
    """Write a bundle of the small place with more files, or others."""
    return bundle(folder, {**PLACE, **files})


def rejected(reading: Reading) -> list[tuple[object, ...]]:
    """Return row, column and problem of what was rejected."""
    return reading.rejects.select("row", "column", "problem").rows()


def read(folder: Path) -> Reading:
    """Read a folder, whatever the share of bad rows, and check that its account adds up."""
    reading = read_registers(folder, share=1)
    for count in reading.files:
        assert count.read == count.used + count.rejected + count.deleted + count.left_out, count
    return reading


def with_keys(days: Numbered) -> pl.DataFrame:
    """Return pupils' days with their keys instead of numbers, and no end where they still hold."""
    rows = days.rows.with_columns(
        days.pupils.gather(days.rows["pupil"]).alias("pupil"),
        days.schools.gather(days.rows["school"]).alias("school"),
        pl.col("ended").replace(date.max, None),
    )
    return rows.select(*SCHEMA)
