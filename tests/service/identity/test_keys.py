"""API keys: what is kept of them, and when one is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.caller import Caller, Place, Role, Unauthorised
from service.identity.keys import check_key, new_key

NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)
PLACE = Place("school", "r64")


def test_a_key_is_good_until_the_moment_at_which_it_expires() -> None:
    """A microsecond before, it says who calls; then no more."""
    key, text = new_key("e-journal", Role.SCORER, PLACE, NOW, NOW + timedelta(days=1))
    known = {key.id: key}
    last = NOW + timedelta(days=1, microseconds=-1)
    assert check_key(text, known, last).caller == Caller(key.shown, Role.SCORER, PLACE)
    with pytest.raises(Unauthorised, match="expired"):
        check_key(text, known, NOW + timedelta(days=1))


def test_a_key_without_an_end_stays_good() -> None:
    """No expiry, no refusal."""
    key, text = new_key("e-journal", Role.SCORER, PLACE, NOW, None)
    assert check_key(text, {key.id: key}, NOW + timedelta(days=100_000)) == key


def test_what_is_kept_of_a_key_does_not_tell_it() -> None:
    """The secret stands neither in the key nor in what may be shown."""
    key, text = new_key("e-journal", Role.SCORER, PLACE, NOW, None)
    secret = text.removeprefix(f"{key.shown}_")
    assert len(secret) == 43
    assert secret not in repr(key)


def test_keys_are_never_alike() -> None:
    """Neither ids nor secrets come twice."""
    made = [new_key("k", Role.SCORER, PLACE, NOW, None) for _ in range(200)]
    assert len({key.id for key, _ in made}) == len({text[-43:] for _, text in made}) == 200


@given(
    place=st.integers(0, 64),
    gone=st.integers(0, 1),
    sign=st.sampled_from(["", *"abcXYZ019_-=+ \n\0ā"]),
)
def test_a_key_with_any_sign_changed_is_refused(place: int, gone: int, sign: str) -> None:
    """No part of the text is idle: a sign put in, taken out or replaced makes another key."""
    key, text = new_key("k", Role.SCORER, PLACE, NOW, None)
    changed = text[:place] + sign + text[place + gone :]
    if changed == text:
        return
    with pytest.raises(Unauthorised):
        check_key(changed, {key.id: key}, NOW)


@given(st.text())
def test_any_text_is_no_key(text: str) -> None:
    """What has not the form of a key is refused as an unknown one."""
    key, _ = new_key("k", Role.SCORER, PLACE, NOW, None)
    with pytest.raises(Unauthorised, match="unknown key"):
        check_key(text, {key.id: key}, NOW)


def test_the_secret_of_one_key_does_not_open_another() -> None:
    """An id goes with its own secret only."""
    first, _ = new_key("k", Role.SCORER, PLACE, NOW, None)
    second, text = new_key("k", Role.ADMIN, PLACE, NOW, None)
    mixed = f"{first.shown}_{text[-43:]}"
    with pytest.raises(Unauthorised, match="wrong secret"):
        check_key(mixed, {first.id: first, second.id: second}, NOW)
