"""Adapters: what another system exports becomes a folder of bundles, and is then read as any.

An adapter is one module with a function that maps a folder to `Export`s, and a line in
`ADAPTERS`. It judges nothing: what it maps is checked when the bundles are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from engine.errors import did_you_mean
from engine.registers.adapters.export import Export, write_exports
from engine.registers.adapters.oulad import oulad
from engine.table import reading, refused

Adapter = Callable[[Path], Iterable[Export]]

ADAPTERS: Mapping[str, Adapter] = {"oulad": oulad}


def adapt(name: str, source: Path, out: Path) -> dict[str, int]:
    """Write another system's export as bundles into `out`; return how many rows each file has.

    Raises `DataError` where there is no such adapter, a file is missing or cannot be read, or
    something has the name `out` already.
    """
    adapter = ADAPTERS.get(name)
    if adapter is None:
        hint = did_you_mean(name, ADAPTERS) or f"known: {', '.join(ADAPTERS)}"
        raise refused(source, "no-adapter", f"there is no adapter '{name}'", hint)
    if not source.is_dir():
        raise refused(source, "no-folder", "there is no such folder", "check the path")
    if out.exists():
        raise refused(out, "overwrite", "something has this name already", "choose another name")
    with reading(source):
        return write_exports(adapter(source), out)
