"""The laws of replay: figures are counts, ties are means over orders, small cells stay hidden."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.canonical import KEY
from engine.meaning import Answer, Outcome
from engine.replay.calibration import calibration
from engine.replay.cuts import Cut, at_capacity, at_level, at_score, default_level
from engine.replay.figures import COUNTS, SHARES, counted_for, counts, shares
from engine.replay.ranking import Ranking, ranking
from engine.replay.replay import Replay, replay
from engine.replay.report import Asked, report
from engine.replay.rules import gaps, rules
from engine.replay.small import SMALLEST, suppressed, too_few, untold
from engine.ruleset import Ruleset
from tests.replays import LADDER, Row, drawn, history, outcomes
from tests.ruletext import rule
from tests.ruletext import rules as rules_of
from tests.ruletext import ruleset as ruleset_of

ANY_RULESET = ruleset_of(rules_of(rule("fails >= 1")))
FEW = settings().max_examples // 4  # they score each ruleset once for each of its rules
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


def scored_replay(scored: list[tuple[int, bool | None]], pupils: int = 99) -> Replay:
    """Return a replay of rows with these scores and outcomes, of so many pupils in turn."""
    rows = pl.DataFrame(scored, schema={"score": pl.UInt8, "outcome": pl.Boolean}, orient="row")
    keys = [f"p{number % pupils}" for number in range(len(scored))]
    rows = rows.with_columns(pl.Series(KEY, keys), possible_score=pl.col("score"))
    rows = rows.with_columns(
        level=pl.lit(0, pl.UInt8), possible_level=pl.lit(0, pl.UInt8), cohort=pl.lit("c")
    )
    return Replay(ANY_RULESET, rows, {}, (), (), "drawn", repeated=pupils < len(scored))


pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.booleans()), min_size=SMALLEST)


SIGNS = (None, "unexcused_lessons", "low_marks", "incidents", "fails")


def apart(found: Replay, one: pl.Expr, other: pl.Expr) -> int:
    """Return how many pupils of known outcome stand between two lines."""
    known = found.rows.filter(pl.col("outcome").is_not_null())
    return known.filter(one != other)[KEY].n_unique()


@settings(max_examples=FEW)
@given(
    sizes=st.tuples(*(st.integers(0, 45) for _ in SIGNS)),
    pupils=st.integers(20, 99),
    plans=st.integers(1, 40),
    left=st.integers(2, 5),
)
def test_no_two_figures_of_a_report_tell_of_few(
    sizes: tuple[int, ...], pupils: int, plans: int, left: int
) -> None:
    """Levels, a cut at 20 % or at plans, among ties too, and bands of scores: none less another."""
    signs = [sign for sign, size in zip(SIGNS, sizes, strict=True) for _ in range(size)]
    assume(signs)
    rows: list[Row] = [
        {name: int(name == sign) for name in SIGNS if name}
        | {KEY: f"p{n % pupils}", "outcome": None if n % 7 == 0 else n % left == 0}
        for n, sign in enumerate(signs)
    ]
    found = replay(history(rows, LADDER.reads, catalogue=LADDER.catalogue), LADDER)
    made = report(found, Asked(plans=plans))
    nobody, everybody = pl.lit(value=False), pl.lit(value=True)
    lines = [nobody, everybody, *(pl.col("level") >= rank for rank in (1, 2))]
    for name in ("share", "plans"):
        if made.whole[name]["caught"].item() is not None:
            flagged = made.cuts[name].flagged
            mine = [flagged >= 1, flagged > 0]
            assert not any(too_few(apart(found, one, each)) for one in mine for each in lines)
            assert not too_few(apart(found, *mine))
            lines += mine
    for start in made.calibration["score_from"][1:]:  # the first band begins with everybody
        assert not any(too_few(apart(found, pl.col("score") >= start, each)) for each in lines)


@settings(max_examples=FEW)
@given(case=drawn())
def test_what_only_one_rule_brings_is_what_the_others_do_not_flag(case: Case) -> None:
    """Row by row, by the meaning of the ruleset without it; alone it flags where it holds."""
    found, inside = replayed(case)
    ruleset, _ = case
    rank = ruleset.rank(default_level(ruleset))
    for line in rules(found, at_level).iter_rows(named=True):
        others = tuple(each for each in ruleset.rules if each.id != line["rule"])
        holds = [out.verdicts[line["rule"]].answer is Answer.HOLDS for _, out in inside]
        unknown = [out.verdicts[line["rule"]].answer is Answer.UNKNOWN for _, out in inside]
        lost = [(out.level or 0) >= rank for _, out in inside]
        if others:
            without = outcomes(replace(ruleset, rules=others, examples=()), [r for r, _ in inside])
            kept = [(out.level or 0) >= rank for out in without]
            lost = [was and not is_ for was, is_ in zip(lost, kept, strict=True)]
        assert (line["holds"], line["undetermined"]) == (sum(holds), sum(unknown))
        mute = all(unknown)  # what it would flag is not known
        assert line["only_flagged"] == (None if mute else sum(lost))


@given(
    scored=pairs,
    pupils=st.integers(1, 40),
    told=st.sets(st.sampled_from(sorted(SHARES)), min_size=1),
)
def test_shares_of_fewer_rows_are_the_same_as_those_of_all(
    scored: list[tuple[int, int, bool]], pupils: int, told: set[str]
) -> None:
    """Rows that a share is not of cannot change it, nor its interval."""
    found = scored_replay(
        [(low, None if more == 3 else left) for low, more, left in scored], pupils
    )
    whole = shares(counts(found, at_score(2)))
    some = shares(counted_for(found, at_score(2), told), told)
    names = [n for n in some.columns if n in whole.columns]
    assert {f"{share}{end}" for share in told for end in ("", "_low", "_high")} <= {*names}
    assert some.select(names).equals(whole.select(names))


@settings(max_examples=FEW)
@given(case=drawn())
def test_every_undetermined_rule_misses_an_indicator(case: Case) -> None:
    """No indicator is missing in more rows than the rule is undetermined in, nor in none."""
    found, _ = replayed(case)
    brought, missing = rules(found, at_level), gaps(found)
    for name, undetermined in brought.select("rule", "undetermined").iter_rows():
        counted = missing.filter(pl.col("rule") == name)["rows"]
        assert counted.len() > 0 if undetermined else counted.len() == 0
        assert counted.is_between(1, max(undetermined, 1)).all()


@given(scored=pairs, pupils=st.integers(SMALLEST, 40))
def test_the_ranking_is_what_counting_pairs_gives(
    scored: list[tuple[int, int, bool]], pupils: int
) -> None:
    """Ties count half; with what is unknown turned out for the worst and the best, its bounds."""
    found = scored_replay([(low, left) for low, _, left in scored], pupils)
    possible = pl.Series("possible_score", [low + more for low, more, _ in scored], pl.UInt8)
    found = replace(found, rows=found.rows.with_columns(possible))
    leavers = [(low, low + more) for low, more, left in scored if left]
    stayers = [(low, low + more) for low, more, left in scored if not left]
    value = ranking(found)
    if not leavers or not stayers:
        assert value == Ranking()
        return

    def counted(leaver: int, stayer: int) -> float:
        each = [
            (a[leaver] > b[stayer]) + (a[leaver] == b[stayer]) / 2 for a in leavers for b in stayers
        ]
        return sum(each) / len(each)

    assert value.auc == pytest.approx(counted(0, 0))
    assert value.least == pytest.approx(counted(0, 1))
    assert value.most == pytest.approx(counted(1, 0))
    if value.low is not None and value.auc is not None and value.high is not None:
        assert 0 <= value.low < value.auc < value.high <= 1


@given(scored=pairs, pupils=st.integers(1, 40))
def test_calibration_has_every_row_once_and_no_band_of_few(
    scored: list[tuple[int, int, bool]], pupils: int
) -> None:
    """Bands lie beside one another; without ten pupils there are none."""
    rows = [(low, None if more == 3 else left) for low, more, left in scored]
    found = scored_replay(rows, pupils)
    bands = calibration(found)
    known = {number % pupils for number, (_, left) in enumerate(rows) if left is not None}
    if len(known) < SMALLEST:
        assert bands.is_empty()
        return
    assert bands["rows"].sum() == len(rows)
    for band in bands.iter_rows(named=True):
        inside = [
            row
            for row in enumerate(rows)
            if band["score_from"] <= row[1][0] and row[1][0] <= band["score_to"]
        ]
        left = [row[1][1] for row in inside]
        assert (band["left"], band["stayed"]) == (left.count(True), left.count(False))
        assert band["observed"] == pytest.approx(left.count(True) / (len(left) - left.count(None)))
        behind = {number % pupils for number, (_, outcome) in inside if outcome is not None}
        assert len(behind) >= SMALLEST


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


@given(
    lines=st.lists(st.tuples(st.integers(0, 25), st.integers(0, 5)), min_size=1, max_size=6),
    sure=st.booleans(),
)
def test_what_became_of_few_is_not_told_nor_had_by_subtraction(
    lines: list[tuple[int, int]], *, sure: bool
) -> None:
    """Of each line shown ten pupils or nobody are told; of those hidden, ten in two lines."""
    behind = [size for size, _ in lines]
    table = pl.DataFrame({"left": [left for _, left in lines]})
    found = untold(table, behind, ["left"], sum(behind) if sure else 0)["left"].is_null()
    hidden = [size for size, gone in zip(behind, found, strict=True) if gone]
    shown = [size for size, gone in zip(behind, found, strict=True) if not gone]
    assert all(size == 0 or size >= SMALLEST for size in shown)
    assert 0 not in hidden
    if any(shown):
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= SMALLEST)
    if all(size == 0 or size >= SMALLEST for size in behind):
        assert not hidden
