"""What registers do to rows: journals that end, bad rows, and rows that are no pupils'."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from service.synth.calendar import DAY, SchoolYear
from service.synth.world import World

ONE_IN = 60  # classes: in so many, one journal a year ends in autumn
LEAST = 100  # rows that a file must have before it gets a bad one: far below any limit on them
STAFF_PER = 12  # pupils
STAFFED: dict[str, tuple[str, ...]] = {
    "users": (), "enrollments": ("schoolSourcedId", "beginDate", "endDate"),
}  # fmt: skip
NOBODY = "P-0000000000"
JOURNALS = {"school": pl.String(), "class_name": pl.String(), "until": pl.Date()}
# By file: what to write over in a copy of a good row. None stands for a key of its own.
_BAD: dict[str, tuple[dict[str, str | None], ...]] = {
    "results": ({"sourcedId": None, "score": "11"}, {"sourcedId": None, "score": "ļoti labi"}),
    "incidents": ({"sourcedId": None, "date": "31.12.2025"},),
    "attendance": (
        {"userSourcedId": NOBODY},
        {"date": "31.12.2025", "lesson": "15"},
        {"attendance": "kavēja", "lesson": "16"},
    ),
    "circumstances": ({"sourcedId": None, "value": "-1"}, {"sourcedId": None, "value": "daudz"}),
    "enrollments": ({"sourcedId": None}, {"sourcedId": None}),  # entered twice: they overlap
    "exams": ({"sourcedId": None, "percentile": "101"},),
}


def ended_journals(world: World, year: SchoolYear) -> pl.DataFrame:
    """Return the classes whose journal ends this year, and its last day."""
    draw = world.plan.stream("journals", year.year)
    first = year.semesters[0]
    classes = sorted({
        (stay.enrolment.school.key, stay.enrolment.class_name) for stay in world.stays[first]
    })  # fmt: skip
    chosen = draw.sample(classes, len(classes) // ONE_IN + (len(classes) > 10))
    rows = [(*each, first.begins + DAY * draw.randint(20, 60)) for each in chosen]
    return pl.DataFrame(rows, schema=JOURNALS, orient="row")


def bad_rows(file: str, good: pl.DataFrame) -> pl.DataFrame:
    """Return rows for a file, as texts, that a reader must reject: changed copies of good ones."""
    if good.height < LEAST:
        return good.clear()
    return pl.concat([good.clear(), *_bad(file, good)])


def _bad(file: str, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for number, change in enumerate(_BAD.get(file, ())):
        row = good[7 + 13 * number]
        yield row.with_columns(
            pl.lit(f"BAD-{file}-{number}" if value is None else value).alias(name)
            for name, value in change.items()
        )


def staff_rows(file: str, pupils: pl.DataFrame) -> pl.DataFrame:
    """Return rows of teachers, which OneRoster keeps in the same files, for so many pupils."""
    if file not in STAFFED:
        return pupils.clear()
    some = pupils.gather_every(STAFF_PER)
    key = pl.format("T{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(5))
    kept = ("sourcedId", "status", "dateLastModified", "userSourcedId", *STAFFED[file])
    blank = [name for name in pupils.columns if name not in kept]
    return some.with_columns(
        key.alias("sourcedId"),
        *([key.alias("userSourcedId")] if "userSourcedId" in pupils.columns else []),
        *(pl.lit(None, pl.String).alias(name) for name in blank),
    ).with_columns(pl.lit("teacher").alias("role"))


def bad_lessons(good: pl.DataFrame) -> pl.DataFrame:
    """Return lessons, in canonical types, of a pupil whom nobody knows."""
    if good.height < LEAST:
        return good.clear()
    return good[7:9].with_columns(pl.lit(NOBODY).alias("pupil"))
