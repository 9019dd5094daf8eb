"""The linter's other findings, one by one."""

from __future__ import annotations

import pytest

from engine.check import LINTS, check
from engine.errors import Problem
from tests.ruletext import INDICATORS, RULESET, ladder, rule, rules, ruleset

UNUSED = """
  spare:
    label: {lv: Lieks, en: Spare}
    unit: lessons
    value: 5
    bounds: [1, 9]
    step: 1
    source: tests
"""
EXAMPLES = """
examples:
  - says: {{lv: Teikums., en: A sentence.}}
    given: {{{given}}}
    expect: {{{expect}}}
"""


def found(text: str, examples: str = "", **changed: str) -> dict[str, Problem]:
    """Return what the linter finds, by code."""
    return {problem.code: problem for problem in check(ruleset(text, examples, **changed))}


FINDINGS = {
    "unreachable-step": rules(ladder("attendance_rate_45d < 0.9", "attendance_rate_45d < 0.8")),
    "ladder-gap": rules(ladder("fails >= 4", "fails == 2")),
    "ladder-overlap": rules(ladder("2 <= fails <= 4", "1 <= fails <= 3")),
    "always-true": rules(rule("fails >= 0")),
    "never-true": rules(rule("fails > 20")),
    "missing-as-risk": rules(rule("not known(fails)")),
    "unused-parameter": rules(rule("fails > 2"), parameters=UNUSED),
    "mixed-units": rules(rule("fails > $spare or incidents > $spare"), parameters=UNUSED),
    "too-fine": rules(rule("attendance_rate_45d < 0.90005")),
    "no-source": rules(rule("fails > 2").replace("source: 'tests'", "")),
    "no-example": rules(rule("fails > 2")),
    "text-missing": rules(rule("fails > 2").replace("lv: Pazīme one", 'lv: " "')),
    "untranslated": rules(rule("fails > 2").replace("lv: Pazīme one", "lv: Sign one")),
}


@pytest.mark.parametrize("code", FINDINGS)
def test_each_finding(code: str) -> None:
    """A ruleset with the defect gives the finding, with a place in the file and a hint."""
    problem = found(FINDINGS[code])[code]
    assert problem.place
    assert problem.place.line > 1
    assert problem.hint


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("(known(fails) and fails >= 5) or incidents >= 3", "missing-as-safe"),
        ("not known(fails) and incidents > 3", "missing-as-risk"),
        ("known(fails) and fails < 3 or not known(fails)", "missing-as-risk"),
    ],
)
def test_a_missing_value_that_decides_is_found_inside_conditions(condition: str, code: str) -> None:
    """Taking one value away must not make an open answer sure."""
    assert code in found(rules(rule(condition)))


def test_a_missing_value_that_decides_who_is_asked_is_found() -> None:
    """``known`` in `applies_to` would leave pupils out in silence."""
    text = rules(rule("fails >= 5", follows="points: 1\n    applies_to: known(fails)"))
    assert "missing-as-safe" in found(text)


def test_a_rule_that_can_hold_for_nobody_is_found() -> None:
    """`when` and `applies_to` that exclude each other."""
    text = rules(rule("fails <= 3", follows="points: 1\n    applies_to: fails > 3"))
    assert "never-true" in found(text)


@pytest.mark.parametrize("words", ["5+ absences", "a minimum of 5", "vismaz 5 kavējumi", "≥ 5"])
def test_sources_say_at_least_in_many_ways(words: str) -> None:
    """Each says 5 or more; the condition says more than 5."""
    assert "source-says" in found(rules(rule("fails > 5", source=f'"{words}"')))
    assert "source-says" not in found(rules(rule("fails >= 5", source=f'"{words}"')))


def test_never_true_looks_at_conditions_together() -> None:
    """Two comparisons that exclude each other are never true."""
    assert "never-true" in found(rules(rule("fails > 5 and fails < 3")))
    assert "never-true" not in found(rules(rule("fails > 5 and low_marks < 3")))


@pytest.mark.parametrize(
    ("name", "window", "code"),
    [
        ("absences_45d", "45 calendar days", "name-window"),
        ("absences_4w", "4 school weeks", None),
        ("moves_12m", "12 months", None),
        ("attendance_12m", "semester", "name-window"),
    ],
)
def test_a_window_in_a_name_is_the_window(name: str, window: str, code: str | None) -> None:
    """``_45d`` means 45 school days, ``_4w`` weeks, ``_12m`` months."""
    text = INDICATORS.replace("  unexcused_lessons:", f"  {name}:")
    text = text.replace("window: semester", f"window: {window}", 1)
    codes = {c for c in found(rules(rule(f"{name} > 2")), indicators=text) if c == "name-window"}
    assert codes == ({code} if code else set())


def test_an_indicator_named_absence_and_labelled_attendance() -> None:
    """The label is held against the name."""
    text = INDICATORS.replace("attendance_rate_45d:", "absence_rate_45d:")
    text = text.replace("direction: lower_is_worse", "direction: higher_is_worse", 1)
    assert "name-label" in found(rules(rule("absence_rate_45d > 0.1")), indicators=text)


def test_examples_need_a_boundary_and_a_missing_value() -> None:
    """An example far from the threshold, with everything known, is not enough."""
    text = rules(rule("fails > 2"))
    far = EXAMPLES.format(given="fails: 9", expect="one: holds")
    assert {"no-boundary-example", "no-missing-example"} <= found(text, far).keys()
    near = EXAMPLES.format(given="fails: 2", expect="one: does not hold")
    near += EXAMPLES.format(given="low_marks: 1", expect="one: cannot say").replace(
        "examples:\n", ""
    )
    assert not found(text, near)


@pytest.mark.parametrize(
    ("given", "expect", "says"),
    [
        ("fails: 2", "one: holds", "does not hold"),
        ("fails: 3", "score: 2", "is '1'"),
        ("fails: 3", "level: high", "is 'watch'"),
        ("fails: 3", "two: holds", "no rule 'two'"),
        ("fails: 99", "one: holds", "valid range"),
        ("low_marks: 3", "missing: []", "is 'fails'"),
    ],
)
def test_an_example_that_fails_says_what_it_got(given: str, expect: str, says: str) -> None:
    """Examples run, and a wrong expectation names the answer given."""
    text = EXAMPLES.format(given=given, expect=expect)
    assert says in found(rules(rule("fails > 2")), text)["example"].message


def test_thresholds_in_per_cent_are_read() -> None:
    """``below 90 %`` speaks of 0.9; the complement of what is said is right too."""
    wrong = rules(rule("attendance_rate_45d <= 0.9", source='"below 90 %"'))
    right = rules(rule("attendance_rate_45d < 0.9", source='"at least 90 % is on track"'))
    assert "source-says" in found(wrong)
    assert "source-says" not in found(right)


def test_every_lint_has_a_docstring_that_says_what_it_finds() -> None:
    """The list of lints is the list of promises."""
    assert all(lint.__doc__ and lint.__doc__[0].isupper() for lint in LINTS)
    assert RULESET.startswith("\nid: test-rules")
