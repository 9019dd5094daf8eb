"""The store that commands work on: there and of the right version, or a refusal that says why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


@contextmanager
def store(*, create: bool = False) -> Iterator[Engine]:
    """Yield an engine on the store that the settings name.

    An SQLite file that is made is for its owner alone. Raises `StoreError` where there is none
    and none must be made.
    """
    from service.settings import read_settings
    from service.store.connect import connect

    address = read_settings().database
    engine = connect(address, create=create)
    try:
        if engine.dialect.name == "sqlite":
            _check_file(Path(address.removeprefix("sqlite:///")), create=create)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def opened_store() -> Iterator[Engine]:
    """Yield an engine on a store of the version that this program needs."""
    from service.store.migrate import check_version

    with store() as engine:
        check_version(engine)
        yield engine


def _check_file(file: Path, *, create: bool) -> None:
    from engine.errors import Problem
    from service.store.connect import StoreError

    if file.exists():
        return
    if not create:
        hint = "'pumpurs db upgrade' makes it; PUMPURS_DATABASE says where it is"
        raise StoreError(Problem("store", f"there is no file {file}", None, hint))
    file.touch(mode=0o600)
