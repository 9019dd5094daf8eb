"""Erasing persons: counts stay, the person goes, and no trace of the key is left anywhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from engine.errors import DataError
from service.store.assessments import ADD_DISAGREEMENT, ADD_READ, ADD_REQUEST
from service.store.connect import connect, reading, writing
from service.store.erasure import erase_older, erase_pupil, erasing, forget_requests
from service.store.parcels import add_parcel, unpacked
from service.store.tables import assessments, disagreements, erasures, parcels, reads, requests
from tests.service.databases import Database, Sqlite
from tests.service.store.rows import (
    ADD,
    NOW,
    assessment,
    everything,
    parcel,
    read,
    request,
    ruleset,
)
from tests.service.world import ROOT, settle

DAY = timedelta(days=1)
OPERATOR = "operator:test"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def log(database: Database) -> Iterator[Engine]:
    """Open a store to which tests add pupils of their own."""
    engine = connect(database.migrated())
    settle(engine)
    yield engine
    engine.dispose()


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=12),
    st.lists(st.integers(0, 3), max_size=4),
)
def test_an_erasure_takes_out_its_pupil_and_nothing_else(
    log: Engine, rows: list[int], erased: list[int]
) -> None:
    """Every row stays, with school, day, level and scores; only the erased persons go."""
    unique = uuid4().hex
    pupils = [f"{unique}-{number}" for number in range(4)]
    made = [assessment(pupils[number], score=number) for number in rows]
    with writing(log) as connection:
        connection.execute(ADD, made)
        connection.execute(ADD_READ, [read(pupils[number]) for number in rows])
    left = list(rows)
    for number in erased:
        nobody = nullcontext() if number in left else pytest.raises(DataError, match="is stored")
        with nobody, erasing(log) as connection:
            counts = erase_pupil(connection, pupils[number], NOW, OPERATOR, "asked for")
            assert counts == (left.count(number), 0)
        left = [each for each in left if each != number]
    person = {"pupil", "inputs", "answer", "erasure"}
    with reading(log) as connection:
        wanted = sa.select(assessments).where(assessments.c.id.in_([row["id"] for row in made]))
        found = {row["id"]: dict(row) for row in connection.execute(wanted).mappings()}
        seen = connection.execute(
            sa.select(sa.func.count()).where(reads.c.pupil.like(f"{unique}%"))
        ).scalar_one()
    assert seen == len(left)
    for number, row in zip(rows, made, strict=True):
        now = found[row["id"]]
        if number in erased:
            assert now["pupil"] is now["inputs"] is now["answer"] is None
            assert now["erasure"] is not None
            assert {k: v for k, v in now.items() if k not in person} == {
                k: v for k, v in row.items() if k not in person
            }
        else:
            assert now == row


def leave_traces(engine: Engine, pupil: str) -> None:
    """Have a pupil in every place that a request can reach, among many others."""
    number, other = next(NUMBERS), f"Q-{uuid4().hex}"
    users = f"sourcedId,metadata.sex\n{other},male\n{pupil},female\n".encode()
    asked = request(f"semester-1/{pupil}")
    others = [assessment(f"Q-{uuid4().hex}") for _ in range(300)]
    long = assessment(pupil, request=asked["id"], answer=f'{{"pupil_key":"{pupil}"}}' * 500)
    with writing(engine) as connection:
        connection.execute(ADD_REQUEST, [asked])
        connection.execute(ADD, [*others[:150], assessment(pupil), long, *others[150:]])
        connection.execute(ADD_READ, [read(pupil), read(other)])
        add_parcel(connection, parcel(number, body=users, read=2, used=2))


def texts(engine: Engine) -> str:
    """Return all that a store holds, with what is packed in it."""
    found = everything(engine)
    bodies = [unpacked(bytes(value)) for row in found["parcels"] for value in row if is_body(value)]
    return repr(found) + repr(bodies)


def is_body(value: object) -> bool:
    """Say whether this is what was packed."""
    return isinstance(value, bytes | memoryview)


def test_no_trace_of_an_erased_pupil_is_in_any_table(log: Engine) -> None:
    """After an erasure no column of any table holds the key, not even a client's own texts."""
    pupil = f"P-{uuid4().hex}"
    leave_traces(log, pupil)
    assert pupil in repr(everything(log))
    with erasing(log) as connection:
        assert erase_pupil(connection, pupil, NOW, OPERATOR, "the parents asked") == (2, 1)
    assert pupil not in texts(log)


def test_a_doubted_record_goes_with_its_pupil(log: Engine) -> None:
    """It names nobody, so it is known by its values, however they are written; others' stay."""
    pupil = f"P-{uuid4().hex}"
    written = '{{"indicators":{{"grade":7,"share":{},"of":null}},"stale":{{}},"language":"lv"}}'
    texts = {"same": "0.5", "as-text": "5.0e-1", "other": "0.6"}
    rows = {
        name: {"id": str(uuid4()), "at": NOW, "ruleset": ruleset(), "inputs": written.format(text)}
        for name, text in texts.items()
    }
    with writing(log) as connection:
        connection.execute(ADD, [assessment(pupil, inputs=written.format("0.5"), agreed=False)])
        connection.execute(ADD_DISAGREEMENT, list(rows.values()))
    with erasing(log) as connection:
        erase_pupil(connection, pupil, NOW, OPERATOR, "asked for")
    with reading(log) as connection:
        left = set(connection.execute(sa.select(disagreements.c.id)).scalars())
    assert {name for name, row in rows.items() if row["id"] in left} == {"other"}


def test_a_pupil_who_was_only_looked_for_is_erased_too(log: Engine) -> None:
    """A read without an assessment is stored of a pupil as well."""
    pupil = f"P-{uuid4().hex}"
    with writing(log) as connection:
        connection.execute(ADD_READ, [read(pupil)])
    with erasing(log) as connection:
        assert erase_pupil(connection, pupil, NOW, OPERATOR, "asked for") == (0, 0)
    assert pupil not in repr(everything(log))


def packed_of(engine: Engine, pupil: str) -> list[bytes]:
    """Return all pieces, 32 bytes long, of the packed bodies that name a pupil."""
    with reading(engine) as connection:
        bodies = connection.execute(sa.select(parcels.c.body)).scalars().all()
    mine = [body for body in bodies if pupil.encode() in unpacked(body)]
    return [body[at : at + 32] for body in mine for at in range(24, len(body) - 32, 32)]


def file_of(engine: Engine) -> Path:
    with reading(engine) as connection:
        return Path(connection.exec_driver_sql("PRAGMA database_list").one()[2])


def holds(file: Path, text: str) -> bool:
    """Say whether the store's files hold a text, also in pages that are free."""
    return holds_bytes(file, text.encode())


def holds_bytes(file: Path, piece: bytes) -> bool:
    """Say whether the store's files hold these bytes."""
    files = [file, *file.parent.glob(f"{file.name}-*")]
    return any(piece in each.read_bytes() for each in files)


def test_no_trace_of_an_erased_pupil_is_in_the_files(sqlite: Sqlite) -> None:
    """SQLite's file and its log hold no byte of the key, while the service goes on running."""
    engine = connect(sqlite.migrated())
    settle(engine)
    pupils = [f"P-{uuid4().hex}" for _ in range(12)]
    for pupil in pupils:
        leave_traces(engine, pupil)
    file = file_of(engine)
    assert all(holds(file, pupil) for pupil in pupils)
    packed = [piece for pupil in pupils for piece in packed_of(engine, pupil)]
    assert len(packed) >= len(pupils)
    assert all(holds_bytes(file, piece) for piece in packed)
    for pupil in pupils[:-1]:
        with erasing(engine) as connection:
            erase_pupil(connection, pupil, NOW, OPERATOR, "asked for")
        assert not holds(file, pupil)
    command = [sys.executable, "-m", "service.cli", "retention", "erase", "--reason", "asked for"]
    subprocess.run(
        command,
        cwd=ROOT,
        env={"PUMPURS_DATABASE": f"sqlite:///{file}"},
        input=f"{pupils[-1]}\n".encode(),
        check=True,
        capture_output=True,
    )
    assert not [pupil for pupil in pupils if holds(file, pupil)]
    assert not [pupil for pupil in pupils if pupil in texts(engine)]
    assert not [piece for piece in packed if holds_bytes(file, piece)]
    engine.dispose()


def test_a_reason_that_names_the_pupil_is_refused(log: Engine) -> None:
    """What is kept for ever about an erasure must not keep the person."""
    pupil = f"P-{uuid4().hex}"
    leave_traces(log, pupil)
    before = everything(log)
    with pytest.raises(DataError) as refused, erasing(log) as connection:
        erase_pupil(connection, pupil, NOW, OPERATOR, f"parents of {pupil} asked")
    assert refused.value.problems[0].code == "person"
    assert everything(log) == before


def test_retention_takes_out_exactly_what_is_older(store: Engine) -> None:
    """Persons older than the day go, younger ones stay; a second run finds nothing."""
    ages = (0, 1, 9, 10, 11, 400)
    moments = {age: NOW - age * DAY for age in ages}
    kept = {"id": "", "at": NOW, "ruleset": ruleset(), "inputs": "{}"}
    with writing(store) as connection:
        connection.execute(ADD, [assessment(f"P-{a}", at=at) for a, at in moments.items()])
        connection.execute(ADD_READ, [read(f"P-{a}", at=at) for a, at in moments.items()])
        connection.execute(
            ADD_DISAGREEMENT, [kept | {"id": str(uuid4()), "at": at} for at in moments.values()]
        )
        connection.execute(ADD_REQUEST, [request(str(a)) | {"at": m} for a, m in moments.items()])
    with erasing(store) as connection:
        assert erase_older(connection, NOW - 10 * DAY, NOW, OPERATOR) == (2, 0)
        assert forget_requests(connection, NOW - DAY) == 4
    with reading(store) as connection:
        for table in (assessments, reads):
            left = connection.execute(sa.select(table.c.pupil).where(table.c.pupil.is_not(None)))
            assert set(left.scalars()) == {"P-0", "P-1", "P-9", "P-10"}
        counts = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (assessments, reads, disagreements, requests)
        ]
        said = connection.execute(sa.select(erasures)).mappings().one()
    assert counts == [6, 6, 4, 2]
    assert (said["at"], said["by"]) == (NOW, OPERATOR)
    assert str((NOW - 10 * DAY).date()) in said["reason"]
    with erasing(store) as connection:
        assert erase_older(connection, NOW - 10 * DAY, NOW, OPERATOR) == (0, 0)
        assert forget_requests(connection, NOW - DAY) == 0
