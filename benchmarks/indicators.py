"""Indicators of attendance from lessons in Parquet, against one group-by over the same file.

``PUMPURS_PUPILS`` sets how many pupils (1 million), each with 102 lessons on 17 days. Prints how
often the time of one group-by (lessons counted by pupil) all indicators of attendance take, how
often that of one day many days take, what share of a full run the pupils of a hundredth take, and
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

PUPILS = int(os.environ.get("PUMPURS_PUPILS", "1_000_000"))
OF_A_SCHOOL = 500
FIRST, DAYS, LESSONS = date(2024, 9, 2), 17, 6
AS_OF = date(2025, 1, 20)
DATES = [AS_OF - timedelta(days=3 * n) for n in range(40)]
MOMENT = datetime(2024, 8, 1, tzinfo=UTC)


def school_days() -> list[date]:
    """Return the year's school days: weekdays."""
    every = (FIRST + timedelta(days=n) for n in range(270))
    return [day for day in every if day.weekday() < 5]


def pupils() -> pl.DataFrame:
    """Return pupils with their schools."""
    number = pl.int_range(PUPILS, eager=True).alias("number").to_frame()
    padded = pl.col("number").cast(pl.String).str.zfill(8)
    school = (pl.col("number") // OF_A_SCHOOL).cast(pl.String).str.zfill(5)
    return number.select(("p" + padded).alias("pupil"), ("school-" + school).alias("school"))


def write_lessons(path: Path) -> None:
    """Write lessons as e-journals give them: day by day, a pupil's day together."""
    status = pl.Enum(["present", "late", "unexcused", "excused", "medical"])
    lessons = pl.DataFrame({"lesson": range(1, LESSONS + 1)}, schema={"lesson": pl.Int32})
    days = school_days()[:100][:: 100 // DAYS][:DAYS]
    parts = []
    for day in days:
        key = pl.concat_str("pupil", pl.lit(f"-{day}-"), "lesson")
        drawn = pl.concat_str("pupil", pl.lit(str(day))).hash(7) % 100
        lesson = (pl.col("lesson").hash(3) + drawn) % 100
        kind = (
            pl.when(lesson < 90).then(pl.lit("present"))
            .when(lesson < 93).then(pl.lit("late"))
            .when(lesson < 96).then(pl.lit("unexcused"))
            .when(lesson < 98).then(pl.lit("excused"))
            .otherwise(pl.lit("medical"))
        )  # fmt: skip
        rows = pupils().lazy().join(lessons.lazy(), how="cross", maintain_order="left_right")
        part = path.with_name(f"{day}.parquet")
        columns = {
            "id": key, "pupil": pl.col("pupil"), "school": pl.col("school"), "day": pl.lit(day),
            "lesson": pl.col("lesson"), "status": kind.cast(status), "recorded": pl.lit(day),
            "ended": pl.lit(None),
        }  # fmt: skip
        schema = REGISTERS["attendance"].schema
        rows.select(columns[n].cast(t).alias(n) for n, t in schema.items()).sink_parquet(part)
        parts.append(part)
    pl.scan_parquet(parts).sink_parquet(path)


def frame(name: str, rows: pl.DataFrame) -> pl.LazyFrame:
    """Return rows as a register's canonical frame."""
    known = rows.with_columns(pl.lit(MOMENT).alias("recorded"))
    return known.select(
        (pl.col(n) if n in known.columns else pl.lit(None)).cast(t).alias(n)
        for n, t in REGISTERS[name].schema.items()
    ).lazy()


def history(lessons: Path) -> History:
    """Return a history with this attendance, and pupils and a calendar to it."""
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
    return History.of(
        {
            "orgs": frame("orgs", schools.select(pl.col("school").alias("id"))),
            "pupils": frame("pupils", who.select(pl.col("pupil").alias("id"))),
            "sessions": frame("sessions", sessions),
            "school_days": frame("school_days", days.with_columns(pl.lit("d").alias("id"))),
            "enrolments": frame("enrolments", stays),
            "attendance": pl.scan_parquet(lessons),
        }
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
        path = Path(folder) / "attendance.parquet"
        write_lessons(path)
        registers = history(path)
        lessons = pl.scan_parquet(path)
        chosen = pupils().sample(PUPILS // 100, seed=1)["pupil"]

        def one(named: pl.Series | None = None) -> pl.DataFrame:
            found = indicators(registers, catalogue, AS_OF, named)
            return found.collect(engine="streaming")

        def count() -> pl.DataFrame:
            return lessons.group_by("pupil").len().collect(engine="streaming")

        def many() -> None:
            for _, found in indicators_on(registers, catalogue, DATES):
                found.collect(engine="streaming")

        assert one().height == PUPILS
        rounds = [(took(count), took(one), took(lambda: one(chosen))) for _ in range(3)]
        base, whole, some = (min(each) for each in zip(*rounds, strict=True))
        forty = took(many)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = PUPILS * DAYS * LESSONS
    print(f"{rows:,} lessons: group-by {base:.2f} s, indicators {whole:.2f} s, 1 % {some:.2f} s")
    report("all indicators / one group-by", whole / base, "<= 3", good=whole / base <= 3)
    report("40 days / one day", forty / whole, "< 10", good=forty / whole < 10)
    report("1 % of pupils / all", some / whole, "< 0.05", good=some / whole < 0.05)
    report("greatest memory, GB", memory, "< 4", good=memory < 4)


if __name__ == "__main__":
    main()
