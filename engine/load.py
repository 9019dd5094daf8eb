"""From rule files to a ruleset: reads a folder, collects every problem, resolves every name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine import source
from engine.assemble import Assembler, File
from engine.errors import Place, Problem, RuleError, did_you_mean
from engine.indicator import Catalogue
from engine.ruleset import Ruleset
from engine.schema import FILES, FileKind

CATALOGUE_LEVELS = 3
MAX_PROBLEMS = 50  # of one file


def load(folder: Path) -> Ruleset:
    """Return the ruleset in `folder`.

    Its catalogue is every ``indicators.yaml`` and ``measures.yaml`` in the folder and up to two
    folders above it. Raises `RuleError` with all problems found, each with its place.
    """
    if not (folder / "ruleset.yaml").is_file():
        place = Place(str(folder), 1, 1)
        hint = "name a folder that holds ruleset.yaml, such as rules/lv"
        raise RuleError(Problem("no-ruleset", "there is no ruleset.yaml here", place, hint))
    shared = _catalogue_paths(folder)
    own = sorted(path for path in folder.glob("*.yaml") if path.is_file() and path not in shared)
    return load_files(_contents(shared + own))


def load_catalogue(folder: Path) -> Catalogue:
    """Return the whole catalogue that a ruleset in `folder` may speak of."""
    return Assembler(_read_all(_contents(_catalogue_paths(folder)))).catalogue()


def _catalogue_paths(folder: Path) -> list[Path]:
    above = [folder, *folder.resolve().parents][:CATALOGUE_LEVELS]
    paths = [path / name for path in above for name in ("indicators.yaml", "measures.yaml")]
    return [path for path in paths if path.is_file()]


def _contents(paths: list[Path]) -> dict[str, bytes]:
    """Return the files' bytes, of each no more than tells that it is too large."""
    found = {}
    for path in paths:
        with path.open("rb") as file:
            found[_shown(path)] = file.read(source.MAX_BYTES + 1)
    return found


def _shown(path: Path) -> str:
    """Return a path as a user would type it: relative where it can be."""
    full = path.resolve()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)


def load_files(files: Mapping[str, bytes]) -> Ruleset:
    """Return the ruleset that these files hold, by name; the order of files does not count."""
    return Assembler(_read_all(files)).ruleset()


def _read_all(files: Mapping[str, bytes]) -> list[File]:
    problems: list[Problem] = []
    read: list[File] = []
    for name in sorted(files):
        try:
            read.append(_read(name, files[name]))
        except RuleError as error:
            problems += error.problems
    if problems:
        raise RuleError(problems)
    return read


def _kind(name: str) -> FileKind:
    base = Path(name).name
    if base in ("indicators.yaml", "measures.yaml", "ruleset.yaml"):
        return base.removesuffix(".yaml")  # type: ignore[return-value]
    return "examples" if base.endswith(".examples.yaml") else "rules"


def _read(name: str, data: bytes) -> File:
    document = source.read(name, data)
    kind = _kind(name)
    if not isinstance(document.content, dict):
        hint = "see rules/README.md for the keys of this file"
        raise RuleError(Problem("shape", f"a {kind} file is a mapping", document.place(()), hint))
    try:
        return File(kind, document, FILES[kind].model_validate(document.content))
    except ValidationError as error:
        raise RuleError(_shape_problems(error, document, FILES[kind])) from None


def _shape_problems(
    error: ValidationError, document: source.Document, model: type[BaseModel]
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
