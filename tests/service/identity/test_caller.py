"""Roles and places: who may do what, and where a place is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.caller import RIGHTS, Caller, Place, Right, Role, parse_place

TABLE = """
            SCORE TRY READ SEND HELD
scorer      yes   yes yes  yes  yes
reader      no    no  yes  no   no
analyst     no    yes no   no   no
coordinator no    yes yes  no   no
admin       no    no  no   no   no
"""


def test_each_role_has_the_rights_that_the_table_says() -> None:
    """Every role and every right stands in the table."""
    _, head, *rows = TABLE.splitlines()
    rights = [Right[name] for name in head.split()]
    said = {row.split()[0]: row.split()[1:] for row in rows}
    assert set(rights) == set(Right)
    assert said.keys() == {str(role) for role in Role} == {str(role) for role in RIGHTS}
    for role in Role:
        caller = Caller("k", role, Place("state", "lv"))
        found = ["yes" if caller.may(right) else "no" for right in rights]
        assert found == said[role], role


@given(st.sampled_from(["state", "municipality", "school"]), st.text(min_size=1))
def test_a_place_is_read_as_it_is_written(level: str, code: str) -> None:
    """`str` and `parse_place` are each other's reverse, whatever the code."""
    text = f"{level}:{code}"
    assert str(parse_place(text)) == text


@pytest.mark.parametrize("text", ["", "school", "school:", "class:7a", ":r64", "School:r64"])
def test_what_is_no_place_is_refused_with_the_levels(text: str) -> None:
    """The message says how a place is written."""
    with pytest.raises(ValueError, match="LEVEL:CODE with a level of state, municipality, school"):
        parse_place(text)
