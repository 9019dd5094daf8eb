"""Small worlds, made once: laws hold in each of them."""

from __future__ import annotations

import pytest

from service.synth.plan import Plan
from service.synth.world import World, make_world

SEEDS = (1, 2, 3)


@pytest.fixture(scope="package", params=SEEDS, ids=lambda seed: f"seed {seed}")
def world(request: pytest.FixtureRequest) -> World:
    """Return a world of two municipalities, three years long."""
    return make_world(Plan(400, 3, request.param))
