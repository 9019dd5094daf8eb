"""Of whom too little is known, and where that comes from: schools and classes that sent nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl
from rich.markup import escape
from rich.table import Table as Grid

from engine.canonical import KEY
from engine.column import OBSERVED
from engine.frame import canonical_frame
from engine.text import Language
from engine.words.phrases import PUPILS
from engine.words.quantities import counted, date_words
from service.caseload import CLASS, SCHOOL, Caseload
from service.phrases import say

JOURNAL = "attendance_rate_45d"  # a class that has none of late has no journal
FEWEST = 5  # pupils of one class who share a last day: that is no chance
BREAK = timedelta(days=21)  # without any data sent: no holidays are that long
SHOWN = 4  # schools


def unknown(load: Caseload) -> Grid:
    """Return which indicators are missing where it matters, for how many pupils, and where."""
    language, run = load.language, load.run
    title = say("cannot-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold")
    grid.add_column(say("missing-indicator", language))
    for name in ("empty", "too-old"):
        grid.add_column(say(name, language), justify="right")
    grid.add_column(say("schools", language))
    read = [run.ruleset.catalogue.indicators[name] for name in run.ruleset.reads]
    whatever_its_age = canonical_frame(run.table.frame, read).rows
    schools = run.table.frame.select(KEY, SCHOOL)
    both = run.assessments.join(whatever_its_age, on=KEY).join(schools, on=KEY).collect()
    sizes = dict(both.group_by(SCHOOL).len().iter_rows())
    counts = []
    for name in run.ruleset.reads:
        lacking = both.filter(pl.col("missing").list.contains(name))
        counts.append(
            (lacking.height, lacking[name].is_null().sum(), name, _where(lacking, sizes, language))
        )
    for total, empty, name, where in sorted(counts, reverse=True):
        if total:
            grid.add_row(load.words.label(name), str(empty or ""), str(total - empty or ""), where)
    least = run.ruleset.levels[0].id
    unsure = both.filter((pl.col("level") == least) & (pl.col("possible_level") != least))
    grid.caption = f"{say('cannot-pupils', language)}: {unsure.height}"
    return grid


def _where(lacking: pl.DataFrame, sizes: Mapping[str, int], language: Language) -> str:
    """Return the schools of these pupils: most first, marked where it is every pupil there."""
    counts = lacking.group_by(SCHOOL).len().sort("len", SCHOOL, descending=[True, False]).rows()
    named = [
        say("whole-school", language, school, str(count)) if count == sizes[school]
        else f"{school} {count}"
        for school, count in counts[:SHOWN]
    ]  # fmt: skip
    return escape(", ".join(named + ["…"] * (len(counts) > len(named))))


def gaps(load: Caseload) -> Iterator[str]:
    """Yield where data ends that rules want: schools that sent nothing, classes without journal."""
    language = load.language
    for school, ends, begins in _breaks(load).collect().iter_rows():
        day = timedelta(days=1)
        span = (date_words(ends + day, language), date_words(begins - day, language))
        yield say("silent-school", language, school=school, begins=span[0], ends=span[1])
    for school, name, last, count in _ended(load).collect().iter_rows():
        pupils = counted(count, PUPILS, language)
        place = {"school": school, "name": name, "pupils": pupils}
        yield say("ended-journal", language, last=date_words(last, language), **place)


def _breaks(load: Caseload) -> pl.LazyFrame:
    """Return the breaks in the attendance sent this year: school, last day before, first after."""
    year = load.known["sessions"].filter(
        pl.col("type") == "school_year", pl.col("begins") <= load.as_of, pl.col(SCHOOL).is_null()
    ).select(pl.col("begins").max().alias("year"))  # fmt: skip
    covered = (
        load.known["coverage"].filter(pl.col("register") == "attendance").join(year, how="cross")
    )
    spans = covered.filter(pl.col("begins") >= pl.col("year")).sort(SCHOOL, "begins")
    before = pl.col("ends").shift().over(SCHOOL).alias("ends")
    return spans.select(SCHOOL, before, "begins").filter(pl.col("begins") - pl.col("ends") > BREAK)


def _ended(load: Caseload) -> pl.LazyFrame:
    """Return the classes whose journal ended too long ago: school, class, last day, pupils."""
    limit = load.run.ruleset.catalogue.indicators[JOURNAL].stale_after or 0
    last = pl.col(f"{JOURNAL}.{OBSERVED}").alias("last")
    rows = load.run.table.frame.select(KEY, last).join(load.classes(), on=KEY)
    old = rows.filter(pl.col("last") < load.as_of - timedelta(days=limit))
    each = old.group_by(SCHOOL, CLASS, "last").len()
    return each.filter(pl.col("len") >= FEWEST).sort(SCHOOL, CLASS)
