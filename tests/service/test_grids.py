"""Tables in a terminal: whatever the width, no word is broken and none is lost."""

from __future__ import annotations

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from service.grids import Grid

WORDS = st.text("aāčģķļņšūž1%–()", min_size=1, max_size=14)
CELLS = st.lists(WORDS, max_size=5).map(" ".join)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Draw a line of headings and some lines of cells."""
    columns = draw(st.integers(1, 9))
    line = st.lists(CELLS, min_size=columns, max_size=columns)
    return draw(st.lists(line, min_size=2, max_size=5))


def written(table: list[list[str]], width: int) -> str:
    grid, out = Grid("Title"), StringIO()
    for at, head in enumerate(table[0]):
        grid.add_column(head, justify="right" if at else "left")
    for line in table[1:]:
        grid.add_row(*line)
    Console(file=out, width=width).print(grid, highlight=False, markup=False)
    return out.getvalue()


@given(tables(), st.integers(40, 120))
def test_every_word_stands_whole(table: list[list[str]], width: int) -> None:
    """Side by side where the longest words fit, else in lines; and no line is too long."""
    shown = written(table, width)
    assert all(len(line) <= width for line in shown.splitlines())
    found = shown.replace(":", " ").split()
    for line in table[1:]:
        for word in " ".join(line).split():
            assert word in found


def test_a_share_stays_with_its_interval_where_there_is_room() -> None:
    """Long names wrap before figures do; where nothing fits, each cell has a line."""
    table = [["Rule", "Precision"], ["A rule with a very long name", "2.1\u00a0% (1.5–2.8)"]]
    assert "2.1\u00a0% (1.5–2.8)" in written(table, 30)
    assert "\n  Precision:" in written(table, 14)
