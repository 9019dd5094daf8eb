"""A history suggests ladders: only what may be read, only what holds up, and says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from engine.check import check
from engine.condition import Param
from engine.drafting.scorecard import rows_of
from engine.drafting.steps import axes
from engine.drafting.suggest import Draft, Plan, suggest
from engine.drafting.trust import reasons, unread
from engine.errors import DataError
from engine.executors.columns import Columns
from engine.load import load_files
from engine.replay.history import History
from engine.replay.trials import trials
from engine.tuning.candidate import Sought
from engine.tuning.grid import grid_of
from engine.write import write_files
from tests.pasts import past


@pytest.fixture(scope="module")
def draft() -> Draft:
    """Return what a made-up history of four cohorts suggests."""
    return suggest(past())


def with_rows(history: History, *columns: pl.Expr, rows: pl.Expr | None = None) -> History:
    """Return a history with columns changed, and only some rows."""
    found = history.rows.with_columns(columns)
    return replace(history, rows=found if rows is None else found.filter(rows))


def shuffled(history: History, seed: int) -> History:
    """Return a history in which outcomes are dealt out anew within each cohort."""
    dealt = pl.col("outcome").shuffle(seed=seed).over("cohort")
    return with_rows(history, dealt.alias("outcome"))


def said(draft: Draft) -> str:
    """Return the reasons in English, each with its sign."""
    return "\n".join(f"{'+' if r.speaks_for else '-'} {r.text.en}" for r in reasons(draft))


def test_a_draft_is_a_ruleset_that_passes_every_check(draft: Draft) -> None:
    """Also after it was written and read again, with all its texts, bounds and examples."""
    assert draft.ruleset is not None
    assert check(draft.ruleset) == []
    files = {name: text.encode() for name, text in write_files(draft.ruleset).items()}
    assert load_files(files) == draft.ruleset
    assert all(p.tunable and p.bounds and p.step for p in draft.ruleset.parameters.values())


def test_a_draft_reads_only_what_may_raise_a_risk(draft: Draft) -> None:
    """Context and group attributes tell who leaves here, and are not read; each is named."""
    assert draft.ruleset is not None
    assert set(draft.ruleset.reads) <= {
        *("attendance_rate_45d", "failed_courses", "failed_core_courses", "incidents_semester"),
    }
    why = {indicator.name: text.en for indicator, text in unread(past(), draft)}
    assert "audit" in why["sex"]
    assert "context" in why["grade"]


def test_the_score_of_the_draft_is_the_score_that_was_judged(draft: Draft) -> None:
    """The executor flags exactly what the front says, sure and possible."""
    assert draft.ruleset is not None
    assert draft.split is not None
    tuned = draft.split.rows(past(), "tune").filter(pl.col("outcome").is_not_null())
    scored = Columns(draft.ruleset).run(tuned.lazy()).collect()
    for point in draft.front:
        flagged = scored["score"] >= point.score
        could = ~flagged & (scored["possible_score"] >= point.score)
        assert flagged.mean() == pytest.approx(point.flagged)
        assert could.mean() == pytest.approx(point.cannot_say)
        assert scored.filter(flagged)["outcome"].mean() == pytest.approx(point.precision)
    starts = {draft.ruleset.levels[rank].id: start for rank, start in draft.ruleset.starts}
    shares = {point.score: point.flagged for point in draft.front}
    off = {score: abs(share - 0.2) for score, share in shares.items() if share <= 0.25}
    assert off[starts["support"]] == min(off.values())


def test_every_number_of_a_draft_was_chosen_by_the_search(draft: Draft) -> None:
    """The record names history, cohorts and seed, and a number that a person moves is theirs."""
    candidate = draft.candidate
    assert candidate is not None
    assert candidate.learnt is not None
    assert candidate.learnt.history == past().fingerprint
    assert candidate.learnt.cohorts == ("2020", "2021", "2022")
    assert candidate.learnt.gains
    assert candidate.learnt.sought == Sought("support", share=0.2, steps=draft.plan.steps)
    assert {choice.by for choice in candidate.choices(None)} == {"search"}
    for parameter in candidate.ruleset.parameters.values():
        assert past().fingerprint[:16] in parameter.source
        assert "2020 – 2022" in parameter.source
    name, old = next((n, p) for n, p in candidate.ruleset.parameters.items() if n.startswith("att"))
    assert old.bounds is not None
    assert candidate.moved(name, old.bounds[0]).chosen_by(name) == "person"


def test_a_source_can_be_read_in_either_language(draft: Draft) -> None:
    """It names the command, cohorts and history; what a level flags is told in both languages."""
    assert draft.ruleset is not None
    source = draft.ruleset.source
    assert source == f"pumpurs suggest --seed 1; 2020 – 2022; SHA-256 {past().fingerprint[:16]}"
    levels = {level.start.name for level in draft.ruleset.levels if isinstance(level.start, Param)}
    assert levels
    for name, parameter in draft.ruleset.parameters.items():
        if name not in levels:
            assert parameter.source == source
            continue
        lv, en = parameter.source.replace("\u00a0", " ").removeprefix(source).split(" / ")
        assert re.fullmatch(r"; atzīmē (\d+,\d) % rindu, no tām pameta (\d+,\d) %", lv)
        assert re.fullmatch(r"flags (\d+\.\d) % of the rows, (\d+\.\d) % of these left", en)


def test_every_number_of_a_draft_can_be_tuned(draft: Draft) -> None:
    """The present value is one of those that tuning tries, and there are others."""
    assert draft.ruleset is not None
    grid = grid_of(draft.ruleset)
    assert set(grid.names) == set(draft.ruleset.parameters)
    for tuned in grid.tuned:
        assert tuned.values[tuned.present] == draft.ruleset.parameters[tuned.name].value
    assert grid.combinations > 1000


def test_what_is_stated_comes_from_rows_that_the_search_did_not_see(draft: Draft) -> None:
    """Trials judge 2021 and 2022 from what was before; 2023 is judged once, and near to that."""
    assert [trial.name for trial in draft.expected.trials] == ["2021", "2022"]
    assert draft.judged is not None
    stated = draft.expected.next
    assert draft.judged.precision == pytest.approx(stated.precision, abs=0.05)
    assert stated.low <= draft.judged.precision <= stated.high
    assert "+ On later cohorts precision is" in said(draft)


def test_what_later_cohorts_show_cannot_change_the_draft(draft: Draft) -> None:
    """Outcomes of 2023 turned round: the same ruleset, and a reason not to trust it."""
    turned = pl.when(pl.col("cohort") == "2023").then(~pl.col("outcome")).otherwise("outcome")
    found = suggest(with_rows(past(), turned.alias("outcome")), after="2022")
    assert found.ruleset == draft.ruleset
    assert found.expected == draft.expected
    assert "- On later cohorts precision is" in said(found)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("cohorts", [True, False])
def test_shuffled_outcomes_suggest_nothing(seed: int, cohorts: bool) -> None:  # noqa: FBT001
    """Neither where trials go from cohort to cohort, nor where they go from school to school."""
    history = shuffled(past(), seed)
    if not cohorts:
        history = with_rows(history, pl.lit("2020").alias("cohort"))
    found = suggest(history, Plan(seed=seed))
    assert found.ruleset is None
    assert found.candidate is None
    assert not found.expected.gains
    assert re.search(
        r"- In trials, .* surely better than the base rate alone.*; AUC there was", said(found)
    )


def test_too_few_outcomes_are_refused_unless_asked_for() -> None:
    """Then there are fewer steps, and title, description and reasons say why."""
    left = pl.col("outcome").fill_null(value=False)
    few = with_rows(past(), rows=~left | (left.cum_sum() <= 90))
    with pytest.raises(DataError, match="small-data") as caught:
        suggest(few)
    assert "use what people chose" in caught.value.problems[0].hint
    found = suggest(few, Plan(small_data=True))
    assert found.limit == found.seen.left // 20 < 5
    assert found.ruleset is not None
    assert len(found.card) <= found.limit
    assert "too few data" in found.ruleset.title.en
    assert "pārāk maz" in found.ruleset.title.lv
    assert "too few data" in str(found.ruleset.description)
    assert "these are few" in said(found)


def test_a_few_outcomes_are_dealt_out_to_all_folds() -> None:
    """With 25 who left, in one cohort and no school, each fold has some to judge by."""
    left = pl.col("outcome").fill_null(value=False)
    few = with_rows(past(), pl.lit("2020").alias("cohort"), rows=~left | (left.cum_sum() <= 25))
    found = suggest(replace(few, rows=few.rows.drop("school")), Plan(small_data=True))
    assert found.limit == 1
    assert all(4 <= trial.left <= 6 for trial in found.expected.trials)


def test_next_to_no_outcomes_are_refused_even_so() -> None:
    """The hint does not offer what would be refused again."""
    left = pl.col("outcome").fill_null(value=False)
    few = with_rows(past(), rows=~left | (left.cum_sum() <= 20))
    with pytest.raises(DataError, match="small-data") as caught:
        suggest(few, Plan(small_data=True))
    assert "draft of fewer steps" not in caught.value.problems[0].hint


def test_a_pupil_who_left_after_several_days_left_once() -> None:
    """Rows of one pupil are not as many pupils: 60 who left in two rows each are too few."""
    rows = past().rows.filter(pl.col("cohort") == "2020")
    left = rows.filter("outcome").head(60)
    once = pl.concat([rows.filter(~pl.col("outcome")), left])
    twice = [once, once.with_columns(cohort=pl.lit("2021"), as_of=pl.date(2021, 12, 20))]
    with pytest.raises(DataError, match="60\xa0pupils left"):
        suggest(replace(past(), rows=pl.concat(twice), horizon=None), Plan(), after=None)


def test_an_indicator_is_never_read_against_its_direction() -> None:
    """Where high attendance goes with leaving, the draft does without attendance."""
    worst = 1 - pl.col("attendance_rate_45d")
    found = suggest(with_rows(past(), worst.alias("attendance_rate_45d")))
    assert found.ruleset is not None
    assert "attendance_rate_45d" not in found.ruleset.reads


def test_what_is_missing_or_constant_is_left_out_and_named() -> None:
    """A history may hold columns that tell nothing; one with nothing else is refused."""
    nothing = (
        pl.lit(None, pl.Int32).alias("failed_courses"),
        pl.lit(2, pl.Int32).alias("failed_core_courses"),
    )
    history = with_rows(past(), *nothing)
    found = suggest(history)
    why = {indicator.name: text.en for indicator, text in unread(history, found)}
    assert "one value" in why["failed_courses"]
    assert "one value" in why["failed_core_courses"]
    rest = [pl.lit(None, past().rows[n].dtype).alias(n) for n in history.indicators]
    with pytest.raises(DataError, match="no-indicators"):
        suggest(with_rows(past(), *rest))


def test_one_cohort_alone_is_told_apart_by_schools_and_stated_with_care() -> None:
    """No row is left to judge; a tenth of the gain in precision is not promised."""
    history = with_rows(past(), pl.lit("2020").alias("cohort"))
    found = suggest(history)
    assert found.expected.kind == "schools"
    assert found.judged is None
    assert "There is no later cohort to judge the draft: there are not two cohorts" in said(found)
    trials = found.expected.trials
    met = np.average([t.precision for t in trials], weights=[t.rows for t in trials])
    base = found.expected.next.base
    assert found.expected.next.precision == pytest.approx(base + 0.9 * (met - base))
    alone = suggest(replace(history, rows=history.rows.drop("school")))
    assert alone.expected.kind == "pupils"


def test_the_newest_cohorts_count_most() -> None:
    """Of two trials the later counts twice, row for row."""
    expected = suggest(past()).expected
    first, second = expected.trials
    weights = (first.rows, 2 * second.rows)
    met = np.average([first.precision, second.precision], weights=weights)
    assert expected.next.precision == pytest.approx(met)


def test_a_trial_tunes_on_outcomes_that_were_settled_by_then() -> None:
    """Where outcomes take 400 days, what became of the pupils of 2021 is not known in 2022."""
    rows = past().labelled
    for horizon, known in ((300, {"2020", "2021"}), (400, {"2020"})):
        kind, parts = trials(rows, past().cohorts, 1, horizon)
        assert kind == "cohorts"
        trial = next(trial for trial in parts if trial.name == "2022")
        assert set(rows["cohort"][trial.tune]) == known


def test_cohorts_of_the_same_days_are_not_taken_for_later_ones() -> None:
    """Schools named as cohorts: no trial goes from one to the other as if time had passed."""
    same = with_rows(past(), pl.col("school").alias("cohort"), pl.date(2022, 12, 20).alias("as_of"))
    found = suggest(with_rows(same, rows=pl.col("pupil_key").is_first_distinct()))
    assert found.expected.kind == "schools"
    assert "There is no later cohort to judge the draft: the cohorts overlap" in said(found)
    assert found.unsplit is not None


def test_what_looks_like_a_leak_is_not_drafted_unless_a_person_says_it_is_none() -> None:
    """A search would choose it before all else."""
    leak = pl.when("outcome").then(9).otherwise(0).cast(pl.Int32).alias("incidents_semester")
    history = with_rows(past(), leak)
    with pytest.raises(DataError, match="'incidents_semester' cannot be searched by") as error:
        suggest(history)
    assert {problem.code for problem in error.value.problems} == {"leak"}
    found = suggest(history, Plan(no_leak=("incidents_semester",)))
    assert found.learnt.no_leak == ("incidents_semester",)
    assert "- Tells almost surely who left; a person said that it is no leak: " in said(found)


def test_outcomes_that_nobody_knows_are_counted_and_said() -> None:
    """They are not taken for pupils who stayed."""
    unknown = pl.when(pl.int_range(pl.len()) % 3 > 0).then("outcome").alias("outcome")
    history = with_rows(past(), unknown)
    found = suggest(history)
    assert found.split is not None
    assert found.seen.rows + found.seen.unknown == found.split.rows(history, "tune").height
    assert "- The outcome of 3" in said(found)


def test_rows_without_an_outcome_are_refused() -> None:
    """A search over nothing would divide by nothing."""
    known = [past().catalogue.indicators[name] for name in past().indicators]
    with pytest.raises(DataError, match="no-outcomes"):
        rows_of(past().rows.clear(), axes(past().rows, known))


@pytest.mark.parametrize(
    "plan", [Plan(steps=0), Plan(steps=21), Plan(flagged=0.0), Plan(flagged=1.0)]
)
def test_a_plan_out_of_range_is_refused(plan: Plan) -> None:
    """Whatever the history."""
    with pytest.raises(DataError, match="range"):
        suggest(past(), plan)


def test_a_split_that_cannot_be_is_refused() -> None:
    """A cohort that is not there is an error, not a reason to tune on everything."""
    with pytest.raises(DataError, match="no-split"):
        suggest(past(), after="1999")


def planted(parts: Sequence[tuple[str, float]]) -> History:
    """Return a history in which two signs alone decide, one of them in two steps."""
    draw = np.random.default_rng(5)
    rate = draw.uniform(0.5, 1, 6000).round(2)
    fails = draw.integers(0, 6, 6000)
    logit = -3 + 1.5 * (rate < 0.9) + 1.5 * (rate < 0.7) + 1.5 * (fails >= 3)
    left = draw.random(6000) < 1 / (1 + np.exp(-logit))
    rows = past(6000).rows.with_columns(
        pl.Series("outcome", left),
        pl.Series("attendance_rate_45d", rate),
        pl.Series("failed_courses", fails.astype(np.int32)),
        *(pl.lit(value, past().rows[name].dtype).alias(name) for name, value in parts),
    )
    return replace(past(6000), rows=rows)


def test_limits_that_were_planted_are_found_again() -> None:
    """In a few steps, near where they are, with equal points for equal weights."""
    found = suggest(planted([("failed_core_courses", 0), ("incidents_semester", 0)]))
    assert found.ruleset is not None
    values = {n: p.value for n, p in found.ruleset.parameters.items()}
    assert values["failed_courses_1"] == 3
    assert values["attendance_rate_45d_2"] == pytest.approx(0.9, abs=0.011)
    assert values["attendance_rate_45d_1"] == pytest.approx(0.7, abs=0.011)
    one, two = values["attendance_rate_45d_2_points"], values["attendance_rate_45d_1_points"]
    assert len(found.card) == 3
    assert two == pytest.approx(2 * one, rel=0.35)
    assert values["failed_courses_1_points"] == pytest.approx(one, rel=0.5)


def test_a_draft_that_ranks_pupils_well_is_one_though_its_probabilities_were_too_sure() -> None:
    """Leaving grows rarer by the year: early curves say too much, and ranks are as good as ever."""
    draw = np.random.default_rng(4)
    kept = pl.Series(draw.random(past().rows.height))
    share = {"2020": 1.0, "2021": 0.45, "2022": 0.2}
    stays = pl.col("cohort").replace_strict(share, default=1.0, return_dtype=pl.Float64) > kept
    left = pl.col("outcome").fill_null(value=False)
    found = suggest(with_rows(past(), rows=~left | stays), after="2022")
    assert not found.expected.likelier
    assert found.expected.ranks
    assert found.ruleset is not None
    words = said(found)
    assert "+ In trials" in words
    assert "not surely better than the base rate alone, but it surely ranked pupils" in words
