"""``Idempotency-Key``: a request that is sent again is answered alike and stored once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2 as httpx
import pytest

from service.store.connect import writing
from service.store.erasure import erase_pupil, forget_requests
from tests.service.conftest import Api
from tests.service.world import asked

PATH = "/v1/assessments"


def send(
    api: Api, headers: dict[str, str], key: str, pupil: str, query: str = "", **more: object
) -> httpx.Response:
    named = {**headers, "idempotency-key": key}
    return api.client.post(f"{PATH}{query}", json=asked(pupil, **more), headers=named)


def stored(api: Api, headers: dict[str, str], pupil: str) -> int:
    """Return how many assessments a pupil has."""
    answer = api.client.get(f"/v1/pupils/{pupil}/assessments", headers=headers)
    return len(answer.json()["assessments"]) if answer.status_code == 200 else 0


@pytest.fixture
def pupil() -> str:
    """Return a pupil of whom nobody has heard."""
    return f"P-{uuid4().hex}"


def test_the_same_request_again_has_the_same_answer_and_is_stored_once(
    api: Api, pupil: str
) -> None:
    """To the byte, with its id and moment."""
    headers = api.as_("school:r64")
    first, again = (send(api, headers, pupil, pupil) for _ in range(2))
    assert first.status_code == 200
    assert again.content == first.content
    assert stored(api, headers, pupil) == 1


def test_without_a_key_each_request_is_its_own(api: Api, pupil: str) -> None:
    """The control of the test above: it can fail."""
    headers = api.as_("school:r64")
    for _ in range(2):
        api.client.post(PATH, json=asked(pupil), headers=headers)
    assert stored(api, headers, pupil) == 2


def test_requests_at_the_same_time_are_stored_once(api: Api, pupil: str) -> None:
    """Whoever comes first, all get its answer."""
    headers = api.as_("school:r64")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(api, headers, pupil, pupil), range(24)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert stored(api, headers, pupil) == 1


def test_another_request_with_the_key_is_refused(api: Api, pupil: str) -> None:
    """Another body, or the same body with another query; nothing is stored."""
    headers = api.as_("school:r64")
    assert send(api, headers, pupil, pupil).status_code == 200
    for again in (
        send(api, headers, pupil, pupil, language="en"),
        send(api, headers, pupil, f"{pupil}x"),
        send(api, headers, pupil, pupil, "?store=true"),
    ):
        assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    assert stored(api, headers, pupil) == 1
    assert stored(api, headers, f"{pupil}x") == 0


def test_other_requests_at_the_same_time_with_the_key_are_refused(api: Api, pupil: str) -> None:
    """One of them is stored and answered; those that differ from it are conflicts."""
    headers = api.as_("school:r64")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: send(api, headers, pupil, f"{pupil}{n % 4}"), range(16)))
    kept = {answer.content for answer in answers if answer.status_code == 200}
    assert len(kept) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    assert sum(stored(api, headers, f"{pupil}{n}") for n in range(4)) == 1


def test_callers_have_keys_of_their_own(api: Api, pupil: str) -> None:
    """Two callers that choose the same key do not meet, also in one school."""
    callers = [api.as_("school:r64"), api.as_("school:r64"), api.as_("school:l1")]
    answers = [send(api, headers, pupil, pupil) for headers in callers]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 3
    for headers, answer in zip(callers, answers, strict=True):
        assert send(api, headers, pupil, pupil).content == answer.content


def test_a_refused_request_does_not_use_its_key_up(api: Api, pupil: str) -> None:
    """Mended, it may be sent with the same key."""
    headers = api.as_("school:r64")
    assert send(api, headers, pupil, pupil, language="de").status_code == 422
    assert send(api, headers, pupil, pupil).status_code == 200


def test_a_trial_needs_no_key_and_keeps_none(api: Api, pupil: str) -> None:
    """What is not stored can be sent as often as one likes."""
    headers = api.as_("school:r64")
    first, second = (send(api, headers, pupil, pupil, "?store=false") for _ in range(2))
    assert first.json()["id"] is second.json()["id"] is None
    assert send(api, headers, pupil, pupil).status_code == 200
    assert stored(api, headers, pupil) == 1


@pytest.mark.parametrize("store", ["true", "false"])
def test_a_key_of_another_form_is_refused(api: Api, store: str) -> None:
    """Also of a trial, which keeps none: the API's document says what a key is."""
    headers = api.as_("school:r64") | {"idempotency-key": "k" * 256}
    for path, body, status in (("", asked(), 400), ("/bulk", [asked()], 422)):
        url = f"/v1/assessments{path}?store={store}"
        answer = api.client.post(url, json=body, headers=headers)
        assert answer.status_code == status, answer.text


def test_an_erased_answer_is_not_given_again(api: Api, pupil: str) -> None:
    """The key still stands for the request; what was answered is gone with the person."""
    headers = api.as_("school:r64")
    first = send(api, headers, pupil, pupil)
    with writing(api.engine) as connection:
        erase_pupil(connection, pupil, datetime.now(UTC), "operator:test", "asked for")
    again = send(api, headers, pupil, pupil)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    assert again.json()["detail"] == "the answer to this request was erased"
    assert stored(api, headers, pupil) == 0
    assert first.json()["id"] not in again.text


def test_a_forgotten_key_may_be_used_for_something_else(api: Api, pupil: str) -> None:
    """Keys are kept for some hours; after that, the request is a new one."""
    headers = api.as_("school:r64")
    first = send(api, headers, pupil, pupil)
    with writing(api.engine) as connection:
        forget_requests(connection, datetime.now(UTC) + timedelta(seconds=1))
    again = send(api, headers, pupil, pupil, language="en")
    assert again.status_code == 200
    assert again.json()["id"] != first.json()["id"]
    assert stored(api, headers, pupil) == 2
