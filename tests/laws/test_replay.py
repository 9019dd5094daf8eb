"""The laws of replay: figures are counts, ties are means over orders, small cells stay hidden."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.canonical import KEY
from engine.meaning import Outcome
from engine.replay.cuts import Cut, at_capacity, at_level, at_score
from engine.replay.figures import COUNTS, SHARES, counts, shares
from engine.replay.replay import Replay, replay
from engine.replay.small import SMALLEST, suppressed
from engine.ruleset import Ruleset
from tests.replays import Row, drawn, history, outcomes
from tests.ruletext import rule, rules
from tests.ruletext import ruleset as ruleset_of

ANY_RULESET = ruleset_of(rules(rule("fails >= 1")))
Case = tuple[Ruleset, list[Row]]


def replayed(case: Case) -> tuple[Replay, list[tuple[Row, Outcome]]]:
    """Return a replay, and the rows in the population with what the definition says of them."""
    ruleset, rows = case
    found = zip(rows, outcomes(ruleset, rows), strict=True)
    inside = [(row, outcome) for row, outcome in found if outcome.level is not None]
    assume(inside)
    return replay(history(rows, ruleset.reads), ruleset), inside


def by_hand(
    inside: list[tuple[Row, Outcome]], sure: list[bool], possible: list[bool]
) -> dict[str, int]:
    """Count row by row."""
    known = [row["outcome"] for row, _ in inside]
    unsure = [could and not is_ for could, is_ in zip(possible, sure, strict=True)]
    flagged, cannot_say = list(zip(known, sure, strict=True)), list(zip(known, unsure, strict=True))
    return {
        "pupils": len({row[KEY] for row, _ in inside}),
        "rows": len(inside),
        "left": known.count(True),
        "stayed": known.count(False),
        "unknown": known.count(None),
        "flagged": sum(sure),
        "caught": flagged.count((True, True)),
        "false_alarms": flagged.count((False, True)),
        "cannot_say": sum(unsure),
        "cannot_say_left": cannot_say.count((True, True)),
    }


@given(case=drawn(), cut=st.integers(0, 30))
def test_figures_are_what_counting_row_by_row_gives(case: Case, cut: int) -> None:
    """At every level and any score; those outside the population count apart."""
    found, inside = replayed(case)
    ruleset, rows = case
    assert found.outside["rows"] == len(rows) - len(inside)
    asked: list[tuple[Cut, list[bool], list[bool]]] = [
        (
            at_level(ruleset, level.id),
            [(outcome.level or 0) >= rank for _, outcome in inside],
            [(outcome.possible_level or 0) >= rank for _, outcome in inside],
        )
        for rank, level in enumerate(ruleset.levels[1:], 1)
    ]
    sure = [(outcome.score or 0) >= cut for _, outcome in inside]
    possible = [(outcome.possible_score or 0) >= cut for _, outcome in inside]
    for each, flagged, could in [*asked, (at_score(cut), sure, possible)]:
        line = counts(found, each).row(0, named=True)
        wanted = by_hand(inside, flagged, could)
        assert {name: line[name] for name in wanted} == wanted


@given(case=drawn(), by=st.sampled_from(["school", "cohort", "level"]))
def test_the_figures_of_all_groups_add_up_to_the_whole(case: Case, by: str) -> None:
    """Rows of which the group is unknown are a group of their own."""
    found, _ = replayed(case)
    cut = at_level(case[0])
    whole, parts = counts(found, cut), counts(found, cut, by)
    for name in COUNTS:
        assert parts[name].sum() == whole[name].item()
    assert parts[by].n_unique() == parts.height


@given(case=drawn())
def test_an_interval_holds_its_share_and_no_share_of_nothing_is_given(case: Case) -> None:
    """Low <= share <= high within 0 and 1; null exactly where there was nothing to share."""
    found, _ = replayed(case)
    line = shares(counts(found, at_level(case[0]))).row(0, named=True)
    of = {**line, "known": line["left"] + line["stayed"]}
    of["flagged_known"] = line["caught"] + line["false_alarms"]
    for name, (_, trials) in SHARES.items():
        low, share, high = line[f"{name}_low"], line[name], line[f"{name}_high"]
        if not of[trials]:
            assert (low, share, high) == (None, None, None)
        else:
            assert 0 <= low <= share <= high <= 1
            assert low < high


@given(
    scored=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([True, False, None])), min_size=1),
    plans=st.integers(1, 5),
)
def test_within_ties_figures_are_the_means_over_all_orders(
    scored: list[tuple[int, bool | None]], plans: int
) -> None:
    """Whom a capacity takes among equals is a matter of order: all orders count alike."""
    scored = scored[:5]
    found = scored_replay(scored)
    line = counts(found, at_capacity(found, plans)).row(0, named=True)
    taken = [
        sorted(order, key=lambda each: -each[0])[: min(plans, len(scored))]
        for order in permutations(scored)
    ]
    for name, outcome in (("caught", True), ("false_alarms", False)):
        hits = sum(sum(1 for _, each in some if each is outcome) for some in taken)
        assert line[name] == pytest.approx(float(Fraction(hits, len(taken))))
    assert line["flagged"] == pytest.approx(min(plans, len(scored)))


def scored_replay(scored: list[tuple[int, bool | None]]) -> Replay:
    """Return a replay of rows with these scores and outcomes, nothing being unknown."""
    rows = pl.DataFrame(scored, schema={"score": pl.UInt8, "outcome": pl.Boolean}, orient="row")
    keys = [f"p{number}" for number in range(len(scored))]
    rows = rows.with_columns(pl.Series(KEY, keys), possible_score=pl.col("score"))
    rows = rows.with_columns(
        level=pl.lit(0, pl.UInt8), possible_level=pl.lit(0, pl.UInt8), cohort=pl.lit("c")
    )
    return Replay(ANY_RULESET, rows, {}, (), (), "drawn")


@given(st.lists(st.sets(st.integers(0, 4), min_size=1, max_size=2), min_size=1, max_size=60))
def test_no_small_cell_is_shown_or_can_be_had_by_subtraction(cells_of: list[set[int]]) -> None:
    """Each pupil stands in one cell or two; what is hidden is at least ten pupils in two cells."""
    behind = {cell: {p for p, mine in enumerate(cells_of) if cell in mine} for cell in range(5)}
    behind = {cell: pupils for cell, pupils in behind.items() if pupils}
    table = pl.DataFrame(
        {"cell": [str(c) for c in behind], "pupils": [len(p) for p in behind.values()]}
    )
    found = suppressed(table, len(cells_of))
    hidden = [
        pupils
        for line, pupils in zip(found.rows(named=True), behind.values(), strict=True)
        if line["suppressed"]
    ]
    shown = found.filter(~pl.col("suppressed"))["pupils"]
    assert (shown >= SMALLEST).all()
    assert found.filter("suppressed")["pupils"].null_count() == len(hidden)
    if shown.len():
        assert len(hidden) != 1
        assert not hidden or len(set().union(*hidden)) >= SMALLEST
    if min(len(pupils) for pupils in behind.values()) >= SMALLEST:
        assert not hidden
