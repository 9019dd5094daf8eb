"""How the API is described: what the routes read and answer, and every refusal they can give."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from service.api.models import Problem
from service.problems import KINDS, MEDIA_TYPE

EVERYWHERE = ("invalid", "unauthorised", "forbidden", "too-many", "internal", "unavailable")
REF = "#/components/schemas/{model}"
HEADERS = {
    401: {"WWW-Authenticate": "how to say who calls"},
    429: {"Retry-After": "seconds to wait"},
    503: {"Retry-After": "seconds to wait"},
}


class DescribedApi(FastAPI):
    """FastAPI, whose document also has what routes read and refuse beside FastAPI."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        if self.openapi_schema is None:
            found = super().openapi()  # kept by FastAPI, so this runs once
            for name in ("HTTPValidationError", "ValidationError"):
                found["components"]["schemas"].pop(name, None)
            own = Problem.model_json_schema(ref_template=REF)
            found["components"]["schemas"] |= own.pop("$defs") | {Problem.__name__: own}
            found["components"]["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer", "description": "an API key or token"}
            }
            for path, operations in found["paths"].items():
                for operation in operations.values():
                    for parameter in operation.get("parameters", ()):
                        parameter["schema"] = _without_null(parameter["schema"])
                    if path.startswith("/v1/"):
                        operation["security"] = [{"bearer": []}]
                    else:
                        operation["responses"].pop("422", None)  # FastAPI's guess, never so
        return self.openapi_schema or found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be left out, but cannot be null."""
    said = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return said[0] | rest if len(said) == 1 else schema


def body_of(model: type[BaseModel], example: object) -> dict[str, Any]:
    """Return the description of a JSON body, with one that can be sent as it stands."""
    said = {"schema": model.model_json_schema(), "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": said}}}


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of the refusals of a route for callers: these, and what all give."""
    return refusals(*dict.fromkeys((*EVERYWHERE, *kinds)))


def refusals(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of refusals, by their status."""
    found: dict[int | str, dict[str, Any]] = {}
    schema = {"$ref": REF.format(model=Problem.__name__)}
    for kind in kinds:
        known = KINDS[kind]
        said = found.get(known.status)
        title = f"{said['description']}; or: {known.title}" if said else known.title
        found[known.status] = {
            "description": title,
            "content": {MEDIA_TYPE: {"schema": schema}},
            "headers": {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in HEADERS.get(known.status, {}).items()
            },
        }
    return found
