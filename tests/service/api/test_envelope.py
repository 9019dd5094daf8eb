"""What goes around every request: an id, security headers, CORS, and errors that say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import httpx2 as httpx
import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message

from service.api.envelope import SECURITY
from service.problems import MEDIA_TYPE
from service.store.connect import StoreUnavailableError
from service.usecases.inforce import Follower
from tests.service.conftest import Api, run_api
from tests.service.databases import Sqlite
from tests.service.world import asked, settled

ORIGIN = "https://portal.example"
CROSS = "access-control-allow-origin"


@pytest.fixture(scope="module")
def crossed(sqlite: Sqlite) -> Iterator[Api]:
    """Run an application that one web origin may call."""
    yield from run_api(settled(sqlite), rate=10_000_000, cors_origins=(ORIGIN,))


def every(api: Api) -> dict[str, Callable[..., httpx.Response]]:
    """Return a request for each kind of answer."""
    get, post, key = api.client.get, api.client.post, api.as_("school:r64")
    one = "/v1/assessments"

    def as_key(**more: str) -> dict[str, str]:
        return {**key, **more}

    tag = get("/v1/rulesets/in-force", headers=key).headers["etag"]
    return {
        "answered": lambda **h: post(one, json=asked(), headers=as_key(**h)),
        "listed": lambda **h: get("/v1/rulesets", headers=as_key(**h)),
        "known": lambda **h: get(
            "/v1/rulesets/in-force", headers=as_key(**h, **{"if-none-match": tag})
        ),
        "unauthorised": lambda **h: post(one, json=asked(), headers=h),
        "forbidden": lambda **h: post(one, json=asked(school="l1"), headers=as_key(**h)),
        "invalid": lambda **h: post(one, json=[], headers=as_key(**h)),
        "parameter": lambda **h: get("/v1/rulesets/in-force?as=x", headers=as_key(**h)),
        "no route": lambda **h: get("/nowhere", headers=h),
        "method": lambda **h: get(one, headers=h),
        "health": lambda **h: get("/healthz", headers=h),
        "metrics": lambda **h: get("/metrics", headers=h),
        "document": lambda **h: get("/openapi.json", headers=h),
        "page": lambda **h: get("/docs", headers=h),
        "file": lambda **h: get("/static/docs.js", headers=h),
        "no file": lambda **h: get("/static/none.js", headers=h),
    }


def test_every_answer_has_the_security_headers_and_an_id(api: Api) -> None:
    """Answers, refusals, files and pages alike; each header once."""
    ids = []
    for name, send in every(api).items():
        answer = send()
        for header, value in SECURITY.items():
            found = answer.headers.get_list(header)
            if header == "cache-control" and name == "known":
                assert found == ["private, no-cache"]
            else:
                assert found == [value], (name, header)
        ids.append(UUID(answer.headers["x-request-id"]))
        assert "server" not in answer.headers
    assert {each.version for each in ids} == {7}
    assert ids == sorted(set(ids))


def test_no_other_origin_is_let_in_unless_one_is_set(api: Api) -> None:
    """A browser of another site gets no leave, and a preflight is told the methods only."""
    for name, send in every(api).items():
        answer = send(origin=ORIGIN)
        assert not [each for each in answer.headers if each.startswith("access-control")], name
    asks = {"origin": ORIGIN, "access-control-request-method": "POST"}
    answer = api.client.options("/v1/assessments", headers=asks)
    assert (answer.status_code, answer.headers["allow"]) == (204, "POST")
    assert not [each for each in answer.headers if each.startswith("access-control")]


def test_an_origin_that_is_set_may_read_every_answer(crossed: Api) -> None:
    """Refusals too: a page that cannot read them cannot say what is wrong."""
    for name, send in every(crossed).items():
        answer = send(origin=ORIGIN)
        assert answer.headers[CROSS] == ORIGIN, name
        assert "Origin" in answer.headers["vary"]
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        other = send(origin="https://elsewhere.example")
        assert CROSS not in other.headers, name


def test_a_preflight_allows_what_a_school_system_sends(crossed: Api) -> None:
    """With its key, its JSON and its idempotency key; from no other origin."""
    asks = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,idempotency-key",
    }
    answer = crossed.client.options("/v1/assessments", headers=asks)
    assert answer.status_code == 200
    assert answer.headers[CROSS] == ORIGIN
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    for more in (
        {"origin": "https://elsewhere.example"},
        {"access-control-request-method": "DELETE"},
        {"access-control-request-headers": "x-other"},
    ):
        refused = crossed.client.options("/v1/assessments", headers=asks | more)
        assert refused.status_code == 400, more


def break_(error: Exception) -> Callable[..., NoReturn]:
    def broken(*_: object, **__: object) -> NoReturn:
        raise error

    return broken


@pytest.mark.parametrize("where", ["shortcut", "route", "thread"])
def test_what_breaks_is_told_without_its_text(
    crossed: Api,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    where: str,
) -> None:
    """A problem document with the request's id; the log has the type and place of the error."""
    key = crossed.as_("school:r64") | {"origin": ORIGIN}
    error = RuntimeError("P-MARK has 0.4711")
    error.__cause__ = ValueError("P-MARK again")
    if where == "shortcut":
        monkeypatch.setattr("service.api.one.assess_one", break_(error))
        answer = crossed.client.post("/v1/assessments", json=asked("P-MARK"), headers=key)
    elif where == "route":
        monkeypatch.setattr("service.api.rulesets.plain_files", break_(error))
        answer = crossed.client.get("/v1/rulesets/in-force", headers=key)
    else:
        monkeypatch.setattr(Follower, "version", break_(error))
        answer = crossed.client.get("/v1/rulesets/in-force", headers=key)
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert answer.json()["type"] == "/problems/internal"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers[CROSS] == ORIGIN
    printed = capsys.readouterr()
    said = printed.out + printed.err
    assert '"event": "a request broke"' in said
    assert '"exception": "RuntimeError"' in said
    assert "MARK" not in answer.text + said
    assert "4711" not in answer.text + said


def called(api: Api, path: str, method: str = "GET") -> tuple[list[Message], BaseException | None]:
    """Return what the application sends to a server, and what it lets through to it."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    async def run() -> None:
        scope = {"type": "http", "method": method, "path": path, "query_string": b""}
        await api.client.app({**scope, "headers": []}, receive, send)

    try:
        asyncio.run(run())
    except Exception as error:  # noqa: BLE001  this is what is looked for
        return sent, error
    return sent, None


@pytest.mark.parametrize("error", [RuntimeError("P-MARK"), StoreUnavailableError("P-MARK")])
def test_an_answer_that_breaks_off_is_left_unfinished_and_no_error_reaches_the_server(
    sqlite: Sqlite, error: Exception
) -> None:
    """A server would log its text; a client sees that the answer is not whole."""

    async def half(_request: Request) -> StreamingResponse:
        async def parts() -> Any:  # noqa: ANN401  an async generator
            yield b"half of it"
            raise error

        return StreamingResponse(parts())

    for api in run_api(settled(sqlite)):
        api.app.add_route("/half", half)
        sent, reached = called(api, "/half")
    assert reached is None
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[1]["more_body"] is True


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_is_get_without_the_body(api: Api, encoding: str) -> None:
    """The same status and headers, the length of the body among them, packed or not."""
    headers = api.as_("school:r64") | {"accept-encoding": encoding}
    paths = ["/healthz", "/openapi.json", "/docs", "/static/docs.js", "/v1/rulesets/in-force"]
    for path in [*paths, "/v1/indicators", "/v1/assessments", "/v1/pupils/P-X/assessments", "/x"]:
        head, get = (
            api.client.request(method, path, headers=headers) for method in ("HEAD", "GET")
        )
        assert head.content == b""
        assert head.status_code == get.status_code, path
        for answer in (head, get):
            del answer.headers["x-request-id"]
        if get.headers["content-type"] == MEDIA_TYPE:  # holds the id, which may pack otherwise
            del head.headers["content-length"], get.headers["content-length"]
        assert head.headers == get.headers, path
    sent, _ = called(api, "/openapi.json", "HEAD")  # the client would leave a body out by itself
    assert [message.get("body") for message in sent] == [None, b""]


def test_static_files_are_those_of_the_folder_alone(api: Api) -> None:
    """No way leads out of it."""
    inside = {path.name for path in (Path(__file__).parents[3] / "service/static").iterdir()}
    assert "docs.js" in inside
    for path in ("../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "%00", "a" * 5000, ""):
        answer = api.client.get(f"/static/{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE), path


def test_metrics_count_by_route_and_known_method(fresh: Api) -> None:
    """Not by path, pupil, or whatever text stands where a method should."""
    key = fresh.as_("school:r64")
    fresh.client.post("/v1/assessments", json=asked("P-MARK"), headers=key)
    for pupil in ("P-MARK", "P-MARK2"):
        fresh.client.get(f"/v1/pupils/{pupil}/assessments", headers=key)
    fresh.client.request("P-MARK", "/v1/rulesets")
    fresh.client.head("/healthz")
    fresh.client.get("/openapi.json")
    for path in ("/P-MARK", "/static/docs.js", "/static/P-MARK"):
        fresh.client.get(path)
    text = fresh.client.get("/metrics").text
    assert "MARK" not in text
    for line in (
        '{method="POST",route="/v1/assessments",status="200"} 1.0',
        '{method="GET",route="/v1/pupils/{pupil_key}/assessments",status="200"} 1.0',
        '{method="GET",route="/v1/pupils/{pupil_key}/assessments",status="404"} 1.0',
        '{method="(other)",route="/v1/rulesets",status="405"} 1.0',
        '{method="HEAD",route="/healthz",status="200"} 1.0',
        '{method="GET",route="/openapi.json",status="200"} 1.0',
        '{method="GET",route="/static",status="200"} 1.0',
        '{method="GET",route="/static",status="404"} 1.0',
        '{method="GET",route="(none)",status="404"} 1.0',
    ):
        assert f"pumpurs_requests_total{line}" in text
    assert 'pumpurs_assessments_total{stored="yes"} 1.0' in text
