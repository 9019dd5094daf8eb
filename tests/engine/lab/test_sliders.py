"""Sliders: whatever the hand does, the numbers are those of a full replay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.condition import Number
from engine.errors import OutOfBoundsError, RuleError
from engine.lab.sliders import Sliders, sliders
from engine.replay.cuts import Cut, at_level, at_score
from engine.replay.figures import counts
from engine.replay.history import History, read_history
from engine.replay.replay import replay
from engine.ruleset import Ruleset
from tests.ruletext import rules
from tests.ruletext import ruleset as ruleset_of

NAMES = ("absence_watch", "absence_support", "unexcused_early", "low_mean_mark")


@pytest.fixture(scope="module")
def moved(history: History, ruleset: Ruleset) -> Sliders:
    return sliders(history, ruleset, "en", NAMES)


@pytest.fixture(scope="module")
def limited(history: History, ruleset: Ruleset) -> Sliders:
    return sliders(history, ruleset, "en", NAMES)


def replayed(history: History, ruleset: Ruleset, cut: Cut) -> dict[str, int]:
    names = ("rows", "left", "flagged", "caught", "false_alarms", "cannot_say")
    return counts(replay(history, ruleset), cut).select(names).row(0, named=True)


def shown(box: Sliders) -> dict[str, int]:
    found = box.flagged
    return {
        "rows": found.rows,
        "left": found.left,
        "flagged": found.flagged,
        "caught": found.caught,
        "false_alarms": found.false_alarms,
        "cannot_say": found.could,
    }


def numbers(box: Sliders, name: str) -> list[str]:
    """Return a line of the sheet beside the sliders: as it is, as moved, the difference."""
    sheet = box.box.children[1].children[0].value
    line = re.search(rf'<tr class="pumpurs-{name}">(.*?)</tr>', sheet)
    assert line
    return re.findall(r"<td[^>]*>(.*?)</td>", line[1])


@settings(max_examples=15)
@given(data=st.data())
def test_moved_sliders_show_what_a_full_replay_counts(
    data: st.DataObject, history: History, ruleset: Ruleset, moved: Sliders
) -> None:
    """For any values and any level: rows, flagged, caught, false alarms, cannot say."""
    values: Mapping[str, Number] = {
        each.name: data.draw(st.sampled_from(each.values)) for each in moved.answers.grid.tuned
    }
    level = data.draw(st.sampled_from([each.id for each in ruleset.levels[1:]]))
    moved.move(values)
    moved.flag_from(level)
    candidate = ruleset.with_parameters(values)
    assert shown(moved) == replayed(history, candidate, at_level(candidate, level))
    assert moved.candidate.ruleset == candidate


def test_the_sheet_shows_before_now_and_the_difference(history: History, ruleset: Ruleset) -> None:
    """As it is, as moved, and by how much: in the reader's language."""
    box = sliders(history, ruleset, "lv", NAMES)
    before = replayed(history, ruleset, at_level(ruleset))["flagged"]
    assert numbers(box, "flagged") == [str(before), str(before), "±0"]
    box.move({"absence_support": 0.92})
    candidate = ruleset.with_parameter("absence_support", 0.92)
    now = replayed(history, candidate, at_level(candidate))["flagged"]
    assert now > before
    assert numbers(box, "flagged") == [str(before), str(now), f"+{now - before}"]


@given(plans=st.integers(1, 120))
@settings(max_examples=15)
def test_no_more_are_flagged_than_there_can_be_plans(
    plans: int, history: History, ruleset: Ruleset, limited: Sliders
) -> None:
    """The cut is the lowest score that leaves room; one point less would flag too many."""
    limited.plans(plans)
    room = plans * history.rows["as_of"].n_unique()
    scores = replay(history, ruleset).rows["score"].to_list()
    fits = [n for n in range(max(scores) + 1) if sum(s >= n for s in scores) <= room]
    if fits:
        assert shown(limited) == replayed(history, ruleset, at_score(fits[0]))
    else:
        assert limited.flagged.flagged == 0


def test_many_sliders_scroll_beside_the_numbers(history: History, ruleset: Ruleset) -> None:
    """The lowest slider of twenty is moved with the numbers in sight."""
    box = sliders(history, ruleset, "en")
    titled = box.box.children[0].children[2]
    assert len(titled.children) == len(box.values)
    assert titled.layout.max_height
    assert titled.layout.overflow == "hidden auto"


def test_reset_puts_everything_back(ruleset: Ruleset, moved: Sliders) -> None:
    """All sliders stand at the ruleset's own values again, and nothing differs."""
    moved.move({"absence_watch": 0.98})
    moved.reset()
    assert moved.candidate.ruleset.decision_hash == ruleset.decision_hash
    assert numbers(moved, "flagged")[2] == "±0"


def test_a_value_off_the_grid_is_refused(moved: Sliders) -> None:
    """The nearest values are named, and nothing moves."""
    before = moved.values
    with pytest.raises(OutOfBoundsError, match="off-grid"):
        moved.move({"absence_watch": 0.951})
    assert moved.values == before


LADDER = """
  mild_points:
    label: {lv: Vieglās pakāpes punkti, en: Points of the mild step}
    unit: points
    value: 1
    bounds: [1, 3]
    step: 1
    source: tests
"""
STEPS = """
  - id: absence
    domain: attendance
    title: {lv: Zems apmeklējums, en: Low attendance}
    source: tests
    steps:
      - {when: attendance_rate_45d < 0.8, points: 2}
      - {when: attendance_rate_45d < 0.9, points: $mild_points}
"""


def test_what_the_ruleset_s_laws_refuse_is_said_beside_the_sliders(tmp_path: Path) -> None:
    """Points that would rise down a ladder: no numbers, but why."""
    laddered = ruleset_of(rules(STEPS, parameters=LADDER))
    path = tmp_path / "history.csv"
    path.write_text("pupil_key,outcome,attendance_rate_45d\na,1,0.5\nb,0,0.85\n", encoding="utf-8")
    box = sliders(read_history(path, laddered.catalogue), laddered, "en")
    box.move({"mild_points": 3})
    sheet = box.box.children[1].children[0].value
    assert "Not allowed" in sheet
    assert "<table>" not in sheet
    with pytest.raises(RuleError):
        _ = box.candidate
    box.move({"mild_points": 2})
    assert "<table>" in box.box.children[1].children[0].value


def test_only_what_can_flag_anybody_has_a_slider(history: History, ruleset: Ruleset) -> None:
    """Numbers that are fixed, or that only open an offer of help, have none."""
    names = set(sliders(history, ruleset, "en").values)
    assert "absence_watch" in names
    assert not names & {"unexcused_limit", "long_travel", "lodging_travel", "medical_share"}


@pytest.mark.parametrize(
    ("days", "count"),
    [(["2024-12-20", "2025-05-30", None], 2), ([None, None, None], 3), (None, 3)],
)
def test_plans_are_counted_by_the_day_or_else_by_the_cohort(
    days: list[str | None] | None, count: int, history: History, ruleset: Ruleset
) -> None:
    """A row without a day is no day more; of a history without days, cohorts count."""
    at = pl.int_range(pl.len()) % 3
    rows = history.rows.drop("as_of").with_columns(cohort=at.cast(pl.String))
    if days is not None:
        known = at.replace_strict(dict(enumerate(days)), return_dtype=pl.String).str.to_date()
        rows = rows.with_columns(as_of=known)
    box = sliders(replace(history, rows=rows), ruleset, "en", NAMES[:1])
    assert box.days == count


def test_what_became_of_fewer_than_ten_is_not_told(history: History, ruleset: Ruleset) -> None:
    """Where a handful is flagged, how many of them left would speak of single pupils."""
    box = sliders(history, ruleset, "en", NAMES)
    box.plans(1)
    assert 0 < box.flagged.flagged < 10
    assert numbers(box, "flagged")[1] == str(box.flagged.flagged)
    assert set(numbers(box, "caught")) == {"too few pupils"}
