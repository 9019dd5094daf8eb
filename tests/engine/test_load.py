"""Rule files: every problem with its place and a remedy, all of them in one run."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from engine.errors import OutOfBoundsError, RuleError
from engine.load import load, load_files
from engine.schema import json_schema
from engine.write import write_files
from tests.ruletext import INDICATORS, MEASURES, RULESET, files, ladder, rule, rules, ruleset

LIMIT = """
  limit:
    label: {lv: Robeža, en: Limit}
    unit: lessons
    value: 20
    bounds: [10, 30]
    step: 1
    source: tests
"""
GOOD = rules(rule("unexcused_lessons > $limit"), parameters=LIMIT)

BROKEN = {
    "unknown key": (GOOD.replace("points: 1", "pionts: 1"), "shape", "did you mean 'points'"),
    "missing key": (GOOD.replace("    domain: attendance\n", ""), "shape", "add 'domain"),
    "two forms": (
        GOOD.replace("points: 1", "points: 1\n    steps: [{when: a, points: 1}]"),
        "shape",
        "",
    ),
    "points not whole": (GOOD.replace("points: 1", "points: 1.5"), "shape", ""),
    "duplicate key": (GOOD.replace("points: 1", "points: 1\n    points: 2"), "yaml", "keep one"),
    "anchor": (GOOD.replace("points: 1", "points: &a 1"), "yaml", "write it out"),
    "alias": (GOOD.replace("points: 1", "points: *a"), "yaml", "write it out"),
    "tag": (GOOD.replace("points: 1", "points: !!int 1"), "yaml", "quote it"),
    "two documents": (GOOD + "\n---\na: 1\n", "yaml", "two files"),
    "not yaml": ("a: [", "yaml", ""),
    "not a mapping": ("- a", "shape", "rules/README.md"),
    "infinite number": (GOOD.replace("value: 20", "value: 1e400"), "yaml", "15 digits"),
    "condition": (GOOD.replace("> $limit", "= $limit"), "condition", "write '=='"),
    "condition on two lines": (
        GOOD.replace("> $limit", "\n      > $limit"),
        "condition",
        "one line",
    ),
    "unknown indicator": (
        GOOD.replace("when: un", "when: un_"),
        "unknown-name",
        "unexcused_lessons",
    ),
    "unknown parameter": (GOOD.replace("> $limit", "> $limits"), "unknown-name", "'limit'"),
    "unknown domain": (GOOD.replace("domain: att", "domain: atts"), "unknown-name", "'attendance'"),
    "unknown level": (rules(rule("fails > 1", follows="at_least: hihg")), "unknown-name", "'high'"),
    "least level": (rules(rule("fails > 1", follows="at_least: none")), "unknown-name", ""),
    "unknown measure": (
        rules(rule("fails > 1", follows="offers: [trnsport]")),
        "unknown-name",
        "transport",
    ),
    "no consequence": (rules(rule("fails > 1", follows="")), "incomplete", "add 'points'"),
    "number for category": (rules(rule("fails == high")), "type", "number"),
    "two indicators": (rules(rule("fails == low_marks")), "type", "never compared"),
    "flag compared": (
        rules(rule("low_income == 1", follows="offers: [transport]")),
        "type",
        "write 'low",
    ),
    "count alone": (rules(rule("fails")), "type", "compare it"),
    "audit": (rules(rule("sex == f")), "forbidden-use", "group attribute"),
    "support with points": (rules(rule("low_income")), "forbidden-use", "never raise a risk"),
    "context in when": (rules(rule("grade > 5")), "forbidden-use", "applies_to"),
    "out of bounds": (GOOD.replace("value: 20", "value: 31"), "out-of-bounds", "widen"),
    "no bounds": (GOOD.replace("    bounds: [10, 30]\n", ""), "incomplete", "tunable: false"),
    "zero step": (GOOD.replace("step: 1", "step: 0"), "out-of-bounds", ""),
    "unknown unit": (GOOD.replace("unit: lessons", "unit: lesson"), "unknown-name", "'lessons'"),
    "ladder upside down": (
        ladder("fails > 1", "fails > 2").replace("points: 2", "points: 0"),
        "shape",
        "",
    ),
    "too many values": ("rules: [" + "1," * 30_000 + "]", "yaml", "split it"),
    "comma in braces": (GOOD.replace("{lv: Robeža", "{lv: Robeža, virs"), "shape", "in quotes"),
    "same rule twice": (rules(rule("fails > 1"), rule("fails > 2")), "duplicate", "id of its own"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_file_says_where_and_what_to_do(case: str) -> None:
    """Each problem has a code, a place in the file, and mostly a remedy."""
    text, code, hint = BROKEN[case]
    if case == "ladder upside down":
        text = rules(text)
    with pytest.raises(RuleError) as caught:
        ruleset(text)
    problem = caught.value.problems[0]
    assert (problem.code, hint in problem.hint) == (code, True), str(caught.value)
    assert problem.place
    assert problem.place.line >= 1


def test_a_ladder_that_rises_is_refused() -> None:
    """The first step that holds counts, so the most severe stands first."""
    rising = rules(
        ladder("fails > 1", "fails > 2")
        .replace("points: 2", "points: 9", 1)
        .replace("points: 1", "points: 10")
    )
    with pytest.raises(RuleError, match="weighs more"):
        ruleset(rising)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("from: 4", "from: 1", "does not start above"),
        (
            "label: {lv: Nav pazīmju, en: No signs}}",
            "label: {lv: N, en: N}, from: 1}",
            "starts from no score",
        ),
        ("id: high", "id: watch", "two levels"),
        ("from: 4", "from: $limit", "not a whole number"),
        ("id: test-rules", "id: test-rules\npopulation: fails > 1", "may not stand here"),
    ],
)
def test_levels_and_population_are_checked(old: str, new: str, says: str) -> None:
    """Levels rise, the least starts from nothing, and a population is told by context."""
    halves = GOOD.replace("value: 20", "value: 20.5")
    with pytest.raises(RuleError, match=says):
        ruleset(halves, ruleset=RULESET.replace(old, new))


def test_names_that_tables_use_are_refused() -> None:
    """An indicator called level would be overwritten by the level."""
    renamed = INDICATORS.replace("  fails:", "  level:")
    with pytest.raises(RuleError, match="already use"):
        ruleset(rules(rule("level > 2")), indicators=renamed)


def test_a_file_full_of_mistakes_is_answered_shortly() -> None:
    """The first fifty problems are shown, and quickly."""
    with pytest.raises(RuleError) as caught:
        ruleset("rules: []\n" + "".join(f"k{n}: 1\n" for n in range(5000)))
    assert len(caught.value.problems) == 51


def test_all_problems_are_shown_at_once() -> None:
    """One run shows the problems of all files."""
    text = rules(rule("fails = 1"), rule("feils > 1", name="two"), rule("rate(", name="three"))
    with pytest.raises(RuleError) as caught:
        ruleset(text)
    assert len(caught.value.problems) == 2
    with pytest.raises(RuleError) as caught:
        load_files({"rules.yaml": b"a: [", "ruleset.yaml": b"b: ["})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("kind", ["indicators", "measures"])
def test_the_same_name_in_two_catalogues_is_refused(kind: str) -> None:
    """A second declaration never replaces the first in silence."""
    again = files(GOOD) | {
        f"above/{kind}.yaml": (INDICATORS if kind == "indicators" else MEASURES).encode()
    }
    with pytest.raises(RuleError, match="declared twice"):
        load_files(again)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("range: [0, 1]", "range: [1, 0]", "low to high"),
        ("    unit: ratio\n", "", "needs 'range' and 'unit'"),
        ("unit: ratio", "unit: lessons", "'ratio'"),
        ("type: flag", "type: flag\n    decimals: 2", "has no"),
        ("type: category", "type: flag", "lists its 'categories'"),
        ("unit: incidents", "unit: incident", "no unit 'incident'"),
        ("45 school days\n    direction", "45 days\n    direction", "does not fit"),
    ],
)
def test_an_indicator_fits_its_type(old: str, new: str, says: str) -> None:
    """Declarations that contradict themselves are refused."""
    with pytest.raises(RuleError, match=says):
        ruleset(GOOD, indicators=INDICATORS.replace(old, new, 1))


def test_a_file_that_is_not_utf_8_names_the_line() -> None:
    """Windows-1257 rule files are refused with the remedy."""
    with pytest.raises(RuleError, match="UTF-8") as caught:
        load_files(files(GOOD) | {"ruleset.yaml": RULESET.encode("cp1257")})
    assert caught.value.problems[0].place
    assert caught.value.problems[0].place.line == 3


def test_key_order_and_comments_change_no_hash() -> None:
    """Both hashes are of the content, not of the text."""
    one = ruleset(GOOD)
    other = ruleset(
        "# a comment\n"
        + GOOD.replace("    points: 1\n", "").replace("    domain", "    points: 1\n    domain")
    )
    assert one == other
    assert (one.content_hash, one.decision_hash) == (other.content_hash, other.decision_hash)


def test_hashes_are_the_same_on_every_machine() -> None:
    """A golden value: whoever changes it breaks the names of rulesets in force."""
    assert ruleset(GOOD).decision_hash == DECISION


DECISION = "726c58a4b496e7c74479711a95c591fa88d7b16543c3177b9fa6c7c7e8ca7492"


def test_a_candidate_stays_within_bounds() -> None:
    """``with_parameter`` makes a new ruleset, within bounds and for tunable parameters only."""
    base = ruleset(GOOD)
    candidate = base.with_parameter("limit", 25)
    assert candidate.parameters["limit"].value == 25
    assert base.parameters["limit"].value == 20
    assert candidate.decision_hash != base.decision_hash
    with pytest.raises(OutOfBoundsError, match="bounds"):
        base.with_parameter("limit", 31)
    with pytest.raises(RuleError, match="no parameter"):
        base.with_parameter("limits", 25)
    fixed = ruleset(GOOD.replace("step: 1", "step: 1\n    tunable: false"))
    with pytest.raises(OutOfBoundsError, match="fixed"):
        fixed.with_parameter("limit", 25)


def test_a_folder_without_a_ruleset_says_so(tmp_path: Path) -> None:
    """The hint names what is missing."""
    with pytest.raises(RuleError, match=r"no ruleset\.yaml"):
        load(tmp_path)


def test_the_schema_accepts_what_the_loader_accepts(root: Path) -> None:
    """Every rule file of the project, and every file that is written, fits the JSON Schema."""
    validator = jsonschema.Draft202012Validator(json_schema())
    texts = [path.read_text(encoding="utf-8") for path in sorted((root / "rules").rglob("*.yaml"))]
    texts += write_files(ruleset(GOOD)).values()
    for text in texts:
        content = YAML(typ="safe", pure=True).load(text)
        assert not list(validator.iter_errors(json.loads(json.dumps(content))))
    assert list(validator.iter_errors({"rules": [{"id": "x"}]}))
