"""A whole report on one ruleset: every figure that says whether it is any good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from engine.replay.calibration import calibration
from engine.replay.cuts import Cut, at_capacity, at_level, at_share, default_level
from engine.replay.figures import by_level, figures
from engine.replay.history import COHORT
from engine.replay.lead import LeadTime, lead_time
from engine.replay.ranking import Ranking, ranking
from engine.replay.replay import Replay
from engine.replay.rules import gaps, rules
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

    `by` holds the figures at the level for each value of a column, `levels` those of each level's
    pupils (``left_share`` is how many of them left).
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
    grouped = dict.fromkeys((*((COHORT,) if each else ()), *wanted.by))
    return Report(
        replay,
        level,
        cuts,
        {name: figures(replay, each) for name, each in cuts.items()},
        {by: figures(replay, cut, by) for by in grouped},
        by_level(replay, cut),
        rules(replay, lambda ruleset: at_level(ruleset, level), watch),
        gaps(replay),
        calibration(replay),
        ranking(replay),
        lead_time(replay, cut),
    )


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

    Columns: ``ruleset``, ``level``, ``absent`` (a list), ``auc``, and those of `figures`.
    """
    lines = []
    for replay in replays:
        ids = [each.id for each in replay.ruleset.levels[1:]]
        chosen = level if level in ids else default_level(replay.ruleset)
        found = figures(replay, at_level(replay.ruleset, chosen))
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
