"""An issuer of tokens for tests: real keys, and its key set served on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

AUDIENCE = "pumpurs"
NAME = "https://login.example"


def rsa_key() -> rsa.RSAPrivateKey:
    """Return a new RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(name: str, algorithm: str, private: PrivateKeyTypes, **more: object) -> dict[str, Any]:
    """Return the public part of a key, as a key set lists it."""
    public = private.public_key()
    found = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
    return {**found, "kid": name, "alg": algorithm, "use": "sig", **more}


def claims(place: str = "school:r64", role: str = "scorer", **more: object) -> dict[str, Any]:
    """Return the claims of a good token; None takes one away."""
    now = int(time.time())
    said: dict[str, Any] = {
        "iss": NAME,
        "aud": AUDIENCE,
        "sub": "e-journal",
        "iat": now,
        "exp": now + 300,
        "pumpurs_role": role,
        "pumpurs_place": place,
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


class Issuer:
    """Serves `body` with `status` at `address`, and counts how often it was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.private: dict[str, tuple[str, PrivateKeyTypes]] = {
            "rsa": ("RS256", rsa_key()),
            "pss": ("PS256", rsa_key()),
            "ec": ("ES256", ec.generate_private_key(ec.SECP256R1())),
            "ed": ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
        }
        self.asked = 0
        self.status = 200
        self.body = b""
        self.publish(*self.private)

    def publish(self, *names: str) -> None:
        """Serve these keys and no others."""
        keys = [jwk(name, *self.private[name]) for name in names]
        self.status, self.body = 200, json.dumps({"keys": keys}).encode()

    def token(self, name: str = "rsa", **changed: Any) -> str:  # noqa: ANN401  any claim
        """Return a token signed by one of the keys."""
        return self.signed(name, {"kid": name}, claims(**changed))

    def signed(self, name: str, head: dict[str, Any], said: dict[str, Any]) -> str:
        """Return a token of any header and claims, signed by one of the keys."""
        algorithm, private = self.private[name]
        text = part({"alg": algorithm, **head}) + b"." + part(said)
        mac = jwt.get_algorithm_by_name(algorithm).sign(text, private)
        return (text + b"." + encoded(mac)).decode()


def part(said: dict[str, Any]) -> bytes:
    """Return a header or claims as they stand in a token."""
    return encoded(json.dumps(said).encode())


def encoded(data: bytes) -> bytes:
    """Return bytes as they stand in a token."""
    return jwt.utils.base64url_encode(data)


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Run an issuer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the key set."""
            issuer.asked += 1
            self.send_response(issuer.status)
            self.send_header("content-length", str(len(issuer.body)))
            self.end_headers()
            self.wfile.write(issuer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_port}/keys")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
