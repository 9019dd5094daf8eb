"""Who sees what: the program, its SQL and the database's own wall agree with a plain model."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from engine.errors import DataError
from service.identity.caller import Level, Place
from service.store.assessments import ADD_READ, find, history, of_request, visible
from service.store.connect import STATE, connect, reading, stand_at, writing
from service.store.places import add_place, read_places, read_revision
from service.store.tables import assessments, places, reads
from tests.service.databases import Database, PostgreSql
from tests.service.store.rows import ADD, assessment, read
from tests.service.world import settle

ALL = sa.select(assessments.c.school)
ALL_READS = sa.select(reads.c.place)
Tree = list[int]  # for each municipality, how many schools it has


class Undo(Exception):  # noqa: N818  no error: the way back
    """Raised to undo what a test did."""


@pytest.fixture(scope="module")
def world(database: Database) -> Iterator[Engine]:
    """Open a settled store, on which nothing that is tried may stay."""
    engine = connect(database.migrated())
    settle(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def walled(postgresql_server: PostgreSql) -> Iterator[Engine]:
    """Open a PostgreSQL store with an assessment and a look at each of three schools' pupils."""
    engine = connect(postgresql_server.migrated())
    settle(engine)
    with writing(engine) as connection:
        connection.execute(ADD, [assessment("P-1", school) for school in SCHOOLS])
        connection.execute(ADD_READ, [read("P-1", place) for place in (*SCHOOLS, "riga")])
    yield engine
    engine.dispose()


SCHOOLS = ("r64", "r72", "l1")
SEEN = {
    Place("school", "r64"): {"r64"},
    Place("school", "l1"): {"l1"},
    Place("municipality", "riga"): {"r64", "r72"},
    Place("municipality", "liepaja"): {"l1"},
    Place("state", "lv"): set(SCHOOLS),
}


def grow(tree: Tree) -> dict[Place, set[str]]:
    """Return every place of a tree, with the codes of the schools that it may see."""
    found: dict[Place, set[str]] = {}
    for number, count in enumerate(tree):
        schools = {f"s{number}.{each}" for each in range(count)}
        found |= {Place("school", code): {code} for code in schools}
        found[Place("municipality", f"m{number}")] = schools
    return found | {Place("state", "lv"): set().union(*found.values())}


def plant(connection: Connection, tree: Tree) -> None:
    for number, count in enumerate(tree):
        add_place(connection, "municipality", f"m{number}", "?", "lv")
        for each in range(count):
            add_place(connection, "school", f"s{number}.{each}", "?", f"m{number}")


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=4).filter(any))
def test_program_sql_and_database_agree_on_who_sees_what(world: Engine, tree: Tree) -> None:
    """In any tree, a place sees its own schools' rows: by id, history, request, and by any SQL."""
    model = grow(tree)
    schools = sorted(model[Place("state", "lv")])
    request = str(uuid4())
    with suppress(Undo), writing(world) as connection:
        plant(connection, tree)
        known = read_places(connection)
        rows = [assessment("P-tree", school, request=request) for school in schools]
        connection.execute(ADD, rows)
        for place, mine in model.items():
            assert {code for code in schools if known.within(code, place)} == mine
            stand_at(connection, place)
            assert set(connection.execute(ALL.where(visible(place))).scalars()) == mine
            by_id = [find(connection, row["id"], place) for row in rows]
            assert {each.school for each in by_id if each} == mine
            assert {e.school for e in history(connection, "P-tree", place, None, 99)} == mine
            assert {e.school for e in of_request(connection, request, place)} == mine
            if world.dialect.name == "postgresql":  # the second wall: no filter at all
                assert set(connection.execute(ALL).scalars()) == mine
            else:
                assert set(connection.execute(ALL).scalars()) == set(schools)
            stand_at(connection, STATE)  # the filter alone must hold as well
            assert set(connection.execute(ALL.where(visible(place))).scalars()) == mine
        raise Undo


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["state", "municipality", "school"]), st.integers(0, 5))))
def test_places_are_a_tree_whatever_is_added(
    world: Engine, wanted: list[tuple[Level, int]]
) -> None:
    """A place lies one level below its parent, there is one state, and no code stands twice."""
    with suppress(Undo), writing(world) as connection:
        connection.execute(sa.delete(places).where(places.c.level == "school"))
        codes = ["lv", "riga", "liepaja", "a", "b", "c"]
        for level, number in wanted:
            for parent in ("", *codes):
                with suppress(DataError):
                    add_place(connection, level, codes[number], "?", parent)
        sites = read_places(connection).sites
        above = {"school": "municipality", "municipality": "state"}
        for site in sites.values():
            if site.place.level == "state":
                assert site.parent is None
                assert site.place.code == "lv"
            else:
                assert site.parent is not None
                assert sites[site.parent].place.level == above[site.place.level]
        raise Undo


@pytest.mark.parametrize("place", SEEN, ids=str)
def test_a_connection_that_stands_somewhere_sees_only_its_rows(
    walled: Engine, place: Place
) -> None:
    """With every filter left out, PostgreSQL shows assessments and looks of the place alone."""
    with reading(walled, place) as connection:
        assert set(connection.execute(ALL).scalars()) == SEEN[place]
        looks = set(connection.execute(ALL_READS).scalars())
    above = {"riga"} if place.code in ("riga", "lv") else set()
    assert looks == SEEN[place] | above


@pytest.mark.parametrize("place", SEEN, ids=str)
def test_a_connection_cannot_write_for_another_place(walled: Engine, place: Place) -> None:
    """PostgreSQL takes rows of the place's own schools, and refuses those of all others."""
    for school in SCHOOLS:
        for statement, row in ((ADD, assessment("P", school)), (ADD_READ, read("P", school))):
            if school in SEEN[place]:
                with suppress(Undo), writing(walled, place) as connection:
                    connection.execute(statement, row)
                    raise Undo
            else:
                with (
                    pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
                    writing(walled, place) as connection,
                ):
                    connection.execute(statement, row)


def test_a_connection_cannot_erase_for_another_place(walled: Engine) -> None:
    """An erasure of all pupils by one school reaches its own alone."""
    gone: dict[str, Any] = {"pupil": None, "inputs": None, "answer": None, "erasure": 1}
    with suppress(Undo), writing(walled, Place("school", "r64")) as connection:
        connection.exec_driver_sql(
            "INSERT INTO erasures VALUES (1, now(), 'operator:test', 'asked for')"
        )
        emptied = connection.execute(sa.update(assessments).values(gone))
        assert emptied.rowcount == 1
        raise Undo


def test_a_connection_that_stands_nowhere_sees_and_writes_nothing(walled: Engine) -> None:
    """What was set for one transaction is gone in the next on the same connection."""
    with walled.connect() as connection:
        for stood in (None, STATE, Place("municipality", "riga")):
            if stood is not None:
                with connection.begin():
                    stand_at(connection, stood)
                    assert connection.execute(ALL).scalars().all()
            with connection.begin():
                assert connection.execute(ALL).scalars().all() == []
                assert connection.execute(ALL_READS).scalars().all() == []
            with pytest.raises(sa.exc.ProgrammingError), connection.begin():
                connection.execute(ADD, assessment("P-1"))


def test_who_writes_at_once_waits_for_the_other(store: Engine) -> None:
    """Many that read and then write succeed one after the other, and no change goes uncounted."""
    with reading(store) as connection:
        before = read_revision(connection)

    def add(number: int) -> None:
        with writing(store) as connection:
            add_place(connection, "school", f"new-{number}", "?", "riga")

    with ThreadPoolExecutor(6) as at_once:
        list(at_once.map(add, range(24)))
    with reading(store) as connection:
        assert read_revision(connection) == before + 24
        assert {f"new-{number}" for number in range(24)} <= read_places(connection).sites.keys()
