"""Stores, applications and servers for the tests of the service, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from service.app import application
from service.identity.caller import Role
from service.settings import Settings
from service.store.connect import connect
from tests.service.databases import KINDS, Database, Kind, PostgreSql, Sqlite, postgresql
from tests.service.world import bearer, key_for, settle


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Name the database that a test runs on: each of them in turn."""
    found: Kind = request.param
    return found


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSql]:
    """Run one PostgreSQL server for all tests of this process."""
    with postgresql(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    """Make SQLite stores."""
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def database(kind: Kind, request: pytest.FixtureRequest) -> Database:
    """Make stores in the database that the test runs on."""
    name = "sqlite" if kind == "sqlite" else "postgresql_server"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def store(database: Database) -> Iterator[Engine]:
    """Open a new store with places and a ruleset in force."""
    engine = connect(database.migrated())
    settle(engine)
    yield engine
    engine.dispose()


@dataclass
class Api:
    """A running application, and a client that speaks to it in this process."""

    app: FastAPI
    client: TestClient
    engine: Engine
    settings: Settings

    def key(self, place: str, role: Role = Role.SCORER) -> str:
        """Return a new key that the application knows already."""
        text = key_for(self.engine, place, role)
        self.app.state.service.follower.follow()
        return text

    def as_(self, place: str, role: Role = Role.SCORER) -> dict[str, str]:
        """Return the header of a caller bound to this place."""
        return bearer(self.key(place, role))


def run_api(address: str, **settings: Any) -> Iterator[Api]:  # noqa: ANN401  any setting
    """Run an application on a store."""
    chosen = Settings(database=address, **settings)
    app = application(chosen)
    engine = connect(address)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Api(cast("FastAPI", app.inner), client, engine, chosen)
    engine.dispose()


@pytest.fixture(scope="session")
def api(database: Database) -> Iterator[Api]:
    """Run one application for all tests that only add to its store."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    engine.dispose()
    yield from run_api(address, rate=10_000_000)


@pytest.fixture
def fresh(database: Database) -> Iterator[Api]:
    """Run an application on a store of its own."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    engine.dispose()
    yield from run_api(address)
