"""The laws of impact: equal decisions change nothing, and what changes is counted row by row."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import assume, given

from engine.errors import DataError
from engine.replay.cuts import at_level
from engine.replay.impact import Impact, impact
from engine.replay.replay import Replay, replay
from engine.ruleset import Ruleset
from engine.text import Text
from tests.replays import Row, drawn, history, outcomes
from tests.strategies import rulesets

Case = tuple[Ruleset, list[Row]]


def flags(ruleset: Ruleset, rows: list[Row]) -> list[tuple[bool, bool]]:
    """Return whether each row is flagged at the default level, and whether that cannot be said."""
    least = ruleset.rank("high")
    pairs = [(each.level or 0, each.possible_level or 0) for each in outcomes(ruleset, rows)]
    return [(sure >= least, sure < least <= possible) for sure, possible in pairs]


def impact_of(old: Replay, new: Replay) -> Impact:
    return impact(*((each, at_level(each.ruleset, "high")) for each in (old, new)))


@given(case=drawn())
def test_a_ruleset_of_equal_decisions_changes_nothing_for_anybody(case: Case) -> None:
    """Other texts, another content hash, the same decisions: an empty impact."""
    ruleset, rows = case
    assume(any(outcome.level is not None for outcome in outcomes(ruleset, rows)))
    said = replace(ruleset, title=Text("Cits", "Another"))
    assert said.content_hash != ruleset.content_hash
    past = history(rows, ruleset.reads)
    found = impact_of(replay(past, ruleset), replay(past, said))
    assert not found
    line = found.counts().row(0, named=True)
    assert {line[name] for name in ("newly", "dropped")} <= {0, None}


@given(case=drawn(), other=rulesets())
def test_whom_a_change_flags_and_drops_is_counted_row_by_row(case: Case, other: Ruleset) -> None:
    """For any two rulesets over any rows, whoever is in the population of only one too."""
    ruleset, drawn_rows = case
    pair = (ruleset, other)
    rows = [{**dict.fromkeys(other.reads), **row} for row in drawn_rows]
    for each in pair:
        assume(any(outcome.level is not None for outcome in outcomes(each, rows)))
    past = history(rows, tuple({*ruleset.reads, *other.reads}))
    found = impact_of(*(replay(past, each) for each in pair))
    before, after = ([flag for flag, _ in flags(each, rows)] for each in pair)
    both = list(zip(before, after, rows, strict=True))
    counted = found.rows.collect()
    assert counted["before"].sum() == sum(before)
    assert counted["after"].sum() == sum(after)
    moved = counted.filter(~counted["before"] & counted["after"])
    assert moved.height == sum(new and not old for old, new, _ in both)
    assert moved["outcome"].sum() == sum(
        new and not old and row["outcome"] is True for old, new, row in both
    )
    unsure = [could for _, could in flags(other, rows)]
    assert counted["cannot_say_after"].sum() == sum(unsure)
    assert bool(found) == (flags(ruleset, rows) != flags(other, rows))


def test_what_became_of_few_who_are_no_longer_flagged_is_not_told() -> None:
    """Two of one school, fifteen of the next: that of the fifteen would tell of the two."""
    rows = [
        {"pupil_key": f"p{at}{n}", "school": at, "outcome": True, "before": n < moved}
        for at, moved in (("a", 2), ("b", 15), ("c", 20), ("d", 0))
        for n in range(30)
    ]
    unsure = {f"cannot_say_{time}": False for time in ("before", "after")}
    frame = pl.DataFrame([{**row, "after": False, **unsure} for row in rows])
    table = Impact(frame.lazy(), frame.height, ("school",)).counts("school")
    assert table["dropped"].to_list() == [2, 15, 20, 0]
    assert table["dropped_left"].to_list() == [None, None, 20, 0]
    assert table["newly_left"].to_list() == [0] * 4


@pytest.mark.parametrize(
    ("newly", "dropped", "told"),
    [(0, 4, [0, None]), (12, 4, [None, None]), (12, 11, [12, 11]), (0, 0, [0, 0])],
)
def test_what_became_of_few_is_not_had_from_all_the_others(
    newly: int, dropped: int, told: list[int | None]
) -> None:
    """Of four dropped it would be known, were it known of those newly flagged, and in all."""
    rows = [
        {
            "pupil_key": f"p{n}",
            "school": "ab"[n % 2],
            "outcome": True,
            "before": n >= newly,
            "after": n < 60 - dropped,
            "cannot_say_before": False,
            "cannot_say_after": False,
        }
        for n in range(60)
    ]
    found = Impact(pl.DataFrame(rows).lazy(), 60, ("school",))
    assert found.moved == newly + dropped
    assert [found.counts()[f"{name}_left"].item() for name in ("newly", "dropped")] == told
    for name, whole in zip(("newly", "dropped"), told, strict=True):
        each = found.counts("school")[f"{name}_left"]
        assert (each.null_count() == 2) == (whole is None or 0 < whole < 20)


@given(case=drawn())
def test_replays_of_other_rows_are_not_compared(case: Case) -> None:
    """Another history is no ground for saying what a rule changes."""
    ruleset, rows = case
    assume(any(outcome.level is not None for outcome in outcomes(ruleset, rows)))
    found = replay(history(rows, ruleset.reads), ruleset)
    with pytest.raises(DataError, match="different rows"):
        impact_of(found, replace(found, fingerprint="another"))
