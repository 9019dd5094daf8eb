"""What each rule brings: on its own, and on top of all the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed

import polars as pl

from engine.batch import Answers
from engine.executors.columns import Columns
from engine.replay.cuts import Cut
from engine.replay.figures import counted_for, shares
from engine.replay.history import OUTCOME
from engine.replay.replay import Replay
from engine.replay.small import SMALLEST
from engine.ruleset import Rule, Ruleset

_COUNTED = (
    *("caught", "false_alarms", "precision", "precision_low", "precision_high"),
    *("recall", "recall_low", "recall_high", "lift"),
)
_SHARES = ("precision", "recall")
_GAPS = {"rule": pl.String(), "indicator": pl.String(), "rows": pl.Int64()}
_ONLY = ("only_flagged", "only_caught", "only_false_alarms")


def rules(
    replay: Replay, line: Callable[[Ruleset], Cut], watch: Callable[[Rule], None] = lambda _: None
) -> pl.DataFrame:
    """Return a line for each rule, those too that only offer help.

    ``holds`` and ``undetermined`` count rows; ``caught``, ``false_alarms``, ``precision`` and
    ``recall`` are those of a ruleset that flagged by this rule alone; ``lift`` is its precision
    against the share of all that left. ``only_flagged``, ``only_caught`` and ``only_false_alarms``
    are what the ruleset would not flag without it, at the cut that `line` draws for a ruleset:
    by level or score, since a capacity would be filled by others. No outcomes are shown of what
    fewer than ten rows stand behind, nor of rules that only offer help: their circumstances are no
    signs. Nor is anything shown of a rule that is undetermined in every row, as where the history
    has none of what it reads: that it flags and catches nobody is not known. `watch` is told of
    each rule before its turn.
    """
    cut, found = line(replay.ruleset), []
    for rule in replay.ruleset.rules:
        watch(rule)
        answers = Answers(rule, replay.ruleset)
        alone = Cut(answers.holds.cast(pl.UInt8), answers.unknown.cast(pl.UInt8))
        told = shares(counted_for(replay, alone, _SHARES), _SHARES)
        found.append(_line(rule, told, _only(replay, rule, cut, line)))
    return pl.concat(found)


def silent(holds: int, undetermined: int, rows: int) -> bool:
    """Return whether a rule cannot say in any of these rows."""
    return not holds and undetermined == rows > 0


def _line(rule: Rule, alone: pl.DataFrame, only: tuple[int, int, int]) -> pl.DataFrame:
    average = pl.col("left") / (pl.col("left") + pl.col("stayed"))
    lift = pl.when(pl.col("left") > 0).then(pl.col("precision") / average)
    shown = alone.with_columns(lift.alias("lift"))
    mute = silent(alone["flagged"].item(), alone["cannot_say"].item(), alone["rows"].item())
    few = pl.col("flagged").is_between(1, SMALLEST - 1) | pl.lit(rule.offers_only or mute)
    brought: tuple[int | None, ...] = only
    if mute or 0 < only[0] < SMALLEST:
        brought = (None if mute else only[0], None, None)
    return shown.select(
        pl.lit(rule.id).alias("rule"),
        pl.col("flagged").alias("holds"),
        pl.col("cannot_say").alias("undetermined"),
        *(pl.when(~few).then(pl.col(name)).alias(name) for name in _COUNTED),
        *(pl.lit(n, pl.Int64).alias(name) for name, n in zip(_ONLY, brought, strict=True)),
    )


def _only(
    replay: Replay, rule: Rule, cut: Cut, line: Callable[[Ruleset], Cut]
) -> tuple[int, int, int]:
    """Return how many rows, leavers and others are flagged by this rule and by no other."""
    holds = Answers(rule, replay.ruleset).holds
    mine = replay.rows.lazy().filter(holds & (cut.flagged >= 1))
    without = tuple(other for other in replay.ruleset.rules if other is not rule)
    if without:
        rest = changed(replay.ruleset, rules=without, examples=())
        mine = Columns(rest).run(mine).filter(line(rest).flagged < 1)
    left = pl.col(OUTCOME).fill_null(value=False).sum()
    stayed = (~pl.col(OUTCOME)).fill_null(value=False).sum()
    asked = mine.select(pl.len().alias("rows"), left.alias("left"), stayed.alias("stayed"))
    rows, leavers, others = asked.collect(engine="streaming").row(0)
    return int(rows), int(leavers), int(others)


def gaps(replay: Replay) -> pl.DataFrame:
    """Return, for each rule, which missing indicators leave it undetermined, in how many rows.

    Columns ``rule``, ``indicator``, ``rows``; an indicator that leaves nothing open is left out.
    """
    asked = {}
    for rule in replay.ruleset.rules:
        answers = Answers(rule, replay.ruleset)
        for name in replay.ruleset.reads:
            matters = answers.unsettled(name, replay.ruleset)
            if matters:
                missing = pl.col(name).is_null() & answers.unknown & pl.any_horizontal(matters)
                asked[rule.id, name] = missing.fill_null(value=False).sum()
    if not asked:
        return pl.DataFrame(schema=_GAPS)
    named = [count.alias(str(number)) for number, count in enumerate(asked.values())]
    counted = replay.rows.lazy().select(named).collect(engine="streaming").row(0)
    lines = [(*key, n) for key, n in zip(asked, counted, strict=True) if n]
    return pl.DataFrame(lines, schema=_GAPS, orient="row")
