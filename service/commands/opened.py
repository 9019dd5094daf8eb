"""The store that commands work on: there and of the right version, or a refusal that says why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


def store(*, create: bool = False) -> Engine:
    """Return an engine on the store that the settings name.

    An SQLite file that is made is for its owner alone. Raises `StoreError` where there is none
    and none must be made.
    """
    from engine.errors import Problem
    from service.settings import read_settings
    from service.store.connect import StoreError, connect

    address = read_settings().database
    engine = connect(address, create=create)
    file = Path(address.removeprefix("sqlite:///"))
    if engine.dialect.name != "sqlite" or file.exists():
        return engine
    if not create:
        hint = "'pumpurs db upgrade' makes it; PUMPURS_DATABASE says where it is"
        raise StoreError(Problem("store", f"there is no file {file}", None, hint))
    file.touch(mode=0o600)
    return engine


def opened_store() -> Engine:
    """Return an engine on a store of the version that this program needs."""
    from service.store.migrate import check_version

    engine = store()
    check_version(engine)
    return engine
