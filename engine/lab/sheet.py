"""The sheet of numbers beside the sliders: what the ruleset flags, what is flagged now."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from engine.lab.moves import Flagged
from engine.lab.words import LABELS, SLIDERS
from engine.replay.small import too_few
from engine.text import Language
from engine.words.digits import fixed
from engine.words.quantities import number

COUNTS = ("flagged", "caught", "false_alarms", "missed", "could")
SHARES = ("flagged_share", "precision", "recall")
OUTCOMES = ("caught", "false_alarms", "missed", "precision", "recall")  # say what became of pupils
_CELL = 'style="padding: 2px 14px 2px 0; text-align: {}; font-variant-numeric: tabular-nums"'


def numbers(found: Mapping[str, tuple[Flagged, str]], about: str, language: Language) -> str:
    """Return the sheet as HTML: a column for each ruleset, and by how much the last differs.

    Each number stands in a cell of class ``pumpurs-NAME``.
    """
    heads = [*found, SLIDERS["change"][language]]
    lines = [_line("", [escape(head) for head in heads], "th")]
    lines.append(_line(SLIDERS["cut"][language], [escape(cut) for _, cut in found.values()]))
    each = [flagged for flagged, _ in found.values()]
    few = any(too_few(flagged.flagged) for flagged in each)
    for name in (*COUNTS, *SHARES):
        values = [getattr(flagged, name) for flagged in each]
        cells = [_cell(name, flagged, language) for flagged in each]
        if name in COUNTS and not (few and name in OUTCOMES):
            cells.append(_moved(values, language))
        lines.append(_line(LABELS[name][language], cells, name=name))
    return f"<table>{''.join(lines)}</table><p>{escape(about)}</p>"


def _cell(name: str, flagged: Flagged, language: Language) -> str:
    """Return a number; what became of fewer than ten pupils is not told."""
    if name in OUTCOMES and too_few(flagged.flagged):
        return LABELS["suppressed"][language]
    value = getattr(flagged, name)
    if name in COUNTS:
        return number(value, language)
    return "–" if value is None else f"{fixed(100 * value, language, 2)}\u00a0%"


def _moved(values: list[int], language: Language) -> str:
    """Return by how much the last value differs from the first, with its sign."""
    change = values[-1] - values[0]
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return f"{sign}{number(abs(change), language)}"


def _line(label: str, cells: list[str], tag: str = "td", name: str = "") -> str:
    named = f' class="pumpurs-{name}"' if name else ""
    first = f"<th {_CELL.format('left')}>{escape(label)}</th>"
    others = "".join(f"<{tag} {_CELL.format('right')}>{cell}</{tag}>" for cell in cells)
    return f"<tr{named}>{first}{others}</tr>"
