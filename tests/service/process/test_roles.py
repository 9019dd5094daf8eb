"""The roles of the compose file: who migrates owns the tables, who serves is bound by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from service.store.connect import connect, reading, writing
from service.store.migrate import upgrade
from service.store.tables import assessments
from tests.service.databases import PostgreSql
from tests.service.process.tools import run_tool
from tests.service.servers import ROOT, running
from tests.service.world import asked, bearer, key_for, settle

SCRIPT = ROOT / "deploy" / "postgresql" / "roles.sh"
ROLES = ("pumpurs_owner", "pumpurs")


@pytest.fixture
def addresses(postgresql_server: PostgreSql) -> Iterator[tuple[str, str]]:
    """Set up a new database as its container does; give the addresses of owner and service."""
    url = sa.make_url(postgresql_server.empty())
    name = str(url.database)
    passwords = {"OWNER_PASSWORD": "o'wner", "SERVICE_PASSWORD": "serv\\ice"}
    run_tool(
        postgresql_server,
        str(SCRIPT),
        POSTGRES_USER=str(postgresql_server.admin.url.username),
        POSTGRES_DB=name,
        **passwords,
    )
    owner, service = (
        url.set(username=role).render_as_string(hide_password=False) for role in ROLES
    )
    yield owner, service
    with postgresql_server.admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        for role in ROLES:
            connection.execute(sa.text(f"DROP ROLE {role}"))


def test_the_service_works_as_a_role_that_owns_nothing(
    addresses: tuple[str, str], postgresql_server: PostgreSql, tmp_path: Path
) -> None:
    """It is set up, serves, erases; and it can neither migrate nor take the guards away."""
    owner, address = addresses
    engine = connect(owner)
    upgrade(engine)
    engine.dispose()
    engine = connect(address)
    settle(engine)
    key = bearer(key_for(engine, "school:r64"))
    with running(address, tmp_path / "log") as server:
        url = f"{server.address}/v1/assessments"
        said = httpx.post(url, json=asked("P-1"), headers=key).json()
        assert httpx.get(f"{url}/{said['id']}", headers=key).json()["answer"] == said
        assert httpx.get(f"{server.address}/readyz").status_code == 200
    for deed in (
        "DROP TRIGGER assessments_update ON assessments",
        "ALTER TABLE assessments DISABLE ROW LEVEL SECURITY",
        "TRUNCATE assessments",
        "UPDATE assessments SET level = 'none'",
        "DELETE FROM assessments",
        "CREATE TABLE mine (id int)",
        "SET ROLE pumpurs_owner",
    ):
        with pytest.raises(exc.DBAPIError), writing(engine) as connection:
            connection.execute(sa.text(deed))
    with engine.connect() as connection:  # nobody said for which place: nothing is seen
        assert not connection.execute(sa.select(assessments)).all()
    with reading(engine) as connection:
        assert len(connection.execute(sa.select(assessments)).all()) == 1
    engine.dispose()
    with postgresql_server.admin.connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
                " WHERE rolname LIKE 'pumpurs' OR rolname = 'pumpurs_owner' ORDER BY 1"
            )
        ).all()
    assert [tuple(row) for row in found] == [
        ("pumpurs", False, False, False, False),
        ("pumpurs_owner", False, False, False, False),
    ]
