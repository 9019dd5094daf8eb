"""Laws of writing down: nothing is lost between text, tree, files and ruleset."""

from __future__ import annotations

from hypothesis import given

from engine.condition import Condition, atoms, text
from engine.load import load_files
from engine.parse import parse
from engine.ruleset import Ruleset
from engine.write import write_files
from tests.strategies import CONTEXT, SUPPORT, conditions, rulesets


@given(conditions((*SUPPORT, *CONTEXT)))
def test_a_condition_survives_being_written_and_parsed(condition: Condition) -> None:
    """Tree -> text -> tree gives the same tree, and text -> tree -> text the same text."""
    written = text(condition)
    if len(written) <= 500:
        assert parse(written) == condition
        assert text(parse(written)) == written


@given(conditions((*SUPPORT, *CONTEXT)))
def test_each_part_knows_where_it_stands(condition: Condition) -> None:
    """An atom's offset leads to its own text, so that carets stand under what they mean."""
    written = text(condition)
    if len(written) <= 500:
        for atom in atoms(parse(written)):
            start = written[atom.offset :]
            ends = (atom.indicator, f"known({atom.indicator})", text(atom))
            assert start.startswith(ends)


@given(rulesets())
def test_a_ruleset_survives_being_written_to_files(ruleset: Ruleset) -> None:
    """Ruleset -> YAML -> ruleset gives an equal ruleset with equal hashes."""
    files = {name: content.encode() for name, content in write_files(ruleset).items()}
    again = load_files(files)
    assert again == ruleset
    assert again.content_hash == ruleset.content_hash
    assert again.decision_hash == ruleset.decision_hash
