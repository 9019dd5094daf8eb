"""The connection that stays open: it is the same while all goes well, and no job pays for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Engine

from service.identity.caller import Place
from service.store.adding import add_assessments
from service.store.assessments import Row
from service.store.connect import connect, reading
from service.store.kept import Kept
from service.store.tables import assessments
from tests.service.databases import PostgreSql
from tests.service.store.rows import assessment
from tests.service.world import settled

SCHOOL = Place("school", "r64")


@pytest.fixture
def kept(store: Engine) -> Iterator[Kept]:
    with closing(Kept(store)) as found:
        yield found


def add(kept: Kept, *rows: Row) -> set[str]:
    """Store assessments, one if none is named; return their ids."""
    rows = rows or (assessment(f"P-{uuid4().hex}"),)
    with kept.writing(SCHOOL) as connection:
        add_assessments(connection, rows)
    return {row["id"] for row in rows}


def stored(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(sa.select(assessments.c.id)).scalars())


def test_one_connection_writes_again_and_again(store: Engine, kept: Kept) -> None:
    """It is taken out of the pool once; each time its work is committed."""
    taken: list[object] = []
    event.listen(store, "checkout", lambda *_: taken.append(None))
    for _ in range(5):
        assert add(kept) <= stored(store)
    assert len(taken) == 1 + 5  # the others looked what is stored


def test_what_fails_is_undone_and_spoils_nothing_after_it(store: Engine, kept: Kept) -> None:
    """A row that is refused takes the others of its transaction along, and no more."""
    first, lost = add(kept), assessment("P-lost")
    with pytest.raises(exc.IntegrityError):
        add(kept, lost, lost)
    last = add(kept)
    assert stored(store) == first | last


def test_a_connection_that_was_ended_meanwhile_is_replaced(postgresql_server: PostgreSql) -> None:
    """A server that was started anew between two groups costs no job."""
    engine = connect(settled(postgresql_server))
    others = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with closing(Kept(engine)) as kept:
        first = add(kept)
        with postgresql_server.admin.connect() as admin:
            assert admin.execute(others, {"name": engine.url.database}).all()
        last = add(kept)
        assert stored(engine) == first | last
    engine.dispose()
