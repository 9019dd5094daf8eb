"""Where rows stay between two steps: in memory, or in files where a folder is given.

A register that is too large for memory is worked on in parts, each with all versions of its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import polars as pl

from engine.registers.schema import ID, Register

PART_ROWS = 4_000_000


class Parts:
    """Parts of a frame, one in memory at a time; `ordered` where each comes before the next."""

    def __init__(self, frames: Iterator[pl.LazyFrame], *, ordered: bool) -> None:
        self._frames, self.ordered = frames, ordered

    def __iter__(self) -> Iterator[pl.DataFrame]:
        return (frame.collect(engine="streaming") for frame in self._frames)


class Spool:
    """Keeps frames; `folder` is for those above `rows`, else all stay in memory."""

    def __init__(self, folder: Path | None = None, rows: int = PART_ROWS) -> None:
        self._folder, self._rows = folder, rows
        self._numbers = count()

    def keep(self, frame: pl.LazyFrame, rows: int) -> pl.LazyFrame:
        """Return the frame, worked out once."""
        if self._folder is None or rows <= self._rows:
            return frame.collect(engine="streaming").lazy()
        path = self._path()
        frame.sink_parquet(path, compression="lz4", statistics=True)
        return pl.scan_parquet(path, glob=False)

    def parts(self, frame: pl.LazyFrame, register: Register, rows: int, *, natural: bool) -> Parts:
        """Return a register's rows in parts; all rows of one id are in one part.

        Where rows are told apart by their pupil and more (`natural`), parts are ranges of pupils.
        """
        small = self._folder is None or rows <= self._rows
        if small or not any(column.name == "pupil" for column in register.columns):
            return Parts(iter([frame]), ordered=True)
        if natural and "pupil" in register.natural:
            return Parts(self._ranges(frame), ordered=True)
        number = 1 + rows // self._rows
        mine = (frame.filter(pl.col(ID).hash() % number == part) for part in range(number))
        return Parts(mine, ordered=False)

    def gather(self, parts: Iterable[pl.DataFrame], schema: dict[str, pl.DataType]) -> pl.LazyFrame:
        """Return parts, one after the other, as one frame."""
        kept = []
        for part in parts:
            if self._folder is None or part.height <= self._rows // 8:
                kept.append(part.lazy())
                continue
            path = self._path()
            part.write_parquet(path, compression="lz4")
            kept.append(pl.scan_parquet(path, glob=False))
        return pl.concat([pl.LazyFrame(schema=schema), *kept])

    def _ranges(self, frame: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
        counts = frame.drop_nulls("pupil").group_by("pupil").len()
        ordered = counts.sort("pupil").collect(engine="streaming")
        part = (ordered["len"].cum_sum() - ordered["len"]) // self._rows
        firsts = ordered.filter(part.is_first_distinct())["pupil"].to_list()
        for lowest, beyond in zip(firsts, [*firsts[1:], None], strict=True):
            inside = pl.col("pupil") >= lowest
            yield frame.filter(inside if beyond is None else inside & (pl.col("pupil") < beyond))

    def _path(self) -> Path:
        if self._folder is None:  # pragma: no cover  only kept in memory then
            raise AssertionError
        return self._folder / f"{next(self._numbers):05}.parquet"
