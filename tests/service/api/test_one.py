"""``POST /v1/assessments``: one pupil, as a school system asks."""

from __future__ import annotations

from tests.service.conftest import Api
from tests.service.world import asked


def test_a_pupil_is_assessed_with_reasons_and_what_is_unknown(api: Api) -> None:
    """The answer has score and level with their bounds, reasons in words, and what is missing."""
    answer = api.client.post("/v1/assessments", json=asked(), headers=api.as_("school:r64"))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["score"] == 4
    assert said["level"] == "support"
    assert said["possible_level"] == "urgent"
    assert [reason["rule"] for reason in said["reasons"]] == ["absence", "low-marks"]
    assert "87\xa0%" in said["reasons"][0]["words"]
    assert "unexcused_lessons_semester" in said["missing"]


def test_an_answer_is_in_the_store_when_it_arrives(fresh: Api) -> None:
    """What was answered can be read back by its id, word for word."""
    key = fresh.as_("school:r64")
    said = fresh.client.post("/v1/assessments", json=asked(), headers=key).json()
    found = fresh.client.get(f"/v1/assessments/{said['id']}?recompute=true", headers=key).json()
    assert found["answer"] == said
    assert found["recomputed"]["same"] is True
