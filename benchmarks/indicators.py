"""Indicators of attendance from a store, against one group-by over its lessons.

``PUMPURS_PUPILS`` sets how many pupils (1 million), each with 102 lessons; ``PUMPURS_DAYS`` on how
many days (51, all school days there are: of fewer than 45 some windows have none). Lessons are
written as `pumpurs registers check --out` writes them: into a store, sorted by pupil, with pupils'
days beside them. Prints what those cost when the store is written; how often the time of one
group-by (lessons counted by pupil) all indicators of attendance take; how often that of one day
many days take; what share of a full run the pupils of a hundredth take; both in group-bys too; and
the greatest memory used.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("POLARS_IDEAL_MORSEL_SIZE", "25000")  # as the command line does

import polars as pl

from benchmarks.twelve import report
from engine.indicators.compute import indicators
from engine.indicators.many import indicators_on
from engine.indicators.table import SOURCES
from engine.load import load_catalogue
from engine.registers.history import History
from engine.registers.schema import REGISTERS
from engine.registers.store import read_store, write_days, write_store

PUPILS = int(os.environ.get("PUMPURS_PUPILS", "1_000_000"))
OF_A_SCHOOL = 500
DAYS = int(os.environ.get("PUMPURS_DAYS", "51"))
FIRST, LESSONS = date(2024, 9, 2), 102 // DAYS
AS_OF = date(2025, 1, 20)
DATES = [AS_OF - timedelta(days=3 * n) for n in range(40)]
MOMENT = datetime(2024, 8, 1, tzinfo=UTC)


def school_days() -> list[date]:
    """Return the school days: weekdays, evenly far apart, up to the as-of date."""
    every = (FIRST + timedelta(days=n) for n in range(270))
    weekdays = [day for day in every if day.weekday() < 5]
    return weekdays[: 102 : 102 // DAYS][:DAYS]


def pupils() -> pl.DataFrame:
    """Return pupils with their schools."""
    number = pl.int_range(PUPILS, eager=True).alias("number").to_frame()
    padded = pl.col("number").cast(pl.String).str.zfill(8)
    school = (pl.col("number") // OF_A_SCHOOL).cast(pl.String).str.zfill(5)
    return number.select(("p" + padded).alias("pupil"), ("school-" + school).alias("school"))


def write_lessons(path: Path) -> None:
    """Write lessons as a store has them: pupil by pupil, each pupil's days and lessons in order."""
    status = pl.Enum(["present", "late", "unexcused", "excused", "medical"])
    days = pl.DataFrame({"day": school_days()})
    lessons = pl.DataFrame({"lesson": range(1, LESSONS + 1)}, schema={"lesson": pl.Int32})
    drawn = pl.concat_str("pupil", pl.col("day").cast(pl.String)).hash(7) % 100
    lesson = (pl.col("lesson").hash(3) + drawn) % 100
    kind = (
        pl.when(lesson < 90).then(pl.lit("present"))
        .when(lesson < 93).then(pl.lit("late"))
        .when(lesson < 96).then(pl.lit("unexcused"))
        .when(lesson < 98).then(pl.lit("excused"))
        .otherwise(pl.lit("medical"))
    )  # fmt: skip
    columns = {
        "id": pl.lit(""), "pupil": pl.col("pupil"), "school": pl.col("school"),
        "day": pl.col("day"), "lesson": pl.col("lesson"), "status": kind.cast(status),
        "recorded": pl.col("day"), "ended": pl.lit(None),
    }  # fmt: skip
    schema = REGISTERS["attendance"].schema
    of_days = days.join(lessons, how="cross", maintain_order="left_right")
    parts: list[Path] = []
    for some in pupils().iter_slices(20_000):
        rows = some.lazy().join(of_days.lazy(), how="cross", maintain_order="left_right")
        parts.append(path.with_name(f"part-{len(parts)}.parquet"))
        rows.select(columns[n].cast(t).alias(n) for n, t in schema.items()).sink_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(path)
    for part in parts:
        part.unlink()


def frame(name: str, rows: pl.DataFrame) -> pl.LazyFrame:
    """Return rows as a register's canonical frame."""
    known = rows.with_columns(pl.lit(MOMENT).alias("recorded"))
    return known.select(
        (pl.col(n) if n in known.columns else pl.lit(None)).cast(t).alias(n)
        for n, t in REGISTERS[name].schema.items()
    ).lazy()


def history(store: Path) -> History:
    """Return a history with the attendance of a store, and pupils and a calendar to it."""
    who = pupils()
    schools = who.select("school").unique()
    sessions = pl.DataFrame(
        {
            "id": ["year", "autumn"],
            "type": ["school_year", "semester"],
            "begins": [FIRST, FIRST],
            "ends": [date(2025, 5, 31), date(2025, 1, 31)],
        }
    )
    days = schools.join(pl.DataFrame({"day": school_days()}), how="cross")
    stays = who.select(
        ("e-" + pl.col("pupil")).alias("id"),
        "pupil",
        "school",
        pl.lit(FIRST).alias("begins"),
        pl.lit(5).alias("grade"),
    )
    kept, _, _ = read_store(store)
    return History.of(
        {
            "orgs": frame("orgs", schools.select(pl.col("school").alias("id"))),
            "pupils": frame("pupils", who.select(pl.col("pupil").alias("id"))),
            "sessions": frame("sessions", sessions),
            "school_days": frame("school_days", days.with_columns(pl.lit("d").alias("id"))),
            "enrolments": frame("enrolments", stays),
            "attendance": kept.frames["attendance"],
        },
        kept.days,
    )


def took(work: Callable[[], object]) -> float:
    """Return how long something takes, in seconds."""
    began = perf_counter()
    work()
    return perf_counter() - began


def main() -> None:
    """Write the lessons, run everything in turns, and print the ratios."""
    every = load_catalogue(Path(__file__).parents[1] / "rules" / "lv")
    of_lessons = {n: i for n, i in every.indicators.items() if n in SOURCES[0].figures}
    catalogue = replace(every, indicators=of_lessons)
    with tempfile.TemporaryDirectory() as folder:
        path, store = Path(folder) / "lessons.parquet", Path(folder) / "store"
        write_lessons(path)
        frames = {"attendance": pl.scan_parquet(path)}
        written = took(lambda: write_store(frames, frozenset(frames), (), (), store))
        gathered = took(lambda: write_days(path, Path(folder) / "again"))
        registers, lessons = history(store), pl.scan_parquet(store / "attendance.parquet")
        chosen = pupils().sample(PUPILS // 100, seed=1)["pupil"]

        def one(named: pl.Series | None = None) -> pl.DataFrame:
            found = indicators(registers, catalogue, AS_OF, named)
            return found.collect(engine="streaming")

        def count() -> pl.DataFrame:
            return lessons.group_by("pupil").len().collect(engine="streaming")

        def many() -> None:
            for _, found in indicators_on(registers, catalogue, DATES):
                found.collect(engine="streaming")

        found = one()
        assert found.height == PUPILS
        assert found["attendance_rate_year"].null_count() == 0
        del found
        rounds = [(took(count), took(one), took(lambda: one(chosen))) for _ in range(3)]
        base, whole, some = (min(each) for each in zip(*rounds, strict=True))
        forty = took(many)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = PUPILS * DAYS * LESSONS
    print(f"{rows:,} lessons: group-by {base:.2f} s, indicators {whole:.2f} s, 1 % {some:.2f} s")
    print(f"store with pupils' days written in {written:.1f} s; gathering them {gathered:.1f} s")
    report("all indicators / one group-by", whole / base, "<= 3", good=whole / base <= 3)
    report("40 days / one day", forty / whole, "< 10", good=forty / whole < 10)
    report("40 days / one group-by", forty / base, "< 30", good=forty / base < 30)
    report("1 % of pupils / all", some / whole, "< 0.05", good=some / whole < 0.05)
    report("1 % of pupils / one group-by", some / base, "< 0.15", good=some / base < 0.15)
    report("greatest memory, GB", memory, "< 4", good=memory < 4)


if __name__ == "__main__":
    main()
