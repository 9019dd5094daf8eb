"""What an adapter makes: registers in canonical columns, written as bundles of Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.output import writing
from engine.registers.manifest import FILE, manifest_text
from engine.registers.schema import REGISTERS


@dataclass(frozen=True)
class Export:
    """One export of a system: its registers by name, and the day on which it was complete.

    Frames have canonical columns, and ``id`` and ``recorded`` (a moment, or a day) beside them.
    The first export holds all rows, later ones hold changes.
    """

    name: str
    system: str
    exported: date
    frames: Mapping[str, pl.LazyFrame]


def write_exports(exports: Iterable[Export], out: Path) -> dict[str, int]:
    """Write exports as bundles, in their order; return how many rows each file has in all."""
    rows: Counter[str] = Counter()
    for number, export in enumerate(exports, 1):
        folder = out / f"{number:02}-{export.name}"
        with writing(out):
            folder.mkdir(parents=True)
        mode = "bulk" if number == 1 else "delta"
        modes: dict[str, str] = {}
        for register, frame in export.frames.items():
            file = REGISTERS[register].file
            table = frame.collect(engine="streaming")
            with writing(out):
                table.write_parquet(folder / f"{file}.parquet")
            rows[file] += table.height
            modes[file] = mode
        said = manifest_text(modes, str(export.exported), export.system)
        with writing(out):
            (folder / FILE).write_text(said, encoding="utf-8")
    return dict(rows)
