"""From registers to a history: days, indicators as they were, labels as they became."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.canonical import KEY
from engine.errors import DataError
from engine.frame import ROW
from engine.indicators.compute import indicators
from engine.load import load_catalogue
from engine.replay.history import read_history
from engine.replay.leaks import leaks
from engine.replay.past import Counts, default_days, past, reach, write_past
from engine.table import Table
from tests.engine.indicators.drawn import (
    AS_OF,
    EARLY,
    END,
    Row,
    Rows,
    history_of,
    registers,
)

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "rules" / "lv")
FEWER = settings(max_examples=max(5, settings().max_examples // 8))
GROUPS = replace(
    CATALOGUE, indicators={n: CATALOGUE.indicators[n] for n in ("sex", "grades_repeated")}
)
UNTIL = END + timedelta(400)


def school(*sessions: tuple[str, date, str | None]) -> Rows:
    """Return registers of three pupils and the sessions that end on these days."""
    begins = {"begins": date(2022, 9, 1), "recorded": EARLY}
    who = [{"id": f"e{n}", "pupil": f"p{n}", "school": "s", "grade": 7 + n} for n in range(3)]
    left = {"id": "o", "pupil": "p0", "day": date(2023, 9, 15), "outcome": "left"}
    ends = [
        {"id": f"s{n}", "type": kind, **begins, "ends": day, "school": of}
        for n, (kind, day, of) in enumerate(sessions)
    ]
    pupils: list[Row] = [{"id": f"p{n}", "sex": "female", "recorded": EARLY} for n in range(3)]
    outcome = {**left, "recorded": EARLY.replace(year=2025)}
    return {
        "pupils": pupils,
        "enrolments": [{**row, **begins} for row in who],
        "outcomes": [outcome],
        "sessions": ends,
    }


@FEWER
@given(registers(), st.lists(AS_OF, min_size=1, max_size=3), st.integers(1, 120))
def test_each_day_has_the_indicators_of_that_day(
    rows: Rows, days: list[date], horizon: int
) -> None:
    """They are `indicators`' own, of all pupils but those who are gone; nothing leaks."""
    history = history_of(rows)
    found = list(past(history, CATALOGUE, days, horizon, UNTIL))
    assert [counts.as_of for counts, _ in found] == sorted(set(days))
    for counts, mine in found:
        alone = indicators(history, CATALOGUE, counts.as_of).collect()
        kept = alone.filter(pl.col(KEY).is_in(mine[KEY].implode())).sort(KEY)
        assert_frame_equal(mine.select(kept.columns), kept)
        assert counts.rows == mine.height == alone.height - counts.gone
        outcome = mine["outcome"]
        assert (counts.left, counts.unknown) == (outcome.sum(), outcome.null_count())
        frame = mine.with_row_index(ROW).lazy()
        leaks(Table(frame, tuple(mine.columns)), CATALOGUE.indicators)


def test_a_history_that_is_written_is_read(tmp_path: Path) -> None:
    """With its groups, its horizon and its definitions: under others it is refused."""
    history = history_of(school())
    days = [date(2023, 5, 31), date(2022, 12, 20)]
    parts = []
    for counts, rows in past(history, GROUPS, days, 365, UNTIL):
        parts.append(tmp_path / f"{counts.as_of}.parquet")
        rows.write_parquet(parts[-1])
    write_past(parts, GROUPS, 365, tmp_path / "history.parquet")
    found = read_history(tmp_path / "history.parquet", GROUPS)
    assert found.horizon == 365
    assert found.cohorts == ("2022-12-20", "2023-05-31")
    assert (found.indicators, found.groups) == (("grades_repeated",), ("sex",))
    assert found.rows["grade"].to_list() == ["7", "8", "9"] * 2
    assert found.rows["outcome"].to_list() == [True, False, False] * 2
    sex = replace(
        GROUPS.indicators["sex"], categories={"female": CATALOGUE.indicators["sex"].label}
    )
    other = replace(GROUPS, indicators={**GROUPS.indicators, "sex": sex})
    with pytest.raises(DataError, match="another definition than the catalogue's: sex"):
        read_history(tmp_path / "history.parquet", other)


def test_who_had_left_is_left_out_and_counted() -> None:
    """The school found out later, so that day's register had the pupil still."""
    days = [date(2023, 9, 14), date(2023, 9, 15)]
    found = [counts for counts, _ in past(history_of(school()), GROUPS, days, 30, UNTIL)]
    assert found == [Counts(days[0], 1, 2, 0, 0), Counts(days[1], 0, 2, 0, 1)]


def test_the_days_are_the_ends_of_semesters_whose_outcomes_are_known() -> None:
    """Everybody's semesters before a school's own; of a half-year the day of most."""
    semesters = [
        ("semester", date(2022, 12, 20), None),
        ("semester", date(2023, 5, 31), None),
        ("semester", date(2023, 12, 22), None),
        ("semester", date(2022, 12, 23), "s"),
        ("school_year", date(2023, 6, 30), None),
    ]
    history = history_of(school(*semesters))
    until = date(2024, 7, 1)
    assert default_days(history, 365, until) == [date(2022, 12, 20), date(2023, 5, 31)]
    assert default_days(history, 60, until)[-1] == date(2023, 12, 22)
    own = [("semester", date(2022, 12, day), f"s{n}") for n, day in enumerate((20, 20, 22, 21))]
    assert default_days(history_of(school(*own)), 365, until) == [date(2022, 12, 20)]
    year = history_of(school(semesters[-1]))
    assert default_days(year, 336, until) == [date(2023, 6, 30)]


def test_registers_without_days_to_learn_from_are_refused() -> None:
    """They end too early, or hold no pupil."""
    history = history_of(school(("semester", date(2022, 12, 20), None)))
    with pytest.raises(DataError, match=r"no semester ended 365 days .*\[no-days\]"):
        default_days(history, 365, date(2023, 12, 31))
    empty = history_of({"orgs": [{"id": "s", "type": "school", "recorded": EARLY}]})
    with pytest.raises(DataError, match="the registers hold no enrolment"):
        reach(empty)


def test_grades_come_from_the_catalogue_where_it_has_them() -> None:
    """So they are typed and dated as any indicator."""
    rows = school()
    ((_, with_grade),) = past(history_of(rows), CATALOGUE, [date(2023, 5, 31)], 30, UNTIL)
    ((_, without),) = past(history_of(rows), GROUPS, [date(2023, 5, 31)], 30, UNTIL)
    assert "grade.observed_on" in with_grade.columns
    assert "grade.observed_on" not in without.columns
    assert with_grade["grade"].to_list() == without["grade"].to_list() == [7, 8, 9]
