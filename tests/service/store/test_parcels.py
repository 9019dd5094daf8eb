"""Parcels in the database: who may see and add them, and how pupils are taken out of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from service.identity.caller import Place
from service.register_files import FILES
from service.store.connect import connect, reading, writing
from service.store.erasure import erase_older, erase_pupil, erasing
from service.store.parcel_erasure import look_for
from service.store.parcels import add_parcel, parcels_of, unpacked
from service.store.tables import parcels
from tests.service.databases import Database
from tests.service.store.rows import NOW, parcel
from tests.service.world import PLACES, schools_within, settle

HEADS = {
    "users": "sourcedId,status,metadata.sex",
    "enrollments": "sourcedId,status,userSourcedId,schoolSourcedId,beginDate,endDate,metadata."
    "grade",
    "attendance": "sourcedId,status,userSourcedId,schoolSourcedId,date,lesson,attendance",
    "results": "sourcedId,status,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate",
}
ORGS = b"sourcedId,type\nr64,school\nr72,school\nl1,school\n"
OPERATOR = "operator:test"


@pytest.fixture(scope="module")
def kept(database: Database) -> Iterator[Engine]:
    """Open a store to which tests add parcels."""
    engine = connect(database.migrated())
    settle(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def fresh(database: Database) -> Iterator[Engine]:
    """Open a store of its own."""
    engine = connect(database.migrated())
    settle(engine)
    yield engine
    engine.dispose()


def next_number(engine: Engine) -> int:
    with reading(engine) as connection:
        wanted = sa.select(sa.func.coalesce(sa.func.max(parcels.c.number), 0) + 1)
        return int(connection.execute(wanted).scalar_one())


def add(engine: Engine, body: str | bytes, file: str = "users", **more: Any) -> str:  # noqa: ANN401
    """Add a parcel; return its id."""
    text = body.encode() if isinstance(body, str) else body
    row = parcel(next_number(engine), body=text, file=file, **more)
    with writing(engine) as connection:
        add_parcel(connection, row)
    return str(row["id"])


def bodies(engine: Engine) -> dict[str, str]:
    """Return what is kept, by id."""
    with reading(engine) as connection:
        found = connection.execute(sa.select(parcels.c.id, parcels.c.body))
        return {row.id: unpacked(row.body).decode() for row in found}


def test_the_database_shows_and_takes_what_is_within_a_place(kept: Engine) -> None:
    """PostgreSQL: parcels below, and those of the places above; SQLite is one place's own."""
    if kept.dialect.name != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    ids = {place.code: add(kept, "sourcedId\n", place=place.code) for place in PLACES}
    above = {"r64": "riga", "r72": "riga", "l1": "liepaja", "riga": "lv", "liepaja": "lv"}
    for place in PLACES:
        mine = {place.code, *schools_within(place)}
        if place.level == "state":
            mine |= set(ids)
        code = place.code
        while code in above:
            code = above[code]
            mine.add(code)
        with reading(kept, place) as connection:
            seen = set(connection.execute(sa.select(parcels.c.id)).scalars())
        assert seen & set(ids.values()) == {ids[code] for code in mine}
        for other in PLACES:
            mayed = other.code in {place.code, *schools_within(place)} or place.level == "state"
            row = parcel(next_number(kept), other.code)
            try:
                with writing(kept, place) as connection:
                    add_parcel(connection, row)
            except sa.exc.ProgrammingError as error:
                assert "row-level security" in str(error)
                assert not mayed
            else:
                assert mayed, (place, other)
    with reading(kept, Place("school", "nowhere")) as connection:
        assert connection.execute(sa.select(parcels.c.id)).all() == []


def test_a_number_is_given_once_in_a_place(kept: Engine) -> None:
    """Of two parcels judged by the same ones before them one is added."""
    number = next_number(kept)
    with writing(kept) as connection:
        add_parcel(connection, parcel(number))
        add_parcel(connection, parcel(number, "r72"))
    with pytest.raises(sa.exc.IntegrityError), writing(kept) as connection:
        add_parcel(connection, parcel(number))


PUPIL = st.integers(0, 2)
ROW = st.one_of(
    st.tuples(st.just("users"), PUPIL),
    st.tuples(st.just("enrollments"), PUPIL),
    st.tuples(st.just("attendance"), PUPIL),
    st.tuples(st.just("results"), PUPIL),
    st.tuples(st.just("ended"), PUPIL),
)


def text_of(kind: str, pupil: str, number: int, school: str) -> tuple[str, str, str]:
    """Return a file, its row about a pupil, and a row that ends that one and names nobody."""
    identifier = f"X-{pupil[:6]}-{number}"
    match kind:
        case "users":
            return kind, f"{pupil},active,male", ""
        case "enrollments":
            row = f"{identifier},active,{pupil},{school},2020-09-01,,7"
            return kind, row, f"{identifier},tobedeleted,,,,,"
        case "attendance":
            return kind, f",active, {pupil} ,{school},2020-09-01,{number},late", ""
        case "results":
            row = f"{identifier},active,L1,{pupil},exempt,,2020-09-01"
            return kind, row, f"{identifier},tobedeleted,,,,,"
        case _:  # one ended by the id that its columns make
            row = f"{pupil}|{school}|2020-09-01|1,tobedeleted,,,,,"
            return "attendance", row, ""


@settings(max_examples=20)
@given(st.lists(st.tuples(ROW, st.sampled_from(["r64", "l1"])), min_size=1, max_size=8), PUPIL)
def test_an_erasure_takes_a_pupil_out_of_all_parcels_and_nobody_else(
    kept: Engine, told: list[tuple[tuple[str, int], str]], erased: int
) -> None:
    """All rows that name the pupil, and the ends of such rows; the others stay to the letter."""
    some = uuid4().hex[:8]
    pupils = [f"{number}{some}-P" for number in range(3)]
    # The key of one begins as that of another does.
    pupils[1] = f"{pupils[0]}1"
    expected: dict[str, list[str]] = {}
    gone = 0
    for number, ((kind, which), school) in enumerate(told):
        file, row, end = text_of(kind, pupils[which], number, school)
        identifier = add(kept, f"{HEADS[file]}\n{row}\n", file, place=school)
        out = which == erased
        expected[identifier] = [] if out else [row]
        gone += out
        if end:
            expected[add(kept, f"{HEADS[file]}\n{end}\n", file, place=school)] = (
                [] if out else [end]
            )
            gone += out
    before = bodies(kept)
    if not any(which == erased for (_, which), _ in told):
        return
    looked = look_for(kept, pupils[erased])
    with erasing(kept) as connection:
        assert erase_pupil(connection, pupils[erased], NOW, OPERATOR, "asked", looked) == (0, gone)
    after = bodies(kept)
    for identifier, found in expected.items():
        assert after[identifier].splitlines()[1:] == found
    assert all(after[each] == before[each] for each in before.keys() - expected.keys())
    with reading(kept) as connection:
        wanted = sa.select(sa.func.sum(parcels.c.erased)).where(parcels.c.id.in_(expected))
        assert connection.execute(wanted).scalar_one() == gone


def test_what_came_while_a_pupil_was_looked_for_is_erased_too(kept: Engine) -> None:
    """What was looked at before anything was locked is not all."""
    pupil = f"P-{uuid4().hex}"
    add(kept, f"sourcedId\n{pupil}\n")
    looked = look_for(kept, pupil)
    add(kept, f"sourcedId\n{pupil}\nQ\n")
    with erasing(kept) as connection:
        assert erase_pupil(connection, pupil, NOW, OPERATOR, "asked", looked) == (0, 2)
    assert pupil not in repr(bodies(kept))


def test_retention_takes_out_old_days_and_those_who_left_long_ago(fresh: Engine) -> None:
    """Who is still there, or was until that day, stays known; younger parcels stay whole."""
    cut = datetime(2025, 9, 1, tzinfo=UTC)
    old, young = cut - timedelta(days=9), cut + timedelta(days=9)
    pupils = ("HERE", "LEFT", "LATE", "ENDED")
    users = "".join(f"{each},active,male\n" for each in pupils)
    head = f"{HEADS['users']}\n"
    stays = {
        "HERE": "e1,active,HERE,r64,2020-09-01,,7",
        "LEFT": "e2,active,LEFT,r64,2020-09-01,2021-05-31,7",
        "LATE": "e3,active,LATE,r64,2020-09-01,2025-09-01,7",
        "ENDED": "e4,active,ENDED,r64,2020-09-01,,7",
    }  # fmt: skip
    lessons = "".join(f",active,{each},r64,2020-09-02,1,late\n" for each in pupils)
    add(fresh, ORGS, "orgs", place="lv", at=old)
    ids = [
        add(fresh, head + users, at=old),
        add(fresh, "\n".join([HEADS["enrollments"], *stays.values(), ""]), "enrollments", at=old),
        add(fresh, f"{HEADS['attendance']}\n{lessons}", "attendance", at=old),
        add(fresh, f"{HEADS['enrollments']}\ne4,tobedeleted,,,,,\n", "enrollments", at=young),
        add(fresh, f"{HEADS['attendance']}\n{lessons}", "attendance", at=young),
    ]
    with erasing(fresh) as connection:
        assert erase_older(connection, cut, NOW, OPERATOR) == (0, 8)
        assert erase_older(connection, cut, NOW, OPERATOR) == (0, 0)
    found = bodies(fresh)
    assert found[ids[0]] == f"{head}HERE,active,male\nLATE,active,male\n"
    assert found[ids[1]].splitlines()[1:] == [stays["HERE"], stays["LATE"]]
    assert found[ids[2]].splitlines() == [HEADS["attendance"]]
    assert "tobedeleted" in found[ids[3]]
    assert found[ids[4]].count("\n") == 5
    with reading(fresh) as connection:
        held = parcels_of(connection, ("r64",))
    assert [each.erased for each in held] == [2, 2, 4, 0, 0]
    assert {each.file for each in held} <= FILES.keys()
