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

    def parts(
        self, frame: pl.LazyFrame, register: Register, rows: int, *, natural: bool
    ) -> Iterator[pl.DataFrame]:
        """Yield a register's rows in parts; all rows of one id are in one part.

        Where rows are told apart by their pupil and more (`natural`), parts are ranges of pupils.
        """
        small = self._folder is None or rows <= self._rows
        if small or not any(column.name == "pupil" for column in register.columns):
            yield frame.collect(engine="streaming")
        elif natural and "pupil" in register.natural:
            for lowest, beyond in self._ranges(frame):
                inside = pl.col("pupil") >= lowest
                inside &= pl.col("pupil") < beyond if beyond is not None else pl.lit(value=True)
                yield frame.filter(inside).collect(engine="streaming")
        else:
            number = 1 + rows // self._rows
            for part in range(number):
                yield frame.filter(pl.col(ID).hash() % number == part).collect(engine="streaming")

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

    def _ranges(self, frame: pl.LazyFrame) -> Iterator[tuple[str, str | None]]:
        counts = frame.drop_nulls("pupil").group_by("pupil").len()
        ordered = counts.sort("pupil").collect(engine="streaming")
        part = (ordered["len"].cum_sum() - ordered["len"]) // self._rows
        firsts = ordered.filter(part.is_first_distinct())["pupil"].to_list()
        yield from zip(firsts, [*firsts[1:], None], strict=True)

    def _path(self) -> Path:
        if self._folder is None:  # pragma: no cover  only kept in memory then
            raise AssertionError
        return self._folder / f"{next(self._numbers):05}.parquet"
