"""A ruleset tuned on a history, and whether that can be trusted on the next cohort.

Values are tuned on the earlier cohorts. Within these, the whole search is tried as it will be used:
tuned on what came before a cohort, and judged on that cohort, beside the present values. Where
tuned values do not catch more there, the history gives no reason to change anything. The later
cohorts judge the candidate once, at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import polars as pl

from engine.errors import DataError, Problem
from engine.indicator import Indicator
from engine.replay.cuts import at_level, default_level
from engine.replay.history import AS_OF, COHORT, OUTCOME, History
from engine.replay.impact import Impact, impact
from engine.replay.replay import Replay, replay
from engine.replay.seen import Seen
from engine.replay.small import too_few
from engine.replay.split import Split, split_if_any
from engine.replay.tells import trusted
from engine.replay.trials import rolling_origin
from engine.replay.unsplit import Unsplit
from engine.ruleset import Ruleset
from engine.tuning.candidate import Candidate, Learnt, Sought
from engine.tuning.goal import Goal
from engine.tuning.tune import Tuning, tune
from engine.tuning.unknown import unknown_throughout

SURE = 2.0  # standard errors by which more must be caught for tuning to be a gain
Watch = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What tuning is asked for.

    `plans` are how many can be run on one as-of day, `share` is how many of those assessed may be
    flagged; without either it is as many as now. `gaps` are as in `engine.tuning.goal.Goal`.
    `no_leak` are indicators of which a person knows that they are no leak, though they tell almost
    surely who left.
    """

    level: str | None = None
    plans: int | None = None
    share: float | None = None
    gaps: Mapping[str, float] = field(default_factory=dict)
    seed: int = 1
    small_data: bool = False
    no_leak: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tried:
    """Present and tuned values on a cohort that was not tuned on: rows, and who of them left.

    `moved` are rows that one of the two flags, and the other does not.
    """

    cohort: str
    left: int
    flagged: tuple[int, int]
    caught: tuple[int, int]
    newly_caught: int
    no_longer_caught: int
    moved: int

    @property
    def of_few(self) -> bool:
        """Whether how many were caught, or how many more, would tell what became of few."""
        return any(map(too_few, (*self.flagged, self.moved)))


@dataclass(frozen=True)
class Tuned:
    """What tuning found. `before` and `after` judge it on later cohorts, if there are any.

    `unsplit` says why there are none, where there is no `split`: then all rows were tuned on.
    `moved` are rows tuned on that one of present and tuned values flags, and the other does not.
    `unknown` are indicators of tuned numbers of which no row tuned on has a value.
    """

    candidate: Candidate
    goal: Goal
    tuning: Tuning
    split: Split | None
    unsplit: Unsplit | None
    trials: tuple[Tried, ...]
    before: Replay | None
    after: Replay | None
    seen: Seen
    moved: int
    unknown: tuple[str, ...]

    @property
    def gain(self) -> int:
        """How many more of those who left were caught in the trials."""
        return sum(t.newly_caught - t.no_longer_caught for t in self.trials)

    @property
    def gains(self) -> bool:
        """Whether tuned values surely catch more of those who leave than the present ones."""
        return bool(_gains(self.trials))

    @property
    def needed(self) -> bool:
        """Whether the present values miss the goal, so that something must change."""
        return not self.goal.met(self.tuning.present)


def tuned(
    history: History,
    ruleset: Ruleset,
    wish: Wish,
    after: str | None = None,
    watch: Watch = lambda _: None,
) -> Tuned:
    """Tune a ruleset on the cohorts up to `after`, by default on all but the last.

    Where there is no such split, it is tuned on all rows and nothing judges it. Raises `DataError`
    where too few left or stayed, where rules read what looks like a leak, where what tuned numbers
    are compared with is unknown in all rows, and as `tune`.
    """
    split, unsplit = split_if_any(history, after)
    rows = split.rows(history, "tune") if split else history.rows
    seen = Seen.of(rows)
    seen.check(history.rejects, small_data=wish.small_data)
    no_leak = trusted(rows, _read(history, ruleset), wish.no_leak)
    unknown = unknown_throughout(ruleset, rows)
    goal = _goal(history, ruleset, rows, wish)
    found = tune(ruleset, rows, goal, wish.seed, watch)
    values = found.best.values
    moved = {name: value for name, value in values.items() if value != found.present.values[name]}
    trials = _Trials(history, ruleset, rows, goal)
    tried = tuple(trials.run(wish.seed, watch)) if split and moved else ()
    among = split.tune if split else ()
    asked = replace(_sought(wish, goal, seen), met=goal.met(found.best))
    learnt = Learnt(history.fingerprint, among, wish.seed, no_leak, _gains(tried), asked)
    candidate = Candidate(ruleset.with_parameters(moved), moved, learnt)
    judged = split and [
        replay(history, each, split, "judge") for each in (ruleset, candidate.ruleset)
    ]
    before, later = judged or (None, None)
    here, pair = replace(history, rows=rows), (ruleset, candidate.ruleset)
    change = _judged("", here, pair, goal.level).moved if moved else 0
    sides = (before, later)
    return Tuned(candidate, goal, found, split, unsplit, tried, *sides, seen, change, unknown)


def _read(history: History, ruleset: Ruleset) -> list[Indicator]:
    """Return the indicators of the history by which the ruleset flags."""
    scoring = tuple(rule for rule in ruleset.rules if not rule.offers_only)
    reads = replace(ruleset, rules=scoring, examples=()).reads
    return [history.catalogue.indicators[n] for n in reads if n in history.indicators]


def _gains(trials: Sequence[Tried]) -> bool | None:
    """Return whether more were surely caught in trials, None where there were none.

    The standard error is McNemar's: from whom only one of the two caught.
    """
    error = math.sqrt(sum(t.newly_caught + t.no_longer_caught for t in trials))
    gain = sum(t.newly_caught - t.no_longer_caught for t in trials)
    return gain > SURE * error if trials else None


def changed(found: Tuned) -> Impact | None:
    """Return whom the candidate would newly flag or drop in the later cohorts, if there are any."""
    if found.before is None or found.after is None:
        return None
    cuts = [at_level(each.ruleset, found.goal.level) for each in (found.before, found.after)]
    return impact((found.before, cuts[0]), (found.after, cuts[1]))


def _goal(history: History, ruleset: Ruleset, rows: pl.DataFrame, wish: Wish) -> Goal:
    unknown = [name for name in wish.gaps if name not in history.groups]
    if unknown:
        hint = f"groups of this history: {', '.join(history.groups) or 'none'}"
        message = f"there is no group column '{unknown[0]}'"
        raise DataError(Problem("no-group", message, None, hint))
    level = wish.level or default_level(ruleset)
    present = replay(replace(history, rows=rows), ruleset)
    cut = at_level(ruleset, level)
    if wish.plans is not None:
        most = wish.plans * days(rows)
    elif wish.share is not None:
        most = int(Decimal(str(wish.share)) * present.rows.height)
    else:
        most = int(present.rows.select(cut.flagged.sum()).item())
    if most < 1:
        message, hint = "nobody could be flagged", "give a number of plans, or a share above 0"
        raise DataError(Problem("range", message, None, hint))
    return Goal(level, most, dict(wish.gaps))


def _sought(wish: Wish, goal: Goal, seen: Seen) -> Sought:
    return Sought(goal.level, wish.plans, wish.share, goal.most, goal.gaps, small_data=seen.too_few)


def days(rows: pl.DataFrame) -> int:
    """Return how many as-of days there are; where no row has one, each cohort is taken for one.

    A row without a day, or without a cohort, is of none of its own.
    """
    known = (rows[name].drop_nulls().n_unique() for name in (AS_OF, COHORT) if name in rows.columns)
    return next((count for count in known if count), 1)


@dataclass(frozen=True)
class _Trials:
    """The whole search, tuned on what came before a cohort and judged on it: the latest few."""

    history: History
    ruleset: Ruleset
    rows: pl.DataFrame
    goal: Goal

    def run(self, seed: int, watch: Watch) -> Iterator[Tried]:
        history = self.history
        for trial in rolling_origin(self.rows, history.cohorts, history.horizon):
            earlier, later = self.rows[trial.tune], self.rows[trial.judge]
            most = max(1, round(self.goal.most * earlier.height / self.rows.height))
            found = tune(self.ruleset, earlier, replace(self.goal, most=most), seed, watch)
            candidate = self.ruleset.with_parameters(found.best.values)
            here = replace(history, rows=later)
            yield _judged(trial.name, here, (self.ruleset, candidate), self.goal.level)


def _judged(name: str, here: History, pair: tuple[Ruleset, Ruleset], level: str) -> Tried:
    sides = [(replay(here, each), at_level(each, level)) for each in pair]
    before, after, left = pl.col("before"), pl.col("after"), pl.col(OUTCOME).fill_null(value=False)
    counts = (
        impact(*sides)
        .rows.select(
            left=left.sum(),
            before=before.sum(),
            after=after.sum(),
            caught=(before & left).sum(),
            caught_after=(after & left).sum(),
            newly=(after & ~before & left).sum(),
            lost=(before & ~after & left).sum(),
            moved=(before != after).sum(),
        )
        .collect()
        .row(0)
    )
    gone, *flagged_caught, newly, lost, moved = map(int, counts)
    flagged, caught = flagged_caught[:2], flagged_caught[2:]
    return Tried(name, gone, (flagged[0], flagged[1]), (caught[0], caught[1]), newly, lost, moved)
