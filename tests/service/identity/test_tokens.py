"""Bearer tokens, signed with real keys by an issuer on loopback."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from service.identity.caller import Caller, Place, Role, Unauthorised
from service.identity.tokens import (
    AGAIN_SECONDS,
    KEPT_SECONDS,
    STALE_SECONDS,
    IssuerUnavailableError,
    Tokens,
)
from tests.service.identity.issuer import (
    AUDIENCE,
    NAME,
    Issuer,
    claims,
    encoded,
    issuing,
    jwk,
    part,
    rsa_key,
)

DAY = 86_400  # tests may take long to begin


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer) -> Issuer:
    """Return the issuer, serving all its keys."""
    running.publish(*running.private)
    return running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(issuer: Issuer, clock: Clock) -> Tokens:
    return Tokens(NAME, AUDIENCE, issuer.address, clock)


def caller(tokens: Tokens, token: str) -> Caller:
    return asyncio.run(tokens.caller(token))


def refused(tokens: Tokens, token: str) -> str:
    with pytest.raises(Unauthorised) as error:
        caller(tokens, token)
    return str(error.value)


@pytest.mark.parametrize("name", ["rsa", "pss", "ec", "ed"])
def test_a_good_token_says_who_calls(tokens: Tokens, issuer: Issuer, name: str) -> None:
    """RSA, elliptic curves and Ed25519: subject, role and place are the caller's."""
    token = issuer.token(name, place="municipality:riga", role="reader")
    found = caller(tokens, token)
    assert found == Caller("token:e-journal", Role.READER, Place("municipality", "riga"))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": int(time.time()) - 120}, "ExpiredSignatureError"),
        ({"nbf": int(time.time()) + DAY}, "ImmatureSignatureError"),
        ({"iat": int(time.time()) + DAY}, "ImmatureSignatureError"),
        ({"aud": "another"}, "InvalidAudienceError"),
        ({"aud": ["another"]}, "InvalidAudienceError"),
        ({"iss": "https://login.elsewhere"}, "InvalidIssuerError"),
        ({"iss": NAME + "/"}, "InvalidIssuerError"),
        *(({name: None}, "MissingRequiredClaimError") for name in ("exp", "iat", "iss", "aud")),
        ({"sub": None}, "MissingRequiredClaimError"),
        ({"sub": ""}, "no subject"),
        ({"sub": "a\0b"}, "no subject"),
        ({"sub": "a" * 191}, "no subject"),
        ({"sub": 7}, "InvalidSubjectError"),
        ({"pumpurs_role": None}, "no role or place"),
        ({"pumpurs_role": "root"}, "no role or place"),
        ({"pumpurs_role": ["admin"]}, "no role or place"),
        ({"pumpurs_place": None}, "no role or place"),
        ({"pumpurs_place": "school:"}, "no role or place"),
        ({"pumpurs_place": "class:r64"}, "no role or place"),
    ],
)
def test_a_token_that_is_not_for_us_now_is_refused(
    tokens: Tokens, issuer: Issuer, changed: dict[str, Any], reason: str
) -> None:
    """Each claim that is missing, past, future or foreign is reason enough."""
    assert refused(tokens, issuer.token(**changed)) == reason


def test_a_token_without_a_signature_is_refused(tokens: Tokens) -> None:
    """The algorithm `none` is no algorithm, also when the key id is a good one."""
    token = jwt.encode(claims(), "", "none", headers={"kid": "rsa"})
    assert refused(tokens, token) == "InvalidAlgorithmError"


def test_the_public_key_is_no_shared_secret(tokens: Tokens, issuer: Issuer) -> None:
    """A token signed with the public key's text as an HS256 secret is refused."""
    public = issuer.private["rsa"][1].public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = part({"alg": "HS256", "kid": "rsa", "typ": "JWT"})
    signed = head + b"." + part(claims())
    mac = jwt.get_algorithm_by_name("HS256").sign(signed, pem)
    token = (signed + b"." + encoded(mac)).decode()
    assert refused(tokens, token) == "InvalidAlgorithmError"


def test_a_shared_secret_in_the_key_set_is_no_key(tokens: Tokens, issuer: Issuer) -> None:
    """A key set is public, so what a symmetric key in it signs proves nothing."""
    secret = {"kty": "oct", "kid": "oct", "k": "c2VjcmV0" * 8}
    good = jwk("rsa", *issuer.private["rsa"])
    issuer.body = json.dumps({"keys": [secret, good]}).encode()
    key = jwt.PyJWK(secret)
    for algorithm in ("HS256", "RS256"):
        signed = part({"alg": algorithm, "kid": "oct"}) + b"." + part(claims())
        mac = key.Algorithm.sign(signed, key.key)
        token = (signed + b"." + encoded(mac)).decode()
        assert refused(tokens, token) == "unknown key of the issuer"


def test_a_key_that_is_not_the_issuer_s_signs_nothing(tokens: Tokens, issuer: Issuer) -> None:
    """A stranger's key under a good name, a good key under another's name, a changed claim."""
    strange = jwt.encode(claims(), rsa_key(), "RS256", headers={"kid": "rsa"})
    assert refused(tokens, strange) == "InvalidSignatureError"
    swapped = issuer.signed("pss", {"kid": "rsa", "alg": "RS256"}, claims())
    assert refused(tokens, swapped) == "InvalidSignatureError"
    other = issuer.signed("pss", {"kid": "rsa"}, claims())
    assert refused(tokens, other) == "InvalidAlgorithmError"
    head, _, mac = issuer.token().split(".")
    forged = f"{head}.{part(claims(role='admin')).decode()}.{mac}"
    assert refused(tokens, forged) == "InvalidSignatureError"


def test_a_new_key_is_fetched_and_an_old_one_let_go(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    """After a change of keys the new one is good at once, the old one is not."""
    issuer.publish("rsa")
    assert caller(tokens, issuer.token("rsa"))
    issuer.publish("ec")
    clock.now += AGAIN_SECONDS + 1
    assert caller(tokens, issuer.token("ec"))
    assert refused(tokens, issuer.token("rsa")) == "unknown key of the issuer"


def test_a_key_that_the_issuer_took_back_is_good_for_minutes_only(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    """Kept keys are fetched again, though nothing asks for a new one."""
    assert caller(tokens, issuer.token("rsa"))
    issuer.publish("ec")
    clock.now += KEPT_SECONDS - 1
    assert caller(tokens, issuer.token("rsa"))
    clock.now += 2
    assert refused(tokens, issuer.token("rsa")) == "unknown key of the issuer"


def test_forged_key_names_do_not_flood_the_issuer(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    """However many unknown names come, the issuer is asked once in a while."""
    before = issuer.asked
    forged = [
        jwt.encode(claims(), "secret" * 8, "HS256", headers={"kid": f"k{number}"})
        for number in range(50)
    ]
    for token in forged:
        refused(tokens, token)
    assert issuer.asked == before + 1
    clock.now += AGAIN_SECONDS + 1
    refused(tokens, forged[0])
    assert issuer.asked == before + 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"broken"),
        (200, b"<html>login</html>"),
        (200, b"[]"),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [{"kty": "RSA", "kid": ["x"], "n": 1, "e": null}]}'),
        (200, b'{"keys": [' + b" " * 300_000 + b"]}"),
        (200, b"[" * 100_000),
        (200, b"\xff"),
    ],
    ids=["error", "page", "list", "no-list", "none", "bad-key", "huge", "deep", "bytes"],
)
def test_an_issuer_that_fails_is_not_the_caller_s_fault(
    tokens: Tokens, issuer: Issuer, clock: Clock, status: int, body: bytes
) -> None:
    """Without keys: unavailable, not unauthorised; with kept keys nothing changes for a day."""
    issuer.status, issuer.body = status, body
    token = issuer.token()
    with pytest.raises(IssuerUnavailableError):
        caller(tokens, token)
    issuer.publish("rsa")
    clock.now += AGAIN_SECONDS + 1
    assert caller(tokens, token)
    issuer.status, issuer.body = status, body
    clock.now += STALE_SECONDS - 1
    assert caller(tokens, token)
    clock.now += 2
    with pytest.raises(IssuerUnavailableError):
        caller(tokens, token)
    issuer.publish("rsa")
    clock.now += AGAIN_SECONDS + 1
    assert caller(tokens, token)


def test_an_issuer_that_is_not_there_is_not_the_caller_s_fault(clock: Clock) -> None:
    """Nobody listens at the address: unavailable."""
    tokens = Tokens(NAME, AUDIENCE, "http://127.0.0.1:9/keys", clock)
    with pytest.raises(IssuerUnavailableError):
        caller(tokens, jwt.encode(claims(), "secret" * 8, "HS256", headers={"kid": "x"}))


def test_the_address_of_the_keys_is_a_web_address() -> None:
    """A file is no issuer."""
    with pytest.raises(ValueError, match="http"):
        Tokens(NAME, AUDIENCE, "file:///etc/passwd")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def kept(running: Issuer) -> Tokens:
    """Return a checker that has all keys."""
    running.publish(*running.private)
    tokens = Tokens(NAME, AUDIENCE, running.address, Clock())
    assert caller(tokens, running.token())
    return tokens


@settings(max_examples=150)
@given(
    changed=st.dictionaries(
        st.sampled_from(
            ["exp", "nbf", "iat", "aud", "iss", "sub", "pumpurs_role", "pumpurs_place"]
        ),
        JSON,
        min_size=1,
    ),
    head=st.dictionaries(st.sampled_from(["typ", "crit", "b64", "cty", "x"]), JSON),
)
def test_whatever_a_signed_token_claims_is_an_answer(
    kept: Tokens, running: Issuer, changed: dict[str, Any], head: dict[str, Any]
) -> None:
    """Odd claims and headers are refused or understood; nothing breaks."""
    body = {**claims(), **changed}
    token = running.signed("ed", {"kid": "ed", **head}, body)
    try:
        found = caller(kept, token)
    except Unauthorised:
        return
    assert found.name == f"token:{body['sub']}"
    assert found.role == body["pumpurs_role"]
    assert str(found.place) == body["pumpurs_place"]


@settings(max_examples=150)
@given(st.text(max_size=60) | st.builds(".".join, st.lists(st.text("aeyJ-_=", max_size=12))))
def test_any_text_as_a_token_is_refused(kept: Tokens, text: str) -> None:
    """What is no token is told from what is."""
    refused(kept, text)
