"""Briefs as columns: what was met before changes nothing of what is said."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings import Brief
from service.api import briefs
from service.api.briefs import Briefs

NAMES = st.lists(st.sampled_from(["one", "a-rule-with-a-long-name", "ž"]), max_size=3).map(tuple)
BRIEFS = st.builds(
    Brief,
    score=st.none() | st.integers(0, 9),
    possible_score=st.none() | st.integers(0, 9),
    level=st.sampled_from(["none", "urgent"]),
    possible_level=st.sampled_from(["none", "urgent"]),
    holds=NAMES,
    undetermined=NAMES,
    not_applicable=NAMES,
    offers=NAMES,
    missing=NAMES,
)


@given(requests=st.lists(st.lists(BRIEFS, max_size=5), max_size=6), kept=st.integers(0, 12))
def test_a_table_has_each_brief_in_its_place(requests: list[list[Brief]], kept: int) -> None:
    """Request after request, also when what is kept is forgotten in between."""
    found = Briefs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(briefs, "KEPT", kept)
        for request in requests:
            asked = [*request, *request[:2]]
            rows = found.table(asked).to_dicts()
            told = [{n: list(v) if isinstance(v, tuple) else v for n, v in row.items()}
                    for row in map(asdict, asked)]  # fmt: skip
            assert rows == told
