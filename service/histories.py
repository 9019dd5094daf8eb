"""What every command says of a history that it has read, before it does anything with it."""

from __future__ import annotations

from rich.console import Console

from engine.replay.history import History
from engine.replay.rejects import rejects_words
from engine.text import Language


def tell_read(history: History, console: Console, language: Language) -> None:
    """Print what is odd of a history or cannot be checked, and which rows were set aside."""
    for note in history.notes:
        console.print(note[language], style="yellow", highlight=False, markup=False)
    if history.rejects.height:
        said = rejects_words(history.rejects)[language]
        console.print(said, style="bold yellow", highlight=False, markup=False)
