"""How routes that read bytes themselves are described in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from service.api.models import Problem
from service.problems import KINDS, MEDIA_TYPE

EVERYWHERE = ("unauthorised", "forbidden", "too-many", "internal", "unavailable")


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the description of a JSON body."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of the refusals that a route can give."""
    schema = Problem.model_json_schema()
    found: dict[int | str, dict[str, Any]] = {}
    for kind in (*EVERYWHERE, *kinds):
        known = KINDS[kind]
        found[known.status] = {
            "description": known.title,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
    return found
