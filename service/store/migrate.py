"""The store's shape: brought to the newest version, or found to be another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import exc
from sqlalchemy.engine import Engine

from engine.errors import Problem
from service.store.connect import StoreError, reading
from service.store.tables import metadata

_UNBOUND = sa.text(
    "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
)


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the store to a version, or leave it as it was.

    Raises `StoreError` where its own version is not known, or a step fails.
    """
    _move(command.upgrade, engine, to)


def downgrade(engine: Engine, to: str) -> None:
    """Take the store back to a version, or leave it as it was; raises as `upgrade` does."""
    _move(command.downgrade, engine, to)


def _move(step: Callable[[Config, str], None], engine: Engine, to: str) -> None:
    found = current(engine)
    if not found:
        _refuse_unversioned(engine)
    elif not set(found) <= _known(engine) or len(found) > 1:
        raise _strange(f"its version is {', '.join(found)}")
    try:
        step(_config(engine), to)
    except CommandError as error:
        raise _strange(str(error)) from None
    except exc.DBAPIError as error:
        hint = "the store is as it was before; mend the cause, or restore a backup"
        message = f"the store could not be moved to version {to}: {error.orig}"
        raise StoreError(Problem("store", message, None, hint)) from error


def _refuse_unversioned(engine: Engine) -> None:
    """Raise `StoreError` where tables with our names stand without a version."""
    with reading(engine) as connection:
        there = set(sa.inspect(connection).get_table_names()) & set(metadata.tables)
    if there:
        message = f"the database has no version, but tables: {', '.join(sorted(there))}"
        hint = "restore a backup, or use an empty database"
        raise StoreError(Problem("store", message, None, hint))


def _known(engine: Engine) -> set[str]:
    scripts = ScriptDirectory.from_config(_config(engine)).walk_revisions()
    return {script.revision for script in scripts}


def head(engine: Engine) -> str:
    """Return the newest version that this program knows."""
    return str(ScriptDirectory.from_config(_config(engine)).get_current_head())


def current(engine: Engine) -> tuple[str, ...]:
    """Return the store's version: empty where it has none."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_heads()


def check_version(engine: Engine) -> None:
    """Raise `StoreError` where the store's shape is not the one that this program knows.

    On PostgreSQL also where our role is one that row-level security does not bind.
    """
    found, wanted = current(engine), head(engine)
    _refuse_unbound_role(engine)
    if found == (wanted,):
        return
    if not found:
        _refuse_unversioned(engine)
        hint = "make it with 'pumpurs db upgrade'"
        raise StoreError(Problem("store", "the database has no tables of Pumpurs", None, hint))
    if set(found) <= _known(engine) and len(found) == 1:
        hint = "make a backup, then run 'pumpurs db upgrade'"
        message = f"the database has version {found[0]}, this program needs {wanted}"
        raise StoreError(Problem("store", message, None, hint))
    raise _strange(f"its version is {', '.join(found)}")


def _refuse_unbound_role(engine: Engine) -> None:
    """Raise `StoreError` for a role that passes over row-level security."""
    if engine.dialect.name != "postgresql":
        return
    with reading(engine) as connection:
        unbound = connection.execute(_UNBOUND).scalar_one_or_none()
    if unbound is not None:
        message = f"the database role '{unbound}' is not bound by row-level security"
        hint = "use a role made with 'CREATE ROLE pumpurs LOGIN NOSUPERUSER NOBYPASSRLS'"
        raise StoreError(Problem("store", message, None, hint))


def _strange(what: str) -> StoreError:
    hint = "use the program that made it, or restore a backup"
    message = f"the database was made by another version of Pumpurs: {what}"
    return StoreError(Problem("store", message, None, hint))
