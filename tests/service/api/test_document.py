"""The API's own description: honest, complete, and shown without any other host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from engine.canonical import PROBLEMS as VALUES
from service.api.envelope import SECURITY
from service.problems import KINDS, MEDIA_TYPE
from service.usecases.sent import PROBLEMS as ROWS
from tests.service.conftest import Api, run_api
from tests.service.databases import Sqlite
from tests.service.world import asked, settled


@pytest.fixture(scope="module")
def fuzzed(sqlite: Sqlite) -> Iterator[Api]:
    """Run an application on SQLite that a fuzzer may fill."""
    yield from run_api(settled(sqlite), rate=10_000_000)


@pytest.fixture(scope="module")
def document(fuzzed: Api) -> dict[str, Any]:
    found: dict[str, Any] = fuzzed.client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its path."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def test_every_route_for_callers_is_described_with_all_that_it_refuses(
    document: dict[str, Any],
) -> None:
    """Summary, key or token, what is answered, and each refusal as a problem document."""
    routes = [(path, each) for path, each in operations(document) if path.startswith("/v1/")]
    assert len(routes) >= 8
    for path, operation in routes:
        assert operation["summary"], path
        assert operation["security"] == [{"bearer": []}], path
        statuses = operation["responses"].keys()
        assert statuses >= {"200", "401", "403", "422", "429", "500", "503"}, path
        assert operation["responses"]["200"]["content"]["application/json"]["schema"], path
        for status in statuses - {"200", "304"}:
            refusal = operation["responses"][status]
            assert list(refusal["content"]) == [MEDIA_TYPE], (path, status)
            schema = refusal["content"][MEDIA_TYPE]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
    said = {int(status) for _, each in routes for status in each["responses"]}
    routed = {404, 405}  # what no route gives, as there is no such route or method
    assert {kind.status for kind in KINDS.values()} <= said | routed


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema is named that is not there, and none of FastAPI's own is left."""
    text = str(document)
    schemas = document["components"]["schemas"].keys()
    found = set(re.findall(r"\$ref': '([^']+)'", text))
    assert found >= {"#/components/schemas/Problem", "#/components/schemas/AssessmentAnswer"}
    assert {each.removeprefix("#/components/schemas/") for each in found} <= schemas
    assert "ValidationError" not in text


def test_the_examples_of_bodies_can_be_sent_as_they_stand(api: Api) -> None:
    """With a school's key: what the interactive page fills in is answered, no row rejected."""
    document = api.client.get("/openapi.json").json()
    headers = api.as_("school:r64")
    sent = set()
    for path in ("/v1/assessments", "/v1/assessments/bulk"):
        content = document["paths"][path]["post"]["requestBody"]["content"]
        for kind, said in content.items():
            if "example" in said:
                body = said["example"]
                text = body if isinstance(body, str) else json.dumps(body)
                named = {**headers, "content-type": kind}
                answer = api.client.post(f"{path}?store=false", content=text, headers=named)
                assert answer.status_code == 200, (kind, answer.text)
                found = answer.json()
                assert not found.get("rejects"), kind
                assert len(found.get("assessments", [found])) == (2 if "bulk" in path else 1)
                sent.add((path, kind))
    assert len(sent) == 3


def test_every_code_of_a_rejected_row_is_in_the_document(document: dict[str, Any]) -> None:
    """Those of the rows' form, and the engine's of values; each once."""
    codes = document["components"]["schemas"]["BulkReject"]["properties"]["code"]["enum"]
    assert set(codes) == {*VALUES, *ROWS}
    assert len(codes) == len(set(codes))


def test_schemathesis_finds_nothing(fuzzed: Api) -> None:
    """Examples, edges, fuzzing and chains of requests: all is answered as the document says."""
    headers = fuzzed.as_("school:r64")
    fuzzed.client.post("/v1/assessments", json=asked("0"), headers=headers)
    # What the catalogue and the store know cannot stand in the document: which indicators there
    # are, and which rulesets. So a request that follows it may still be refused with 422 here.
    known = ["2xx", "401", "403", "404", "409", "413", "422", "503"]
    # Of many pupils, those that break the document are rejected one by one, with 200.
    one_by_one = ["2xx", "400", "401", "403", "404", "405", "406", "409", "415", "422"]
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {"bearer": {"bearer": fuzzed.key("school:r64")}}},
            "generation": {"max-examples": 25},
            "cache": {"enabled": False},
            "operations": [
                {
                    "include-path": "/v1/assessments",
                    "checks": {"positive_data_acceptance": {"expected-statuses": known}},
                },
                {
                    "include-path": "/v1/assessments/bulk",
                    "checks": {
                        "positive_data_acceptance": {"expected-statuses": known},
                        "negative_data_rejection": {"expected-statuses": one_by_one},
                    },
                },
                {
                    "include-path": "/v1/assessments/from-registers",
                    "checks": {"positive_data_acceptance": {"expected-statuses": known}},
                },
                {
                    # Whether a text is a table that can be used, no document can say.
                    "include-path": "/v1/registers/{file}",
                    "checks": {
                        "positive_data_acceptance": {"expected-statuses": ["400", *known]},
                        "negative_data_rejection": {"expected-statuses": one_by_one},
                    },
                },
                {
                    "include-path": "/v1/registers",
                    "checks": {"positive_data_acceptance": {"expected-statuses": known}},
                },
            ],
        }
    )
    for kind in ("application/x-ndjson", "text/csv"):
        schemathesis.serializer.alias(kind, "text/plain")
    schema = schemathesis.openapi.from_asgi("/openapi.json", fuzzed.client.app, config=config)
    found: list[str] = []
    sent = 0
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError | FatalError):
            found.append(str(event))
        elif isinstance(event, ScenarioFinished):
            sent += len(event.recorder.interactions)
            for checks in event.recorder.checks.values():
                found += [
                    f"{event.label}: {c.failure_info.failure}\n{c.failure_info.code_sample}"
                    for c in checks
                    if c.failure_info
                ]
    assert sent > 400
    assert not found, "\n\n".join(dict.fromkeys(found))


class Links(HTMLParser):
    """All addresses of a page, and whatever script stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline = ""
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an address."""
        self._script = tag in ("script", "style")
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        """Note what a script says."""
        self.inline += data.strip() if self._script else ""


def test_the_interactive_page_needs_no_other_host(fuzzed: Api) -> None:
    """Each address on it is one of this service, and is answered; no script stands in the page."""
    page = fuzzed.client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    links = Links()
    links.feed(page.text)
    assert "/static/swagger-ui-bundle.js" in links.links
    assert "/static/docs.js" in links.links
    assert links.inline == ""
    for link in links.links:
        assert re.fullmatch(r"/static/[\w.-]+", link), link
        assert fuzzed.client.get(link).status_code == 200
    script = fuzzed.client.get("/static/docs.js").text
    assert "validatorUrl: null" in script
    assert re.findall(r"""["'`](?:\w+:)?/[^"'`]*""", script) == ['"/openapi.json']


def test_a_browser_is_told_to_fetch_from_here_alone(fuzzed: Api) -> None:
    """The page's policy names no host, no inline script and no evaluation."""
    policy = fuzzed.client.get("/docs").headers["content-security-policy"]
    assert policy == SECURITY["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert set(" ".join(rules.values()).split()) == {"'none'", "'self'", "data:"}


def test_the_page_s_style_fetches_nothing(fuzzed: Api) -> None:
    """No import and no picture of another host."""
    style = fuzzed.client.get("/static/swagger-ui.css").text
    assert "@import" not in style
    found = re.findall(r"url\(([^)]*)", style)
    assert all(each.strip("\"'").startswith("data:") for each in found)
