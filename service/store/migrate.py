"""The store's shape: brought to the newest version, or found to be another."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Engine

from engine.errors import Problem
from service.store.connect import StoreError, reading


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the store to a version; raises `StoreError` where its own is not known."""
    try:
        command.upgrade(_config(engine), to)
    except CommandError as error:
        raise _strange(str(error)) from None


def downgrade(engine: Engine, to: str) -> None:
    """Take the store back to a version."""
    command.downgrade(_config(engine), to)


def head(engine: Engine) -> str:
    """Return the newest version that this program knows."""
    return str(ScriptDirectory.from_config(_config(engine)).get_current_head())


def current(engine: Engine) -> tuple[str, ...]:
    """Return the store's version: empty where it has none."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_heads()


def check_version(engine: Engine) -> None:
    """Raise `StoreError` where the store's shape is not the one that this program knows."""
    found, wanted = current(engine), head(engine)
    if found == (wanted,):
        return
    if not found:
        hint = "make it with 'pumpurs db upgrade'"
        raise StoreError(Problem("store", "the database has no tables of Pumpurs", None, hint))
    known = {
        script.revision for script in ScriptDirectory.from_config(_config(engine)).walk_revisions()
    }
    if set(found) <= known and len(found) == 1:
        hint = "make a backup, then run 'pumpurs db upgrade'"
        message = f"the database has version {found[0]}, this program needs {wanted}"
        raise StoreError(Problem("store", message, None, hint))
    raise _strange(f"its version is {', '.join(found)}")


def _strange(what: str) -> StoreError:
    hint = "use the program that made it, or restore a backup"
    message = f"the database was made by another version of Pumpurs: {what}"
    return StoreError(Problem("store", message, None, hint))
