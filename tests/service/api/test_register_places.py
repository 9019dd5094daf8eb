"""A caller never changes or reads another place's registers: compared with a plain model."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.identity.caller import RIGHTS, Place, Right, Role
from tests.service.api.stores import rows
from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.sent_registers import (
    ORGS,
    STAYS,
    TOLD,
    USERS,
    assess,
    lines,
    put_in_force,
    send,
)
from tests.service.world import PARENTS, PLACES, schools_within, settled

SCHOOLS = [place.code for place in PLACES if place.level == "school"]
Who = tuple[Place, Role]
WHO = st.tuples(
    st.sampled_from(PLACES), st.sampled_from([*[Role.SCORER] * 6, Role.READER, Role.ANALYST])
)
NAMED = st.sampled_from([*SCHOOLS, None, "r99", "riga"])
STEP = st.tuples(WHO, st.sampled_from(["pupil", "pupil", "course", "assess", "held"]), NAMED)


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """Run an application whose ruleset has long been in force; the state sent the schools."""
    for running in run_api(settled(database), rate=10_000_000):
        put_in_force(running)
        assert send(running, running.as_("state:lv"), "orgs", ORGS).status_code == 200
        yield running


@pytest.fixture(scope="module")
def keys(api: Api) -> dict[Who, dict[str, str]]:
    """Return a caller for each place and role."""
    return {(place, role): api.as_(str(place), role) for place in PLACES for role in Role}


def target(who: Who, named: str | None) -> str | None:
    """Return the school for which somebody may act, None for nobody's."""
    place, _ = who
    school = named or (place.code if place.level == "school" else None)
    return school if school in schools_within(place) else None


@settings(max_examples=25)
@given(st.lists(STEP, min_size=3, max_size=8))
def test_a_caller_sends_and_sees_within_its_place_alone(
    api: Api, keys: dict[Who, dict[str, str]], steps: list[tuple[Who, str, str | None]]
) -> None:
    """Any callers in any order: what is kept, shown and assessed is what the model says."""
    some = uuid4().hex[:10]
    enrolled: dict[str, list[str]] = {school: [] for school in SCHOOLS}
    for number, (who, what, named) in enumerate(steps):
        headers, query = keys[who], {"school": named} if named else {}
        may = who[1] is Role.SCORER
        school = target(who, named)
        if what == "pupil":
            pupil = f"{some}-{number}"
            user = lines(USERS, f"{pupil},active,{TOLD},student,male")
            answer = send(api, headers, "users", user, **query)
            assert (answer.status_code == 200) == (may and school is not None), answer.text
            if answer.status_code == 200:
                assert answer.json()["place"] == school
                stay = lines(STAYS, f"E-{pupil},{TOLD},{pupil},{school},2020-09-01,,7")
                assert send(api, headers, "enrollments", stay, **query).json()["used"] == 1
                enrolled[str(school)].append(pupil)
        elif what == "course":
            course = f"sourcedId,metadata.core\n{some}-{number},true\n"
            answer = send(api, headers, "courses", course, **query)
            shared = named is None and who[0].level != "school"
            place = who[0].code if shared else school
            assert (answer.status_code == 200) == (may and place is not None), answer.text
            assert answer.status_code != 200 or answer.json()["place"] == place
        elif what == "held":
            answer = api.client.get("/v1/registers", params=query, headers=headers)
            good = may and (school is not None or named is None)
            assert (answer.status_code == 200) == good, answer.text
            if good:
                shown = {each["place"] for each in answer.json()["registers"]}
                assert shown <= visible(who[0], school)
        else:
            asked = {"school": named} if named else {}
            answer = assess(api, headers, "?store=false", **asked)
            if not may or school is None:
                assert answer.status_code in (403, 422)
                assert some not in answer.text
            elif answer.status_code == 200:
                told = {each["pupil_key"] for each in answer.json()["assessments"]}
                assert {each for each in told if each.startswith(some)} == {*enrolled[school]}
            else:
                assert answer.json()["type"] == "/problems/no-registers"
                assert not enrolled[school]


def visible(place: Place, school: str | None) -> set[str]:
    """Return the places whose parcels a place may be shown: its own, below, and shared above."""
    if school is None:
        below = {text.partition(":")[2] for text, up in PARENTS.items() if up == place.code}
        return {place.code, *below, *schools_within(place)}
    parents = {text.partition(":")[2]: up for text, up in PARENTS.items()}
    return {school, parents[school], "lv"}


def test_what_a_town_sends_is_seen_by_its_own_schools(api: Api) -> None:
    """A course of one town is unknown in another's schools; the state's is known everywhere."""
    course = f"C-{uuid4().hex[:8]}"
    pupil, town = f"P-{uuid4().hex[:8]}", api.as_("municipality:liepaja")
    assert send(api, town, "courses", f"sourcedId,metadata.core\n{course},1\n").status_code == 200
    session = "sourcedId,type,startDate,endDate\ny,schoolYear,2020-09-01,2021-05-31\n"
    assert send(api, api.as_("state:lv"), "academicSessions", session).status_code == 200
    for school, known in (("l1", True), ("r64", False)):
        key = api.as_(f"school:{school}")
        send(api, key, "users", f"sourcedId\n{pupil}\n")
        send(api, key, "enrollments",
             lines(STAYS, f"E-{pupil},{TOLD},{pupil},{school},2020-09-01,,7"))  # fmt: skip
        head = (
            "sourcedId,userSourcedId,schoolSourcedId,courseSourcedId,academicSessionSourcedId,"
            "date,scoreStatus,score"
        )
        mark = lines(head, f"M-1,{pupil},{school},{course},y,2020-10-01,fully graded,8")
        assert send(api, key, "marks", mark).json()["used"] == known
    assert Right.SEND in RIGHTS[Role.SCORER]
    assert rows(api, "SELECT sum(used) FROM parcels WHERE file = 'marks'") == [(1,)]
