"""Laws of writing values back: the numbers change, and not a byte else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.condition import Number
from engine.errors import RuleError
from engine.load import load, load_files
from engine.rewrite import with_values
from engine.ruleset import Ruleset
from engine.write import write_files
from tests.strategies import PARAMETERS, rulesets

RULES = Path(__file__).parents[2] / "rules"
NUMBERS = st.integers(-50, 50) | st.floats(-50, 50).map(lambda number: number + 0.0)


@given(rulesets(), st.dictionaries(st.sampled_from(PARAMETERS), NUMBERS, min_size=1))
def test_values_written_into_files_are_those_of_the_candidate(
    ruleset: Ruleset, values: dict[str, Number]
) -> None:
    """Files -> values written -> ruleset is the ruleset whose parameters were set."""
    try:
        candidate = ruleset.with_parameters(values)
    except RuleError:  # a ladder's points or levels out of order: no candidate
        return
    files = {name: text.encode() for name, text in write_files(ruleset).items()}
    assert load_files(with_values(files, values)) == candidate


def test_a_changed_threshold_is_a_change_of_one_line_and_comments_stay() -> None:
    """The rules of Latvia keep every byte beside the number, an odd line's end included."""
    path = RULES / "lv" / "attendance.yaml"
    data = path.read_bytes().replace(b"\n", b"\r\n")
    changed = with_values({path.name: data}, {"absence_watch": 0.93})[path.name]
    before, after = data.split(b"\n"), changed.split(b"\n")
    differing = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert differing == [(b"    value: 0.95\r", b"    value: 0.93\r")]


def test_a_file_that_begins_with_a_byte_order_mark_keeps_it() -> None:
    """Columns are counted after the mark, wherever the number stands."""
    data = "\ufeffparameters: {few: {value: 2, label: {lv: Ā, en: A}}}\n".encode()
    changed = with_values({"rules.yaml": data}, {"few": 13})["rules.yaml"]
    assert changed == data.replace(b"value: 2", b"value: 13")


def test_an_unknown_parameter_is_named_with_the_nearest_known() -> None:
    """A misspelt name changes no file."""
    data = (RULES / "lv" / "attendance.yaml").read_bytes()
    with pytest.raises(RuleError, match="absence_watch"):
        with_values({"attendance.yaml": data}, {"absence_wach": 0.9})


def test_setting_parameters_together_is_setting_one_after_the_other() -> None:
    """The order does not count where each step is a ruleset of its own."""
    ruleset = load(RULES / "lv")
    moved = ruleset.with_parameters({"absence_urgent": 0.82, "absence_watch": 0.98})
    assert [moved.parameters[n].value for n in ("absence_urgent", "absence_watch")] == [0.82, 0.98]
    assert moved == ruleset.with_parameter("absence_watch", 0.98).with_parameter(
        "absence_urgent", 0.82
    )
