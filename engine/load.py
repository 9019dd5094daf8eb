"""From rule files to a ruleset: reads a folder, collects every problem, resolves every name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.assemble import Assembler, File
from engine.errors import Place, Problem, RuleError
from engine.indicator import Catalogue
from engine.ruleset import Ruleset

if TYPE_CHECKING:
    from engine.schema import FileKind

CATALOGUE_LEVELS = 3
MAX_BYTES = 256 * 1024


def load(folder: Path) -> Ruleset:
    """Return the ruleset in `folder`.

    Its catalogue is every ``indicators.yaml`` and ``measures.yaml`` in the folder and up to two
    folders above it. Raises `RuleError` with all problems found, each with its place.
    """
    if not (folder / "ruleset.yaml").is_file():
        place = Place(str(folder), 1, 1)
        hint = "name a folder that holds ruleset.yaml, such as rules/lv"
        raise RuleError(Problem("no-ruleset", "there is no ruleset.yaml here", place, hint))
    return load_files(_contents(_catalogue_paths(folder) + own_files(folder)))


def own_files(folder: Path) -> list[Path]:
    """Return the files of the ruleset in `folder` that are not its catalogue, sorted."""
    shared = _catalogue_paths(folder)
    return sorted(path for path in folder.glob("*.yaml") if path.is_file() and path not in shared)


def load_catalogue(folder: Path) -> Catalogue:
    """Return the whole catalogue that a ruleset in `folder` may speak of."""
    return load_catalogue_files(_contents(_catalogue_paths(folder)))


def catalogue_named(folder: Path) -> Catalogue:
    """Return the catalogue of a folder that somebody named, which is there and has indicators.

    Raises `RuleError` where it is not: a misspelt name would give none, or that of folders above.
    """
    place, hint = Place(str(folder), 1, 1), "name a folder of rules, such as rules/lv"
    if not folder.is_dir():
        raise RuleError(Problem("no-folder", "there is no such folder", place, hint))
    catalogue = load_catalogue(folder)
    if not catalogue.indicators:
        message = "no indicators.yaml here or in the folders above"
        raise RuleError(Problem("no-indicators", message, place, hint))
    return catalogue


def load_catalogue_files(files: Mapping[str, bytes]) -> Catalogue:
    """Return the catalogue that these files hold, by name."""
    return Assembler(_read_all(files)).catalogue()


def _catalogue_paths(folder: Path) -> list[Path]:
    above = [folder, *folder.resolve().parents][:CATALOGUE_LEVELS]
    paths = [path / name for path in above for name in ("indicators.yaml", "measures.yaml")]
    return [path for path in paths if path.is_file()]


def _contents(paths: list[Path]) -> dict[str, bytes]:
    """Return the files' bytes, of each no more than tells that it is too large."""
    found = {}
    for path in paths:
        with path.open("rb") as file:
            found[_shown(path)] = file.read(MAX_BYTES + 1)
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
    # pydantic and ruamel.yaml take longer to import than all else: only where files are read
    from engine import shape, source  # noqa: PLC0415

    if len(data) > MAX_BYTES:
        message = f"a rule file has at most {MAX_BYTES} bytes"
        raise RuleError(Problem("too-large", message, Place(name, 1, 1), "split it by topic"))
    kind = _kind(name)
    document = source.read(name, data)
    return File(kind, document, shape.validated(kind, document))
