"""A caller for one place never reads or writes another's pupils: compared with a plain model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.identity.caller import RIGHTS, Place, Right, Role
from tests.service.api.stores import rows
from tests.service.conftest import Api
from tests.service.world import PLACES, RECORD, asked, schools_within

SCHOOLS = [place.code for place in PLACES if place.level == "school"]
NOWHERE = "r99"


@dataclass
class Model:
    """What is stored, and who may see it: told without the service."""

    stored: list[tuple[str, str, str]] = field(default_factory=list)  # id, pupil, school

    def may_score(self, role: Role, place: Place, school: str | None) -> int:
        """Return the status of an assessment that is asked for."""
        if Right.SCORE not in RIGHTS[role]:
            return 403
        if school is None:
            return 200 if place.level == "school" else 422
        return 200 if school in schools_within(place) else 403

    def visible(self, place: Place, pupil: str) -> list[str]:
        """Return the ids of a pupil's assessments that a place may see, the newest first."""
        within = schools_within(place)
        return [id_ for id_, who, school in self.stored[::-1] if who == pupil and school in within]


Keys = dict[tuple[Place, Role], dict[str, str]]
STATE = PLACES[0]
PLACE = st.sampled_from([*PLACES, *(place for place in PLACES if place.level == "school")])
ROLE = st.sampled_from([*Role, Role.SCORER, Role.SCORER, Role.READER])
BEGUN = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(SCHOOLS)), min_size=1, max_size=4)
ACTION = st.one_of(
    st.tuples(st.just("score"), st.sampled_from("ab"), st.sampled_from([*SCHOOLS, NOWHERE, None])),
    st.tuples(st.just("many"), st.sampled_from(SCHOOLS), st.sampled_from([*SCHOOLS, NOWHERE])),
    st.tuples(st.just("history"), st.sampled_from("abc"), st.none()),
    st.tuples(st.just("read"), st.integers(0, 9), st.booleans()),
)


@pytest.fixture(scope="module")
def keys(api: Api) -> Keys:
    """Return a caller for each place and role."""
    return {(place, role): api.as_(str(place), role) for place in PLACES for role in Role}


def blurred(answer: httpx.Response) -> tuple[int, str]:
    """Return all that a refusal tells, apart from the id of its request."""
    return answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")


@settings(max_examples=60)
@given(begun=BEGUN, steps=st.lists(st.tuples(PLACE, ROLE, ACTION), min_size=3, max_size=14))
def test_a_caller_reads_and_writes_within_its_place_alone(
    api: Api,
    keys: Keys,
    begun: list[tuple[str, str]],
    steps: list[tuple[Place, Role, tuple[str, Any, Any]]],
) -> None:
    """Any callers in any order: what they may store, see and learn is what the model says."""
    model, some = Model(), uuid4().hex[:12]
    everywhere = STATE, Role.SCORER
    for which, school in begun:
        _score(api, model, everywhere, keys[everywhere], f"{some}-{which}", school)
    for place, role, (what, which, more) in steps:
        headers = keys[place, role]
        match what:
            case "score":
                pupil = f"{some}-{which}"
                _score(api, model, (place, role), headers, pupil, more)
            case "many":
                _many(api, model, (place, role), headers, {f"{some}-a": which, f"{some}-b": more})
            case "history":
                _history(api, model, (place, role), headers, f"{some}-{which}")
            case _:
                _read(api, model, (place, role), headers, which, again=more)
    found = rows(
        api,
        "SELECT pupil, school FROM assessments WHERE pupil LIKE :some ORDER BY id",
        some=f"{some}-%",
    )
    assert found == [(who, school) for _, who, school in model.stored]


Who = tuple[Place, Role]


def _score(  # noqa: PLR0917  a step of the law above
    api: Api, model: Model, who: Who, headers: dict[str, str], pupil: str, school: str | None
) -> None:
    body = asked(pupil) if school is None else asked(pupil, school=school)
    answer = api.client.post("/v1/assessments", json=body, headers=headers)
    place, role = who
    assert answer.status_code == model.may_score(role, place, school), answer.text
    if answer.status_code == 200:
        said = answer.json()
        assert said["school"] == (school or place.code)
        model.stored.append((said["id"], pupil, said["school"]))
    elif school is not None and role is Role.SCORER:
        nowhere = asked(pupil, school=NOWHERE)
        other = api.client.post("/v1/assessments", json=nowhere, headers=headers)
        assert blurred(answer) == blurred(other)


def _many(api: Api, model: Model, who: Who, headers: dict[str, str], rows: dict[str, str]) -> None:
    body = [
        {"pupil_key": pupil, "school": school, "indicators": dict(RECORD)}
        for pupil, school in rows.items()
    ]
    path = "/v1/assessments/bulk?as_of=2026-10-15"
    answer = api.client.post(path, json=body, headers=headers)
    place, role = who
    if Right.SCORE not in RIGHTS[role]:
        assert answer.status_code == 403
        return
    assert answer.status_code == 200, answer.text
    mine = [(who, school) for who, school in rows.items() if school in schools_within(place)]
    said = [
        (each["id"], each["pupil_key"], each["school"]) for each in answer.json()["assessments"]
    ]
    assert [(pupil, school) for _, pupil, school in said] == mine
    assert len(answer.json()["rejects"]) == len(rows) - len(mine)
    model.stored += said


def _history(api: Api, model: Model, who: Who, headers: dict[str, str], pupil: str) -> None:
    answer = api.client.get(f"/v1/pupils/{pupil}/assessments", headers=headers)
    if Right.READ not in RIGHTS[who[1]]:
        assert answer.status_code == 403
        return
    expected = model.visible(who[0], pupil)
    if expected:
        assert answer.status_code == 200
        assert [each["id"] for each in answer.json()["assessments"]] == expected
    else:
        nobody = api.client.get(f"/v1/pupils/{uuid4().hex}/assessments", headers=headers)
        assert answer.status_code == 404
        assert blurred(answer) == blurred(nobody)


def _read(
    api: Api, model: Model, who: Who, headers: dict[str, str], which: int, *, again: bool
) -> None:
    id_, pupil, school = model.stored[which % len(model.stored)]
    query = "?recompute=true" if again else ""
    answer = api.client.get(f"/v1/assessments/{id_}{query}", headers=headers)
    if Right.READ not in RIGHTS[who[1]]:
        assert answer.status_code == 403
    elif school in schools_within(who[0]):
        assert answer.status_code == 200
        assert answer.json()["answer"]["pupil_key"] == pupil
    else:
        nothing = api.client.get(f"/v1/assessments/{uuid4()}{query}", headers=headers)
        assert answer.status_code == 404
        assert blurred(answer) == blurred(nothing)


def test_a_cursor_opens_no_other_place(api: Api) -> None:
    """The cursor of a town's history, used by a school, shows that school's part alone."""
    pupil = f"P-{uuid4().hex}"
    town, school = api.as_("municipality:riga"), api.as_("school:r64")
    ids: dict[str, list[str]] = {"r64": [], "r72": []}
    for each in ("r64", "r72") * 3:
        body = asked(pupil, school=each)
        ids[each].append(api.client.post("/v1/assessments", json=body, headers=town).json()["id"])
    path = f"/v1/pupils/{pupil}/assessments"
    cursor = api.client.get(f"{path}?limit=1", headers=town).json()["next"]
    found = api.client.get(f"{path}?cursor={cursor}", headers=school).json()
    assert [each["id"] for each in found["assessments"]] == ids["r64"][::-1]
    foreign = api.client.get(f"{path}?cursor={cursor}", headers=api.as_("school:l1"))
    assert foreign.status_code == 404


def test_what_changed_is_told_from_what_one_may_see(api: Api) -> None:
    """A school does not learn from `changed_by` that another school assessed its pupil."""
    pupil = f"P-{uuid4().hex}"
    town = api.as_("municipality:riga")
    for school, value in (("r64", 0.99), ("r72", 0.7), ("r64", 0.99)):
        record = {"grade": 7, "attendance_rate_45d": value}
        body = asked(pupil, school=school, indicators=record)
        assert api.client.post("/v1/assessments", json=body, headers=town).status_code == 200
    path = f"/v1/pupils/{pupil}/assessments"
    own = api.client.get(path, headers=api.as_("school:r64")).json()["assessments"]
    assert [each["changed_by"] for each in own] == [[], []]
    whole = api.client.get(path, headers=town).json()["assessments"]
    assert [each["changed_by"] for each in whole] == [["data"], ["data"], []]
