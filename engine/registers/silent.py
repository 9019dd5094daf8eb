"""Schools that fell silent: they had sent rows, and now others send some and they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import polars as pl

from engine.registers.rows import SOURCE, Source
from engine.registers.schema import Register
from engine.text import Text

REGULAR = ("attendance", "marks")  # a school that teaches has such rows; incidents it may not have
ENOUGH_MARKS = 20  # of one school in one file of changes; from fewer it may fall to none
LATELY = timedelta(days=30)  # a school without rows for longer had stopped before
STOPPED = 10  # school days without any attendance, while other schools have some
_SHOWN = 5
Said = tuple[str, Text]


def silent_schools(
    good: pl.LazyFrame, register: Register, sources: Sequence[Source]
) -> Iterator[Said]:
    """Yield a finding where schools that had sent rows sent none in the last of the sources.

    All rows are held against all rows. Of changes only what comes regularly is asked: attendance
    of days later than any before, and marks against the changes before.
    """
    last = sources[-1]
    like = [each.index for each in sources[:-1] if each.bulk == last.bulk]
    now = _counts(good, last.index)
    gone: list[str] = []
    if last.bulk:
        gone = _without(_counts(good, like[-1]), now, 1) if like else []
    elif register.name == "attendance":
        gone = _without_new_days(good, last.index)
    elif register.name in REGULAR and like:
        gone = _without(_counts(good, like[-1]), now, ENOUGH_MARKS)
    if gone and now.height:
        yield (
            "school-silent",
            Text(
                f"skolas, kas neatsūtīja neko ({len(gone)}): {_listed(gone)}",
                f"schools that sent nothing ({len(gone)}): {_listed(gone)}",
            ),
        )


def stopped_schools(good: pl.LazyFrame, school_days: pl.LazyFrame) -> Iterator[Said]:
    """Yield a finding where a school's attendance ends and its calendar goes on.

    `school_days` are those that hold now. They count up to the last day of any school's attendance.
    """
    ends = good.group_by("school").agg(pl.col("day").max().alias("end"))
    known = ends.collect(engine="streaming").drop_nulls()
    if known.is_empty():
        return
    after = (
        school_days.select("school", "day")
        .unique()
        .join(known.lazy(), on="school")
        .filter(pl.col("day") > pl.col("end"), pl.col("day") <= known["end"].max())
        .group_by("school", "end")
        .agg(pl.len().alias("days"))
        .filter(pl.col("days") > STOPPED)
        .sort("school")
        .collect(engine="streaming")
    )
    if after.height:
        rows = list(after.iter_rows())
        lv = _listed([f"{school} (pēc {end} vēl {days})" for school, end, days in rows])
        en = _listed([f"{school} (after {end} {days} more)" for school, end, days in rows])
        yield (
            "school-stopped",
            Text(
                f"skolas, kuru apmeklējums beidzas, bet mācību dienas turpinās ({len(rows)}): {lv}",
                f"schools whose attendance ends while school days go on ({len(rows)}): {en}",
            ),
        )


def absent_file(register: Register, sources: Sequence[Source], newest: int) -> Iterator[Said]:
    """Yield a finding where the newest bundle lacks what most bundles before it had."""
    if register.name in REGULAR and 2 * len(sources) > newest:
        name, before = register.name, sources[-1]
        shown = f"{before.bundle.name}/{before.name}"
        yield (
            "file-absent",
            Text(
                f"jaunākajā eksportā nav reģistra „{name}“; pēdējoreiz tas bija {shown}",
                f"the newest export has no '{name}'; {shown} was the last",
            ),
        )


def _counts(good: pl.LazyFrame, index: int) -> pl.DataFrame:
    mine = good.filter(pl.col(SOURCE) == index).drop_nulls("school")
    return mine.group_by("school").len().collect(engine="streaming")


def _without(before: pl.DataFrame, now: pl.DataFrame, least: int) -> list[str]:
    gone = before.filter(pl.col("len") >= least).join(now, on="school", how="anti")
    return gone["school"].sort().to_list()


def _without_new_days(good: pl.LazyFrame, index: int) -> list[str]:
    """Return the schools with rows lately and none in the last source, if that has later days."""
    last = (pl.col(SOURCE) == index).alias("new")
    ends = good.drop_nulls("school").group_by("school", last).agg(pl.col("day").max())
    found = ends.collect(engine="streaming")
    new, old = found.filter("new"), found.filter(~pl.col("new"))
    if not new.height or not old.height:
        return []
    until = old["day"].max()
    if new.filter(pl.col("day") > until).is_empty():
        return []
    lately = old.filter(pl.col("day") > pl.lit(until) - LATELY)
    return lately.join(new, on="school", how="anti")["school"].sort().to_list()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
