"""The calendar of schools that merged: whose days they go on by."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.registers.calendar import Calendar
from tests.engine.indicators.drawn import EARLY, Row, Rows, history_of

START = date(2024, 9, 2)


def day(number: int) -> date:
    return START + timedelta(days=number)


def into(org: str, successor: str, number: int) -> Row:
    merged = {"successor": successor, "succeeded_on": day(number)}
    return {"id": org, "type": "school", "recorded": EARLY, **merged}


def registers(*merged: Row, days: int) -> Rows:
    """Return registers in which school c alone taught on these days."""
    held = [{"id": f"c{n}", "school": "c", "day": day(n), "recorded": EARLY} for n in range(days)]
    return {"orgs": list(merged), "school_days": held}


@pytest.mark.parametrize(("first", "second"), [(3, 5), (5, 3), (5, 5)])
def test_a_school_merged_into_one_that_merged_goes_on_by_the_last_one_s_days(
    first: int, second: int
) -> None:
    """From the later of both mergers on, whichever it was."""
    rows = registers(into("a", "b", first), into("b", "c", second), days=8)
    past = Calendar.known(history_of(rows), day(6)).past.filter(school="a")
    assert past["day"].to_list() == [day(5), day(6)]


def test_schools_that_name_each_other_have_each_other_s_days_and_no_end_is_sought() -> None:
    """A slip in the register of places costs no answer."""
    rows = registers(into("c", "d", 2), into("d", "c", 2), days=4)
    past = Calendar.known(history_of(rows), day(3)).past
    assert past.filter(school="d")["day"].to_list() == [day(2), day(3)]
    assert past.filter(school="c").height == 4
