"""What is told of tuning: in both languages, and nothing of what became of few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest

from engine.load import load
from engine.ruleset import Ruleset
from engine.text import LANGUAGES, Language
from engine.tuning.goal import Found
from engine.tuning.search_words import SEARCHED
from engine.tuning.telling import SAID, SHOWN, apart, became, caught, grounds, thinned, verdict
from engine.tuning.tune import Tuning
from engine.tuning.tuned import Tried, Tuned, Wish, tuned
from engine.words.quantities import number
from tests.pasts import RULES, past
from tests.phrases import check_phrases


@cache
def ruleset() -> Ruleset:
    lv = load(RULES)
    kept = ("absence_watch", "absence_support")
    parameters = {n: replace(p, tunable=n in kept) for n, p in lv.parameters.items()}
    return replace(lv, parameters=parameters)


@cache
def found() -> Tuned:
    """Return what was tuned on three cohorts, two of which tried it."""
    return tuned(past(), ruleset(), Wish(share=0.3))


def test_what_is_told_is_there_in_both_languages() -> None:
    """No phrase is blank, and what one language tells, the other tells too."""
    check_phrases(SAID)
    check_phrases(SEARCHED)


def front(counts: Iterable[int], present: int = 10_000) -> Tuning:
    """Return a front that flags so many each, and present values that are the best as well."""
    found = tuple(Found({"a": n}, n, n // 2, 0, {}) for n in counts)
    now = Found({"a": -1}, present, 1, 0, {})
    return Tuning(now, now, found)


def test_points_that_stand_beside_one_another_are_ten_rows_apart() -> None:
    """Of what nobody is flagged by nothing can be told; of the rest the first is of ten."""
    many = (0, 3, 9, *range(10, 60))
    assert [each.flagged for each in apart(front(many))] == [0, 10, 20, 30, 40, 50]
    assert not list(apart(front((3, 9))))


def test_no_point_stands_close_to_present_values() -> None:
    """They are shown beside the front; only the same values may flag as many."""
    assert [each.flagged for each in apart(front(range(10, 60), 30))] == [10, 20, 40, 50]
    same = replace(front((10, 30, 50)), present=Found({"a": 30}, 30, 15, 0, {}))
    assert [each.flagged for each in apart(replace(same, best=same.present))] == [10, 30, 50]


def test_a_table_has_some_points_evenly_chosen() -> None:
    """The first and the last among them."""
    shown = [each.flagged for each in thinned(front(range(10, 600)))]
    assert len(shown) == SHOWN
    assert (shown[0], shown[-1]) == (10, 590)
    assert [each.flagged for each in thinned(front(range(10, 15)))] == [10]
    assert not list(thinned(front(())))


@pytest.mark.parametrize(
    ("flagged", "moved", "told"),
    [
        ((40, 50), 30, ("20", "30")),
        ((40, 44), 4, ("20", "too few pupils")),
        ((9, 50), 41, ("too few pupils", "30")),
        ((0, 9), 9, ("20", "too few pupils")),
    ],
)
def test_trials_do_not_tell_what_became_of_few(
    flagged: tuple[int, int], moved: int, told: tuple[str, str]
) -> None:
    """Neither of few who are flagged, nor by the difference that a change of few makes."""
    trial = Tried("2022", 60, flagged, (20, 30), 10, 0, moved)
    assert caught(trial, "en") == told
    said = " ".join(verdict(replace(found(), trials=(trial,)), "en"))
    assert any(map(str.isdigit, said)) == (told == ("20", "30"))
    assert became(7, "lv", 9) == "pārāk maz skolēnu"


def test_why_nothing_judges_and_who_was_trusted_is_told() -> None:
    """In words of the reader's, with the indicator's label."""
    assert found().split is not None
    assert list(grounds(found(), "en")) == [
        "Tuned on the cohorts: 2020, 2021, 2022",
        "Pupils who stand in cohorts tuned on and in later ones: 1,000",
    ]
    alone = replace(past(), rows=past().rows.drop("cohort", "as_of"))
    whole = tuned(alone, ruleset(), Wish(share=0.3))
    unsplit = whole.unsplit
    assert unsplit is not None
    assert whole.candidate.learnt is not None
    trusting = replace(whole.candidate.learnt, no_leak=("failed_courses",))
    whole = replace(whole, candidate=replace(whole.candidate, learnt=trusting))
    label = ruleset().catalogue.indicators["failed_courses"].label
    for language in LANGUAGES:
        why, leak = grounds(whole, language)
        assert unsplit.reason[language] in why
        assert unsplit.remedy[language] in why
        assert leak.endswith(label[language])
        (said,) = verdict(whole, language)
        assert said == SAID["untried"][language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_pupils_of_both_parts_are_told(language: Language) -> None:
    """Where none is, nothing is said of it."""
    split = found().split
    assert split is not None
    assert split.shared > 0
    line = SAID["shared"][language].format(number(split.shared, language))
    assert line in list(grounds(found(), language))
    strangers = replace(found(), split=replace(split, shared=0))
    assert not any(SAID["shared"][language][:20] in said for said in grounds(strangers, language))


@pytest.mark.parametrize(("language", "said"), [("lv", "nav atrastas"), ("en", "were found")])
def test_a_goal_that_was_not_reached_is_not_said_to_be_out_of_reach(
    language: Language, said: str
) -> None:
    """The search sees few combinations of all."""
    missed = replace(found(), goal=replace(found().goal, most=1))
    assert said in list(verdict(missed, language))[-1]


@pytest.mark.parametrize(("most", "said"), [(1, "stuck"), (10_000, "none")])
def test_where_no_number_moves_it_is_told_whether_the_goal_was_reached(
    most: int, said: str
) -> None:
    """That nothing needs to change is said only where it is so."""
    still = replace(found().candidate, searched={})
    here = replace(found(), candidate=still, goal=replace(found().goal, most=most))
    for language in LANGUAGES:
        assert list(verdict(here, language)) == [SAID[said][language]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_row_knew_is_told(language: Language) -> None:
    """By its label."""
    label = ruleset().catalogue.indicators["failed_courses"].label[language]
    blind = list(grounds(replace(found(), unknown=("failed_courses",)), language))
    assert SAID["unknown"][language].format(label) in blind
    assert len(blind) == len(list(grounds(found(), language))) + 1
