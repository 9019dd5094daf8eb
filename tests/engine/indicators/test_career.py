"""The career from its beginning: who comes in mid-year may come from a school that is not known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.indicators.drawn import Row
from tests.engine.indicators.test_facts import AS_OF, answer

FEWER = settings(max_examples=max(10, settings().max_examples // 8))
COUNTED = ("grades_repeated", "school_moves_12m")
LATE = date(2022, 9, 15)
AUTUMN = {"begins": date(2023, 9, 1), "ends": date(2023, 11, 10), "grade": 1, "school": "b"}


@pytest.mark.parametrize(
    ("begins", "count"),
    [(date(2023, 8, 1), 0), (date(2023, 9, 14), 0), (date(2023, 9, 15), None),
     (date(2023, 11, 13), None), (date(2023, 7, 31), None)],
)  # fmt: skip
@pytest.mark.parametrize("grade", [0, 1])
def test_who_enters_with_the_school_year_comes_from_no_other_school(
    begins: date, grade: int, count: int | None
) -> None:
    """Up to 14 September; of one who comes later nobody knows. In both cases school is new."""
    found = answer(stays=({"begins": begins, "grade": grade},))
    assert [found[name] for name in COUNTED] == [count, count]
    assert found["new_stage"] is (begins >= date(2023, 8, 1))


def test_one_school_s_rows_say_no_less_than_all_say() -> None:
    """A pupil of grade 1 who came in November is unknown to have moved, until the move is known."""
    here = {"begins": date(2023, 11, 13), "grade": 1}
    assert [answer(stays=(here,))[name] for name in COUNTED] == [None, None]
    assert [answer(stays=(AUTUMN, here))[name] for name in COUNTED] == [0, 1]


def test_the_first_enrolment_of_all_says_whether_the_career_is_known() -> None:
    """Not the last of its first year, which may be of another grade."""
    promoted = {"begins": date(2023, 11, 13), "grade": 2}
    put_back = {"begins": date(2023, 11, 13), "grade": 1}
    assert answer(stays=(AUTUMN, promoted))["grades_repeated"] == 0
    assert answer(stays=({**AUTUMN, "grade": 2}, put_back))["grades_repeated"] is None


def enrolments(first: date, last: date, least: int) -> st.SearchStrategy[list[Row]]:
    """Draw enrolments begun between two days."""
    one = st.fixed_dictionaries({
        "begins": st.integers(0, (last - first).days).map(lambda n: first + timedelta(n)),
        "grade": st.sampled_from((0, 1, 1, 2)),
        "school": st.sampled_from("abc"),
    })  # fmt: skip
    return st.lists(one, min_size=least, max_size=3)


@FEWER
@given(
    st.integers(0, 1).flatmap(
        lambda n: st.tuples(
            enrolments(date(2021, 9, 1), LATE.replace(year=2022 + n) - timedelta(1), 0),
            enrolments(LATE.replace(year=2022 + n), date(2023 + n, 2, 28), 1),
        )
    )
)
def test_to_learn_what_was_before_mid_year_turns_no_count_round(
    stays: tuple[list[Row], list[Row]],
) -> None:
    """Whoever's first known enrolment begins in mid-year: a count without what came before stays.

    The pupil is enrolled at the school of the last one to begin.
    """
    before, since = stays
    alone, whole = answer(stays=tuple(since)), answer(stays=(*before, *since))
    for name in COUNTED:
        assert alone[name] in (None, whole[name]), (name, AS_OF)
