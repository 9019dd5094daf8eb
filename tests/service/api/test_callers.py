"""Who calls: keys and tokens over HTTP, roles, and rates."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from service.api.limits import Rate
from service.identity.caller import RIGHTS, Right, Role, parse_place
from service.identity.keys import new_key
from service.problems import Refusal
from service.store.connect import reading, writing
from service.store.keys import add_key, read_keys, revoke_key
from tests.service.api.stores import rows
from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.identity.issuer import AUDIENCE, NAME, Issuer, issuing
from tests.service.world import asked, bearer, settled

ONE = "/v1/assessments"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture(scope="module")
def open_(database: Database, issuer: Issuer) -> Iterator[Api]:
    """Run an application that takes tokens, and few requests of each caller."""
    oidc = {"oidc_issuer": NAME, "oidc_audience": AUDIENCE, "oidc_jwks": issuer.address}
    yield from run_api(settled(database), rate=120, **oidc)


def status(api: Api, headers: dict[str, str], path: str = "/v1/rulesets") -> int:
    return int(api.client.get(path, headers=headers).status_code)


def test_the_store_has_no_secret(api: Api) -> None:
    """Only the SHA-256 of it; the text of the key stands in no column."""
    text = api.key("school:r64")
    secret = text[21:]
    found = rows(api, "SELECT * FROM api_keys")
    assert text[:20] in {f"pumpurs_{row[0]}" for row in found}
    assert all(secret not in str(row) and secret.encode() not in bytes(row[1]) for row in found)
    assert {len(bytes(row[1])) for row in found} == {32}


def test_a_key_is_good_until_it_expires(api: Api) -> None:
    """The moment passes while the service runs."""
    now = datetime.now(UTC)
    key, text = new_key(
        "k", Role.READER, parse_place("school:r64"), now, now + timedelta(seconds=1)
    )
    with writing(api.engine) as connection:
        add_key(connection, key)
    api.app.state.service.follower.follow()
    assert status(api, bearer(text)) == 200
    time.sleep(max(0.0, 1.01 - (datetime.now(UTC) - now).total_seconds()))
    assert status(api, bearer(text)) == 401


def test_a_revoked_key_is_soon_refused(api: Api) -> None:
    """The service follows by itself; how soon is for real servers to show."""
    text = api.key("school:r64")
    assert status(api, bearer(text)) == 200
    with writing(api.engine) as connection:
        revoke_key(connection, text[:20], datetime.now(UTC))
    end = time.monotonic() + 30
    while status(api, bearer(text)) == 200 and time.monotonic() < end:
        time.sleep(0.02)
    assert status(api, bearer(text)) == 401


def test_a_wrong_secret_or_scheme_is_refused_alike(api: Api) -> None:
    """Nobody learns whether the id was right."""
    text = api.key("school:r64")
    other = api.key("school:r64")
    answers = []
    for value in (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {text}",
        text,
        f"Bearer {text[:-1]}",
        f"Bearer {text}x",
        f"Bearer {text[:21]}{other[21:]}",
        f"Bearer pumpurs_{'0' * 12}_{text[21:]}",
        "Bearer pumpurs_\xff",
        f"Bearer {'x' * 20_000}",
    ):
        named = {} if value is None else {"authorization": value.encode("latin-1")}
        answers.append(api.client.get("/v1/rulesets", headers=named))  # type: ignore[arg-type]
    assert {answer.status_code for answer in answers} == {401}
    said = {answer.text.replace(answer.headers["x-request-id"], "") for answer in answers}
    assert len(said) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="pumpurs"'}
    assert status(api, {"authorization": f"bearer {text}"}) == 200


def test_it_is_noted_when_a_key_was_last_used(database: Database) -> None:
    """At the latest when the service stops."""
    running = run_api(settled(database))
    api = next(running)
    used, unused = api.key("school:r64"), api.key("school:r64")
    before = datetime.now(UTC)
    assert status(api, bearer(used)) == 200
    assert status(api, bearer(unused[:-1] + "x")) == 401
    for _ in running:
        raise AssertionError
    with reading(api.engine) as connection:
        found = {key.shown: key.last_used for key in read_keys(connection)}
    api.engine.dispose()
    moment = found[used[:20]]
    assert moment is not None
    assert before <= moment <= datetime.now(UTC)
    assert found[unused[:20]] is None


def test_roles_may_do_over_http_what_the_table_of_rights_says(api: Api) -> None:
    """Each role against each route: the right that it needs decides, and nothing else."""
    made = api.client.post(ONE, json=asked("P-ROLES"), headers=api.as_("school:r64")).json()["id"]
    routes = {
        ("POST", ONE): Right.SCORE,
        ("POST", f"{ONE}?store=false"): Right.TRY,
        ("GET", f"{ONE}/{made}"): Right.READ,
        ("GET", "/v1/pupils/P-ROLES/assessments"): Right.READ,
        ("GET", "/v1/registers"): Right.HELD,
        ("GET", "/v1/rulesets"): None,
        ("GET", "/v1/rulesets/in-force"): None,
        ("GET", "/v1/indicators"): None,
    }
    for role in Role:
        headers = api.as_("school:r64", role)
        for (method, path), right in routes.items():
            body = asked() if method == "POST" else None
            answer = api.client.request(method, path, headers=headers, json=body)
            expected = 200 if right is None or right in RIGHTS[role] else 403
            assert answer.status_code == expected, (role, path)
            if answer.status_code == 403:
                assert answer.json()["detail"] == f"the role '{role}' may not: {right}"


def test_a_token_of_the_issuer_is_as_good_as_a_key(open_: Api, issuer: Issuer) -> None:
    """Its role and place bind it; assessments carry its subject."""
    pupil = f"P-{uuid4().hex}"
    headers = bearer(issuer.token("ec", place="school:r72", sub="e-klase"))
    said = open_.client.post(ONE, json=asked(pupil), headers=headers)
    assert said.status_code == 200
    assert said.json()["school"] == "r72"
    query = "SELECT caller FROM assessments WHERE pupil = :pupil"
    assert rows(open_, query, pupil=pupil) == [("token:e-klase",)]
    reader = bearer(issuer.token(place="school:r72", role="reader", sub="r"))
    assert open_.client.post(ONE, json=asked(pupil), headers=reader).status_code == 403
    assert status(open_, reader, f"/v1/pupils/{pupil}/assessments") == 200
    other = bearer(issuer.token(place="school:l1", role="reader", sub="r"))
    assert status(open_, other, f"/v1/pupils/{pupil}/assessments") == 404


@pytest.mark.parametrize("place", ["school:r99", "municipality:r64", "state:riga", "school:riga"])
def test_a_token_for_a_place_that_is_not_there_is_refused(
    open_: Api, issuer: Issuer, place: str
) -> None:
    """Also where the code is that of a place of another level."""
    assert status(open_, bearer(issuer.token(place=place))) == 401


def test_a_bad_token_is_refused_and_counted_by_its_reason(open_: Api, issuer: Issuer) -> None:
    """The caller learns only that; the operator sees why."""
    expired = issuer.token(exp=int(time.time()) - 60)
    answer = open_.client.get("/v1/rulesets", headers=bearer(expired))
    assert answer.status_code == 401
    assert "xpired" not in answer.text
    text = open_.client.get("/metrics").text
    assert 'pumpurs_refused_callers_total{reason="ExpiredSignatureError"} 1.0' in text


def test_an_issuer_that_does_not_answer_is_no_fault_of_the_caller(
    database: Database, issuer: Issuer
) -> None:
    """503 with `Retry-After` and not 401, and keys go on."""
    oidc = {"oidc_issuer": NAME, "oidc_jwks": "http://127.0.0.1:9/"}
    for api in run_api(settled(database), **oidc):
        answer = api.client.get("/v1/rulesets", headers=bearer(issuer.token()))
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert answer.headers["retry-after"] == "10"
        assert status(api, api.as_("school:r64")) == 200


def test_each_caller_has_a_rate_of_its_own(open_: Api, issuer: Issuer) -> None:
    """Whoever asks too often waits as long as is said, by key and by subject; others do not."""
    often, other = open_.as_("school:r64"), open_.as_("school:r64")
    begun, sent = time.monotonic(), 0
    while (answer := open_.client.get("/v1/rulesets", headers=often)).status_code == 200:
        sent += 1
        assert sent <= 121 + 2 * (time.monotonic() - begun)
    assert sent >= 120
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert status(open_, other) == 200
    time.sleep(1)
    assert status(open_, often) == 200
    tokens = [bearer(issuer.token(sub="often")) for _ in range(2)]
    sent = 0
    while status(open_, tokens[sent % 2]) == 200:
        sent += 1
        assert sent <= 500
    assert status(open_, bearer(issuer.token(sub="seldom"))) == 200


def test_a_rate_that_is_not_used_fills_up_to_its_limit_and_no_further() -> None:
    """By a clock that only goes forward; a thousandth of a minute brings a thousandth."""
    clock = [0.0]
    rate = Rate(60, lambda: clock[0])

    def taken() -> int:
        for number in range(1000):
            try:
                rate.take("k")
            except Refusal as refusal:
                assert 1 <= int(refusal.headers["Retry-After"]) <= 1
                return number
        return 1000

    assert taken() == 60
    assert taken() == 0
    clock[0] += 1.0
    assert taken() == 1
    clock[0] += 30.5
    assert taken() == 30
    clock[0] += 3600
    assert taken() == 60


def test_a_low_rate_says_how_long_to_wait() -> None:
    """Waiting for what was said is enough, and a second less is not."""
    clock = [0.0]
    rate = Rate(2, lambda: clock[0])
    rate.take("k")
    rate.take("k")
    with pytest.raises(Refusal) as error:
        rate.take("k")
    wait = int(error.value.headers["Retry-After"])
    assert wait == 30
    clock[0] += wait - 1
    with pytest.raises(Refusal):
        rate.take("k")
    clock[0] += 1
    rate.take("k")
