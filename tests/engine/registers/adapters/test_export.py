"""Exports that an adapter writes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.registers.adapters.export import Export, write_exports
from engine.registers.read import read_registers

USERS = Export("all", "A system", date(2025, 12, 31), {"pupils": pl.LazyFrame({"id": ["p1"]})})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """As a bundle like any."""
    assert write_exports([USERS], tmp_path / "out") == {"users": 1}
    assert [count.used for count in read_registers(tmp_path / "out").files] == [1]


@pytest.mark.parametrize("where", ["/proc/sy", "file/x", "x" * 300])
def test_where_nothing_can_be_written_there_is_a_remedy(tmp_path: Path, where: str) -> None:
    """Not the system's own words alone."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataError, match="no-folder") as caught:
        write_exports([USERS], tmp_path / where)
    assert caught.value.problems[0].hint
