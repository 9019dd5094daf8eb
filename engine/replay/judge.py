"""Judging: no ruleset is judged on what it was tuned on, unless that is asked for and said.

A search finds what fits the rows that it saw, their accidents too, so figures on these rows promise
more than later cohorts keep.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from engine.errors import DataError, Problem
from engine.replay.history import History
from engine.replay.replay import Replay, replay
from engine.replay.split import Split, split_after
from engine.ruleset import Ruleset


class Learnt(Protocol):
    """What a ruleset was tuned on: a history's fingerprint, and its cohorts (none: all rows)."""

    @property
    def history(self) -> str:
        """The fingerprint of the history."""

    @property
    def cohorts(self) -> tuple[str, ...]:
        """The cohorts that the search saw."""


def judge(
    history: History,
    ruleset: Ruleset,
    learnt: Learnt | None,
    split: Split | None = None,
    *,
    even_on_tuned: bool = False,
) -> Replay:
    """Return a ruleset's replay on rows that may judge it.

    Where it was tuned on nothing (`learnt` is None), these are all rows, or those to judge of the
    `split`. Otherwise they are those of the split, or of one after the last cohort it was tuned on.
    With `even_on_tuned` and no split they are all rows; a replay of rows that it was tuned on says
    so (`Replay.on_tuned`).
    Raises `DataError` where no rows are left but such, and that was not asked for; else as `replay`
    and `split_after`.
    """
    chosen = split or (None if even_on_tuned else _after(history, ruleset, learnt))
    tuned = _tuned(history, learnt, chosen.judge if chosen else history.cohorts)
    if tuned and not even_on_tuned:
        raise DataError(_refusal(ruleset, tuned, learnt))
    found = replay(history, ruleset, chosen, "judge" if chosen else "all")
    return replace(found, on_tuned=bool(tuned))


def _refusal(ruleset: Ruleset, tuned: str, learnt: Learnt | None) -> Problem:
    message = f"'{ruleset.id}' was tuned on rows that it would be judged on: {tuned}"
    seen = f" than {', '.join(learnt.cohorts)}" if learnt and learnt.cohorts else ""
    hint = f"judge it on later cohorts{seen}, or ask for these figures even so (--even-on-tuned)"
    hint += ": they say too much good"
    return Problem("tuned-on", message, None, hint)


def _after(history: History, ruleset: Ruleset, learnt: Learnt | None) -> Split | None:
    """Return the split after the last cohort that was tuned on, None where there was none."""
    known = [name for name in history.cohorts if learnt and name in learnt.cohorts]
    if not known:
        return None
    try:
        return split_after(history, known[-1])
    except DataError as error:
        tuned = f"cohorts {', '.join(known)}"
        raise DataError((_refusal(ruleset, tuned, learnt), *error.problems)) from None


def _tuned(history: History, learnt: Learnt | None, judged: tuple[str, ...]) -> str:
    """Return which of the rows to judge were tuned on, or an empty text.

    A cohort of the same name counts even in another file: it may hold the same pupils. Where either
    side tells no cohorts apart, only the file can say whether the rows are the same.
    """
    if learnt is None:
        return ""
    if learnt.cohorts and history.cohorts:
        both = [name for name in judged if name in learnt.cohorts]
        return f"cohorts {', '.join(both)}" if both else ""
    return "rows of this very file" if learnt.history == history.fingerprint else ""
