"""Past answers: by id, and a pupil's history."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.api.models import History, PastAssessment
from service.identity.caller import Role
from service.store.connect import writing
from service.store.erasure import erase_pupil
from service.usecases.setup import activate_folder
from tests.service.api.stores import put_in_force, rows
from tests.service.conftest import Api
from tests.service.world import LV, RECORD, STARTS, asked

TOWN = "municipality:riga"


def assess(api: Api, headers: dict[str, str], body: dict[str, object]) -> dict[str, Any]:
    answer = api.client.post("/v1/assessments", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def past(api: Api, headers: dict[str, str], id_: str, query: str = "") -> dict[str, Any]:
    answer = api.client.get(f"/v1/assessments/{id_}{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    PastAssessment.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def page(api: Api, headers: dict[str, str], pupil: str, query: str = "") -> dict[str, Any]:
    answer = api.client.get(f"/v1/pupils/{pupil}/assessments{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    History.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def pupil() -> str:
    """Return a pupil of whom nobody has heard."""
    return f"P-{uuid4().hex}"


RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "grade": st.integers(1, 12) | st.none(),
        "attendance_rate_45d": st.floats(0, 1) | st.sampled_from([0, 1, 0.9, 0.95]) | st.none(),
        "failed_core_courses": st.integers(0, 5),
        "unexcused_lessons_semester": st.integers(0, 40) | st.floats(0, 3).map(round).map(float),
        "mark_trend": st.floats(-9, 9),
        "new_stage": st.booleans(),
    },
)


@pytest.fixture(scope="module")
def school(api: Api) -> dict[str, str]:
    return api.as_("school:r64")


@settings(max_examples=60)
@given(
    record=RECORDS,
    observed=st.none() | st.dates(date(2026, 1, 1), date(2026, 10, 15)),
    language=st.sampled_from(["lv", "en", None]),
)
def test_a_past_answer_is_what_was_answered_and_comes_out_again(
    api: Api,
    school: dict[str, str],
    record: dict[str, Any],
    observed: date | None,
    language: str | None,
) -> None:
    """Word for word; and computed again from the stored inputs it is the same."""
    seen = None if observed is None else str(observed)
    body = asked("P-LAW", indicators=record, observed_on=seen, language=language)
    said = assess(api, school, body)
    found = past(api, school, said["id"], "?recompute=true")
    assert found["answer"] == said
    assert found["recomputed"]["same"] is True
    assert said.items() >= found["recomputed"]["answer"].items()
    for name in ("id", "school", "as_of", "assessed_at", "ruleset", "score", "possible_level"):
        assert found[name] == said[name]
    assert found["executors_agreed"] is True


def test_a_past_answer_comes_with_its_inputs(api: Api, school: dict[str, str]) -> None:
    """Canonical values of all that the ruleset reads; without `recompute` nothing is computed."""
    values = {"attendance_rate_45d": 0.870000001, "failed_courses": 1.0}
    said = assess(api, school, asked("P-INPUTS", indicators=values, observed_on="2026-09-01"))
    found = past(api, school, said["id"])
    inputs = found["inputs"]
    assert inputs["indicators"]["attendance_rate_45d"] is None  # too old: unknown
    assert inputs["indicators"]["failed_courses"] == 1
    assert inputs["stale"] == {"attendance_rate_45d": "2026-09-01"}
    assert "recomputed" not in found
    assert "recomputed" not in past(api, school, said["id"], "?recompute=false")


def test_an_answer_that_would_not_come_out_again_is_told(
    api: Api, school: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can fail: with a program that reckons otherwise, `same` is false."""
    from engine.assess import Assessor

    said = assess(api, school, asked("P-OTHER"))
    right = Assessor.assess
    monkeypatch.setattr(
        Assessor, "assess", lambda self, _: right(self, dict.fromkeys(self.ruleset.reads))
    )
    found = past(api, school, said["id"], "?recompute=true")
    assert found["recomputed"]["same"] is False
    assert found["answer"] == said


def test_an_id_of_any_other_form_is_of_nothing(api: Api, school: dict[str, str]) -> None:
    """Ids are written in one way only."""
    id_ = assess(api, school, asked())["id"]
    for text in (id_.replace("-", ""), f"{{{id_}}}", f"urn:uuid:{id_}", id_[:-1], f"{id_}0", "%00"):
        answer = api.client.get(f"/v1/assessments/{text}", headers=school)
        assert answer.status_code == 404, text


@settings(max_examples=15)
@given(st.lists(st.sampled_from([0.99, 0.92, 0.87, None]), min_size=1, max_size=8), st.data())
def test_pages_of_a_history_joined_are_all_of_it_whatever_their_size(
    api: Api, school: dict[str, str], values: list[float | None], data: st.DataObject
) -> None:
    """The newest first, none twice, none left out, and what changed told alike on every page."""
    pupil = f"P-{uuid4().hex}"
    made = [
        assess(api, school, asked(pupil, indicators={**RECORD, "attendance_rate_45d": value}))
        for value in values
    ]
    whole = page(api, school, pupil)
    assert [each["id"] for each in whole["assessments"]] == [each["id"] for each in made][::-1]
    assert whole["next"] is None
    size = data.draw(st.integers(1, len(values) + 1))
    joined, query = [], f"?limit={size}"
    while True:
        found = page(api, school, pupil, query)
        assert len(found["assessments"]) <= size
        joined += found["assessments"]
        if found["next"] is None:
            break
        assert len(found["assessments"]) == size
        query = f"?limit={size}&cursor={found['next']}"
    assert joined == whole["assessments"]


def test_an_assessment_that_comes_while_one_reads_moves_no_page(
    api: Api, school: dict[str, str], pupil: str
) -> None:
    """A cursor stands at an assessment, not at a number of them."""
    made = [assess(api, school, asked(pupil))["id"] for _ in range(4)]
    first = page(api, school, pupil, "?limit=2")
    assess(api, school, asked(pupil))
    second = page(api, school, pupil, f"?limit=2&cursor={first['next']}")
    seen = [each["id"] for found in (first, second) for each in found["assessments"]]
    assert seen == made[::-1]


def known(api: Api, **values: object) -> dict[str, object]:
    """Return a record of a pupil with one sign, in which nothing that is read is unknown."""
    follower = api.app.state.service.follower
    reads = follower.compiled(follower.picture.in_force(STARTS)).reads
    nothing = {n: False if i.type == "flag" else max(i.low, 0) for n, i in reads.items()}
    well = {"grade": 7, "mean_mark": 8, "on_track": True, "incidents_semester": 3}
    return {**nothing, **well, **values}


def test_a_changed_level_says_whether_the_rules_or_the_data_changed(
    fresh: Api, tmp_path: Path
) -> None:
    """By what the older ruleset makes of the newer data: one cause, the other, or both."""
    school = fresh.as_("school:r64")
    put_in_force(fresh, tmp_path / "other", "0.88", date(2027, 1, 1))
    old, new, failing = "2026-12-01", "2027-01-01", {"failed_courses": 6, "failed_core_courses": 4}
    steps: list[tuple[str, float, dict[str, int], str, list[str]]] = [
        (old, 0.99, {}, "watch", []),
        (old, 0.96, {}, "watch", []),
        (old, 0.89, {}, "support", ["data"]),
        (new, 0.89, {}, "watch", ["rules"]),
        (new, 0.87, {}, "support", ["data"]),
        (old, 0.87, {}, "support", []),
        (old, 0.99, failing, "high", ["data"]),
        (new, 0.89, {}, "watch", ["rules", "data"]),
        (old, 0.99, {}, "watch", []),
        (new, 0.87, {}, "support", ["data"]),
        (new, 0.99, {}, "watch", ["data"]),
        (old, 0.89, {}, "support", ["rules"]),
    ]
    for day, value, more, level, _ in steps:
        record = known(fresh, attendance_rate_45d=value, **more)
        said = assess(fresh, school, asked("P-1", as_of=day, indicators=record))
        assert said["level"] == said["possible_level"] == level
    found = page(fresh, school, "P-1")["assessments"][::-1]
    assert [each["changed_by"] for each in found] == [changed for *_, changed in steps]


def test_rules_that_read_less_are_told_from_data_too(fresh: Api, tmp_path: Path) -> None:
    """Where the older rules lack values in newer data, the newer rules judge the older data."""
    school = fresh.as_("school:r64")
    shutil.copytree(LV.parent, tmp_path / "r", ignore=shutil.ignore_patterns("published"))
    for name in ("behaviour.yaml", "behaviour.examples.yaml", "pupils.examples.yaml"):
        (tmp_path / "r" / "lv" / name).unlink()
    activate_folder(fresh.engine, tmp_path / "r" / "lv", date(2027, 1, 1), "operator:test")
    fresh.app.state.service.follower.follow()
    well, ill = (known(fresh, attendance_rate_45d=rate) for rate in (0.99, 0.7))
    levels, steps = [], (("2026-12-01", well), ("2027-01-01", well), ("2027-01-01", ill))
    for day, record in steps:
        said = assess(fresh, school, asked("P-1", as_of=day, indicators=record))
        levels.append(said["level"])
    assert len(set(levels)) == 3
    found = page(fresh, school, "P-1")["assessments"][::-1]
    assert [each["changed_by"] for each in found] == [[], ["rules"], ["data"]]


def test_a_look_at_a_pupil_is_noted(api: Api, pupil: str) -> None:
    """Who, in which role and place, at whom and when; a look that finds nothing reads nobody."""
    scorer, reader = api.as_("school:r64"), api.as_(TOWN, Role.READER)
    said = assess(api, scorer, asked(pupil))
    past(api, reader, said["id"])
    page(api, reader, pupil)
    api.client.get(f"/v1/pupils/{pupil}/assessments", headers=api.as_("school:l1"))
    api.client.get(f"/v1/pupils/{pupil}x/assessments", headers=reader)
    name = reader["authorization"].removeprefix("Bearer ").rpartition("_")[0][:20]
    query = "SELECT caller, role, place, what FROM reads WHERE pupil = :pupil ORDER BY id"
    assert rows(api, query, pupil=pupil) == [
        (name, "reader", "riga", "assessment"),
        (name, "reader", "riga", "history"),
    ]
    assert not rows(api, query, pupil=f"{pupil}x")


def test_an_erased_pupil_is_gone_and_the_counts_stay(api: Api, pupil: str) -> None:
    """By id there is still level and ruleset, without person; there is no history."""
    school = api.as_("school:r64")
    said = assess(api, school, asked(pupil))
    page(api, school, pupil)
    with writing(api.engine) as connection:
        erase_pupil(connection, pupil, datetime.now(UTC), "operator:test", "asked for")
    found = past(api, school, said["id"], "?recompute=true")
    assert found["erased"] is True
    assert found["answer"] is found["inputs"] is None
    assert "recomputed" not in found
    assert (found["level"], found["score"]) == (said["level"], said["score"])
    assert pupil not in str(found)
    answer = api.client.get(f"/v1/pupils/{pupil}/assessments", headers=school)
    assert answer.status_code == 404
    assert assess(api, school, asked(pupil))["id"] != said["id"]
    assert len(page(api, school, pupil)["assessments"]) == 1


@pytest.mark.parametrize("cursor", ["", "x", "ā", "AAAA", "%00", "A" * 23, "=" * 22, "A" * 500])
def test_a_cursor_that_next_did_not_give_is_refused(
    api: Api, school: dict[str, str], cursor: str
) -> None:
    """Also one that is almost a cursor."""
    path = f"/v1/pupils/P-1/assessments?cursor={cursor}"
    answer = api.client.get(path, headers=school)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")


@pytest.mark.parametrize("limit", ["0", "-1", "501", "1.5", "x", "", "1e2", "９"])
def test_a_page_has_from_one_to_five_hundred(api: Api, school: dict[str, str], limit: str) -> None:
    """Any other size is refused by its name."""
    path = f"/v1/pupils/P-1/assessments?limit={limit}"
    answer = api.client.get(path, headers=school)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "limit"


def test_a_pupil_s_key_of_another_form_is_refused_without_repeating_it(
    api: Api, school: dict[str, str]
) -> None:
    """A key that cannot be one is told from one that is not there."""
    for key in ("a%20b", "%00", "J%C4%81nis%20B.", "-x", "P" * 129):
        answer = api.client.get(f"/v1/pupils/{key}/assessments", headers=school)
        assert answer.status_code == 422, key
        assert answer.json()["errors"][0]["where"] == "pupil_key"
        assert "nis" not in answer.text
