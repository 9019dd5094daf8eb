"""Eight defects that shipped in real early-warning systems, re-expressed here, and all found.

Sources: studentinsights/studentinsights ``somerville_high_levels.rb``, pull request 2133;
Ed-Fi-Alliance-OSS/Ed-Fi-Analytics-Middle-Tier ``early-warning-system.md``,
``RiskIndicators.sql``.
"""

from __future__ import annotations

import pytest

from engine.check import check
from tests.ruletext import INDICATORS, ladder, rule, rules, ruleset

SANCTIONS = """
  actions_limit:
    label: {lv: Disciplinārsodi, en: Discipline actions}
    unit: sanctions
    value: 7
    tunable: false
    source: tests
"""

DEFECTS = {
    "a fail below 65 and a D above 65 leave 65 in neither, in two rules": (
        "missing-equality",
        rules(rule("course_mark < 65"), rule("course_mark > 65", name="two")),
        INDICATORS,
    ),
    "45 school days are counted as 45 calendar days": (
        "label-window",
        rules(rule("attendance_rate_45d < 0.9")),
        INDICATORS.replace("window: 45 school days", "window: 45 calendar days"),
    ),
    "recent_absence_rate holds attendance": (
        "name-direction",
        rules(rule("recent_absence_rate < 0.9")),
        INDICATORS.replace("attendance_rate_45d:", "recent_absence_rate:"),
    ),
    "the rule on discipline actions counts incidents": (
        "unit-mismatch",
        rules(rule("incidents >= $actions_limit"), parameters=SANCTIONS),
        INDICATORS,
    ),
    "the criterion says and, the code says or": (
        "source-joins",
        rules(rule("fails >= 1 or low_marks >= 2", source='issue 1179: "1 F and 2 D"')),
        INDICATORS,
    ),
    "a pupil without rows is safe": (
        "missing-as-safe",
        rules(rule("known(attendance_rate_45d) and attendance_rate_45d < 0.9")),
        INDICATORS,
    ),
    "the document says at least 5 offences, the code more than 5": (
        "source-says",
        rules(rule("incidents > 5", source='document: "at least 5 offences"')),
        INDICATORS,
    ),
    "the document says 2 or more offences, the code more than 2": (
        "source-says",
        rules(rule("incidents > 2", source='document: "2 or more offences"')),
        INDICATORS,
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_linter_finds_the_defect(defect: str) -> None:
    """Each defect is reported under its own code, with a place and a remedy."""
    code, text, indicators = DEFECTS[defect]
    found = [p for p in check(ruleset(text, indicators=indicators)) if p.code == code]
    assert found, defect
    assert all(problem.place and problem.hint for problem in found)


def test_the_gap_is_found_inside_a_ladder_too() -> None:
    """The same gap of exactly 65 as two steps of one ladder."""
    gap = rules(ladder("course_mark < 65", "65 < course_mark < 70"))
    (found,) = [p for p in check(ruleset(gap)) if p.code == "ladder-gap"]
    assert "65" in found.message


def test_what_is_right_is_not_reported() -> None:
    """The same rules, mended, give no such finding."""
    mended = rules(
        ladder("course_mark < 65", "course_mark < 70", name="bands"),
        rule("fails >= 1 and low_marks >= 2", source='issue 1179: "1 F and 2 D"', name="joined"),
        rule("incidents >= 5", source='document: "at least 5 offences"', name="five"),
        rule("attendance_rate_45d < 0.9", name="absent"),
    )
    codes = {problem.code for problem in check(ruleset(mended))}
    assert codes == {"no-example"}
