"""From a candidate to a proposal: the folders that carry it, and the page that a reviewer reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.lab.page import Page
from engine.load import load, own_files
from engine.replay.history import History
from engine.replay.split import split_after
from engine.text import Language
from engine.tuning.candidate import Candidate, read_candidate, write_candidate
from engine.tuning.proposal import Proposal, propose
from engine.tuning.proposal_words import proposal_files, proposal_words


@dataclass(frozen=True)
class Drawn:
    """A proposal with all that its page speaks of; a notebook shows the page."""

    proposal: Proposal
    base: Path
    candidate: Candidate
    history: History
    language: Language

    def page(self, language: Language) -> str:
        """Return the page in a language (Markdown)."""
        base, new = load(self.base), self.candidate.ruleset
        indicators = self.history.catalogue.indicators
        return proposal_words(self.proposal, base, new, indicators, language)

    def save(self, folder: Path) -> list[Path]:
        """Write the proposal and its page in each language to a folder, and return the files."""
        folder.mkdir(parents=True, exist_ok=True)
        base, new = load(self.base), self.candidate.ruleset
        texts = proposal_files(self.proposal, base, new, self.history.catalogue.indicators)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return [folder / name for name in texts]

    def _repr_markdown_(self) -> str:
        return Page(self.page(self.language)).text


def proposed(  # noqa: PLR0913  a proposal is made of these
    history: History,
    base: Path,
    candidate: Candidate,
    out: Path,
    rationale: str,
    *,
    language: Language,
    level: str | None = None,
    after: str | None = None,
    even_on_tuned: bool = False,
) -> Drawn:
    """Write a candidate to the new folder `out`, and return the proposal to put it in force.

    `base` is the folder of the ruleset that it would change; `level` is as in `propose`. Errors as
    those of `write_candidate` and `propose`.
    """
    write_candidate(candidate, base, out)
    written = read_candidate(out)
    files = {path.name: path.read_text("utf-8") for path in own_files(out)}
    split = split_after(history, after) if after else None
    made = propose(
        history,
        load(base),
        written,
        files,
        rationale,
        level=level,
        split=split,
        even_on_tuned=even_on_tuned,
    )
    return Drawn(made, base, written, history, language)
