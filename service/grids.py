"""Tables for a terminal: no word is broken, whatever the width and the language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text


class Grid(Table):
    """A table whose columns are as wide as their longest word, and wider where there is room.

    Room goes first to columns that lack least of it, so that figures stay with their intervals and
    long names wrap. Where not even the longest words fit side by side, each row is written as
    lines, a cell to each.
    """

    def __init__(self, title: str) -> None:
        super().__init__(
            title=escape(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        least, most = zip(*(_widths(console, each) for each in self.columns), strict=True)
        for space in (1, 0):  # between columns, beside the one that the box has
            room = options.max_width - len(least) * (1 + space) - 1
            if sum(least) <= room:
                self.padding = (0, space, 0, 0)
                for column, width in zip(self.columns, shared(least, most, room), strict=True):
                    column.width = width
                yield from super().__rich_console__(console, options)
                return
        yield from self._lines(console)

    def _lines(self, console: Console) -> Iterator[Text]:
        yield Text()
        yield console.render_str(f"[bold]{self.title}[/bold]")
        heads = [str(column.header) for column in self.columns]
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            yield console.render_str(f"[bold]{cells[0]}[/bold]")
            for head, cell in zip(heads[1:], cells[1:], strict=True):
                if cell:
                    yield console.render_str(f"  {head}: {cell}")


def shared(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Return how wide each column is: at least and at most so much, in all no wider than `room`.

    >>> shared([4, 5, 6], [30, 12, 6], 25)
    [7, 12, 6]
    """
    found, spare = list(least), room - sum(least)
    for at in sorted(range(len(found)), key=lambda at: most[at] - least[at]):
        more = min(most[at] - least[at], spare)
        found[at], spare = found[at] + more, spare - more
    return found


def _widths(console: Console, column: Column) -> tuple[int, int]:
    """Return how wide the longest word is, and the longest cell; a figure and its % are a word."""
    cells = [console.render_str(str(cell)).plain for cell in (column.header, *column.cells)]
    words = (word for cell in cells for word in cell.replace("\n", " ").split(" "))
    lines = (line for cell in cells for line in cell.split("\n"))
    return max(map(cell_len, words)), max(map(cell_len, lines))
