"""Rows of a CSV file, of which a broken one takes no other with it.

A quote that does not end where it should swallows the lines that follow, up to the next quote or
to the end of the file. So those lines are taken up again: the first is rejected, the others are
rows of their own.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Self


class Lines:
    """A file's lines, which can be taken up again from the second line of the present row on."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file = iter(file)
        self._row: list[str] = []
        self._again: deque[str] = deque()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._file)
        self._row.append(line)
        return line

    def begin_row(self) -> None:
        """Say that the next line begins a row."""
        self._row = []

    @property
    def spans(self) -> int:
        """How many lines the present row took."""
        return len(self._row)

    def give_up(self) -> str:
        """Return the row's first line; those after it are rows of their own."""
        first, *others = self._row
        self._again.extendleft(reversed(others))
        return first


def numbered_rows(
    lines: Lines,
    delimiter: str,
    width: int,
    rejects: list[tuple[int, str, str, str]],
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their numbers; set aside a line whose quotes or width are wrong, and go on.

    Empty lines are yielded as empty rows. `rejects` gets row, column, value and problem.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in count(2):
        lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.give_up()
            rejects.append((number, "", "", "quotes"))
            continue
        if row and len(row) != width:  # an empty line is no row
            line = lines.give_up() if lines.spans > 1 else delimiter.join(row)
            rejects.append((number, "", line.rstrip("\r\n")[:200], "width"))
        else:
            yield number, row
