"""Every refusal, word for word: a problem document with a documented type."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from starlette.types import Message

from service.api.models import Problem, ProblemKind
from service.identity.caller import Role
from service.problems import KINDS, MEDIA_TYPE
from tests.golden import matches_golden
from tests.service.conftest import Api, run_api
from tests.service.databases import Database, PostgreSql
from tests.service.world import asked, bearer, settled

ELSEWHERE = {"not-acceptable"}  # of the bulk route alone
SHOWN = ("allow", "retry-after", "www-authenticate", "connection")


@pytest.fixture(scope="module")
def strange(database: Database) -> Iterator[Api]:
    """Run an application whose limits are soon met."""
    yield from run_api(settled(database), rate=60, body_seconds=0.1)


def ask(api: Api) -> dict[str, Callable[[], httpx.Response]]:
    """Return requests that are refused, by what is wrong with them."""
    get, post = api.client.get, api.client.post
    one, school, town = "/v1/assessments", api.as_("school:r64"), api.as_("municipality:riga")

    def body(more: dict[str, Any], headers: dict[str, str] = school) -> httpx.Response:
        return post(one, json={**asked(), **more}, headers=headers)

    def content(data: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return post(one, content=data, headers={**school, **named})

    def rows(file: str, text: str) -> httpx.Response:
        named = {**school, "content-type": "text/csv"}
        return post(f"/v1/registers/{file}", content=text, headers=named)

    def fewer() -> httpx.Response:
        rows("users", "sourcedId\nP-1\nP-2\n")
        return rows("users?mode=bulk&may_end=0", "sourcedId\nP-1\n")

    def twice() -> httpx.Response:
        named = {**school, "idempotency-key": "k-1"}
        post(one, json=asked(), headers=named)
        return post(one, json=asked("P-2"), headers=named)

    def often() -> httpx.Response:
        key = api.as_("school:r72")
        return [get("/v1/rulesets", headers=key) for _ in range(61)][-1]

    return {
        "no JSON": lambda: content(b"{'pupil_key': 1}"),
        "a name twice": lambda: content(b'{"pupil_key": "P-1", "pupil_key": "P-2"}'),
        "an idempotency key that is too long": lambda: content(b"{}", idempotency_key="k" * 256),
        "a body that is not packed as it says": lambda: content(b"{}", content_encoding="gzip"),
        "a body that is packed in part": lambda: content(
            gzip.compress(b"{}")[:-1], content_encoding="gzip"
        ),
        "a cursor of another hand": lambda: get(
            "/v1/pupils/P-1/assessments?cursor=x", headers=school
        ),
        "nobody": lambda: get("/v1/rulesets"),
        "another scheme": lambda: get("/v1/rulesets", headers={"authorization": "Basic abc"}),
        "a wrong key": lambda: get("/v1/rulesets", headers=bearer("pumpurs_0_0")),
        "a token where there are none": lambda: get("/v1/rulesets", headers=bearer("a.b.c")),
        "another role": lambda: body({}, api.as_("school:r64", Role.READER)),
        "another school": lambda: body({"school": "r72"}),
        "a school that is not there": lambda: body({"school": "r99"}),
        "no route": lambda: get("/v2/assessments"),
        "a slash too much": lambda: get("/v1/rulesets/", headers=school),
        "no such assessment": lambda: get(
            f"{one}/0198c6a2-0000-7000-8000-000000000000", headers=school
        ),
        "no id": lambda: get(f"{one}/17", headers=school),
        "no such pupil": lambda: get("/v1/pupils/P-99/assessments", headers=school),
        "no such ruleset": lambda: get(f"/v1/rulesets/{'0' * 64}", headers=school),
        "no such file": lambda: get("/static/app.js"),
        "no such problem": lambda: get("/problems/x"),
        "another method": lambda: get(one),
        "another method of a file": lambda: post("/static/docs.js"),
        "a slow body": lambda: slow(api, school),
        "an idempotency key used again": twice,
        "no ruleset on the day": lambda: body({"as_of": "2026-08-31"}),
        "no ruleset in force": lambda: get("/v1/rulesets/in-force?on=1999-12-31", headers=school),
        "no registers": lambda: post(f"{one}/from-registers", json={}, headers=school),
        "no such file of a register": lambda: rows("user", "sourcedId\nP-1\n"),
        "a register's rows without a column": lambda: rows("users", "sourcedid\nP-1\n"),
        "a register's rows that cannot be used": lambda: rows(
            "users", "sourcedId\nP-2\n" + 10 * "P 1\n"
        ),
        "a register's rows that would end others": fewer,
        "a large body": lambda: content(b" " * 262_145),
        "another media type": lambda: content(
            b"a=1", content_type="application/x-www-form-urlencoded"
        ),
        "another character set": lambda: content(b"{}", content_type="application/json; charset=x"),
        "another packing": lambda: content(b"{}", content_encoding="br"),
        "no object": lambda: content(b"[]"),
        "an unknown field": lambda: body({"indikators": {}}),
        "unknown indicators": lambda: body({"indicators": {"failed_coures": 1, "P-1 x": 1}}),
        "no pupil": lambda: body({"pupil_key": None}),
        "no key of a pupil": lambda: body({"pupil_key": "Jānis B."}),
        "a personal code for a key": lambda: body({"pupil_key": "010190-12345"}),
        "no school": lambda: body({}, town),
        "no indicators": lambda: body({"indicators": None}),
        "out of range": lambda: body({"indicators": {"attendance_rate_45d": 87}}),
        "no number": lambda: body({"indicators": {"attendance_rate_45d": "0.87"}}),
        "not whole": lambda: body({"indicators": {"failed_courses": 1.5}}),
        "no date": lambda: body({"as_of": "15.10.2026"}),
        "seen in the future": lambda: body({"observed_on": "2026-10-16"}),
        "seen in the future, without values": lambda: body(
            {"indicators": {}, "observed_on": "2026-10-16"}
        ),
        "no language here": lambda: body({"language": "de"}),
        "no hash of a ruleset": lambda: body({"ruleset": "lv-general"}),
        "no yes or no": lambda: post(f"{one}?store=no", json=asked(), headers=school),
        "a misspelt parameter": lambda: post(f"{one}?stroe=false", json=asked(), headers=school),
        "a parameter of another kind": lambda: get(
            "/v1/pupils/P-1/assessments?limit=many", headers=school
        ),
        "a form that is not there": lambda: get("/v1/rulesets/in-force?as=pdf", headers=school),
        "too often": often,
    }


def slow(api: Api, headers: dict[str, str]) -> httpx.Response:
    """Send a request whose body does not end."""
    said: list[Message] = []
    begun = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        for message in begun:
            return message
        await asyncio.sleep(60)
        raise AssertionError

    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/v1/assessments", "query_string": b""}

    async def run() -> None:
        await api.client.app({**scope, "headers": named}, receive, send)

    asyncio.run(run())
    return httpx.Response(said[0]["status"], headers=said[0]["headers"], content=said[1]["body"])


@contextmanager
def away(api: Api, database: Database) -> Iterator[None]:
    """Take the database away, and bring it back."""
    address = sa.make_url(api.settings.database)
    if not isinstance(database, PostgreSql):
        path = Path(str(address.database))
        path.rename(path.with_suffix(".away"))
        yield
        path.with_suffix(".away").rename(path)
        return
    with database.admin.connect() as connection:
        allow = f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS"
        connection.exec_driver_sql(f"{allow} false")
        leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        connection.exec_driver_sql(f"{leave}'{address.database}'")
        yield
        connection.exec_driver_sql(f"{allow} true")


def checked(answer: httpx.Response) -> dict[str, Any]:
    """Return a problem document that is as it should be."""
    assert answer.headers["content-type"] == MEDIA_TYPE
    said: dict[str, Any] = answer.json()
    Problem.model_validate(said, strict=True)
    assert said["request_id"] == answer.headers["x-request-id"]
    known = KINDS[said["type"].removeprefix("/problems/")]
    assert (said["status"], said["title"]) == (known.status, known.title)
    assert answer.status_code == known.status
    return said


def shown(name: str, answer: httpx.Response) -> str:
    """Return a refusal for the golden file."""
    said = checked(answer)
    lines = [f"{name}: {answer.status_code} {said['type']}", f"  {said['title']}"]
    lines += [f"  detail: {said['detail']}"]
    for error in said.get("errors", []):
        lines += [f"  - {error['where']}: {error['problem']}"]
        lines += [f"    hint: {error['hint']}"] if "hint" in error else []
    lines += [f"  {each}: {answer.headers[each]}" for each in SHOWN if each in answer.headers]
    return "\n".join(lines)


def test_every_refusal_word_for_word(
    strange: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is a problem document; together they are all kinds that there are."""
    answers = {name: send() for name, send in ask(strange).items()}
    key = strange.as_("school:r64")
    with away(strange, database):
        answers["the database is away, on writing"] = strange.client.post(
            "/v1/assessments", json=asked(), headers=key
        )
        path = "/v1/pupils/P-1/assessments"
        answers["the database is away, on reading"] = strange.client.get(path, headers=key)
    after = strange.client.post("/v1/assessments", json=asked(), headers=key)
    assert after.status_code == 200, after.text
    monkeypatch.setattr("service.api.one.assess_one", lambda *_, **__: 1 / 0)
    answers["something broke"] = strange.client.post("/v1/assessments", json=asked(), headers=key)
    text = "\n\n".join(shown(name, answer) for name, answer in answers.items())
    assert matches_golden("api-refusals.txt", text + "\n")
    kinds = {answer.json()["type"].removeprefix("/problems/") for answer in answers.values()}
    assert kinds | ELSEWHERE == KINDS.keys()


def test_a_problem_s_type_leads_to_its_description(api: Api) -> None:
    """Each type is an address of the service, and says what to do."""
    for kind, known in KINDS.items():
        said = api.client.get(f"/problems/{kind}")
        expected = ProblemKind(
            type=f"/problems/{kind}", status=known.status, title=known.title, remedy=known.remedy
        )
        assert ProblemKind.model_validate_json(said.content) == expected


def test_each_path_allows_what_it_says(api: Api) -> None:
    """Any other method gets 405 with `Allow`, whoever asks, also one that no one knows.

    OPTIONS is told the same without a refusal.
    """
    paths = api.client.get("/openapi.json").json()["paths"]
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "P-4F2A"}
    for path in paths:
        one = path.format_map(_Any())
        allowed = {method.upper() for method in paths[path]}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        for method in methods - allowed:
            answer = api.client.request(method, one)
            if method != "HEAD":
                assert checked(answer)["type"] == "/problems/method", (method, path)
            assert answer.status_code == 405, (method, path)
            assert set(answer.headers["allow"].split(", ")) == allowed, path
        told = api.client.options(one)
        assert (told.status_code, told.content) == (204, b"")
        assert set(told.headers["allow"].split(", ")) == allowed, path


class _Any(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "x"


def test_a_parameter_that_stands_twice_is_refused_on_every_route(api: Api) -> None:
    """Also where both say the same: else it would hang on the server which of them counts."""
    document = api.client.get("/openapi.json").json()
    headers = api.as_("state:lv")
    known = {"store": "false", "recompute": "false", "language": "lv"}
    known |= {"as": "data", "mode": "delta", "limit": "1", "may_end": "1"}
    known |= {"on": "2026-10-15", "as_of": "2026-10-15"}
    seen = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for each in operation.get("parameters", ()):
                if each["in"] == "query":
                    name = each["name"]
                    pair = f"{name}={known.get(name, 'true')}"
                    url = f"{path.format_map(_Any())}?{pair}&{pair}"
                    errors = checked(api.client.request(method, url, headers=headers))["errors"]
                    assert [one["where"] for one in errors] == [f"query.{name}"], url
                    seen.add(name)
    assert seen >= {"store", "as_of", "as", "language", "recompute", "limit", "cursor"}


def test_where_no_parameter_is_taken_the_hint_says_so(api: Api) -> None:
    """It names no known ones, as there are none."""
    answer = api.client.get("/v1/rulesets?x=1", headers=api.as_("state:lv"))
    assert checked(answer)["errors"][0]["hint"] == "leave it out"


def test_every_route_for_callers_refuses_a_stranger_and_unknown_parameters(api: Api) -> None:
    """No route below /v1 is open, and none passes a misspelt parameter over."""
    document = api.client.get("/openapi.json").json()
    headers = api.as_("state:lv")
    routes = [
        (method, path.format_map(_Any()))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/v1/")
    ]
    assert len(routes) >= 7
    for method, path in routes:
        said = checked(api.client.request(method, path))
        assert said["type"] == "/problems/unauthorised", path
        answer = api.client.request(method, f"{path}?stroe=1", headers=headers)
        assert checked(answer)["errors"][0]["where"] == "query.stroe", path
