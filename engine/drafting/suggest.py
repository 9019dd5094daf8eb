"""What a history would choose: a draft of ladders from declared indicators and their directions.

The draft is tuned on the earlier cohorts alone. How many steps it may have, and what to expect of
it, is found by trials within them; the later cohorts judge it once, at the end. It never applies
itself: it is a ruleset to read, to change, and to propose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from engine.canonical import KEY
from engine.drafting.draft_words import SMALL_TITLE, TITLE, description, source_words
from engine.drafting.drafted import About, drafted, ladders
from engine.drafting.expect import FLAGGED, Expectation, Judged, expect, judge
from engine.drafting.front import AIMED, Point, front, starts
from engine.drafting.scorecard import Card, plain, rows_of
from engine.drafting.search import Search, Stage
from engine.drafting.steps import Axis, axes
from engine.errors import DataError, Problem
from engine.indicator import Catalogue
from engine.replay.history import AS_OF, OUTCOME, History
from engine.replay.seen import Seen
from engine.replay.split import Split, split_if_any
from engine.replay.tells import trusted
from engine.replay.trials import trials
from engine.replay.unsplit import Unsplit
from engine.ruleset import Ruleset
from engine.tuning.candidate import Candidate, Learnt, Sought

MOST_STEPS = 20
LEFT_A_STEP = 20  # who left, for each step


@dataclass(frozen=True)
class Plan:
    """What is asked for: steps at most, the share to flag, the seed, and whether few data will do.

    `steps` are over all ladders. The seed matters only where folds are drawn. `no_leak` are
    indicators of which a person knows that they are no leak, though they tell almost surely who
    left.
    """

    steps: int = 10
    flagged: float = FLAGGED
    seed: int = 1
    small_data: bool = False
    no_leak: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A draft of a ruleset, how the search came to it, and what to expect of it.

    `ruleset` is None where trials do not surely tell who leaves better than the base rate does.
    `card` and `stages` speak of `axes` by number. `limit` is how many steps the data can bear, and
    at most those asked for. `front` is flagged against caught on the rows tuned on. `judged` is how
    the draft did on the later cohorts, None where there are none: `unsplit` says why.
    """

    ruleset: Ruleset | None
    plan: Plan
    learnt: Learnt
    split: Split | None
    unsplit: Unsplit | None
    axes: tuple[Axis, ...]
    card: Card
    stages: tuple[Stage, ...]
    expected: Expectation
    front: tuple[Point, ...]
    judged: Judged | None
    seen: Seen
    limit: int

    @property
    def candidate(self) -> Candidate | None:
        """The draft as a candidate, each number of which a search chose."""
        if self.ruleset is None:
            return None
        chosen = {name: each.value for name, each in self.ruleset.parameters.items()}
        return Candidate(self.ruleset, chosen, self.learnt)


def suggest(history: History, plan: Plan | None = None, after: str | None = None) -> Draft:
    """Return what a history would choose, tuned on the cohorts up to `after`.

    Left out, `after` is the last cohort that leaves one to judge on; where none does, all rows are
    tuned on (`Draft.unsplit` says why). The same history and plan give the same draft, whatever the
    order of rows and columns.
    Raises `DataError` where there are too few outcomes, no indicator that a rule may read, one that
    looks like a leak, or no such split.
    """
    asked = plan or Plan()
    _check_plan(asked)
    split, unsplit = split_if_any(history, after)
    given = split.rows(history, "tune") if split else history.rows
    tuned = _labelled(given)
    seen = Seen.of(given)
    seen.check(history.rejects, small_data=asked.small_data)
    limit = min(asked.steps, max(1, seen.rarer // LEFT_A_STEP))
    chosen = _axes(history, tuned)
    no_leak = trusted(tuned, (axis.indicator for axis in chosen), asked.no_leak)
    rows = rows_of(tuned, chosen)
    cohorts = split.tune if split else history.cohorts
    pupils = np.unique(tuned[KEY].to_numpy(), return_inverse=True)[1]
    parts = trials(tuned, cohorts, asked.seed, history.horizon)
    expected = expect(rows, pupils, parts, limit, asked.flagged)
    among = split.tune if split else ()
    sought = Sought(AIMED, share=asked.flagged, steps=asked.steps, small_data=seen.too_few)
    learnt = Learnt(history.fingerprint, among, asked.seed, no_leak, expected.gains, sought)
    stages = tuple(Search(rows).stages(expected.steps))
    card = plain(stages[-1].card)
    unknown = np.array([tuned[axis.indicator.name].is_null().to_numpy() for axis in chosen])
    found = Draft(
        None, asked, learnt, split, unsplit, chosen, card, stages, expected,
        front(rows, card, unknown, pupils), None, seen, limit,
    )  # fmt: skip
    if not found.front or not expected.gains:
        return found
    judged = _labelled(split.rows(history, "judge")) if split else None
    later = judged is not None and judge("later", rows_of(judged, chosen), card, asked.flagged)
    return replace(found, ruleset=_ruleset(found, history.catalogue), judged=later or None)


def _ruleset(draft: Draft, catalogue: Catalogue) -> Ruleset:
    return drafted(
        ladders(draft.card, draft.axes),
        starts(draft.front, draft.plan.flagged),
        catalogue,
        About(
            SMALL_TITLE if draft.seen.too_few else TITLE,
            description(draft.expected.next, small=draft.seen.too_few),
            source_words(draft.learnt),
        ),
    )


def _labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose outcome is known, in an order that is not the file's."""
    identity = [name for name in (KEY, AS_OF) if name in rows.columns]
    return rows.filter(pl.col(OUTCOME).is_not_null()).sort(identity)


def _axes(history: History, tuned: pl.DataFrame) -> tuple[Axis, ...]:
    found = axes(tuned, [history.catalogue.indicators[name] for name in history.indicators])
    if not found:
        message = "no indicator of the history may score and tells rows apart"
        hint = "add columns of indicators declared 'use: scoring' with a direction"
        raise DataError(Problem("no-indicators", message, None, hint))
    return found


def _check_plan(plan: Plan) -> None:
    if not 1 <= plan.steps <= MOST_STEPS:
        hint = f"give a number of steps from 1 to {MOST_STEPS}, over all ladders"
        raise DataError(Problem("range", f"{plan.steps} is no number of steps", None, hint))
    if not 0 < plan.flagged < 1:
        hint = "give a share above 0 and below 1, as 0.2"
        raise DataError(Problem("range", f"{plan.flagged} is not a share to flag", None, hint))
