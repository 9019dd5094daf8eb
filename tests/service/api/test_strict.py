"""Strict JSON, and any bytes as a body."""

from __future__ import annotations

import gzip
import json
import math
from typing import Any, NoReturn

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.api.strict import parsed
from service.identity.caller import Role
from service.problems import KINDS, MEDIA_TYPE, Refusal
from tests.service.conftest import Api
from tests.service.world import asked

NAMES = st.sampled_from(["a", "b", "é", ":", "a:b", '"', "\\", "ā\n", ""])
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NAMES | st.floats(-1e9, 1e9)


class Twins(list[tuple[str, object]]):
    """An object by its members, so that a name can stand twice."""


def objects(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.lists(st.tuples(NAMES, inner), max_size=4).map(Twins)


DOCUMENTS = st.recursive(SCALARS, objects, max_leaves=12)


def text(found: object) -> str:
    """Return a document as JSON."""
    if isinstance(found, Twins):
        return "{" + ", ".join(f"{json.dumps(n)}: {text(v)}" for n, v in found) + "}"
    if isinstance(found, list):
        return "[" + ",".join(map(text, found)) + "]"
    return json.dumps(found)


def plain(body: bytes) -> Any:  # noqa: ANN401  any JSON
    """Return what Python's own JSON reads, refusing twins and what is not finite."""

    def pairs(members: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(members)
        if len(found) != len(members):
            raise ValueError
        return found

    def number(said: str) -> float:
        found = float(said)
        if not math.isfinite(found):
            raise ValueError
        return found

    return json.loads(
        body.decode(), object_pairs_hook=pairs, parse_constant=_refuse, parse_float=number
    )


def _refuse(_said: str) -> NoReturn:
    raise ValueError


def same(body: bytes) -> None:
    """Assert that both read the same, or that both refuse."""
    try:
        expected = plain(body)
    except ValueError:
        with pytest.raises(Refusal, match="bad-json"):
            parsed(body)
        return
    assert parsed(body) == expected


@given(DOCUMENTS)
@example([Twins([("a", 1), ("a", 1)])])
@example(Twins([("a", Twins([("b", ":"), ("b", ":")]))]))
@example(Twins([("a:b", ":::")]))
def test_a_name_that_stands_twice_is_refused_at_any_depth(found: object) -> None:
    """What is read is what a plain reader reads that counts the names of each object."""
    same(text(found).encode())


@given(DOCUMENTS.map(text), st.data())
def test_what_is_almost_json_is_read_as_json_or_refused(said: str, data: st.DataObject) -> None:
    """A document with one sign changed is never read as something else."""
    place = data.draw(st.integers(0, len(said)))
    sign = data.draw(st.sampled_from(["", *'[]{}:,"\\0eE+-. \n\tNI\x00\x1f\ufeffé']))
    gone = data.draw(st.integers(0, 2))
    same((said[:place] + sign + said[place + gone :]).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"NaN",
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"1e400",
        b"-1e400",
        b"1" * 400,
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\ud800": 1}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        b"{}{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[01]",
        b"[+1]",
        b"[.5]",
        b"// no\n{}",
        b'{"a": 1, "a": 1}',
        b'[{"a": {"b": 1, "b": 2}}]',
        b'{"a": ":", "a": "::"}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": 1, "a": "\\u003a"}',
        b'{"b": "\\u003a", "a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 2000 + b"]" * 2000,
    ],
)
def test_what_is_no_strict_json_is_refused(body: bytes) -> None:
    """Each with where or why, and never with what it says."""
    with pytest.raises(Refusal, match="bad-json"):
        parsed(body)


@pytest.mark.parametrize("depth", [100, 500, 999, 1000, 1001])
def test_deep_nesting_is_read_or_refused_and_breaks_nothing(depth: int) -> None:
    """Also where the colon in a text has the names counted closely."""
    for begin, end in ((b"[", b"]"), (b'{"a":', b"}"), (b'[":",', b"]")):
        body = begin * depth + b"1" + end * depth
        try:
            found = parsed(body)
        except Refusal:
            assert depth > 400
            continue
        for _ in range(depth):
            found = found["a"] if isinstance(found, dict) else found[-1]
        assert found == 1


def test_a_name_is_told_unless_it_could_be_anything() -> None:
    """A twin that could be a pupil's name or key is not repeated."""
    for name, shown in (("grade", "grade"), ("Jānis", "(a name)"), ("010101-12345", "(a name)")):
        with pytest.raises(Refusal) as error:
            parsed(json.dumps({name: 1})[:-1].encode() + b"," + json.dumps({name: 2})[1:].encode())
        assert error.value.detail == f"{shown} stands twice in one object"


ONE = json.dumps(asked()).encode()


@pytest.fixture(scope="module")
def headers(api: Api) -> dict[str, str]:
    return api.as_("school:r64", Role.ANALYST)


def refused_or_answered(api: Api, body: bytes, headers: dict[str, str]) -> int:
    """Send a body and return the status: an answer, or a documented refusal of the client."""
    answer = api.client.post("/v1/assessments?store=false", content=body, headers=headers)
    if answer.status_code != 200:
        said = answer.json()
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert 400 <= answer.status_code < 500, said
        assert KINDS[said["type"].removeprefix("/problems/")].status == answer.status_code
    return int(answer.status_code)


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"[" * 1000 + b"]" * 1000)
@example(b'{"indicators":{"grade":' + b"[" * 900 + b"]" * 900 + b"}}")
def test_any_bytes_get_a_documented_refusal(api: Api, headers: dict[str, str], body: bytes) -> None:
    """No bytes are an assessment by chance, and none break the service."""
    assert refused_or_answered(api, body, headers) != 200


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
PLACES = [
    *(("", name) for name in (*asked(), "school", "ruleset", "language", "observed_on", "x")),
    *(("indicators", name) for name in ("grade", "new_stage", "failed_courses", "x")),
    *(("observed_on", name) for name in ("grade", "x")),
]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3))
def test_any_values_in_a_request_get_an_answer_or_a_documented_refusal(
    api: Api, headers: dict[str, str], changes: list[tuple[tuple[str, str], object]]
) -> None:
    """Odd values in all places of a request: never an error of the service."""
    body: dict[str, Any] = asked()
    for (outer, name), value in changes:
        inner = body.setdefault(outer, {}) if outer else body
        if isinstance(inner, dict):
            inner[name] = value
    refused_or_answered(api, json.dumps(body).encode(), headers)


@settings(max_examples=300)
@given(st.data())
def test_a_request_with_bytes_changed_gets_an_answer_or_a_documented_refusal(
    api: Api, headers: dict[str, str], data: st.DataObject
) -> None:
    """Bytes put in, taken out or replaced, packed or not."""
    place = data.draw(st.integers(0, len(ONE)))
    gone = data.draw(st.integers(0, 5))
    body = ONE[:place] + data.draw(st.binary(max_size=4)) + ONE[place + gone :]
    refused_or_answered(api, body, headers)


PACKED = {"gzip": gzip.compress(ONE), "zstd": zstandard.compress(ONE)}


@pytest.mark.parametrize("encoding", list(PACKED))
def test_a_packed_request_is_unpacked(api: Api, headers: dict[str, str], encoding: str) -> None:
    """With gzip and zstd, whole; a part of it, or more than it, is refused."""
    said = {**headers, "content-encoding": encoding}
    body = PACKED[encoding]
    assert refused_or_answered(api, body, said) == 200
    for broken in (body[:-1], body[:10], body + b"x", body + body, ONE, b""):
        assert refused_or_answered(api, broken, said) == 400


@pytest.mark.parametrize("encoding", list(PACKED))
@settings(max_examples=100)
@given(data=st.data())
def test_a_packed_request_with_bytes_changed_is_refused_or_the_same(
    api: Api, headers: dict[str, str], encoding: str, data: st.DataObject
) -> None:
    """What was damaged on the way does not break the service."""
    body = PACKED[encoding]
    place = data.draw(st.integers(0, len(body) - 1))
    changed = body[:place] + data.draw(st.binary(max_size=3)) + body[place + 1 :]
    refused_or_answered(api, changed, {**headers, "content-encoding": encoding})


@pytest.mark.parametrize("encoding", list(PACKED))
def test_a_small_body_that_swells_is_refused(
    api: Api, headers: dict[str, str], encoding: str
) -> None:
    """100 MB of blanks in a few kilobytes are too large, whatever they unpack to."""
    blanks = b" " * 100_000_000
    body = gzip.compress(blanks, 1) if encoding == "gzip" else zstandard.compress(blanks)
    said = {**headers, "content-encoding": encoding}
    assert refused_or_answered(api, body, said) == 413


@pytest.mark.parametrize("form", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize(("charset", "status"), [("", 200), ("UTF-8", 200), ("utf-16", 415)])
def test_many_pupils_are_read_in_utf_8_alone(
    api: Api, headers: dict[str, str], form: str, charset: str, status: int
) -> None:
    """As one pupil is: what is said to be in another character set is not read."""
    body = json.dumps([{"pupil_key": "P-1", "indicators": {}}])
    said = {**headers, "content-type": f"{form}; charset={charset}" if charset else form}
    answer = api.client.post("/v1/assessments/bulk?store=false", content=body, headers=said)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("media", "status"),
    [
        (None, 200),
        ("application/json", 200),
        ("Application/JSON; Charset=UTF-8", 200),
        ('application/json; charset="utf-8"', 200),
        ("application/json; charset=utf-16", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("application/vnd.apache.arrow.stream", 415),
        ("", 415),
    ],
)
def test_a_body_of_another_media_type_is_refused(
    api: Api, headers: dict[str, str], media: str | None, status: int
) -> None:
    """What is said to be no JSON is not read as JSON; where nothing is said it is JSON."""
    said = headers if media is None else {**headers, "content-type": media}
    assert refused_or_answered(api, ONE, said) == status
