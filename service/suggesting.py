"""``pumpurs suggest``: a history in, a drafted ruleset's folder out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine import source
from engine.drafting.drafted import with_points
from engine.drafting.scorecard import Part
from engine.drafting.suggest import Draft, Plan, suggest
from engine.drafting.trust import no_draft, reasons
from engine.errors import DataError, Problem
from engine.indicator import Catalogue
from engine.load import load_catalogue, load_catalogue_files
from engine.replay.history import History, read_history
from engine.table import refused
from engine.tuning.candidate import record, write_folder
from engine.write import write_files

CATALOGUE = "indicators.yaml"
STORY = "suggestion.json"
OF_CATALOGUE = (CATALOGUE, "measures.yaml")


@dataclass(frozen=True)
class Asked:
    """What is to be drafted, from which history and declarations, and where it is to be written.

    `indicators` is a file, `rules` a folder; where both are None, the default rules' catalogue.
    """

    history: Path
    indicators: Path | None
    rules: Path
    after: str | None
    plan: Plan
    out: Path


def draft_file(
    asked: Asked, watch: Callable[[History], None] = lambda _: None
) -> tuple[History, Draft]:
    """Return a history and the draft that it leads to; nothing is written.

    `watch` is shown the history before it is searched, which may be refused.
    Raises `DataError` before any work where the folder to write is there already.
    """
    if asked.out.exists() and (not asked.out.is_dir() or any(asked.out.iterdir())):
        raise refused(asked.out, "overwrite", "there are files here", "name a new folder")
    history = read_history(asked.history, catalogue_of(asked.indicators, asked.rules))
    watch(history)
    return history, suggest(history, asked.plan, asked.after)


def catalogue_of(indicators: Path | None, rules: Path) -> Catalogue:
    """Return the catalogue to draft from: of a file's indicators alone, or of a folder's rules.

    A file named ``indicators.yaml`` may use domains and units of those in the folders above it.
    """
    if indicators is None:
        return load_catalogue(rules)
    if not indicators.is_file():
        raise refused(indicators, "no-file", "there is no such file", "check the path")
    data = indicators.read_bytes()
    if indicators.name != CATALOGUE:
        return load_catalogue_files({str(indicators / CATALOGUE): data})
    found = load_catalogue(indicators.parent)
    content = source.read(str(indicators), data).content
    named = content.get("indicators", {}) if isinstance(content, dict) else {}
    return replace(found, indicators={n: found.indicators[n] for n in named})


def write_draft(draft: Draft, catalogue: Catalogue, out: Path) -> None:
    """Write a draft as a candidate's folder, and what led to it beside.

    Raises `DataError` where trials do not surely tell who leaves, and as `write_folder`.
    """
    candidate = draft.candidate
    if candidate is None:
        hint = "add cohorts or indicators to the history, or use rules that people wrote"
        raise DataError(Problem("no-gain", no_draft(draft).en, None, hint))
    files = write_files(candidate.ruleset)
    own = {name: text.encode() for name, text in files.items() if name not in OF_CATALOGUE}
    write_folder(own, with_points(catalogue), record(candidate), out)
    story = json.dumps(_story(draft), indent=2, ensure_ascii=False, sort_keys=True)
    (out / STORY).write_text(story + "\n", encoding="utf-8")


def _story(draft: Draft) -> Mapping[str, Any]:
    """Return how the search came to the draft, as plain data."""
    moves = [
        {
            "gone": _step(draft, move.gone),
            "come": _step(draft, move.come),
            "deviance": move.deviance,
        }
        for stage in draft.stages
        for move in stage.moves
    ]
    found = draft.expected
    return {
        "plan": asdict(draft.plan),
        "split": draft.split and asdict(draft.split),
        "unsplit": draft.unsplit and asdict(draft.unsplit),
        "seen": asdict(draft.seen),
        "search": moves,
        "steps": [asdict(size) for size in found.sizes],
        "trials": {"kind": found.kind, "judged": [asdict(trial) for trial in found.trials]},
        "expected": asdict(found.next),
        "front": [asdict(point) for point in draft.front],
        "later": draft.judged and asdict(draft.judged),
        "reasons": [
            {"for": reason.speaks_for, "lv": reason.text.lv, "en": reason.text.en}
            for reason in reasons(draft)
        ],
    }


def _step(draft: Draft, part: Part | None) -> Mapping[str, Any] | None:
    """Return a step as plain data; its points are the search's own, before they were reduced."""
    if part is None:
        return None
    axis = draft.axes[part.axis]
    threshold = axis.thresholds[part.place] if axis.thresholds else None
    return {"indicator": axis.indicator.name, "threshold": threshold, "points": part.points}
