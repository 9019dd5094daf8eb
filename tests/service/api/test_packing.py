"""Answers come packed where the client takes that, and say the same."""

from __future__ import annotations

import gzip

import pytest
import zstandard

from tests.service.conftest import Api
from tests.service.world import asked


def unpacked(encoding: str, body: bytes) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


def raw(api: Api, url: str, headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    """Return an answer's headers and its bytes as they were sent."""
    with api.client.stream("GET", url, headers=headers) as answer:
        return dict(answer.headers), b"".join(answer.iter_raw())


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("zstd", "zstd"),
        ("gzip", "gzip"),
        ("gzip, br, zstd", "zstd"),
        ("gzip;q=0.5, zstd;q=0", "gzip"),
        ("identity", None),
        ("br", None),
        ("zstd;q=0.000", None),
    ],
)
def test_an_answer_is_packed_as_the_client_takes_it(
    api: Api, accepted: str, encoding: str | None
) -> None:
    """The order is zstd, gzip; nothing that was refused; unpacked it is the same answer."""
    key = api.as_("school:r64")
    plain_headers, plain = raw(api, "/v1/indicators", {**key, "accept-encoding": "identity"})
    assert "vary" not in plain_headers
    headers, body = raw(api, "/v1/indicators", {**key, "accept-encoding": accepted})
    assert headers.get("content-encoding") == encoding
    assert int(headers["content-length"]) == len(body)
    if encoding is None:
        assert body == plain
    else:
        assert unpacked(encoding, body) == plain
        assert len(body) < len(plain) / 2
        assert headers["vary"] == "Accept-Encoding"


def test_short_answers_and_files_stay_as_they_are(api: Api) -> None:
    """What packing would not make shorter is not packed."""
    key = {**api.as_("school:r64"), "accept-encoding": "zstd"}
    for url in ("/healthz", "/static/docs.js", "/static/swagger-ui-bundle.js"):
        headers, body = raw(api, url, key)
        assert "content-encoding" not in headers
        assert int(headers["content-length"]) == len(body)


def test_refusals_and_the_quick_route_are_packed_too(api: Api) -> None:
    """All answers go the same way; a refusal is read as any other."""
    key = {**api.as_("school:r64"), "accept-encoding": "gzip"}
    many = asked() | {f"name_{number}": 1 for number in range(20)}
    refused = api.client.post("/v1/assessments", json=many, headers=key)
    assert refused.headers["content-encoding"] == "gzip"
    assert len(refused.json()["errors"]) == 20
    answer = api.client.post("/v1/assessments?store=false", json=asked(), headers=key)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["level"] == "support"
