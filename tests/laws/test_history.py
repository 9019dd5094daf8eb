"""Laws of histories: each row is read as of its own day, none is lost, and none sees the future."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.canonical import KEY
from engine.errors import DataError
from engine.frame import NO_REJECTS, ROW, canonical_frame
from engine.replay.history import History, canonical_rows
from engine.replay.leaks import leaks
from engine.replay.split import split_after
from engine.replay.tells import ENOUGH, told_by
from engine.table import Table
from tests.strategies import CATALOGUE, INDICATORS

READ = [INDICATORS[name] for name in ("rate", "count", "kind", "sex")]
FIRST = date(2024, 1, 31)
DAYS = [FIRST, FIRST + timedelta(20), FIRST + timedelta(31)]
GOOD = tuple(day.isoformat() for day in DAYS)
_KEYS = st.sampled_from(["p1", "p2", "p3", "p3", "", "-", "320101-12345"])
_OBSERVED = st.sampled_from(
    ["", "2023-12-01", "2024-01-01", "2024-01-31", "2024-03-30", "31.1.2024"]
)


def rows(as_of: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    """Draw rows of a history as a CSV file has them, good ones and bad ones."""
    row = st.fixed_dictionaries(
        {
            KEY: _KEYS | st.integers(0, 99).map(lambda n: f"q{n}"),
            "as_of": as_of,
            "outcome": st.sampled_from(["1", "0", "", "jā", "Dropout"]),
            "rate": st.sampled_from(["", "0.5", "0.12345", "1.2", "many"]),
            "count": st.sampled_from(["", "3", "40", "41", "1.5"]),
            "count.observed_on": _OBSERVED,
            "kind": st.sampled_from(["", "a", "z", " b "]),
            "sex": st.sampled_from(["f", "m", ""]),
            "cohort": st.sampled_from(["x", " ", "y "]),
        }
    )
    return st.lists(row, min_size=1, max_size=12)


def table(drawn: list[dict[str, str]]) -> Table:
    frame = pl.DataFrame(drawn).with_row_index(ROW, offset=2)
    return Table(frame.lazy(), tuple(frame.columns[1:]))


FLAG = replace(INDICATORS["flagged"], name="outcome")


@given(rows(st.sampled_from([*GOOD, *GOOD, "", "31.01.2024", "2024-02-30"])))
def test_no_row_is_lost(drawn: list[dict[str, str]]) -> None:
    """Each row of a file is used or rejected, and none is both; used ones stand in its order."""
    found = canonical_rows(table(drawn), READ)
    used = found.rows.collect()[ROW].to_list()
    rejected = set(found.rejects["row"])
    assert used == sorted(used)
    assert not rejected & set(used)
    assert rejected | set(used) == set(range(2, len(drawn) + 2))
    undated = {n for n, row in enumerate(drawn, 2) if row["as_of"] not in GOOD}
    assert undated <= rejected


@given(rows(st.sampled_from(GOOD)))
def test_the_rows_of_a_day_are_those_that_a_table_of_that_day_has(
    drawn: list[dict[str, str]],
) -> None:
    """Values, ages and rejects: as if each day's rows had been a file of their own."""
    found = canonical_rows(table(drawn), READ)
    together = found.rows.collect()
    for day in DAYS:
        mine = table(drawn).frame.filter(pl.col("as_of") == day.isoformat())
        alone = canonical_frame(mine, [*READ, FLAG], as_of=day)
        expected = alone.rows.collect()
        assert_frame_equal(together.filter(as_of=day).select(expected.columns), expected)
        of_day = found.rejects.filter(pl.col("row").is_in(mine.collect()[ROW].implode()))
        assert_frame_equal(of_day, alone.rejects)


@given(rows(st.sampled_from([*GOOD, *GOOD, "", "soon"])))
def test_row_by_row_is_all_at_once(drawn: list[dict[str, str]]) -> None:
    """But for duplicates, no row hangs on another."""
    given_table = table(drawn)
    found = canonical_rows(given_table, READ)
    together = found.rows.collect()
    twice = set(found.rejects.filter(problem="duplicate")["row"])
    for number in set(range(2, len(drawn) + 2)) - twice:
        one = Table(given_table.frame.filter(pl.col(ROW) == number), given_table.columns)
        alone = canonical_rows(one, READ)
        assert_frame_equal(alone.rows.collect(), together.filter(pl.col(ROW) == number))
        assert_frame_equal(alone.rejects, found.rejects.filter(row=number))


@given(rows(st.sampled_from(GOOD)))
def test_a_pupil_has_one_row_a_day(drawn: list[dict[str, str]]) -> None:
    """All rows of one key and one day are set aside; the same key on another day is none of it."""
    found = canonical_rows(table(drawn), READ)
    met = Counter((row[KEY], row["as_of"]) for row in drawn)
    expected = {
        number
        for number, row in enumerate(drawn, 2)
        if met[row[KEY], row["as_of"]] > 1 and row[KEY].startswith(("p", "q"))
    }
    assert set(found.rejects.filter(problem="duplicate")["row"]) == expected


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "rate": st.sampled_from(["0.5", "", " ", None]),
                "rate.observed_on": st.sampled_from(
                    [None, *(f"2024-02-{n:02}" for n in (1, 5, 9))]
                ),
                "as_of": st.sampled_from(["2024-02-05"]),
                "left_on": st.sampled_from([None, *(f"2024-02-{n:02}" for n in (4, 5, 6, 9))]),
            }
        ),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_the_leak_guard_finds_each_leak_and_nothing_else(
    drawn: list[Mapping[str, str | None]],
    shared: bool,  # noqa: FBT001
) -> None:
    """A value of after the day or of after leaving, and a pupil who had left; blanks are none."""
    frame = pl.DataFrame(drawn, schema=dict.fromkeys(drawn[0], pl.String), strict=False)
    if shared:
        frame = frame.rename({"rate.observed_on": "observed_on"})
    expected = {
        (name, kind)
        for row in drawn
        for name, kind, leaked in _leaks(row)
        if leaked
    }  # fmt: skip
    given_table = Table(frame.with_row_index(ROW).lazy(), tuple(frame.columns))
    try:
        leaks(given_table, ["rate"])
    except DataError as error:
        found = {(p.message.split("'")[1] if "'" in p.message else "", _kind(p.message))
                 for p in error.problems}  # fmt: skip
        assert {p.code for p in error.problems} == {"leak"}
        assert found == expected
    else:
        assert not expected


def _leaks(row: Mapping[str, str | None]) -> list[tuple[str, str, bool]]:
    seen, left, day = row["rate.observed_on"], row["left_on"], row["as_of"]
    value = (row["rate"] or "").strip()
    return [
        ("rate", "after", bool(value and seen and day and seen > day)),
        ("rate", "had left", bool(value and seen and left and seen >= left)),
        ("", "had left", bool(left and day and left <= day)),
    ]


def _kind(message: str) -> str:
    return "after" if "after the as-of day" in message else "had left"


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, 40)),
        st.sampled_from([(True, False), (False,), (True, None, False)]),
        min_size=1,
    ),
    st.sampled_from([None, 0, 5, 20]),
    st.sampled_from([None, "a", "b", "c", "d", "e"]),
)
def test_what_is_judged_comes_after_what_was_tuned_on(
    drawn: dict[tuple[str, int], tuple[bool | None, ...]], horizon: int | None, last: str | None
) -> None:
    """In days, and by the horizon too where it is known; no cohort is lost."""
    history = _history(drawn, horizon)
    try:
        split = split_after(history, last)
    except DataError as error:
        assert error.problems[0].code == "no-split"
        assert error.problems[0].hint
        return
    days = {part: history.rows.filter(pl.col("cohort").is_in(part))["as_of"]
            for part in (split.tune, split.judge)}  # fmt: skip
    newest, first = max(days[split.tune]), min(days[split.judge])
    assert newest < first
    assert horizon is None or newest + timedelta(horizon) <= first
    assert sorted(split.tune + split.between + split.judge) == sorted(history.cohorts)
    assert last is None or split.tune[-1] == last
    for part in ("tune", "judge"):
        outcome = split.rows(history, part)["outcome"]
        assert outcome.any()
        assert not outcome.all()
    both = [set(split.rows(history, part)[KEY]) for part in ("tune", "judge")]
    assert split.shared == len(both[0] & both[1])


def _history(drawn: dict[tuple[str, int], tuple[bool | None, ...]], horizon: int | None) -> History:
    found = [
        {KEY: f"p{number}", "cohort": cohort, "as_of": FIRST + timedelta(day), "outcome": outcome}
        for (cohort, day), outcomes in drawn.items()
        for number, outcome in enumerate(outcomes)
    ]
    frame = pl.DataFrame(found, schema_overrides={"outcome": pl.Boolean}).with_row_index(ROW)
    return History(frame, CATALOGUE, (), (), NO_REJECTS, "drawn", horizon=horizon)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6),
    st.booleans(),
)
def test_how_well_values_tell_is_counted_over_pairs(
    counts: list[tuple[int, int]],
    by_share: bool,  # noqa: FBT001
) -> None:
    """Of all pairs of a leaver and a stayer: the share in which the leaver has the higher value."""
    left, stayed = (sum(each) for each in zip(*counts, strict=True))
    tally = pl.DataFrame(
        [(n, *pair) for n, pair in enumerate(counts)], ["value", "left", "stayed"], orient="row"
    )
    if min(left, stayed) < ENOUGH:
        assert told_by(tally, by_share=by_share) == 0
        return
    assume(not by_share or all(sum(pair) for pair in counts))
    key = [pair[0] / sum(pair) if by_share else n for n, pair in enumerate(counts)]
    won = sum(
        a[0] * b[1] * (1 if key[m] > key[n] else 0.5 if key[m] == key[n] else 0)
        for m, a in enumerate(counts)
        for n, b in enumerate(counts)
    )
    auc = won / (left * stayed)
    assert abs(told_by(tally, by_share=by_share) - max(auc, 1 - auc)) < 1e-9
