"""``POST /v1/assessments``: one pupil, as a school system asks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from service.api.models import AssessmentAnswer
from service.identity.caller import Role
from service.usecases.inforce import today
from tests.service.api.stores import put_in_force
from tests.service.conftest import Api
from tests.service.world import RECORD, STARTS, asked


def said(api: Api, body: object, query: str = "", place: str = "school:r64") -> dict[str, Any]:
    """Return the answer to a good request."""
    headers = api.as_(place)
    answer = api.client.post(f"/v1/assessments{query}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    AssessmentAnswer.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def wrong(api: Api, body: object, place: str = "school:r64", query: str = "") -> list[Any]:
    """Return where and how a refused request is wrong."""
    answer = api.client.post(f"/v1/assessments{query}", json=body, headers=api.as_(place))
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/invalid"
    errors: list[Any] = answer.json()["errors"]
    assert answer.json()["detail"].startswith(errors[0]["where"])
    return errors


def test_a_pupil_is_assessed_with_reasons_and_what_is_unknown(api: Api) -> None:
    """The answer has score and level with their bounds, reasons in words, and what is missing."""
    found = said(api, asked())
    assert found["score"] == 4
    assert found["level"] == "support"
    assert found["possible_level"] == "urgent"
    assert [reason["rule"] for reason in found["reasons"]] == ["absence", "low-marks"]
    assert found["reasons"][0]["evidence"][0]["value"] == 0.87
    assert "87\xa0%" in found["reasons"][0]["words"]
    assert "unexcused_lessons_semester" in found["missing"]
    assert (found["pupil_key"], found["school"], found["as_of"]) == ("P-1", "r64", "2026-10-15")


def test_ids_are_ordered_by_time_and_moments_are_utc(api: Api) -> None:
    """UUIDv7, each after the one before; `assessed_at` is now, in UTC."""
    found = [said(api, asked()) for _ in range(3)]
    ids = [UUID(each["id"]) for each in found]
    assert {each.version for each in ids} == {7}
    assert ids == sorted(ids)
    moment = datetime.fromisoformat(found[0]["assessed_at"])
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=60)


def test_an_answer_is_in_the_store_when_it_arrives(api: Api) -> None:
    """What was answered can be read back by its id, word for word."""
    found = said(api, asked())
    path = f"/v1/assessments/{found['id']}?recompute=true"
    again = api.client.get(path, headers=api.as_("school:r64")).json()
    assert again["answer"] == found
    assert again["recomputed"]["same"] is True


def test_words_come_in_the_language_asked_for_and_mean_the_same(api: Api) -> None:
    """Latvian is the default here; everything but the words is the same in English."""
    latvian = said(api, asked(), "?store=false")
    assert latvian == said(api, asked(language="lv"), "?store=false") | _now(latvian)
    assert latvian == said(api, asked(language=None), "?store=false") | _now(latvian)
    english = said(api, asked(language="en"), "?store=false")
    assert "Apmeklējums" in latvian["reasons"][0]["words"]
    assert "Attendance" in english["reasons"][0]["words"]
    assert (latvian["language"], english["language"]) == ("lv", "en")
    assert _without_words(latvian) == _without_words(english)


def _now(found: dict[str, Any]) -> dict[str, Any]:
    return {"assessed_at": found["assessed_at"]}


def _without_words(found: object) -> object:
    words = ("words", "title", "language", "assessed_at")
    if isinstance(found, dict):
        return {name: _without_words(each) for name, each in found.items() if name not in words}
    return [_without_words(each) for each in found] if isinstance(found, list) else found


def test_a_trial_is_answered_alike_and_not_stored(api: Api) -> None:
    """`store=false` gives the same answer without an id, and the pupil has no history."""
    trial = said(api, asked("P-TRIAL"), "?store=false")
    headers = api.as_("school:r64")
    assert trial["id"] is None
    assert api.client.get("/v1/pupils/P-TRIAL/assessments", headers=headers).status_code == 404
    stored = said(api, asked("P-TRIAL"), "?store=true")
    assert stored | {"id": None} | _now(trial) == trial
    assert api.client.get("/v1/pupils/P-TRIAL/assessments", headers=headers).status_code == 200


def test_a_day_is_judged_by_the_ruleset_in_force_on_it(fresh: Api, tmp_path: Path) -> None:
    """Before the first ruleset: none. Then each day's own, a later word for a day counting."""
    old = fresh.app.state.service.follower.picture.in_force(STARTS)
    new = put_in_force(fresh, tmp_path / "new", "0.88", date(2027, 2, 1))
    days = {"2026-09-01": old, "2027-01-31": old, "2027-02-01": new, "2027-06-01": new}
    for day, ruleset in days.items():
        assert said(fresh, asked(as_of=day), "?store=false")["ruleset"] == ruleset
    answer = fresh.client.post(
        "/v1/assessments", json=asked(as_of="2026-08-31"), headers=fresh.as_("school:r64")
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-ruleset")
    third = put_in_force(fresh, tmp_path / "third", "0.89", STARTS)
    assert said(fresh, asked(as_of="2026-10-15"), "?store=false")["ruleset"] == third


def test_a_named_ruleset_judges_whatever_is_in_force(fresh: Api, tmp_path: Path) -> None:
    """By its hash; another hash, or what is none, is refused by its place."""
    old = fresh.app.state.service.follower.picture.in_force(STARTS)
    put_in_force(fresh, tmp_path / "new", "0.88", STARTS)
    assert said(fresh, asked(ruleset=old), "?store=false")["ruleset"] == old
    assert said(fresh, asked(ruleset=None), "?store=false")["ruleset"] != old
    for hash_ in ("0" * 64, "", "\0", "lv-general", old[:-1], old.upper()):
        assert wrong(fresh, asked(ruleset=hash_))[0]["where"] == "ruleset"


def test_without_a_day_it_is_today(api: Api) -> None:
    """`as_of` left out or null is the service's own day."""
    for body in ({**asked(), "as_of": None}, {n: v for n, v in asked().items() if n != "as_of"}):
        assert said(api, body, "?store=false")["as_of"] == str(today())


@pytest.mark.parametrize(
    ("observed", "stale"),
    [
        (None, []),
        ("2026-10-15", []),
        ("2026-09-15", []),
        ("2026-09-14", ["attendance_rate_45d"]),
        ({"attendance_rate_45d": "2026-09-14"}, ["attendance_rate_45d"]),
        ({"attendance_rate_45d": "2026-10-15", "failed_courses": "2020-01-01"}, ["failed_courses"]),
        ({"attendance_rate_45d": None}, []),
        ({"unexcused_lessons_semester": "2020-01-01"}, []),
    ],
)
def test_a_value_that_is_too_old_is_unknown(api: Api, observed: Any, stale: list[str]) -> None:  # noqa: ANN401
    """By one date for all or a date for each; a value that was not sent cannot be too old."""
    found = said(api, asked(observed_on=observed), "?store=false")
    assert list(found["stale"]) == stale
    assert set(stale) <= set(found["missing"])
    rules = [reason["rule"] for reason in found["reasons"]]
    assert ("absence" in rules) == ("attendance_rate_45d" not in stale)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"pupil_key": None}, "pupil_key"),
        ({"pupil_key": 17}, "pupil_key"),
        ({"pupil_key": ""}, "pupil_key"),
        ({"pupil_key": "a b"}, "pupil_key"),
        ({"pupil_key": "P" * 129}, "pupil_key"),
        ({"pupil_key": "P-1\n"}, "pupil_key"),
        ({"pupil_key": "\0"}, "pupil_key"),
        ({"school": 64}, "school"),
        ({"as_of": 20261015}, "as_of"),
        ({"as_of": "2026-10-32"}, "as_of"),
        ({"as_of": "2026-W42-4"}, "as_of"),
        ({"as_of": "15.10.2026"}, "as_of"),
        ({"as_of": "2026-10-15T00:00"}, "as_of"),
        ({"as_of": ""}, "as_of"),
        ({"language": "de"}, "language"),
        ({"language": ""}, "language"),
        ({"language": []}, "language"),
        ({"ruleset": ["x"]}, "ruleset"),
        ({"indicators": None}, "indicators"),
        ({"indicators": []}, "indicators"),
        ({"observed_on": 5}, "observed_on"),
        ({"observed_on": "2026-10-16"}, "observed_on"),
        ({"observed_on": {"grade": 5}}, "observed_on.grade"),
        ({"observed_on": {"P-SECRET x": 5}}, "observed_on.(a name)"),
        ({"observed_on": {"grades": "2026-10-15"}}, "observed_on.grades"),
        ({"stor": False}, "stor"),
        ({"P-SECRET x": 5}, "(a name)"),
    ],
)
def test_a_wrong_field_is_named(api: Api, more: dict[str, Any], where: str) -> None:
    """What is wrong is told by its place, and no name that could be a person's is repeated."""
    errors = wrong(api, asked("P-1") | more)
    assert errors[0]["where"] == where
    assert "SECRET" not in str(errors)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attendance_rate_45d", 87.6543),
        ("attendance_rate_45d", -0.76543),
        ("attendance_rate_45d", "0.876543"),
        ("attendance_rate_45d", True),
        ("attendance_rate_45d", [0.876543]),
        ("attendance_rate_45d", {"value": 0.876543}),
        ("failed_courses", 1.76543),
        ("failed_courses", int("76543" * 5)),
        ("failed_courses", -int("76543" * 50)),
        ("failed_courses", False),
        ("grade", 76543),
        ("new_stage", 1),
        ("new_stage", "true"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_place_alone(
    api: Api, name: str, value: object
) -> None:
    """Out of range, not whole, of another type: the indicator is named, the value never."""
    errors = wrong(api, asked(indicators={**RECORD, name: value}))
    assert [error["where"] for error in errors] == [f"indicators.{name}"]
    assert "76543" not in str(errors)
    assert "valid: " in errors[0]["hint"]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("attendence_rate_45d", "attendance_rate_45d"), ("failed_course", "failed_courses")],
)
def test_an_unknown_indicator_is_refused_with_the_nearest(api: Api, sent: str, meant: str) -> None:
    """A misspelt name is no missing value."""
    errors = wrong(api, asked(indicators={sent: 1}))
    assert errors[0]["where"] == f"indicators.{sent}"
    assert meant in errors[0]["hint"]


def test_every_unknown_name_is_told_at_once(api: Api) -> None:
    """Up to twenty, so that a client is mended in one go."""
    errors = wrong(api, asked(indicators={f"x{number}": 1 for number in range(30)}))
    assert len({error["where"] for error in errors}) == 20


def test_a_misspelt_query_is_not_passed_over(api: Api) -> None:
    """`stroe=false` would else be stored, and `store=no` mean yes."""
    assert wrong(api, asked(), query="?stroe=false")[0]["where"] == "query.stroe"
    assert wrong(api, asked(), query="?store=no")[0]["where"] == "store"


def test_a_key_for_a_school_may_leave_the_school_out(api: Api) -> None:
    """A key for more than one school has to say which; it may be any within its place."""
    assert said(api, asked(), place="school:r72")["school"] == "r72"
    assert said(api, asked(school="r72"), place="school:r72")["school"] == "r72"
    assert said(api, asked(school="r72"), place="municipality:riga")["school"] == "r72"
    assert said(api, asked(school="l1"), place="state:lv")["school"] == "l1"
    assert wrong(api, asked(), place="municipality:riga")[0]["where"] == "school"
    assert wrong(api, asked(), place="state:lv")[0]["where"] == "school"


def test_who_may_only_try_cannot_store(api: Api) -> None:
    """An analyst's trial is answered, the same with storing is forbidden."""
    headers = api.as_("school:r64", Role.ANALYST)
    for query, status in (("?store=false", 200), ("", 403)):
        answer = api.client.post(f"/v1/assessments{query}", json=asked(), headers=headers)
        assert answer.status_code == status


def test_executors_that_disagree_are_counted_logged_and_kept(
    fresh: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference's answer stands; the record is kept without the pupil."""
    from engine.executors.durable import Durable

    right = said(fresh, asked())
    monkeypatch.setattr(Durable, "truths", lambda _self, _record: ())
    found = said(fresh, asked())
    assert found["level"] == right["level"]
    assert found["reasons"] == right["reasons"]
    past = fresh.client.get(f"/v1/assessments/{found['id']}", headers=fresh.as_("school:r64"))
    assert past.json()["executors_agreed"] is False
    said(fresh, asked(), "?store=false")
    assert "pumpurs_executor_disagreements_total 2.0" in fresh.client.get("/metrics").text
    rows: Sequence[Any] = []
    for _ in range(200):  # nobody waits for the second to be written
        with fresh.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT inputs FROM disagreements").all()
        if len(rows) == 2:
            break
        time.sleep(0.05)
    assert len(rows) == 2
    assert "0.87" in rows[0][0]
    assert "P-1" not in str(rows)


def test_a_day_far_ahead_is_refused(api: Api) -> None:
    """Next year may be asked for, as plans are made; a slip of the pen is not stored for good."""
    key, today = api.as_("school:r64"), datetime.now(UTC).date()
    for days, status in ((360, 200), (400, 422), (365_000, 422)):
        body = asked(as_of=str(today + timedelta(days=days)))
        one = api.client.post("/v1/assessments?store=false", json=body, headers=key)
        url = f"/v1/assessments/bulk?store=false&as_of={body['as_of']}"
        many = api.client.post(url, json=[], headers=key)
        assert (one.status_code, many.status_code) == (status, status)
