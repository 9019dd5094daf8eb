"""The condition language: what is in it, and everything else refused."""

from __future__ import annotations

import pytest

from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Or,
    Param,
    text,
)
from engine.errors import ConditionError, Place
from engine.parse import MAX_DEPTH, MAX_LENGTH, parse
from tests.golden import matches_golden

ACCEPTED = {
    "rate < 0.9": Comparison("rate", "<", 0.9),
    "0.9 > rate": Comparison("rate", "<", 0.9),
    "mean >= -5": Comparison("mean", ">=", -5),
    "count == 5.0": Comparison("count", "==", 5),
    "rate < $watch": Comparison("rate", "<", Param("watch")),
    "kind == vocational": Comparison("kind", "==", "vocational"),
    'kind != "skola Ā"': Comparison("kind", "!=", "skola Ā"),
    "kind in {a, 'b c'}": Member("kind", ("a", "b c")),
    'kind in {"_a", "or"}': Member("kind", ("_a", "or")),
    "kind not in {a}": Not(Member("kind", ("a",))),
    "3 <= count < $top": Between(3, "<=", "count", "<", Param("top")),
    "low_income": Flag("low_income"),
    "known(rate)": Known("rate"),
    "not (a or b)": Not(Or((Flag("a"), Flag("b")))),
    "(a and b) and c": And((Flag("a"), Flag("b"), Flag("c"))),
    "a and b or c": Or((And((Flag("a"), Flag("b"))), Flag("c"))),
    "  a\t": Flag("a"),
    "count < 0e5": Comparison("count", "<", 0),
    " and ".join(["(a)"] * 12): And((Flag("a"),) * 12),
    "a" * MAX_LENGTH: Flag("a" * MAX_LENGTH),
}


@pytest.mark.parametrize("source", ACCEPTED)
def test_what_is_in_the_language(source: str) -> None:
    """Each form gives its tree, and its text gives the tree again."""
    tree = parse(source)
    assert tree == ACCEPTED[source]
    assert parse(text(tree)) == tree


REFUSED = {
    "rate = 0.9": (6, "write '=='"),
    "'a$b' == kind": (1, "quoted once"),
    "a$b < 1": (2, "$low_mark"),
    "kind == $a$b": (9, "$low_mark"),
    "kind == 'a' 'b'": (13, "quoted once"),
    "kind == r'a'": (10, "quoted once"),
    "āda < 1": (1, "letters a-z"),
    "rate < 1e400": (8, "15 digits"),
    "rate < 9007199254740993": (8, "15 digits"),
    "rate < 9007199254740991.5": (8, "15 digits"),
    "rate < 1e-400": (8, "15 digits"),
    "rate < " + "9" * 400: (8, "15 digits"),
    "low == True": (8, "stands alone"),
    "low == -True": (8, "compare one indicator"),
    "True": (1, "compare one indicator"),
    "_rate < 1": (1, "start it with a letter"),
    "not _rate": (5, "start it with a letter"),
    "a and (b or _c)": (13, "start it with a letter"),
    "kind == ''": (9, "a $parameter or a category"),
    "kind == '\x07'": (9, "a $parameter or a category"),
    "  a b": (5, "compare one indicator"),
    "a < 1 b": (7, "compare one indicator"),
    "  (a": (3, "compare one indicator"),
    "rate < $_x": (8, "start it with a letter"),
    "a + b < 3": (3, "named indicator"),
    "max(a) < 3": (1, "compare one indicator"),
    "known(a, b)": (1, "compare one indicator"),
    "known(3)": (1, "compare one indicator"),
    "known < 3": (1, "compare one indicator"),
    "a < known": (5, "compare one indicator"),
    "rate is None": (1, "compare one indicator"),
    "a if b else c": (1, "compare one indicator"),
    "lambda: 3": (7, "compare one indicator"),
    "a.b < 3": (2, "compare one indicator"),
    "a[0] < 3": (2, "compare one indicator"),
    "10 > a > 5": (1, "low to high"),
    "a < b < c": (1, "low to high"),
    "1 < a > 5": (1, "low to high"),
    "5 > a < 9": (1, "low to high"),
    "x < a < 5": (1, "low to high"),
    "1 < a < x": (1, "low to high"),
    "3 < a < 4 < 5": (1, "compare one indicator"),
    "3 < 5": (1, "compare one indicator"),
    "$x < 5": (1, "compare one indicator"),
    "a in b": (6, "in braces"),
    "a in {1}": (6, "in braces"),
    "a in {x, x}": (6, "in braces"),
    "a not in (b)": (11, "in braces"),
    "a < 1_000": (5, "without separators"),
    "a < 0x10": (5, "without separators"),
    "a < 5 # x": (7, "compare one indicator"),
    "a < 3\nand b": (6, "compare one indicator"),
    "a <": (1, "compare one indicator"),
    "": (1, "compare one indicator"),
    "   ": (1, "compare one indicator"),
    "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1): (MAX_DEPTH + 1, "split the rule"),
    "not " * (MAX_DEPTH + 1) + "a": (4 * MAX_DEPTH + 5, "split the rule"),
    "a" * (MAX_LENGTH + 1): (1, "split the rule"),
    " or ".join(f"a < {n}" for n in range(13)): (1, "split the rule"),
}


@pytest.mark.parametrize("source", REFUSED)
def test_everything_else_is_refused_with_column_and_remedy(source: str) -> None:
    """The error names the column, and says what to write instead."""
    column, hint = REFUSED[source]
    with pytest.raises(ConditionError) as caught:
        parse(source)
    (problem,) = caught.value.problems
    assert problem.place
    assert hint in problem.hint
    assert problem.place.column == column


def test_refusals_word_for_word() -> None:
    """What an analyst reads for each refusal: message, line, caret, hint."""
    said = []
    for source in REFUSED:
        with pytest.raises(ConditionError) as caught:
            parse(source)
        said.append(str(caught.value))
    assert matches_golden("refusals.txt", "\n\n".join(said) + "\n")


@pytest.mark.parametrize(
    ("source", "starts"),
    [
        ("  a and b", [2, 2, 8]),
        ("a or (b and not c)", [0, 0, 6, 6, 12]),
        ("ab and kind not in {x}", [0, 0, 7]),
    ],
)
def test_every_part_knows_where_it_stands(source: str, starts: list[int]) -> None:
    """So that the checker can point at it."""

    def offsets(part: Condition) -> list[int]:
        inner = part.parts if isinstance(part, And | Or) else ()
        return [part.offset, *(n for each in inner for n in offsets(each))]

    assert offsets(parse(source)) == starts


def test_brackets_nest_as_deep_as_is_said_and_no_deeper() -> None:
    """Twelve deep is read, thirteen is not, whatever is nested."""

    def mixed(depth: int) -> str:
        return f"({mixed(depth - 1)} {'and' if depth % 2 else 'or'} b)" if depth else "a"

    for nested in (mixed, lambda depth: "not (" * depth + "a" + ")" * depth):
        parse(nested(MAX_DEPTH))
        with pytest.raises(ConditionError, match=f"deeper than {MAX_DEPTH}"):
            parse(nested(MAX_DEPTH + 1))


def test_a_refusal_stands_where_the_condition_stands() -> None:
    """A place that is given is the one that is named, moved to the column of the fault."""
    with pytest.raises(ConditionError) as caught:
        parse("mean = 4", Place("rules.yaml", 7, 11))
    (problem,) = caught.value.problems
    assert problem.place == Place("rules.yaml", 7, 16)


def test_the_error_draws_a_caret() -> None:
    """File, line, column, the line itself, a caret under the place, and a hint."""
    with pytest.raises(ConditionError) as caught:
        parse("mean = 4")
    assert str(caught.value) == (
        "<condition>:1:6: this is not a condition [condition]\n"
        "    mean = 4\n"
        "         ^\n"
        "  hint: to compare for equality write '=='"
    )
