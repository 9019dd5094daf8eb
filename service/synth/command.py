"""``pumpurs registers synth``: a history is written while its progress is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from engine.text import Language, Text
from service.synth.plan import Plan
from service.synth.write import Summary, write_history

_WRITTEN = Text(
    "Uzrakstīts: {} (sintētiski dati, sēkla {}; eksporti: {})",
    "Written: {} (synthetic, seed {}; exports: {})",
)
_PUPILS = Text(
    "Skolēni: {}; mācību gadi: {}; skolas: {}", "Pupils: {}; school years: {}; schools: {}"
)
_OUTCOMES = Text("Zināmie iznākumi: {}", "Outcomes that are known: {}")
_NONE = Text("nav", "none")
_WORKING = Text("Veido: {}", "Making: {}")
_FILE, _ROWS = Text("Fails", "File"), Text("Rindas", "Rows")
_BAD = Text("No tām tīši kļūdainas", "Of them wrong on purpose")
_FATES = {
    "graduated": Text("pabeidza", "graduated"),
    "left": Text("pārtrauca", "left"),
    "moved_abroad": Text("izbrauca", "moved abroad"),
    "unknown": Text("nezināms", "unknown"),
}


def run(plan: Plan, out: Path, language: Language) -> None:
    """Write a history and say what was written."""
    console = Console()
    with console.status("") as status:
        summary = write_history(
            plan, out, lambda what: status.update(_WORKING[language].format(what))
        )
    for line in _lines(plan, summary, out, language):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(_grid(summary, language))


def _lines(plan: Plan, summary: Summary, out: Path, language: Language) -> Iterator[str]:
    counts = [f"{_FATES[fate][language]} {count}" for fate, count in summary.outcomes.items()]
    yield _WRITTEN[language].format(out, plan.seed, summary.bundles)
    yield _PUPILS[language].format(summary.pupils, plan.years, summary.schools)
    yield _OUTCOMES[language].format(", ".join(counts) or _NONE[language])


def _grid(summary: Summary, language: Language) -> Grid:
    """Return the rows of each file, over all bundles."""
    grid = Grid()
    grid.add_column(_FILE[language])
    for name in (_ROWS, _BAD):
        grid.add_column(name[language], justify="right")
    for file, count in summary.rows.items():
        grid.add_row(file, str(count), str(summary.bad.get(file) or ""))
    return grid
