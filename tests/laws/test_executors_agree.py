"""The law that carries the design: all executors give one answer."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings

from engine.assess import Assessor
from engine.batch import assessments
from engine.canonical import KEY
from engine.column import column_type
from engine.condition import Value
from engine.examples import answers
from engine.executors.byrow import ByRow
from engine.executors.columns import Columns
from engine.executors.durable import Durable
from engine.executors.reference import Reference
from engine.frame import ROW
from engine.meaning import Meaning
from engine.patterns import Patterns
from engine.ruleset import Ruleset
from tests.ruletext import RULESET, rule, rules, ruleset
from tests.strategies import cases

Case = tuple[Ruleset, list[dict[str, Value | None]]]

SCORES = ["score", "possible_score", "level", "possible_level"]
PARTS = 4
EXAMPLES_A_PART = settings().max_examples * 5 // 2  # 2,000 in all with the usual profile


def frame(ruleset: Ruleset, records: list[dict[str, Value | None]]) -> pl.LazyFrame:
    """Return records as the canonical frame that executors run on."""
    known = ruleset.catalogue.indicators
    rows = pl.DataFrame(records, schema={name: column_type(known[name]) for name in ruleset.reads})
    keys = [f"p{number}" for number in range(len(records))]
    return rows.with_row_index(ROW).with_columns(pl.Series(KEY, keys)).lazy()


@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=EXAMPLES_A_PART)
@given(case=cases())
def test_three_executors_give_the_same_truths_scores_and_levels(case: Case, part: int) -> None:
    """Truths, both scores and both levels are equal, row for row; so are the steps they decide."""
    assert part < PARTS
    ruleset, records = case
    rows = frame(ruleset, records)
    wanted = [clause.name for clause in ruleset.clauses] + SCORES
    durable = Durable(ruleset)
    try:
        found = [
            executor.run(rows).collect().select(wanted).rows()
            for executor in (ByRow(Reference(ruleset)), ByRow(durable), Columns(ruleset))
        ]
    finally:
        durable.close()
    assert found[1] == found[0]
    assert found[2] == found[0]


@given(case=cases())
def test_batch_and_online_tell_the_same_of_each_pupil(case: Case) -> None:
    """Files, bulk requests and single ones name the same rules, offers and missing values."""
    ruleset, records = case
    assessor = Assessor(ruleset)
    rows = assessments(Columns(ruleset).run(frame(ruleset, records)), ruleset).collect()
    patterns, differing = Patterns(ruleset).assess(frame(ruleset, records).collect())
    assert differing == []
    for record, row, finding in zip(records, rows.iter_rows(named=True), patterns, strict=True):
        one = assessor.assess(record)
        assert finding.truths == Reference(ruleset).truths(record)
        assert assessor.reasons(record, finding) == one.reasons
        said = {name: value for name, value in row.items() if name not in (KEY, "ruleset")}
        assert said == {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(finding.brief).items()
        }
        assert row == {
            "pupil_key": row["pupil_key"],
            "score": one.score,
            "possible_score": one.possible_score,
            "level": one.level,
            "possible_level": one.possible_level,
            "holds": sorted(reason.rule for reason in one.reasons),
            "undetermined": sorted(each.rule for each in one.undetermined),
            "not_applicable": list(one.not_applicable),
            "offers": list(one.offers),
            "missing": list(one.missing),
            "ruleset": ruleset.version,
        }


@given(case=cases())
def test_reasons_name_the_step_that_decides(case: Case) -> None:
    """A reason's step holds, its evidence comes from the record, and no step above it holds."""
    ruleset, records = case
    reference, meaning, assessor = Reference(ruleset), Meaning(ruleset), Assessor(ruleset)
    names = [clause.name for clause in ruleset.clauses]
    for record in records:
        truths = dict(zip(names, reference.truths(record), strict=True))
        verdicts = meaning.outcome(tuple(truths.values())).verdicts
        found = assessor.assess(record)
        for reason in found.reasons:
            assert truths[f"{reason.rule}.{reason.step}"] is True
            assert all(truths[f"{reason.rule}.{n}"] is not True for n in range(1, reason.step))
            assert verdicts[reason.rule].possible_step == reason.possible_step
            assert all(each.value == record[each.indicator] for each in reason.evidence)
            assert reason.evidence
        rules = {rule.id: rule for rule in ruleset.rules}
        for unknown in found.undetermined:
            possible = verdicts[unknown.rule].possible_step
            step = rules[unknown.rule].steps[possible - 1] if possible else None
            assert unknown.possible_points == (ruleset.points(step) if step else 0)
            assert unknown.possible_at_least == (step.at_least if step else None)
        told = answers(found)
        assert all(name in told or verdicts[name].answer == "does not hold" for name in verdicts)


@pytest.mark.parametrize("top", [2**8 - 1, 2**8, 2**16 - 1, 2**16])
def test_points_never_run_over(top: int) -> None:
    """Where the points just fill a column's type or go past it, the sum stays the sum."""
    parts = [1000] * (top // 1000) + [top % 1000]
    signs = [
        rule("fails > 2", name=f"sign-{number}", follows=f"points: {points}")
        for number, points in enumerate(parts)
    ]
    whole = ruleset(rules(*signs, rule("low_marks > 2", name="unknown")))
    scored = Columns(whole).run(frame(whole, [{"fails": 3, "low_marks": None}])).collect()
    assert scored.select(SCORES[:2]).row(0) == (top, top + 1)


@pytest.mark.parametrize("start", [2**8, 1000])
def test_a_level_may_start_where_no_score_comes(start: int) -> None:
    """A cut-off beyond the greatest score, and beyond its type, is never reached."""
    text = RULESET.replace("from: 4", f"from: {start}")
    whole = ruleset(rules(rule("fails > 2", follows="points: 2")), ruleset=text)
    rows = Columns(whole).run(frame(whole, [{"fails": 3}])).collect()
    assert rows.select(SCORES).row(0) == (2, 2, 1, 1)
