"""The split in time: by names, by days, and by when outcomes were settled."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from engine.canonical import KEY
from engine.errors import DataError
from engine.frame import NO_REJECTS, ROW
from engine.replay.history import History
from engine.replay.split import Split, split_after, split_if_any
from tests.strategies import CATALOGUE

BOTH = (True, False)


def history(
    cohorts: dict[str, tuple[bool, ...]], *days: date, horizon: int | None = None
) -> History:
    """Return a history of cohorts: of each pupil whether they left; `days` are the cohorts'."""
    rows = [
        {KEY: f"p{n}", "cohort": name, "outcome": left, **({"as_of": days[at]} if days else {})}
        for at, (name, outcomes) in enumerate(cohorts.items())
        for n, left in enumerate(outcomes)
    ]
    frame = pl.DataFrame(rows).with_row_index(ROW)
    return History(frame, CATALOGUE, (), (), NO_REJECTS, "made", horizon=horizon)


def refused(given: History, last: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        split_after(given, last)
    assert caught.value.problems[0].code == "no-split"
    return str(caught.value)


def test_the_last_cohort_with_both_outcomes_is_judged() -> None:
    """Pupils who stand in both parts are counted; all are in some part."""
    given = history({"2": BOTH, "10": BOTH, "9": (True, False, False), "11": (False,)})
    split = split_after(given)
    assert split == Split(("2", "9"), ("10", "11"), 2)
    assert split.rows(given, "tune").height == 5
    assert split.rows(given, "judge").height == 3
    assert split.rows(given, "all").height == 8


def test_a_cohort_may_be_named() -> None:
    """One that leaves nothing to judge on, or that is not there, is refused with those that do."""
    given = history({"a": BOTH, "b": BOTH, "c": BOTH})
    assert split_after(given, "a") == Split(("a",), ("b", "c"), 2)
    assert "split after one of: a, b" in refused(given, "c")
    assert "cohorts: a, b, c" in refused(given, "d")


def test_outcomes_are_settled_before_others_are_judged_by_them() -> None:
    """With a horizon of a year, a cohort half a year later is in neither part."""
    days = (date(2023, 12, 20), date(2024, 5, 31), date(2024, 12, 20))
    given = history({"a": BOTH, "b": BOTH, "c": BOTH}, *days, horizon=365)
    assert split_after(given) == Split(("a",), ("c",), 2, ("b",))
    assert "outcomes settle in 365\xa0days" in refused(given, "b")
    settled = history({"a": BOTH, "b": BOTH}, days[0], date(2024, 12, 19), horizon=365)
    assert split_after(settled).judge == ("b",)
    day_before = history({"a": BOTH, "b": BOTH}, days[0], date(2024, 12, 18), horizon=365)
    assert "add earlier or later cohorts" in refused(day_before)
    too_close = history({"a": BOTH, "b": BOTH}, *days[:2], horizon=365)
    assert "add earlier or later cohorts" in refused(too_close)


def test_cohorts_that_overlap_are_no_times() -> None:
    """Schools named as cohorts would be judged by the same weeks that they were tuned on."""
    day = date(2024, 5, 31)
    said = refused(history({"a": BOTH, "b": BOTH}, day, day))
    assert "those up to 'a' are not over when 'b' begins" in said
    assert "leave out the column 'cohort'" in said


def test_cohorts_are_split_where_they_do_not_overlap() -> None:
    """Two that overlap are judged together, by what was before both."""
    early, late = date(2023, 5, 31), date(2024, 5, 31)
    given = history({"a": BOTH, "b": BOTH, "c": BOTH}, early, late, late)
    assert split_after(given) == Split(("a",), ("b", "c"), 2)
    assert "split after one of: a" in refused(given, "b")


@pytest.mark.parametrize(
    ("cohorts", "days", "lv", "en"),
    [
        ({"a": BOTH, "b": BOTH}, (date(2024, 5, 31),) * 2, "pārklājas", "overlap in time"),
        ({"a": BOTH, "b": (True,)}, (), "nav divu kohortu", "not two cohorts"),
        (
            {"a": BOTH, "b": BOTH},
            (date(2023, 12, 20), date(2024, 5, 31)),
            "kas sākas pēc tā",
            "only later cohorts can judge",
        ),
    ],
)
def test_why_there_is_no_split_is_said_in_both_languages(
    cohorts: dict[str, tuple[bool, ...]], days: tuple[date, ...], lv: str, en: str
) -> None:
    """Who goes on without one can say why; who names a cohort is refused."""
    given = history(cohorts, *days, horizon=365)
    split, why = split_if_any(given)
    assert split is None
    assert why is not None
    assert lv in f"{why.reason.lv} {why.remedy.lv}"
    assert en in f"{why.reason.en} {why.remedy.en}"
    with pytest.raises(DataError, match="no-split"):
        split_if_any(given, "a")
    good = history({"a": BOTH, "b": BOTH})
    assert split_if_any(good) == (split_after(good), None)


def test_one_cohort_cannot_be_split() -> None:
    """Nor several, of which only one has both kinds of outcomes, nor none."""
    assert "not two cohorts" in refused(history({"a": BOTH}))
    assert "not two cohorts" in refused(history({"a": BOTH, "b": (True,)}))
    given = history({"a": BOTH})
    bare = History(given.rows.drop("cohort"), CATALOGUE, (), (), NO_REJECTS, "made")
    assert "tells no cohorts apart" in refused(bare)
