"""Laws of indicators: what was not known never counts, and no pupil's answer hangs on another's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.indicators.compute import indicators
from engine.indicators.many import indicators_on
from engine.indicators.table import SOURCES
from engine.load import load_catalogue
from engine.registers import store
from engine.registers.calendar import WINDOWS, Calendar
from engine.registers.history import known_on
from engine.registers.pupil_days import A_DAY, COUNTS, pupil_days
from tests.engine.indicators.drawn import (
    AS_OF,
    PUPILS,
    SCHOOLS,
    START,
    Rows,
    history_of,
    later_versions,
    moment,
    only,
    registers,
)
from tests.engine.registers.exports import with_keys

FEWER = settings(max_examples=max(5, settings().max_examples // 8))
CATALOGUE = load_catalogue(Path(__file__).parents[2] / "rules" / "lv")
OF_LESSONS = replace(
    CATALOGUE, indicators={name: CATALOGUE.indicators[name] for name in SOURCES[0].figures}
)


def answers(rows: Rows, as_of: date, pupils: pl.Series | None = None) -> pl.DataFrame:
    found = indicators(history_of(rows), CATALOGUE, as_of, pupils)
    return found.collect(engine="streaming").sort("pupil_key")


@FEWER
@given(registers(), AS_OF)
def test_what_is_recorded_later_changes_no_answer(rows: Rows, as_of: date) -> None:
    """A history cut off at the end of the day gives the same answers as the whole."""
    assert_frame_equal(answers(rows, as_of), answers(later_versions(rows, as_of), as_of))


@FEWER
@given(registers(), AS_OF, st.sampled_from(PUPILS))
def test_a_pupil_s_answer_hangs_on_that_pupil_s_rows_alone(
    rows: Rows, as_of: date, pupil: str
) -> None:
    """Without all other pupils' rows the answer is the same."""
    alone = answers(only(rows, lambda row: row["pupil"] == pupil), as_of)
    assert_frame_equal(answers(rows, as_of).filter(pupil_key=pupil), alone)


@FEWER
@given(registers(), AS_OF, st.sets(st.sampled_from((*PUPILS, "nobody"))))
def test_a_subset_of_pupils_has_the_answers_of_all(
    rows: Rows, as_of: date, chosen: set[str]
) -> None:
    """Computing for some is computing for all and looking at some."""
    named = pl.Series(sorted(chosen), dtype=pl.String)
    every = answers(rows, as_of).filter(pl.col("pupil_key").is_in(named.implode()))
    assert_frame_equal(answers(rows, as_of, named), every)


@FEWER
@given(registers(), AS_OF, st.data())
def test_a_day_outside_all_windows_changes_no_answer(
    rows: Rows, as_of: date, data: st.DataObject
) -> None:
    """Whether a day before every window is a school day or a closed one makes no difference."""
    calendar = Calendar.known(history_of(rows), as_of)
    first = [bounds["begins"].min() for w in WINDOWS if (bounds := calendar.bounds(w)).height]
    outside = [
        row for row in rows["school_days"]
        if all(isinstance(each, date) and row["day"] < each for each in first)
    ]  # fmt: skip
    if not outside:
        return
    closed = data.draw(st.sampled_from(outside))
    without = {**rows, "school_days": [row for row in rows["school_days"] if row is not closed]}
    assert_frame_equal(answers(rows, as_of), answers(without, as_of))


@FEWER
@given(
    registers(("attendance",)),
    st.lists(AS_OF, min_size=1, max_size=4),
    st.sampled_from([None, PUPILS[0]]),
)
def test_many_days_at_once_are_the_days_one_by_one(
    rows: Rows, days: list[date], named: str | None
) -> None:
    """Each day's answers are those that it has alone, for all pupils and for some."""
    pupils = pl.Series([named]) if named else None
    same_as_alone(rows, days, pupils)


def same_as_alone(rows: Rows, days: list[date], pupils: pl.Series | None = None) -> None:
    """Check that each day's answers are the same together with other days and alone."""
    found = list(indicators_on(history_of(rows), OF_LESSONS, days, pupils))
    assert [day for day, _ in found] == sorted(set(days))
    for day, frame in found:
        together = frame.collect(engine="streaming").sort("pupil_key")
        alone = indicators(history_of(rows), OF_LESSONS, day, pupils).collect()
        assert_frame_equal(together, alone.sort("pupil_key"))


@FEWER
@given(registers(("attendance",)), st.lists(AS_OF, min_size=2, max_size=4), st.data())
def test_school_days_that_change_between_the_days_count_as_they_were(
    rows: Rows, days: list[date], data: st.DataObject
) -> None:
    """Where a school's calendar is sent, or taken back, after a day: that day goes by the old."""
    changed = data.draw(st.sampled_from(SCHOOLS))
    late = data.draw(st.sets(st.integers(60, 130), max_size=9))
    for row in rows["school_days"]:
        if row["school"] == changed and (row["day"] - START).days in late:
            said = data.draw(st.sampled_from(("recorded", "ended")))
            row[said] = moment(data.draw(AS_OF))
    same_as_alone(rows, days)


@FEWER
@given(registers(("attendance",)), AS_OF)
def test_pupils_days_are_the_lessons_known_on_the_day(rows: Rows, as_of: date) -> None:
    """Whatever came late, was corrected or deleted: each day has the lessons known by then."""
    counted: Counter[tuple[object, ...]] = Counter()
    for row in rows["attendance"]:
        ended = row.get("ended")
        if row["recorded"].date() > as_of or (ended and ended.date() <= as_of):
            continue
        key = row["pupil"], row["day"], row["school"]
        counted[*key, "expected"] += 1
        counted[*key, "attended"] += row["status"] in ("present", "late")
        counted[*key, row["status"]] += 1
    kept = pupil_days(history_of(rows).frames["attendance"])
    found = kept.filter(known_on(as_of)).rows(named=True)
    assert len(found) == len({key[:3] for key in counted})
    for row in found:
        assert all(row[n] == counted[*(row[k] for k in A_DAY), n] for n in COUNTS)


@FEWER
@given(registers(("attendance",)), AS_OF)
def test_pupils_days_of_a_store_give_the_answers_of_its_lessons(rows: Rows, as_of: date) -> None:
    """Gathered when the store was written, some pupils after the others, or when asked for."""
    lessons = history_of(rows).frames["attendance"]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "LESSONS", 3)
        paths = Path(folder) / "attendance.parquet", Path(folder) / "days"
        lessons.sink_parquet(paths[0])
        kept = store.write_days(*paths)
        assert_frame_equal(with_keys(kept.of(None)), pupil_days(lessons))
        history = replace(history_of(rows), days=kept)
        for named in (None, pl.Series([*PUPILS[1:], "nobody"])):
            found = indicators(history, CATALOGUE, as_of, named).collect(engine="streaming")
            assert_frame_equal(found.sort("pupil_key"), answers(rows, as_of, named))
        before = [as_of - timedelta(days=9), as_of]  # later days are in the store, too
        for day, each in indicators_on(history, OF_LESSONS, before):
            alone = indicators(history_of(rows), OF_LESSONS, day)
            assert_frame_equal(each.collect(), alone.collect())
