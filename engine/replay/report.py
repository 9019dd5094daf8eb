"""A whole report on one ruleset: every figure that says whether it is any good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from engine.replay.calibration import calibration
from engine.replay.cuts import Cut, at_capacity, at_level, at_share, default_level
from engine.replay.figures import OUTCOMES, by_level, figures
from engine.replay.history import COHORT
from engine.replay.impact import impact
from engine.replay.lead import LeadTime, lead_time
from engine.replay.lines import of_cut, of_levels, tells_of_few
from engine.replay.ranking import Ranking, ranking
from engine.replay.replay import Replay
from engine.replay.rules import gaps, rules
from engine.replay.small import too_few
from engine.ruleset import Rule

SHARE = 0.2  # of the rows: what published systems are compared at


@dataclass(frozen=True)
class Asked:
    """What a report is to hold: the level, columns to group by, and plans in each cohort."""

    level: str | None = None
    by: tuple[str, ...] = ()
    plans: int | None = None


@dataclass(frozen=True)
class Report:
    """`cuts` and `whole` have the figures at the level, at 20 % flagged, and at the plans.

    What became of few is told in none, and cannot be had from two of them. `by` holds the figures
    at the level for each value of a column, `levels` those of each level's pupils (``left_share``
    is how many of them left).
    """

    replay: Replay
    level: str
    cuts: Mapping[str, Cut]
    whole: Mapping[str, pl.DataFrame]
    by: Mapping[str, pl.DataFrame]
    levels: pl.DataFrame
    rules: pl.DataFrame
    gaps: pl.DataFrame
    calibration: pl.DataFrame
    ranking: Ranking
    lead: LeadTime | None


def report(
    replay: Replay, asked: Asked | None = None, watch: Callable[[Rule], None] = lambda _: None
) -> Report:
    """Return the figures of a replay; `watch` is told of each rule before its turn.

    Raises `DataError` where a level or a column that is asked for is not there.
    """
    wanted = asked or Asked()
    level = wanted.level or default_level(replay.ruleset)
    cut = at_level(replay.ruleset, level)
    cuts = {"level": cut, "share": at_share(replay, SHARE)}
    each = COHORT if COHORT in replay.dimensions else None
    if wanted.plans is not None:
        cuts["plans"] = at_capacity(replay, wanted.plans, each)
    whole, lines = _whole(replay, cuts)
    grouped = dict.fromkeys((*((COHORT,) if each else ()), *wanted.by))
    return Report(
        replay,
        level,
        cuts,
        whole,
        {by: figures(replay, cut, by) for by in grouped},
        by_level(replay, cut),
        rules(replay, lambda ruleset: at_level(ruleset, level), watch),
        gaps(replay),
        calibration(replay, lines),
        ranking(replay),
        lead_time(replay, cut),
    )


def _whole(
    replay: Replay, cuts: Mapping[str, Cut]
) -> tuple[dict[str, pl.DataFrame], list[pl.Expr]]:
    """Return the figures of cuts, and the lines that what is told of them draws across the rows.

    What became of those whom a cut flags is hidden where, less what is told of a level or of a cut
    before it, it would tell of fewer than ten pupils.
    """
    whole, lines = {}, of_levels(replay)
    for name, cut in cuts.items():
        found = figures(replay, cut)
        if name != "level" and tells_of_few(replay, cut, lines):
            found = _untold(found)
        else:
            lines += of_cut(cut)
        whole[name] = found
    return whole, lines


def _untold(found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(pl.lit(None, found.schema[name]).alias(name) for name in OUTCOMES)


def document(found: Report) -> dict[str, Any]:
    """Return a report as plain values, for a file that programs read."""
    replay = found.replay
    return {
        "ruleset": replay.ruleset.version,
        "decision_hash": replay.ruleset.decision_hash,
        "part": replay.part,
        "cohorts": list(replay.cohorts),
        "on_tuned": replay.on_tuned,
        "absent": list(replay.absent),
        "outside": dict(replay.outside),
        "level": found.level,
        "figures": {name: each.to_dicts()[0] for name, each in found.whole.items()},
        "by": {name: each.to_dicts() for name, each in found.by.items()},
        "levels": found.levels.to_dicts(),
        "rules": found.rules.to_dicts(),
        "gaps": found.gaps.to_dicts(),
        "calibration": found.calibration.to_dicts(),
        "ranking": asdict(found.ranking),
        "lead_time": found.lead and {**asdict(found.lead), "never": found.lead.never},
    }


def compared(replays: Iterable[Replay], level: str | None = None) -> pl.DataFrame:
    """Return a line for each replay: its figures at `level` where it has it, else its own.

    Columns: ``ruleset``, ``level``, ``absent`` (a list), ``auc``, and those of `figures`. A replay
    has no `OUTCOMES` where one before it flags the same rows but for fewer than ten.
    """
    lines: list[pl.DataFrame] = []
    before: list[tuple[Replay, Cut]] = []
    for replay in replays:
        ids = [each.id for each in replay.ruleset.levels[1:]]
        chosen = level if level in ids else default_level(replay.ruleset)
        side = (replay, at_level(replay.ruleset, chosen))
        found = figures(*side)
        if any(too_few(impact(other, side).moved) for other in before):
            found = _untold(found)
        before.append(side)
        lines.append(
            found.select(
                pl.lit(replay.ruleset.version).alias("ruleset"),
                pl.lit(chosen).alias("level"),
                pl.lit(pl.Series([list(replay.absent)], dtype=pl.List(pl.String))).alias("absent"),
                pl.lit(ranking(replay).auc, pl.Float64).alias("auc"),
                pl.all(),
            )
        )
    return pl.concat(lines)
