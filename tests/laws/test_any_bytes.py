"""Laws of refusal: whatever the bytes, there is an answer or an error, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import source
from engine.errors import ConditionError, EarlyWarningError, RuleError
from engine.load import MAX_BYTES, load_files
from engine.parse import parse
from engine.table import read_table

YAML_LIKE = st.lists(
    st.sampled_from(
        [
            "rules",
            ":",
            " ",
            "\n",
            "- ",
            "  ",
            "{",
            "}",
            "[",
            "]",
            '"',
            "'",
            "&a",
            "*a",
            "!!x",
            "|",
            ">",
            "#",
            "?",
            "---",
            "...",
            "<<",
            "1e400",
            "$x",
            "ā",
            "\t",
            "when",
            "points",
            ",",
            "%",
            "@",
            "\0",
        ]
    ),
    max_size=60,
).map("".join)
BYTES = st.binary(max_size=300) | YAML_LIKE.map(str.encode) | st.text(max_size=200).map(str.encode)


@settings(max_examples=settings().max_examples * 5)
@given(BYTES)
def test_any_bytes_as_a_rule_file_are_refused_with_a_place(data: bytes) -> None:
    """A rule file is read, or refused with a code, a place and a message."""
    for name in ("ruleset.yaml", "rules.yaml", "rules.examples.yaml", "indicators.yaml"):
        try:
            load_files({name: data})
        except RuleError as error:
            assert error.problems
            assert all(problem.message and problem.code for problem in error.problems)
            assert str(error)


@settings(max_examples=settings().max_examples * 5 // 2)
@given(st.text(max_size=80) | YAML_LIKE | st.text("abc_$<>=!()+-. 019'\"{},\n", max_size=40))
def test_any_text_is_a_condition_or_refused_with_a_column(text: str) -> None:
    """A condition is parsed, or refused at a column inside its text."""
    try:
        parse(text)
    except ConditionError as error:
        (problem,) = error.problems
        assert problem.place
        assert 1 <= problem.place.column <= max(len(text), 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv")


CSV_LIKE = st.lists(
    st.sampled_from(
        ["pupil_key", ",", ";", "\t", "\n", "\r\n", '"', "a", "0,5", "0.5", "ā", "\0", " "]
    ),
    max_size=40,
).map("".join)


@given(st.binary(max_size=200) | CSV_LIKE.map(lambda text: ("pupil_key" + text).encode()))
def test_any_bytes_as_a_csv_are_read_or_refused(folder: Path, data: bytes) -> None:
    """A CSV file is read whole, or refused; each row is kept or rejected, none is lost."""
    path = folder / "input.csv"
    path.write_bytes(data)
    try:
        table = read_table(path)
    except EarlyWarningError as error:
        assert error.problems[0].hint
        return
    frame = table.frame.collect()
    assert frame.width == len(table.columns) + 1


def test_a_deep_or_large_file_is_refused_at_once() -> None:
    """Depth and size are bounded before anything is built."""
    for data in (b"[" * 100_000, b"a: " * 50_000, b"x" * (MAX_BYTES + 1), b"{a: " * 1000):
        with pytest.raises(RuleError):
            load_files({"rules.yaml": data})


def test_json_is_yaml() -> None:
    """What JSON writes, the reader reads."""
    content = {"a": [1, 2.5, None, True, "ā$"], "b": {"c": "x"}}
    assert source.read("a.yaml", json.dumps(content).encode()).content == content
