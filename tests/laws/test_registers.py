"""Laws of registers: every row is accounted for, and nothing later changes earlier answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import EarlyWarningError
from engine.registers.bundle import BESIDE, FILES
from engine.registers.problems import PROBLEMS
from engine.registers.read import Reading
from tests.engine.registers.exports import ATTENDANCE, MARKS, PLACE, bundle, read

FEWER = settings(max_examples=max(10, settings().max_examples // 4))
START = datetime(2025, 10, 1, tzinfo=UTC)
STEP = timedelta(days=10)
HEADER = "sourcedId,status,dateLastModified,metadata.sex,metadata.homeLanguage\n"


@contextmanager
def room() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def rows_of(*fields: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make texts of rows, some of another width, some empty, some with quotes."""
    row = st.tuples(*fields).map(",".join)
    broken = st.sampled_from(["", "p1", "p1,s1,,,,,,,,,,,", '"p1"x,s1', '"p1","s1', "a;b", '"'])
    return st.lists(row | row | row | broken, max_size=12).map(
        lambda rows: "".join(f"{row}\n" for row in rows)
    )


def some(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


KEYS = some("p1", "p2", "p3", "p9", "", "?")
SCHOOLS = some("s1", "s1", "s2", "s9")
DAYS = some("2025-09-01", "2025-10-31", "2025-11-01", "2025-09-31", "1.9.2025", "", "2030-01-01")
MOMENTS = some("", "2025-10-01T10:00:00Z", "2025-11-05", "x", "2027-01-01")
DIRTY = {
    "attendance": rows_of(KEYS, SCHOOLS, DAYS, some("1", "2", "x", "99"), some("late", "?", ""),
                          MOMENTS),
    "marks": rows_of(some("1", "2", "3", ""), KEYS, SCHOOLS, some("c1", "c9"), some("y", "z"), DAYS,
                     some("fully graded", "exempt", "?"), some("8", "nv", "11", "")),
    "enrollments": rows_of(some("e1", "e2", "e3", ""), KEYS, SCHOOLS, DAYS, DAYS, some("7", "13")),
}  # fmt: skip
STAYS = PLACE["enrollments"].splitlines(keepends=True)[0]
HEADS = {"attendance": ATTENDANCE, "marks": MARKS, "enrollments": STAYS}


@FEWER
@given(st.fixed_dictionaries(DIRTY))
def test_every_row_is_accounted_for(dirty: Mapping[str, str]) -> None:
    """What was read is what stands in the file; what was used is in the history, once each."""
    with room() as folder:
        files = {name: HEADS[name] + rows for name, rows in dirty.items()}
        reading = read(bundle(folder / "a", {**PLACE, **files}))
        for count in reading.files:
            assert count.register
            history = reading.history.frames[count.register].collect()
            assert count.used == history.height
            mine = reading.rejects.filter(pl.col("file") == count.file)
            assert count.rejected == mine["row"].n_unique()
            assert set(mine["problem"]) <= set(PROBLEMS)
            name = count.file.removesuffix(".csv")
            if name in files:
                stand = files[name].splitlines()
                assert count.read == sum(map(bool, stand)) - 1
                assert mine["row"].is_between(2, len(stand)).all()


@dataclass(frozen=True)
class Event:
    """One row of an export: its id, how long after the export before it was recorded, content."""

    key: str
    after: int
    deleted: bool
    sex: str
    language: str


@dataclass(frozen=True)
class Export:
    """One export: whether it holds all rows, and its rows, one a key and moment."""

    bulk: bool
    events: tuple[Event, ...]


EVENTS = st.builds(
    Event,
    some("p1", "p2", "p3", "p4"),
    st.integers(1, 9),
    st.booleans(),
    some("male", "female", ""),
    some("latvian", ""),
)


def one_each(export: Export) -> Export:
    keys = {(e.key if export.bulk else (e.key, e.after)): e for e in export.events}
    living = (replace(e, deleted=False) if export.bulk else e for e in keys.values())
    return replace(export, events=tuple(living))


EXPORTS = st.lists(
    st.builds(Export, st.booleans(), st.lists(EVENTS, max_size=6).map(tuple)).map(one_each),
    min_size=1,
    max_size=4,
)


def exported(number: int) -> datetime:
    return START + STEP * number


def recorded(number: int, event: Event) -> datetime:
    return exported(number - 1) + timedelta(days=event.after)


def write(folder: Path, exports: list[Export], first: int = 0) -> Path:
    """Write exports as bundles: each row was recorded since the export before."""
    for number, export in enumerate(exports, first):
        rows = "".join(
            f"{e.key},{'tobedeleted' if e.deleted else ''},"
            f"{recorded(number, e):%Y-%m-%dT%H:%M:%SZ},{e.sex},{e.language}\n"
            for e in export.events
        )
        mode = "bulk" if export.bulk else "delta"
        moment = f"{exported(number):%Y-%m-%dT%H:%M:%SZ}"
        bundle(folder / f"{number}", {"users": HEADER + rows}, moment, {"users": mode})
    return folder


def follow(exports: list[Export]) -> list[tuple[str, str, str, datetime, datetime | None]]:
    """Return all versions, as a plain reading of docs/registers.md gives them."""
    living: dict[str, tuple[str, str, datetime]] = {}
    told: list[tuple[str, str, str, datetime, datetime | None]] = []

    def end(key: str, moment: datetime) -> None:
        if key in living:
            sex, language, since = living.pop(key)
            told.append((key, sex, language, since, moment))

    for number, export in enumerate(exports):
        for event in sorted(export.events, key=lambda e: (e.key, e.after)):
            if event.deleted:
                end(event.key, recorded(number, event))
            elif living.get(event.key, ())[:2] != (event.sex, event.language):
                end(event.key, recorded(number, event))
                living[event.key] = (event.sex, event.language, recorded(number, event))
        if export.bulk and number:
            for key in set(living) - {event.key for event in export.events}:
                end(key, exported(number))
    return sorted([*told, *((key, *version, None) for key, version in living.items())],
                  key=lambda version: (version[0], version[3]))  # fmt: skip


def pupils(reading: Reading) -> pl.DataFrame:
    names = (pl.col(name).cast(pl.String).fill_null("") for name in ("sex", "home_language"))
    chosen = reading.history.frames["pupils"].select("id", *names, "recorded", "ended")
    return chosen.sort("id", "recorded").collect()


@FEWER
@given(EXPORTS)
@example([Export(bulk=True, events=()), Export(bulk=False, events=(Event("p1", 1, True, "", ""),))])
def test_versions_are_what_a_plain_reading_of_the_page_gives(exports: list[Export]) -> None:
    """Each export applied to the state before it, row by row."""
    with room() as folder:
        reading = read(write(folder, exports))
    assert not reading.rejects.height
    assert pupils(reading).rows() == follow(exports)


def same(one: Mapping[str, pl.LazyFrame], other: Mapping[str, pl.LazyFrame]) -> bool:
    return all(frame.collect().equals(other[name].collect()) for name, frame in one.items())


@FEWER
@given(EXPORTS, st.integers(1, 3))
def test_what_comes_later_changes_no_earlier_answer(exports: list[Export], first: int) -> None:
    """As of a day before the later exports' rows were recorded, they make no difference."""
    with room() as folder:
        before = read(write(folder / "a", exports[:first])).history
        after = read(write(folder / "b", exports)).history
        last = exported(min(first, len(exports)) - 1).date()
        for back in range(12):
            day = last - timedelta(days=back)
            assert same(before.known(day), after.known(day))


@FEWER
@given(EXPORTS)
def test_changes_one_by_one_give_what_an_export_of_all_rows_gives(exports: list[Export]) -> None:
    """The last state, told at once with the same moments, is what is known at the end."""
    changes = [replace(export, bulk=False) for export in exports]
    end = date(2030, 1, 1)
    with room() as folder:
        step_by_step = read(write(folder / "a", changes))
        state = step_by_step.history.frames["pupils"].filter(pl.col("ended").is_null()).collect()
        rows = state.select(
            "id", pl.lit(""), pl.col("recorded").dt.strftime("%Y-%m-%dT%H:%M:%SZ"), "sex",
            "home_language",
        ).write_csv(include_header=False)  # fmt: skip
        at_once = read(bundle(folder / "b", {"users": HEADER + rows}, "2026-01-01"))
    assert same(step_by_step.history.known(end), at_once.history.known(end))
    assert state.rows() == at_once.history.frames["pupils"].collect().rows()


@FEWER
@given(EXPORTS)
def test_a_store_is_what_it_was_made_of(exports: list[Export]) -> None:
    """All versions of all rows, and the account."""
    with room() as folder:
        made = read(write(folder / "a", exports))
        made.write(folder / "store")
        stored = read(folder / "store")
        assert same(made.history.frames, stored.history.frames)
        assert made.files == stored.files


LIKE = st.lists(
    some("sourcedId", "type", "metadata.grade", ",", ";", "\n", "\r", "\r\n", '"', "s1", "ā",
         "2025-09-01", "file.orgs", "bulk", "propertyName", "value", "\0", " ", "|", "=", "1e9"),
    max_size=40,
).map(lambda words: "".join(words).encode())  # fmt: skip
NAMES = sorted({*FILES, *BESIDE, "manifest"})


@given(st.sampled_from(NAMES), st.binary(max_size=200) | LIKE, some("none", "headed"))
def test_any_bytes_are_read_or_refused(name: str, data: bytes, head: str) -> None:
    """Rows, rejects, or one error that says what to do; never a traceback."""
    if head == "headed" and name in FILES:
        headers = ["sourcedId", *(column.header for column in FILES[name].columns)]
        data = ",".join(headers).encode() + b"\n" + data
    with room() as folder:
        bundle(folder / "a", {**PLACE, **({} if name == "manifest" else {name: data})})
        if name == "manifest":
            (folder / "a" / "manifest.csv").write_bytes(data)
        try:
            read(folder / "a")
        except EarlyWarningError as error:
            assert all(problem.code and problem.hint for problem in error.problems)


@FEWER
@given(st.fixed_dictionaries(DIRTY), st.fixed_dictionaries(DIRTY), some("bulk", "delta"))
def test_what_is_judged_stays_judged(
    before: Mapping[str, str], later: Mapping[str, str], mode: str
) -> None:
    """Rows of a later export, good or bad, make no earlier row good or bad."""
    with room() as folder:
        files = {name: HEADS[name] + rows.replace('"', "") for name, rows in before.items()}
        bundle(folder / "1", {**PLACE, **files})
        alone = read(folder)
        heads = {**HEADS, "attendance": HEADS["attendance"].replace("dateLastModified", "when")}
        files = {name: heads[name] + rows.replace('"', "") for name, rows in later.items()}
        bundle(folder / "2", files, "2026-03-01", dict.fromkeys(files, mode))
        both = read(folder)
        first = both.rejects.filter(pl.col("bundle") == "1")
        assert first.equals(alone.rejects)
        day = date(2026, 2, 28)
        assert same(alone.history.known(day), both.history.known(day))
