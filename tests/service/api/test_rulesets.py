"""Rulesets and the catalogue over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from ruamel.yaml import YAML

from engine.load import load, load_catalogue, load_files
from engine.words.rules import RuleWords
from engine.write import write_files
from service.api.ruleset_models import Indicators, RulesetData, Rulesets
from service.identity.caller import Role
from service.store.connect import connect, writing
from service.store.places import add_place
from tests.service.api.stores import put_in_force
from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.world import LV, STARTS, settled

RULESET = load(LV)
HASH = RULESET.content_hash


@pytest.fixture(scope="module")
def headers(api: Api) -> dict[str, str]:
    """Return a caller who may read no pupil: rulesets are open to every role."""
    return api.as_("municipality:liepaja", Role.ADMIN)


@pytest.fixture(scope="module")
def bare(database: Database) -> Iterator[Api]:
    """Run an application on a store with a place, and no ruleset."""
    address = database.migrated()
    engine = connect(address)
    with writing(engine) as connection:
        add_place(connection, "state", "lv", "Latvia", "")
    engine.dispose()
    yield from run_api(address)


def get(api: Api, headers: dict[str, str], path: str, **more: str) -> httpx.Response:
    answer = api.client.get(f"/v1/{path}", headers={**headers, **more})
    assert answer.status_code == 200, answer.text
    return answer


def test_a_ruleset_s_data_are_its_files(api: Api, headers: dict[str, str]) -> None:
    """By its hash, and as the one in force: all limits, and the hashes that name it."""
    answer = get(api, headers, f"rulesets/{HASH}")
    found = RulesetData.model_validate_json(answer.content)
    assert (found.hash, found.version) == (HASH, RULESET.version)
    assert found.decision_hash == RULESET.decision_hash
    parameters = found.files["rules.yaml"]["parameters"]
    assert parameters["absence_support"]["value"] == 0.9
    assert get(api, headers, "rulesets/in-force?on=2026-09-01").content == answer.content


def test_a_ruleset_s_yaml_loads_back_to_the_same_hash(api: Api, headers: dict[str, str]) -> None:
    """One document with the text of each file by its name."""
    answer = get(api, headers, f"rulesets/{HASH}?as=yaml")
    assert answer.headers["content-type"] == "application/yaml"
    texts: dict[str, str] = YAML(typ="safe", pure=True).load(answer.text)
    files = {name: text.encode() for name, text in texts.items()}
    assert files.keys() == write_files(RULESET).keys()
    assert load_files(files).content_hash == HASH


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_ruleset_s_words_are_those_of_the_command_line(
    api: Api,
    headers: dict[str, str],
    language: Any,  # noqa: ANN401
) -> None:
    """The whole document, in the language asked for."""
    answer = get(api, headers, f"rulesets/{HASH}?as=words&language={language}")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text == RuleWords(RULESET, language).document()


@pytest.mark.parametrize("language", ["lv", "en"])
def test_words_are_in_the_service_s_language_if_none_is_asked_for(
    database: Database,
    language: Any,  # noqa: ANN401
) -> None:
    """Their entity tag is that of the same language asked for."""
    for api in run_api(settled(database), language=language):
        headers = api.as_("state:lv", Role.READER)
        for path in (f"rulesets/{HASH}", "rulesets/in-force"):
            answer = get(api, headers, f"{path}?as=words")
            same = get(api, headers, f"{path}?as=words&language={language}")
            assert answer.text == RuleWords(RULESET, language).document() == same.text
            assert answer.headers["etag"] == same.headers["etag"]


def test_what_is_known_already_is_not_sent_again(api: Api, headers: dict[str, str]) -> None:
    """An entity tag for each form and language, good for all ways of asking for them."""
    tags = set()
    for form in ("data", "yaml", "words"):
        for language in ("lv", "en"):
            path = f"rulesets/{HASH}?as={form}&language={language}"
            tag = get(api, headers, path).headers["etag"]
            tags.add(tag)
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                named = {**headers, "if-none-match": known}
                answer = api.client.get(f"/v1/{path}", headers=named)
                assert (answer.status_code, answer.content) == (304, b"")
                assert answer.headers["etag"] == tag
                assert answer.headers["x-content-type-options"] == "nosniff"
            assert get(api, headers, path, **{"if-none-match": '"other"'}).content
    assert len(tags) == 6


def test_an_entity_tag_opens_nothing(api: Api, headers: dict[str, str]) -> None:
    """A stranger who knows it learns nothing, and it does not make a ruleset be there."""
    tag = get(api, headers, f"rulesets/{HASH}").headers["etag"]
    answer = api.client.get(f"/v1/rulesets/{HASH}", headers={"if-none-match": tag})
    assert answer.status_code == 401
    answer = api.client.get(f"/v1/rulesets/{'0' * 64}", headers={**headers, "if-none-match": "*"})
    assert answer.status_code == 404


def test_each_day_has_its_ruleset(fresh: Api, tmp_path: Path) -> None:
    """In force by date; the list says from when, by whom, and keeps what was superseded."""
    headers = fresh.as_("state:lv", Role.READER)
    new = put_in_force(fresh, tmp_path / "new", "0.88", date(2027, 2, 1))
    for day, hash_ in (("2026-09-01", HASH), ("2027-01-31", HASH), ("2027-02-01", new)):
        assert get(fresh, headers, f"rulesets/in-force?on={day}").json()["hash"] == hash_
    answer = fresh.client.get("/v1/rulesets/in-force?on=2026-08-31", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-ruleset")
    listed = get(fresh, headers, "rulesets")
    found = Rulesets.model_validate_json(listed.content).rulesets
    assert [each.hash for each in found] == [HASH, new]
    assert [[a.starts for a in each.in_force] for each in found] == [[STARTS], [date(2027, 2, 1)]]
    assert found[1].in_force[0].by == "operator:test"
    assert all(
        moment.endswith(("Z", "+00:00")) for moment in re.findall(r'added":"([^"]+)', listed.text)
    )


@pytest.mark.parametrize("on", ["0", "1700000000", "2026-W36-2", "tomorrow", "", "2026-9-1"])
def test_a_day_is_written_in_one_way(api: Api, headers: dict[str, str], on: str) -> None:
    """What Python or pydantic would read as a date beside it is refused."""
    answer = api.client.get(f"/v1/rulesets/in-force?on={on}", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "on"


@pytest.mark.parametrize(
    "hash_", ["0" * 64, "lv-general", HASH[:-1], HASH.upper(), "%00", "%C4%81", HASH + "0"]
)
def test_a_hash_that_is_not_there_is_not_found(
    api: Api, headers: dict[str, str], hash_: str
) -> None:
    """Whatever it looks like."""
    answer = api.client.get(f"/v1/rulesets/{hash_}", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_the_catalogue_says_what_may_be_sent(api: Api, headers: dict[str, str]) -> None:
    """Every indicator with its words, type and range, and whether the ruleset in force reads it."""
    found = Indicators.model_validate_json(get(api, headers, "indicators").content)
    catalogue = load_catalogue(LV).indicators
    assert {each.name for each in found.indicators} == catalogue.keys()
    assert {each.name for each in found.indicators if each.read} == set(RULESET.reads)
    for each in found.indicators:
        declared = catalogue[each.name]
        assert (each.type, each.use, each.decimals) == (
            declared.type,
            declared.use,
            declared.decimals,
        )
        assert (each.label.lv, each.label.en) == (declared.label.lv, declared.label.en)
        assert each.range == ((declared.low, declared.high) if declared.numeric else None)
        assert set(each.categories or ()) == set(declared.categories)
        assert each.stale_after == declared.stale_after


def test_without_a_ruleset_it_is_said(bare: Api) -> None:
    """A store with places only: nothing can be assessed yet, and the service is not ready."""
    headers = bare.as_("state:lv")
    for path in ("rulesets/in-force", "indicators"):
        answer = bare.client.get(f"/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-ruleset")
    body = {"pupil_key": "P-1", "school": "r64", "indicators": {}}
    answer = bare.client.post("/v1/assessments", json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-ruleset")
    assert get(bare, headers, "rulesets").json() == {"rulesets": []}
    ready = bare.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "not ready", "checks": {"ruleset": False, "store": True}}
