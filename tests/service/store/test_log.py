"""The database itself keeps the log: raw SQL cannot change, remove or replace what was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from service.store.connect import connect, reading, writing
from service.store.tables import metadata
from tests.service.databases import Database
from tests.service.store.rows import NOW, everything, fill
from tests.service.world import settle

GUARDED = ("assessments", "reads", "rulesets", "activations", "erasures", "parcels")
COLUMNS = {table: [column.name for column in metadata.tables[table].c] for table in GUARDED}
TAKEN_OUT = {"assessments": ("pupil", "inputs", "answer"), "reads": ("pupil",)}
ERASURE = {
    table: dict.fromkeys(names, "NULL") | {"erasure": "1"} for table, names in TAKEN_OUT.items()
}
ERASURE["parcels"] = {"erased": "2", "erasure": "2", "body": "other"}
REFUSED = "only added to|datatype mismatch|NOT NULL|not-null"
Changes = dict[str, str]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Engine]:
    """Open a store with rows in every table, on which nothing that is tried may stay."""
    engine = connect(database.migrated())
    settle(engine)
    fill(engine)
    yield engine
    engine.dispose()


class Undo(Exception):  # noqa: N818  no error: the way back
    """Raised to undo what a test did."""


@st.composite
def attempts(draw: st.DrawFn) -> tuple[str, int, int, Changes]:
    """Draw a table, two of its rows, and columns to set: to nothing, to the other's, to its own.

    Most attempts on a log are an erasure, or one but for a single column.
    """
    table = draw(st.sampled_from((*GUARDED, *ERASURE, *ERASURE)))
    ways = st.sampled_from(["NULL", "own", "other"])
    columns = st.sampled_from(COLUMNS[table])
    if table in ERASURE and draw(st.integers(0, 3)):
        nearly = st.sampled_from([*COLUMNS[table], *ERASURE[table]])
        changes = ERASURE[table] | draw(st.dictionaries(nearly, ways, max_size=1))
    else:
        changes = draw(st.dictionaries(columns, ways, max_size=3))
    changes = changes or {COLUMNS[table][0]: "own"}
    return table, draw(st.integers(0, 3)), draw(st.integers(0, 3)), changes


def values(connection: Connection, table: str) -> list[dict[str, Any]]:
    key = COLUMNS[table][0]
    found = connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY {key}"))  # noqa: S608
    return [dict(row) for row in found.mappings()]


def is_erasure(table: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Say whether the only difference is that the person was taken out, and by which erasure."""
    if table == "parcels":
        same = all(new[n] == old[n] for n in set(old) - ERASURE[table].keys())
        counts = [(each["erased"], each["erasure"]) for each in (old, new)]
        counts[0] = (counts[0][0], counts[0][1] or 0)
        same &= None not in (new["body"], *counts[1])
        return same and all(b > a for a, b in zip(*counts, strict=True))
    if table not in TAKEN_OUT or old["erasure"] is not None or new["erasure"] is None:
        return False
    gone = TAKEN_OUT[table]
    kept = set(old) - {*gone, "erasure"}
    return all(new[name] is None for name in gone) and all(new[n] == old[n] for n in kept)


@given(attempts())
def test_no_column_changes_but_by_an_erasure(
    filled: Engine, attempt: tuple[str, int, int, Changes]
) -> None:
    """Whatever an UPDATE sets, it is refused, unless it takes out the person and no more."""
    table, number, second, changes = attempt
    with reading(filled) as connection:
        rows = values(connection, table)
    old, other = rows[number % len(rows)], rows[second % len(rows)]
    meant = {"NULL": dict.fromkeys(old), "own": old, "other": other, "1": {"erasure": 1}}
    meant["2"] = {"erased": 2, "erasure": 2}
    new = old | {name: meant[way][name] for name, way in changes.items()}
    key = COLUMNS[table][0]
    from_other = f'(SELECT "{{}}" FROM {table} WHERE {key} = :other)'  # noqa: S608
    written = {"NULL": "NULL", "own": '"{}"', "other": from_other, "1": "1", "2": "2"}
    sets = ", ".join(f'"{n}" = {written[way].format(n)}' for n, way in changes.items())
    update = sa.text(f"UPDATE {table} SET {sets} WHERE {key} = :key")  # noqa: S608
    bound = {"key": old[key]} | ({"other": other[key]} if ":other" in sets else {})
    if is_erasure(table, old, new):
        with suppress(Undo), writing(filled) as connection:
            assert connection.execute(update, bound).rowcount == 1
            assert new in values(connection, table)
            raise Undo
    else:
        with (
            pytest.raises(sa.exc.IntegrityError, match=REFUSED),
            writing(filled) as connection,
        ):
            connection.execute(update, bound)
    with reading(filled) as connection:
        assert values(connection, table) == rows


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_is_removed(filled: Engine, table: str) -> None:
    """DELETE of one row or of all, and TRUNCATE of the table or of one it hangs on, are refused."""
    one = f"(SELECT {COLUMNS[table][0]} FROM {table} LIMIT 1)"  # noqa: S608
    tries = [
        f"DELETE FROM {table}",  # noqa: S608
        f"DELETE FROM {table} WHERE {COLUMNS[table][0]} = {one}",  # noqa: S608
    ]
    if filled.dialect.name == "postgresql":
        tries += [f"TRUNCATE {table} CASCADE", "TRUNCATE places, erasures, rulesets CASCADE"]
    before = everything(filled)
    for statement in tries:
        refused(filled, statement)
    assert everything(filled) == before


def refused(engine: Engine, statement: str) -> None:
    with (
        pytest.raises(sa.exc.IntegrityError, match="only added to"),
        writing(engine) as connection,
    ):
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_gives_way_to_another(filled: Engine, table: str) -> None:
    """A row with a taken key, or in SQLite with a taken place in the file, replaces nothing."""
    names = COLUMNS[table]
    key, listed = names[0], ", ".join(f'"{name}"' for name in names)
    before = everything(filled)
    if filled.dialect.name == "sqlite":
        copy = f"INSERT OR REPLACE INTO {table} ({listed}) SELECT {listed} FROM {table}"  # noqa: S608
        refused(filled, copy)
        if key == "id" and table in ("assessments", "reads"):
            rest = listed.replace('"id"', "'00000000000000000000000000000001'")
            into = f"INSERT OR REPLACE INTO {table} (rowid, {listed})"
            refused(filled, f"{into} SELECT rowid, {rest} FROM {table} LIMIT 1")  # noqa: S608
            moved = f"erasure = 1, {', '.join(f'{n} = NULL' for n in TAKEN_OUT[table])}"
            refused(
                filled,
                f"UPDATE OR REPLACE {table} SET rowid = (SELECT max(rowid) FROM {table}), {moved}"  # noqa: S608
                f" WHERE erasure IS NULL AND rowid = (SELECT min(rowid) FROM {table})",
            )
    else:
        copy = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {table}"  # noqa: S608
        refused(
            filled, f'{copy} ON CONFLICT ({key}) DO UPDATE SET "{names[1]}" = excluded."{names[1]}"'
        )
        refused(
            filled,
            f"MERGE INTO {table} AS old USING {table} AS new ON old.{key} = new.{key}"
            " WHEN MATCHED THEN DELETE",
        )
    assert everything(filled) == before


def test_a_moment_without_a_zone_is_not_stored(filled: Engine) -> None:
    """What a naive moment means depends on the machine; the store takes none."""
    naive = NOW.replace(tzinfo=None)
    with (
        pytest.raises(sa.exc.StatementError, match="without a zone"),
        writing(filled) as connection,
    ):
        connection.execute(
            sa.insert(metadata.tables["erasures"]).values(at=naive, by="x", reason="y")
        )
