"""Files in a bundle that are none of ours: misspelt, OneRoster's others, or nobody's.

A file that is not read because of its name would be missed by nobody: pupils without attendance
look like pupils of whom nothing is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from engine.errors import nearest
from engine.registers.manifest import FILE, Manifest
from engine.table import refused
from engine.text import Text

SUFFIXES = (".csv", ".parquet")
NEAR = 0.8  # likeness of two names, from 0 to 1, above which one is taken to mean the other
ONEROSTER = (
    "categories", "classResources", "courseResources", "demographics",
    "lineItemLearningObjectiveIds", "lineItemScoreScales", "resources",
    "resultLearningObjectiveIds", "resultScoreScales", "userProfiles", "userResources",
)  # fmt: skip


def strangers(folder: Path, manifest: Manifest, known: Collection[str]) -> tuple[str, ...]:
    """Return the tables in a folder, or named in its manifest, that are none of the `known` files.

    One that the manifest calls absent is no concern of anybody. Raises `DataError` for a name that
    is nearly one of ours.
    """
    tables = {path.name: path.stem for path in sorted(folder.iterdir()) if _is_table(path)}
    promised = {f"{stem}.csv": stem for stem, mode in manifest.modes.items() if mode != "absent"}
    found = [
        name
        for name, stem in (promised | tables).items()
        if name not in (FILE, *(f"{file}{suffix}" for file in known for suffix in SUFFIXES))
        and manifest.modes.get(stem) != "absent"
    ]
    for name in found:
        _check(folder / name, known)
    return tuple(found)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _check(path: Path, known: Collection[str]) -> None:
    if path.stem in ONEROSTER and path.suffix in SUFFIXES:
        return
    near = nearest(path.stem, known, NEAR)
    if near is not None:
        hint = (
            f"did you mean '{near}{path.suffix.lower()}'? If not, take the file away, or write"
            f" file.{path.stem},absent in {FILE}"
        )
        message = f"'{path.name}' is none of the files that are read"
        raise refused(path, "file-unknown", message, hint)


def without_manifest(folder: Path) -> tuple[str, ...]:
    """Return the names of subfolders that are no bundles; hidden ones are the system's own."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    bare = (path.name for path in inside if not (path / FILE).is_file())
    return tuple(name for name in bare if not name.startswith("."))


def passed_over(folder: Path) -> Iterator[Text]:
    """Yield notes on what lies beside a folder's bundles, or in its one bundle, and is not read."""
    bare = [f"{name}/" for name in without_manifest(folder)]
    if (folder / FILE).is_file():
        inside = sorted(path for path in folder.iterdir() if (path / FILE).is_file())
        bundles = [f"{path.name}/" for path in inside]
        if bundles:
            shown = _shown(bundles)
            yield Text(
                f"{folder.name} pati ir eksports ar {FILE}, tāpēc eksporti tajā nav lasīti:"
                f" {shown}",
                f"{folder.name} is an export itself, with {FILE}, so exports in it were not read:"
                f" {shown}",
            )
    else:
        bare += [path.name for path in sorted(folder.iterdir()) if _is_table(path)]
    if bare:
        shown = _shown(bare)
        yield Text(
            f"nav lasīts, jo neatrodas mapē ar {FILE}: {shown}",
            f"not read, because it does not lie in a folder with {FILE}: {shown}",
        )


def left_alone(bundles: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[Text]:
    """Yield notes on files that are not read, of all bundles together.

    Each bundle comes as its name and its strangers.
    """
    others: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for bundle, names in bundles:
        for name in names:
            if Path(name).stem in ONEROSTER:
                others[name] = None
            else:
                unknown[f"{bundle}/{name}"] = None
    if others:
        shown = _shown(others)
        yield Text(
            f"OneRoster faili, kurus Pumpurs nelasa: {shown}",
            f"files of OneRoster that Pumpurs does not read: {shown}",
        )
    if unknown:
        shown = _shown(unknown)
        yield Text(
            f"nezināmi faili, kas netika lasīti: {shown}; vai kāds nosaukums nav kļūdains?",
            f"unknown files that were not read: {shown}; is a name wrong?",
        )


def _shown(names: Collection[str], most: int = 10) -> str:
    more = f", ... ({len(names)})" if len(names) > most else ""
    return ", ".join(list(names)[:most]) + more
