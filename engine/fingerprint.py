"""Fingerprints: equal content, equal hash, on every machine and Python version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import cast

from engine.condition import Condition, Node, exact, text


def fingerprint(content: object) -> str:
    """Return the SHA-256 (hex) of `content` in one canonical JSON form.

    The order of keys does not count; the order of sequences does. Whole numbers are equal however
    they are written (``1`` and ``1.0``). Floats are written in their shortest exact form.

    >>> fingerprint({"a": 1.0, "b": 2}) == fingerprint({"b": 2, "a": 1})
    True
    """
    plain = json.dumps(_plain(content), sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(content: object) -> object:
    """Return `content` as JSON types; dataclasses become mappings, without their places."""
    match content:
        case None | bool() | str():
            return content
        case int() | float():
            return exact(content)
        case Node():
            return text(cast("Condition", content))
        case Mapping():
            return {str(key): _plain(value) for key, value in content.items()}
        case Sequence():
            return [_plain(value) for value in content]
        case _ if is_dataclass(content):
            named = (f.name for f in fields(content) if f.compare)
            return {name: _plain(getattr(content, name)) for name in named}
        case _:
            raise TypeError(f"no fingerprint for a {type(content).__name__}")
