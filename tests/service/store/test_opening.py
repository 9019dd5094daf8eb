"""Stores that cannot be opened: said at once, and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.store.connect import StoreError, StoreUnavailableError, connect
from service.store.migrate import check_version
from tests.service.databases import Sqlite


@pytest.mark.parametrize("what", ["nothing", "folder", "other file"])
def test_a_store_that_is_not_there_is_no_reason_to_make_one(sqlite: Sqlite, what: str) -> None:
    """Opening what is missing, or is something else, says so and leaves it alone."""
    address = sqlite.empty()
    file = Path(address.removeprefix("sqlite:///"))
    if what == "folder":
        file.mkdir()
    if what == "other file":
        file.write_bytes(b"no database\n" * 500)
    engine = connect(address)
    with pytest.raises(StoreUnavailableError, match="does not answer") as refused:
        check_version(engine)
    assert "pumpurs db upgrade" in refused.value.problems[0].hint
    assert file.exists() == (what != "nothing")
    engine.dispose()


@pytest.mark.parametrize(
    "address", ["", "nonsense", "sqlite://", "mysql://x/y", "postgresql+pg8000://x"]
)
def test_an_address_that_is_not_known_is_refused(address: str) -> None:
    """Only files and PostgreSQL are stores; another address is refused at once."""
    with pytest.raises(StoreError) as refused:
        connect(address)
    assert refused.value.problems[0].code == "store"
