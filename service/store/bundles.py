"""Parcels read as what they are: exports, one after the other, of one file each.

They are written as bundles into a folder that its owner alone may read and that is removed at
once; `engine.registers.read` says what they come to, as it does for whoever has them as files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from engine.registers.manifest import FILE, manifest_text
from engine.registers.read import Reading, read_registers
from service.store.connect import StoreUnavailableError
from service.store.parcels import Parcel

TICK = timedelta(milliseconds=1)  # what moments of registers can tell apart


@contextmanager
def room(work: str) -> Iterator[Path]:
    """Give a folder for a moment, within `work` or where the system has such folders.

    Raises `StoreUnavailableError` where it cannot be written: there may be room again later.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="pumpurs-", dir=work or None) as name:
            yield Path(name)
    except OSError as error:
        raise StoreUnavailableError(f"the work folder: {type(error).__name__}") from error


def write_bundles(found: Iterable[tuple[Parcel, bytes]], folder: Path) -> Path:
    """Write parcels as bundles, in their order, and return the folder of the last.

    Each was exported at its moment; where two have one, as two places may, the later a tick after.
    """
    last, before = folder, None
    for number, (parcel, body) in enumerate(found):
        at = parcel.at if before is None or parcel.at > before else before + TICK
        before = at
        last = folder / f"{number:07}"
        last.mkdir()
        (last / f"{parcel.file}.csv").write_bytes(body)
        (last / FILE).write_text(manifest(parcel.file, parcel.mode, at), encoding="utf-8")
    return last


def manifest(file: str, mode: str, at: datetime) -> str:
    """Return the manifest of a bundle of one file."""
    moment = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    return manifest_text({file: mode}, moment)


def read_bundles(folder: Path) -> Reading:
    """Return what bundles come to; bad rows were counted when they came, and stop nothing now."""
    return read_registers(folder, share=1.0)
