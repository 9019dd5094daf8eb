"""Proposals: a candidate with its rationale and evidence, ready for somebody else's review.

A proposal names the ruleset that it would change and the one that it would make by their hashes,
and carries the files of the latter. Its figures are what one history says; whoever reviews it
computes them again on data of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from engine.errors import DataError, Problem
from engine.replay.cuts import at_level, default_level
from engine.replay.figures import COUNTS, OF_UNSURE, SHARES
from engine.replay.history import History
from engine.replay.impact import figures_beside, impact
from engine.replay.judge import judge
from engine.replay.replay import Replay
from engine.replay.split import Split
from engine.ruleset import Ruleset
from engine.tuning.candidate import Candidate, Choice, Learnt, learnt_of

FORM = 1  # of the file
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What a history says of a change: rows that neither ruleset was tuned on, unless it says so.

    `rejected` is how many of the history's rows were set aside, because they could not be read.
    `before` and `after` are lines of `engine.replay.figures` at `level`, `impact` lines of
    `engine.replay.impact` under the column that tells them apart, in all under an empty name.
    """

    history: str
    cohorts: tuple[str, ...]
    on_tuned: bool
    level: str
    before: Line
    after: Line
    impact: Mapping[str, Sequence[Line]]
    rejected: int = 0


@dataclass(frozen=True)
class Proposal:
    """A change of a ruleset, as it is handed in.

    `base` and `candidate` are content hashes; `files` are the candidate's.
    """

    base: str
    candidate: str
    rationale: str
    choices: tuple[Choice, ...]
    learnt: Learnt | None
    evidence: Evidence
    files: Mapping[str, str]


def propose(  # noqa: PLR0913  a proposal is made of these
    history: History,
    base: Ruleset,
    candidate: Candidate,
    files: Mapping[str, str],
    rationale: str,
    *,
    level: str | None = None,
    split: Split | None = None,
    even_on_tuned: bool = False,
) -> Proposal:
    """Return the proposal to put `candidate`, whose `files` these are, in place of `base`.

    Figures are those of `level`; left out, of the level that the search was asked for, or, where
    people chose all numbers, of the one from which help is meant to start.
    Raises `DataError` where nothing would change for anybody, where no reason is given, where
    only rows are left that the candidate was tuned on (unless `even_on_tuned`), or where neither
    `level` nor the candidate's record names a level.
    """
    new = candidate.ruleset
    if base.decision_hash == new.decision_hash:
        hint = "change a parameter or a rule; texts alone need no figures"
        raise DataError(Problem("no-change", "no answer would change for anybody", None, hint))
    if not rationale.strip():
        hint = "say in a sentence or two what should become better, and for whom"
        raise DataError(Problem("no-rationale", "a proposal has a reason", None, hint))
    level = level or _level(candidate)
    after, before = (  # the candidate first: it is what was tuned, and a refusal names it
        judge(history, each, candidate.learnt, split, even_on_tuned=even_on_tuned)
        for each in (new, base)
    )
    return Proposal(
        base.content_hash,
        new.content_hash,
        rationale.strip(),
        candidate.choices(base),
        candidate.learnt,
        replace(_evidence(before, after, level), rejected=history.rejected),
        files,
    )


def _level(candidate: Candidate) -> str:
    """Return the level for which a search chose the numbers; without one, where help starts."""
    if candidate.learnt is None:
        return default_level(candidate.ruleset)
    if candidate.learnt.sought is None:
        message = "it is not recorded for which level a search chose the candidate's numbers"
        hint = "name the level with --level, or write the candidate again with 'pumpurs tune'"
        raise DataError(Problem("record", message, None, hint))
    return candidate.learnt.sought.level


def _evidence(before: Replay, after: Replay, level: str) -> Evidence:
    cuts = [at_level(each.ruleset, level) for each in (before, after)]
    sides = ((before, cuts[0]), (after, cuts[1]))
    changed = impact(*sides)
    lines = figures_beside(*sides, changed)
    told = {name: changed.counts(name).to_dicts() for name in changed.dimensions}
    return Evidence(
        after.fingerprint,
        after.cohorts,
        before.on_tuned or after.on_tuned,
        level,
        _line(lines[0]),
        _line(lines[1]),
        {"": changed.counts().to_dicts(), **told},
    )


def _line(found: pl.DataFrame) -> Line:
    shares = (f"{name}{end}" for name in SHARES for end in ("", "_low", "_high"))
    names = ("pupils", *COUNTS, *shares, "alarms_per_catch", "suppressed")
    return found.select(name for name in names if name not in OF_UNSURE).row(0, named=True)


def as_json(proposal: Proposal) -> str:
    """Return a proposal as it stands in its file."""
    said = {"form": FORM, **asdict(proposal)}
    return json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str | bytes) -> Proposal:
    """Return the proposal in a file; raises `DataError` where it is none."""
    try:
        said = json.loads(text)
        evidence = said["evidence"]
        if said["form"] != FORM:
            raise ValueError  # noqa: TRY301  told as all that is no proposal
        return Proposal(
            said["base"],
            said["candidate"],
            said["rationale"],
            tuple(Choice(**each) for each in said["choices"]),
            learnt_of(said["learnt"]),
            Evidence(**{**evidence, "cohorts": tuple(evidence["cohorts"])}),
            said["files"],
        )
    except (ValueError, KeyError, TypeError):
        hint = "write it again with 'pumpurs propose'"
        raise DataError(Problem("proposal", "this is no proposal's file", None, hint)) from None
