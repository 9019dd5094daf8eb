"""What a replay refuses, and what it says of what is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DataError
from engine.load import load
from engine.replay.calibration import calibration
from engine.replay.cuts import at_capacity, at_level, at_score, at_share, default_level
from engine.replay.figures import by_level, counts, figures
from engine.replay.intervals import effective, interval
from engine.replay.lead import LeadTime, lead_time
from engine.replay.ranking import Ranking, ranking
from engine.replay.replay import Replay, replay
from engine.replay.report import Asked, report
from engine.replay.rules import gaps, rules
from engine.ruleset import Ruleset
from tests.replays import LADDER, Row, history
from tests.ruletext import rule, ruleset
from tests.ruletext import rules as rules_of

TWO = ruleset(
    rules_of(
        rule("fails >= 1", name="fails", follows="points: 4"),
        rule("incidents >= 1", name="incidents", follows="points: 3"),
        rule("low_income", name="income", follows="offers: [transport]"),
    )
)


def replayed(rows: list[Row], rules: Ruleset = TWO) -> Replay:
    """Return a replay of rows in which what is not said is unknown."""
    filled = [{**dict.fromkeys(rules.reads), **row} for row in rows]
    keyed = [{"pupil_key": f"p{n}", "outcome": None, **row} for n, row in enumerate(filled)]
    return replay(history(keyed, rules.reads, catalogue=rules.catalogue), rules)


def code(error: pytest.ExceptionInfo[DataError]) -> str:
    return error.value.problems[0].code


def test_the_level_to_begin_with_is_the_one_that_helps(root: Path) -> None:
    """Support where there is one, else the second above the least, else the only one."""
    assert default_level(load(root / "rules/lv")) == "support"
    assert default_level(load(root / "rules/published/ed-fi")) == "at-risk"
    assert default_level(load(root / "rules/published/abc")) == "flagged"


def test_what_could_be_flagged_is_not_called_safe() -> None:
    """Unknown fails: neither flagged nor caught, and recall says what it would be with them."""
    found = replayed(
        [{"fails": 2, "incidents": 0, "outcome": True}] * 10
        + [{"incidents": 0, "outcome": True}] * 10
        + [{"fails": 0, "incidents": 0, "outcome": False}] * 8
    )
    line = figures(found, at_level(TWO)).row(0, named=True)
    assert (line["flagged"], line["cannot_say"], line["caught"]) == (10, 10, 10)
    assert (line["recall"], line["recall_if_all"], line["precision"]) == (0.5, 1.0, 1.0)
    assert line["precision_low"] == pytest.approx(0.6915, abs=1e-4)  # all of 10, exactly


def test_indicators_that_a_history_has_not_are_unknown_and_named() -> None:
    """A ruleset is not judged as if they were fine."""
    rows = [{"pupil_key": f"p{n}", "outcome": n < 3, "fails": n % 2} for n in range(12)]
    found = replay(history(rows, ("fails",), catalogue=TWO.catalogue), TWO)
    assert found.absent == ("incidents", "low_income")
    line = figures(found, at_score(7)).row(0, named=True)
    assert (line["flagged"], line["cannot_say"]) == (0, 6)
    missing = {(rule, name): n for rule, name, n in gaps(found).iter_rows()}
    assert missing == {("incidents", "incidents"): 12, ("income", "low_income"): 12}


def test_a_history_without_any_indicator_or_of_others_is_refused() -> None:
    """No figure is made of nothing, and none of numbers that mean something else."""
    rows = [{"pupil_key": "p1", "outcome": True, "fails": 1}]
    past = history(rows, ("fails",), catalogue=TWO.catalogue)
    other = ruleset(rules_of(rule("course_mark < 50")))
    with pytest.raises(DataError, match="course_mark") as error:
        replay(past, other)
    assert code(error) == "no-indicators"
    fails = TWO.catalogue.indicators["fails"]
    wider = replace(TWO.catalogue, indicators={"fails": replace(fails, window="year")})
    with pytest.raises(DataError, match="fails") as error:
        replay(replace(past, catalogue=wider), TWO)
    assert code(error) == "definitions"


def test_whoever_is_outside_the_population_counts_apart() -> None:
    """And where nobody is inside, there is nothing to judge."""
    upper = ruleset(
        rules_of(rule("fails >= 1", follows="points: 4")),
        ruleset=RULESET_OF_UPPER,
    )
    rows: list[Row] = [{"grade": n % 12 + 1, "fails": 1, "outcome": n % 2 == 0} for n in range(24)]
    found = replayed(rows, upper)
    assert found.rows.height == 6
    assert found.outside == {"rows": 18, "left": 10, "stayed": 8, "unknown": 0}
    with pytest.raises(DataError) as error:
        replayed([row for row in rows if row["grade"] < 10], upper)
    assert code(error) == "no-population"


RULESET_OF_UPPER = """
id: upper
title: {lv: Vidusskola, en: Upper school}
population: grade >= 10
levels:
  - {id: none, label: {lv: Nav pazīmju, en: No signs}}
  - {id: high, label: {lv: Augsts, en: High}, from: 4}
"""


def test_cuts_that_cannot_be_made_are_refused_with_what_can() -> None:
    """A level that is not there or flags all, no plans, no share, an unknown group."""
    found = replayed([{"fails": 1, "outcome": True}] * 12)
    for make, expected in (
        (lambda: at_level(TWO, "hihg"), "no-level"),
        (lambda: at_level(TWO, "none"), "no-level"),
        (lambda: at_capacity(found, 0), "range"),
        (lambda: at_share(found, 20), "range"),
        (lambda: figures(found, at_level(TWO), "shoe_size"), "no-group"),
    ):
        with pytest.raises(DataError) as error:
            make()
        assert code(error) == expected


def test_capacity_is_filled_from_the_highest_score_in_each_school() -> None:
    """Two plans a school: each takes its own two, whatever the other's scores."""
    rows: list[Row] = [
        {"school": school, "fails": fails, "incidents": 1, "outcome": outcome}
        for school, fails, outcome in (
            *[("a", 1, True)] * 4,
            *[("b", 0, True)] * 1,
            *[("b", 0, False)] * 3,
            *[(None, 1, False)] * 4,
        )
    ]
    found = replayed(rows)
    line = counts(found, at_capacity(found, 2, "school")).row(0, named=True)
    assert (line["flagged"], line["caught"], line["false_alarms"]) == (6, 2.5, 3.5)
    one = counts(found, at_capacity(found, 2)).row(0, named=True)
    assert (one["flagged"], one["caught"]) == (2, pytest.approx(1.0))
    assert figures(found, at_share(found, 0.07))["flagged"].item() == 0


def test_rows_of_one_pupil_say_less_than_rows_of_strangers() -> None:
    """Ten pupils who stand in ten rows each, all alike, are ten observations."""
    alike = [{"pupil_key": f"p{n % 10}", "fails": 1, "outcome": n % 10 < 5} for n in range(100)]
    strangers = [{"fails": 1, "outcome": n % 10 < 5} for n in range(100)]
    wide, narrow = (figures(replayed(rows), at_score(1)) for rows in (alike, strangers))
    assert wide["precision"].item() == narrow["precision"].item() == 0.5
    assert wide["pupils"].item() == 10
    of_nine, of_hundred = interval(4.5, 9), interval(50, 100)
    assert wide["precision_low"].item() == pytest.approx(float(of_nine[0]), abs=0.02)
    assert narrow["precision_low"].item() == pytest.approx(float(of_hundred[0]))


def test_rows_that_all_agree_count_as_so_many_pupils() -> None:
    """Nothing can be estimated there, so the rows of a pupil count as one."""
    n = effective(np.array([0.0]), np.array([20.0]), (np.zeros(1), np.zeros(1), np.array([80.0])))
    assert n.tolist() == [5.0]


def test_few_pupils_are_not_shown() -> None:
    """Nine in all: no number. Nine in one of three schools: theirs and the next smallest's go."""
    nine: list[Row] = [{"fails": 1, "school": "a", "outcome": True}] * 9
    assert figures(replayed(nine), at_score(1)).select("rows", "recall").row(0) == (None, None)
    more: list[Row] = [{"fails": 0, "school": "b", "outcome": False}] * 20
    most: list[Row] = [{"fails": 0, "school": "c", "outcome": False}] * 30
    table = figures(replayed(nine + more + most), at_score(1), "school")
    assert table["suppressed"].to_list() == [True, True, False]
    assert table["rows"].to_list() == [None, None, 30]
    assert calibration(replayed(nine)).is_empty()
    assert ranking(replayed(nine)) == Ranking()


def test_what_became_of_few_who_are_flagged_is_not_shown() -> None:
    """Six flagged of a school's twenty: nor what became of the next fewest, which would tell it."""
    rows: list[Row] = [
        {"fails": int(n < flagged), "school": school, "outcome": n % 2 == 0}
        for school, flagged in (("a", 6), ("b", 12), ("c", 14), ("d", 0))
        for n in range(30)
    ]
    table = figures(replayed(rows), at_score(1), "school")
    assert table["flagged"].to_list() == [6, 12, 14, 0]
    for name in ("caught", "false_alarms", "precision", "recall_high", "recall_if_all"):
        assert table[name].is_null().to_list() == [True, True, False, name == "precision"]
    few = figures(replayed(rows[:30]), at_score(1)).row(0, named=True)
    assert (few["flagged"], few["caught"], few["recall"]) == (6, None, None)


def test_a_small_level_cannot_be_had_from_the_flagged_less_the_others() -> None:
    """Five at the highest of two flagged levels: the other flagged level is hidden with it."""
    kinds = [("fails", 5), ("incidents", 20), ("", 20)]
    rows: list[Row] = [
        {"fails": int(kind == "fails"), "incidents": int(kind == "incidents"), "outcome": n > 3}
        for kind, size in kinds
        for n in range(size)
    ]
    table = by_level(replayed(rows), at_level(TWO, "watch"))
    assert table.select("level", "rows").rows() == [("none", 20), ("watch", None), ("high", None)]
    assert table["left"].to_list() == [16, None, None]
    alone = by_level(replayed(rows), at_level(TWO, "high"))  # these five are told of nowhere
    assert alone["rows"].null_count() == 2


@pytest.mark.parametrize(("lifted", "few"), [(0, 7), (0, 10), (4, 12), (10, 12)])
def test_no_level_less_a_band_tells_of_few(lifted: int, few: int) -> None:
    """Few with a score beside where a level starts, or lifted to it whatever their score."""
    names = ("unexcused_lessons", "low_marks", "incidents", "fails")
    kinds = [("", 40), *zip(names, (lifted, few, 30, 20), strict=True)]
    rows: list[Row] = [
        {**{name: int(kind == name) for name in names}, "outcome": n % 2 == 0}
        for kind, size in kinds
        for n in range(size)
    ]
    found = replayed(rows, LADDER)
    bands = calibration(found)
    assert bands["rows"].sum() == len(rows)
    assert bands.height > 1
    for start in bands["score_from"][1:]:
        for level in (1, 2):
            between = (found.rows["score"] >= start) != (found.rows["level"] >= level)
            assert not 0 < between.sum() < 10


@pytest.mark.parametrize(("more", "hidden"), [(2, True), (9, True), (0, False), (10, False)])
def test_a_share_flagged_less_a_level_does_not_tell_of_few(more: int, hidden: bool) -> None:  # noqa: FBT001
    """Where the level flags a few more than 20 %, what became of them is the difference."""
    rows: list[Row] = [
        {"fails": int(n < 20 + more), "incidents": int(n < 20), "outcome": n % 3 == 0}
        for n in range(100)
    ]
    made = report(replayed(rows), Asked("watch"))
    assert made.whole["level"]["flagged"].item() == 20 + more
    assert made.whole["share"]["flagged"].item() == 20
    assert (made.whole["share"]["caught"].item() is None) == hidden
    assert made.whole["level"]["caught"].item() is not None


def test_a_rule_s_outcomes_are_not_shown_for_few() -> None:
    """How often it holds is; what became of nine pupils is not. Never is shown as never."""
    rows: list[Row] = [{"fails": int(n < 9), "incidents": 0, "outcome": n < 20} for n in range(40)]
    table = {line["rule"]: line for line in rules(replayed(rows), at_level).iter_rows(named=True)}
    assert (table["fails"]["holds"], table["fails"]["caught"]) == (9, None)
    assert (table["fails"]["only_flagged"], table["fails"]["only_caught"]) == (9, None)
    assert (table["incidents"]["holds"], table["incidents"]["caught"]) == (0, 0)
    assert table["incidents"]["precision"] is None
    assert table["income"]["undetermined"] == 40


def test_of_a_rule_that_can_say_in_no_row_nothing_is_shown() -> None:
    """That it catches nobody is not known; one row in which it can say is enough to show it."""
    shown = ("caught", "recall", "only_flagged", "only_caught")
    rows: list[Row] = [{"fails": None, "outcome": n < 20} for n in range(40)]
    for first, expected in ((None, [None] * 4), (0, [0, 0.0, 0, 0])):
        found = rules(replayed([{"fails": first, "outcome": True}, *rows]), at_level)
        line = next(each for each in found.iter_rows(named=True) if each["rule"] == "fails")
        assert (line["holds"], line["undetermined"]) == (0, 41 if first is None else 40)
        assert [line[name] for name in shown] == expected


def test_lead_time_runs_from_the_first_flag_to_the_day_of_leaving() -> None:
    """Flags that come again do not shorten it; who is never flagged is counted."""
    left = date(2025, 12, 1)
    rows = [
        {
            "pupil_key": f"p{n}",
            "outcome": True,
            "left_on": left,
            "as_of": left - timedelta(days),
            "fails": int(n < 12 and days <= 200),
        }
        for n in range(15)
        for days in (300, 200, 100)
    ]
    found = replayed(rows)
    assert lead_time(found, at_score(4)) == LeadTime(15, 12, (200.0, 200.0, 200.0))
    few = replayed(rows[:27])
    assert lead_time(few, at_score(4)) == LeadTime(9, 9, None)
    undated = replayed([{"fails": 1, "outcome": True}] * 12)
    assert lead_time(undated, at_score(4)) is None


def test_a_ranking_in_perfect_order_claims_no_certainty() -> None:
    """Its interval cannot be told from so many pairs, all in order."""
    rows: list[Row] = [{"fails": int(n < 8), "incidents": 0, "outcome": n < 8} for n in range(20)]
    found = ranking(replayed(rows))
    assert (found.auc, found.low, found.high) == (1.0, None, None)
