"""``pumpurs propose``: reads a history and two folders of rules, writes a proposal's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from engine.load import load, load_catalogue, own_files
from engine.replay.history import read_history
from engine.replay.split import split_after
from engine.table import refused
from engine.text import Language
from engine.tuning.candidate import read_candidate
from engine.tuning.proposal import propose
from engine.tuning.proposal_words import proposal_files
from service import phrases
from service.histories import tell_read


@dataclass(frozen=True)
class Asked:
    """What a proposal is made from."""

    history: Path
    base: Path
    candidate: Path
    rationale: str
    level: str | None
    after: str | None
    even_on_tuned: bool


def write_proposal(asked: Asked, out: Path, console: Console, language: Language) -> bool:
    """Write a proposal and its page in each language into a new folder, and print their paths.

    Returns whether all rows of the history could be read; what it says of itself is printed.
    """
    if out.exists():
        raise refused(out, "overwrite", "this is there already", "name a new folder")
    base, candidate = load(asked.base), read_candidate(asked.candidate)
    history = read_history(asked.history, load_catalogue(asked.candidate))
    tell_read(history, console, language)
    files = {path.name: path.read_text("utf-8") for path in own_files(asked.candidate)}
    split = split_after(history, asked.after) if asked.after else None
    made = propose(
        history,
        base,
        candidate,
        files,
        asked.rationale,
        level=asked.level,
        split=split,
        even_on_tuned=asked.even_on_tuned,
    )
    known = history.catalogue.indicators
    out.mkdir(parents=True)
    for name, text in proposal_files(made, base, candidate.ruleset, known).items():
        (out / name).write_text(text, encoding="utf-8")
        said = phrases.say("written", language, str(out / name))
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    return not history.rejects.height
