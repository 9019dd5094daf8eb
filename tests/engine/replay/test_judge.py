"""No ruleset is judged on what it was tuned on in silence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from engine.errors import DataError
from engine.replay.history import History
from engine.replay.judge import judge
from engine.replay.split import split_after
from tests.replays import history
from tests.ruletext import rule, rules, ruleset

RULESET = ruleset(rules(rule("fails >= 1")))


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a ruleset was tuned on."""

    history: str
    cohorts: tuple[str, ...]


def three_cohorts() -> History:
    """Return a history of three cohorts, each with pupils of both outcomes."""
    rows = [
        {"pupil_key": f"p{cohort}-{n}", "outcome": n % 2 == 0, "cohort": cohort, "fails": n % 4}
        for cohort in ("2021", "2022", "2023")
        for n in range(8)
    ]
    return history(rows, RULESET.reads, catalogue=RULESET.catalogue)


def code(error: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_what_was_tuned_on_nothing_is_replayed_on_all_rows() -> None:
    """Or on the later part of a split, where one is asked for."""
    past = three_cohorts()
    assert judge(past, RULESET, None).rows.height == 24
    found = judge(past, RULESET, None, split_after(past, "2022"))
    assert (found.cohorts, found.rows.height) == (("2023",), 8)
    assert not found.on_tuned


def test_what_was_tuned_is_judged_on_later_cohorts_alone() -> None:
    """The split follows from what it was tuned on."""
    found = judge(three_cohorts(), RULESET, Tuned("drawn", ("2021",)))
    assert found.cohorts == ("2022", "2023")
    assert not found.on_tuned


@pytest.mark.parametrize("cohorts", [("2021", "2022", "2023"), ("2023",), ()])
def test_without_later_rows_it_is_refused_unless_asked_for_and_then_marked(
    cohorts: tuple[str, ...],
) -> None:
    """Figures on what a search saw are given to those who know what they are."""
    with pytest.raises(DataError, match="tuned on rows") as error:
        judge(three_cohorts(), RULESET, Tuned("drawn", cohorts))
    assert "tuned-on" in code(error)
    hint = error.value.problems[0].hint
    assert "(--even-on-tuned)" in hint
    assert all(name in hint for name in cohorts)
    found = judge(three_cohorts(), RULESET, Tuned("drawn", cohorts), even_on_tuned=True)
    assert found.on_tuned
    assert found.rows.height == 24


def test_a_split_that_judges_a_tuned_cohort_is_refused() -> None:
    """Also where the history is another file: a cohort of the same name may be the same pupils."""
    past = replace(three_cohorts(), fingerprint="longer by a year")
    with pytest.raises(DataError, match="2023") as error:
        judge(past, RULESET, Tuned("drawn", ("2021", "2023")), split_after(past, "2021"))
    assert code(error) == ["tuned-on"]


def test_another_file_without_cohorts_cannot_be_told_to_be_the_same() -> None:
    """Where neither cohorts nor the file are the same, nothing speaks against judging."""
    past = replace(three_cohorts(), fingerprint="another")
    assert not judge(past, RULESET, Tuned("drawn", ())).on_tuned
