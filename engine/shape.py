"""Holds a YAML document against the schema, and says in plain words what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import Place, Problem, RuleError, did_you_mean
from engine.schema import FILES, FileKind
from engine.source import Document

MAX_PROBLEMS = 50  # of one file


def validated(kind: FileKind, document: Document) -> BaseModel:
    """Return the document as the model of its kind; raise `RuleError` with what does not fit."""
    if not isinstance(document.content, dict):
        hint = "see rules/README.md for the keys of this file"
        raise RuleError(Problem("shape", f"a {kind} file is a mapping", document.place(()), hint))
    try:
        return FILES[kind].model_validate(document.content)
    except ValidationError as error:
        raise RuleError(_shape_problems(error, document, FILES[kind])) from None


def _shape_problems(
    error: ValidationError, document: Document, model: type[BaseModel]
) -> Iterator[Problem]:
    """Yield pydantic's findings in our words, one for each place."""
    seen: set[Place] = set()
    for detail in error.errors(include_url=False):
        path = detail["loc"]
        extra = detail["type"] == "extra_forbidden" or path[-1:] == ("[key]",)
        place = document.key_place(path) if extra else document.place(path)
        if place in seen:
            continue  # a value that fits none of several types is reported once
        seen.add(place)
        if len(seen) > MAX_PROBLEMS:
            message = f"and more problems; the first {MAX_PROBLEMS} are shown"
            yield Problem("shape", message, place, "mend these and check again")
            return
        yield Problem("shape", *_in_words(detail, place, model))


def _in_words(detail: ErrorDetails, place: Place, model: type[BaseModel]) -> tuple[str, Place, str]:
    key = next((str(p) for p in reversed(detail["loc"]) if isinstance(p, str)), "")
    match detail["type"]:
        case "extra_forbidden":
            hint = did_you_mean(key, _keys(model)) or "see rules/README.md for the keys"
            if detail["input"] is None:
                hint = "a comma ends a text in braces: put the text in quotes"
            return f"the key '{key}' is unknown here", place, hint
        case "missing":
            return f"the key '{key}' is missing", place, f"add '{key}: ...'"
        case "string_type":
            return "a text stands here", place, "put it in quotes if it looks like a number"
        case "value_error":
            return detail["msg"].removeprefix("Value error, "), place, ""
        case _:
            message = detail["msg"].removeprefix("Input should be ").removeprefix("a valid ")
            return f"this does not fit: expected {message}", place, ""


@cache
def _keys(model: type[BaseModel]) -> set[str]:
    """Return every key that a kind of file knows, at any depth."""
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            found.update(node.get("properties", {}))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(model.model_json_schema(by_alias=True))
    return found
