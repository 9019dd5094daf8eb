"""Migrations with data in the tables, and states that no migration leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from service.store.connect import StoreError, connect, reading, writing
from service.store.migrate import _config, check_version, current, downgrade, head, upgrade
from service.store.tables import metadata
from tests.service.databases import Database, PostgreSql
from tests.service.store.rows import Tables, everything, fill
from tests.service.world import settle


@pytest.fixture
def empty(database: Database) -> Iterator[Engine]:
    """Open a database without tables."""
    engine = connect(database.empty(), create=True)
    yield engine
    engine.dispose()


@pytest.fixture
def filled(store: Engine) -> Engine:
    """Open a store with rows in every table."""
    fill(store)
    assert all(everything(store).values()), "a table without rows proves nothing"
    return store


def run(engine: Engine, *statements: str) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def guards(engine: Engine) -> set[str]:
    """Return the names of all triggers and policies."""
    wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if engine.dialect.name == "postgresql":
        wanted = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION "
        wanted += "SELECT policyname FROM pg_policies"
    with reading(engine) as connection:
        return set(connection.execute(sa.text(wanted)).scalars())


def tables(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(sa.inspect(connection).get_table_names())


def as_wide_as(shape: Tables, found: Tables) -> Tables:
    """Return the rows of those tables that `shape` has, and of them the columns that it has."""
    widths = {name: max(map(len, rows)) for name, rows in shape.items()}
    return {name: [row[: widths[name]] for row in found[name]] for name in shape}


def test_each_step_down_and_up_again_keeps_the_data(filled: Engine) -> None:
    """Every migration but the first can be taken back and made again: no row is lost.

    But for tables, and columns at their end, that an older version has not.
    """
    before, guarded = everything(filled), guards(filled)
    scripts = list(ScriptDirectory.from_config(_config(filled)).walk_revisions())
    for script in scripts[:-1]:
        downgrade(filled, str(script.down_revision))
        assert current(filled) == (script.down_revision,)
        before = as_wide_as(everything(filled), before)
        assert everything(filled) == before
    assert set(metadata.tables) - before.keys() == {"parcels"}
    assert not guards(filled)
    run(filled, "UPDATE erasures SET reason = reason")  # nothing is guarded now
    for script in reversed(scripts[:-1]):
        upgrade(filled, script.revision)
        assert current(filled) == (script.revision,)
        now = everything(filled)
        assert as_wide_as(before, now) == before
    assert now["parcels"] == []
    assert guards(filled) == guarded
    with pytest.raises(sa.exc.IntegrityError, match="only added to"):
        run(filled, "UPDATE erasures SET reason = reason")


def test_a_full_store_goes_down_to_nothing_and_up_again(filled: Engine) -> None:
    """Down to the base nothing of ours is left; up again the store is as new."""
    downgrade(filled, "base")
    assert not tables(filled) & set(metadata.tables)
    assert not guards(filled)
    upgrade(filled)
    check_version(filled)
    settle(filled)
    fill(filled)


def test_the_migrated_tables_are_the_ones_that_the_program_knows(
    empty: Engine, database: Database
) -> None:
    """Alembic finds no drift, nor does a comparison of all that can be read of a table."""
    upgrade(empty)
    with reading(empty) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    made = connect(database.empty(), create=True)
    with writing(made) as connection:
        metadata.create_all(connection)
    assert shapes(empty) == shapes(made)
    made.dispose()


def shapes(engine: Engine) -> dict[str, Any]:
    """Return columns, keys, constraints and indexes of every table of ours."""
    with reading(engine) as connection:
        look = sa.inspect(connection)
        asks: tuple[Callable[[str], Any], ...] = (
            look.get_columns,
            look.get_pk_constraint,
            look.get_foreign_keys,
            look.get_unique_constraints,
            look.get_check_constraints,
            look.get_indexes,
        )
        return {
            f"{name}.{ask.__name__}": sorted(map(repr, found))
            if isinstance(found := ask(name), list)
            else found
            for name in metadata.tables
            for ask in asks
        }


BROKEN = {
    "unknown": (["UPDATE alembic_version SET version_num = '9999'"], "9999"),
    "two": (["INSERT INTO alembic_version VALUES ('0001')"], "0001"),
    "none": (["DELETE FROM alembic_version"], "assessments"),
    "gone": (["DROP TABLE alembic_version"], "assessments"),
}


@pytest.mark.parametrize("state", BROKEN)
def test_a_broken_state_is_refused_and_left_alone(filled: Engine, state: str) -> None:
    """Neither the service nor a migration touches a store whose version is not one of ours."""
    statements, named = BROKEN[state]
    before = everything(filled)
    run(filled, *statements)
    for attempt in (check_version, upgrade, lambda engine: downgrade(engine, "base")):
        with pytest.raises(StoreError) as refused:
            attempt(filled)
        (problem,) = refused.value.problems
        assert named in problem.message
        assert "backup" in problem.hint
    assert everything(filled) == before


def test_an_older_store_is_refused_until_it_is_brought_up_to_date(filled: Engine) -> None:
    """The refusal names both versions and the command, and the command mends it."""
    downgrade(filled, "0001")
    with pytest.raises(StoreError, match=f"0001.*{head(filled)}") as refused:
        check_version(filled)
    assert "pumpurs db upgrade" in refused.value.problems[0].hint
    upgrade(filled)
    check_version(filled)


def test_an_empty_database_is_refused_until_the_store_is_made(empty: Engine) -> None:
    """The refusal names the command that makes the store; made twice it is made once."""
    with pytest.raises(StoreError, match="no tables") as refused:
        check_version(empty)
    assert "pumpurs db upgrade" in refused.value.problems[0].hint
    upgrade(empty)
    upgrade(empty)
    check_version(empty)


IN_THE_WAY = {
    "sqlite": "CREATE TRIGGER reads_update BEFORE UPDATE ON reads BEGIN SELECT 1; END",
    "postgresql": "CREATE POLICY reads_place ON reads USING (true)",
}
OUT_OF_THE_WAY = {
    "sqlite": "DROP TRIGGER reads_update",
    "postgresql": "DROP POLICY reads_place ON reads",
}


def test_a_migration_that_fails_midway_leaves_the_version_before_it(filled: Engine) -> None:
    """Half of a step is no step: the store is as it was, the refusal says why, and it can go on."""
    name = filled.dialect.name
    downgrade(filled, "0001")
    before = everything(filled)
    run(filled, IN_THE_WAY[name])
    found = guards(filled)
    with pytest.raises(StoreError, match="already exists") as refused:
        upgrade(filled)
    assert "as it was" in refused.value.problems[0].hint
    assert current(filled) == ("0001",)
    assert everything(filled) == before
    assert guards(filled) == found
    run(filled, OUT_OF_THE_WAY[name])
    upgrade(filled)
    check_version(filled)


def test_a_first_migration_that_fails_midway_leaves_nothing(empty: Engine) -> None:
    """The tables made before the one that could not be made are gone again."""
    run(empty, "CREATE TABLE other (x INTEGER)", "CREATE INDEX ix_reads_pupil ON other (x)")
    with pytest.raises(StoreError, match="already exists"):
        upgrade(empty)
    assert tables(empty) - {"alembic_version"} == {"other"}
    run(empty, "DROP TABLE other")
    upgrade(empty)
    check_version(empty)


def test_a_role_that_row_level_security_does_not_bind_is_refused(
    postgresql_server: PostgreSql,
) -> None:
    """The service does not run as a superuser, nor with BYPASSRLS; the refusal names a remedy."""
    url = sa.make_url(postgresql_server.migrated())
    with postgresql_server.admin.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE bypasses LOGIN BYPASSRLS")
        connection.exec_driver_sql("GRANT pumpurs_test TO bypasses")
    for role in ("postgres", "bypasses"):
        engine = connect(url.set(username=role).render_as_string(hide_password=False))
        with pytest.raises(StoreError, match=f"'{role}' is not bound") as refused:
            check_version(engine)
        assert "NOSUPERUSER NOBYPASSRLS" in refused.value.problems[0].hint
        engine.dispose()
    engine = connect(url.render_as_string(hide_password=False))
    check_version(engine)
    engine.dispose()
