"""Streams: everything is drawn from the seed, and from what it is drawn for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.synth.plan import Plan, poisson, uniforms


@given(st.integers(), st.text(max_size=5), st.integers(0, 500))
def test_bulk_numbers_hang_on_the_stream_alone(seed: int, what: str, count: int) -> None:
    """The same stream gives the same numbers in [0, 1), another gives others."""
    plan = Plan(50, 1, seed)
    found = uniforms(plan.stream(what), count)
    assert found.equals(uniforms(plan.stream(what), count))
    assert found.is_between(0, 1, closed="left").all()
    if count > 20:
        assert not found.equals(uniforms(plan.stream(what, "other"), count))
        assert 0.1 < float(found.mean()) < 0.9  # type: ignore[arg-type]


@given(st.floats(0.001, 3), st.integers(0, 1000))
def test_poisson_has_its_mean(mean: float, seed: int) -> None:
    """Over 2,000 draws, within five standard errors."""
    draw = Plan(50, 1, seed).stream("poisson")
    total = sum(poisson(draw, mean) for _ in range(2000))
    assert abs(total / 2000 - mean) < 5 * (mean / 2000) ** 0.5 + 0.01


@given(st.integers(), st.integers(0, 10_000))
def test_a_key_is_short_and_opaque(seed: int, number: int) -> None:
    """At most 12 characters, and nothing in it but the prefix and a digest."""
    key = Plan(50, 1, seed).key("P", "pupil", number)
    assert len(key) == 12
    assert key.startswith("P-")
    assert set(key[2:]) <= set("0123456789ABCDEF")
