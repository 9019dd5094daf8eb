"""Bundles: folders with a manifest and files, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DataError, did_you_mean
from engine.registers.manifest import EXPORTED, FILE, Manifest, Mode, read_manifest
from engine.registers.schema import REGISTERS, Register
from engine.registers.strangers import strangers, without_manifest
from engine.table import refused

# OneRoster's gradebook, which becomes marks, and its roles: read beside the registers' own files.
GRADEBOOK = ("results", "lineItems", "classes")
BESIDE = (*GRADEBOOK, "roles")
_SHOWN = 10  # subfolders
FILES = {register.file: register for register in REGISTERS.values()}


@dataclass(frozen=True)
class Bundle:
    """One export: `paths` has its files that are read, by name without the ending.

    `strangers` are the names of those that are none of ours.
    """

    index: int
    name: str
    manifest: Manifest
    paths: Mapping[str, Path]
    strangers: tuple[str, ...] = ()

    def mode(self, file: str) -> Mode:
        """Return whether a file holds all rows or changes; absent where it is not there."""
        return self.manifest.modes.get(file, "absent") if file in self.paths else "absent"

    def file_of(self, register: Register) -> str | None:
        """Return the name of the file that holds a register in this bundle, None where none does.

        Marks stand in ``marks`` or in OneRoster's ``results``.
        """
        names = (register.file, "results") if register.name == "marks" else (register.file,)
        found = [name for name in names if self.mode(name) != "absent"]
        if len(found) > 1:
            hint = "send one of the two"
            raise refused(self.paths["marks"], "two-marks", "results.csv is there too", hint)
        return found[0] if found else None


def find_bundles(folder: Path) -> list[Bundle]:
    """Return a folder's bundles: itself, or its subfolders with a manifest, by name.

    Raises `DataError` where there is none, or where they do not follow each other in time.
    """
    if not folder.is_dir():
        raise refused(folder, "no-folder", "there is no such folder", "check the path")
    if (folder / FILE).is_file():
        return [_bundle(0, folder)]
    inside = sorted(path for path in folder.iterdir() if (path / FILE).is_file())
    if not inside:
        raise _no_bundle(folder)
    bundles = [_bundle(index, path) for index, path in enumerate(inside)]
    _check_order(folder, bundles)
    return bundles


def _no_bundle(folder: Path) -> DataError:
    if any((folder / f"{name}.parquet").is_file() for name in (*REGISTERS, *FILES)):
        message = f"this is neither a store, without store.json, nor a bundle, without {FILE}"
        hint = "write the store again from the exports: pumpurs registers check DIR --out STORE"
    else:
        message = "there is no bundle in this folder"
        hint = f"a bundle is a folder with {FILE} and files such as orgs.csv"
        bare = without_manifest(folder)
        if bare:
            hint += f"; {FILE} is missing in: {', '.join(bare[:_SHOWN])}"
    return refused(folder, "no-bundle", message, hint)


def _bundle(index: int, folder: Path) -> Bundle:
    manifest = read_manifest(folder / FILE)
    paths = {
        path.stem: path
        for path in sorted(folder.iterdir())
        if (path.suffix == ".csv" and path.stem in BESIDE)
        or (path.suffix in (".csv", ".parquet") and path.stem in FILES)
    }
    for name, path in paths.items():
        if name not in manifest.modes:
            hint = f"add the line file.{name},bulk (all rows) or file.{name},delta (changes)"
            raise refused(folder / FILE, "manifest", f"{path.name} is not named here", hint)
        if path.suffix == ".parquet" and (folder / f"{name}.csv").exists():
            raise refused(path, "two-files", f"{name}.csv is there too", "keep one of the two")
    for name in _promised(manifest):
        if name not in paths:
            hint = did_you_mean(name, (path.stem for path in folder.iterdir()))
            raise refused(
                folder / f"{name}.csv", "no-file", "the manifest names it, but it is not there",
                hint or "add the file, or write 'absent' in the manifest",
            )  # fmt: skip
    others = strangers(folder, manifest, (*FILES, *BESIDE))
    return Bundle(index, folder.name, manifest, paths, others)


def _promised(manifest: Manifest) -> Iterator[str]:
    for name, mode in manifest.modes.items():
        if mode != "absent" and name in (*FILES, *BESIDE):
            yield name


def _check_order(folder: Path, bundles: list[Bundle]) -> None:
    """Raise `DataError` unless each bundle was exported after the one before."""
    before: Bundle | None = None
    for bundle in bundles:
        exported = bundle.manifest.exported
        path = folder / bundle.name / FILE
        if exported is None and bundle.index > 0:
            hint = f"add {EXPORTED}: without it nobody knows when a row vanished or changed"
            raise refused(path, "undated", "a later bundle must say when it was exported", hint)
        last = before.manifest.exported if before else None
        if before and last and exported and exported <= last:
            message = f"it was exported no later than '{before.name}', which comes before it"
            hint = "bundles are read in the order of their names: name them by date"
            raise refused(path, "bundle-order", message, hint)
        before = bundle
