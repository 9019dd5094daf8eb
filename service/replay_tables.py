"""The tables of ``pumpurs replay``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import polars as pl
from rich.markup import escape

from engine.indicator import Catalogue, Indicator
from engine.replay.history import COHORT
from engine.replay.ranking import Ranking
from engine.replay.report import SHARE, Report
from engine.replay.rules import silent
from engine.ruleset import Rule, Ruleset
from engine.text import Language
from engine.words.phrases import PHRASES as WORDS
from engine.words.quantities import number, percent
from service.grids import Grid
from service.replay_words import DASH, NOTHING, PHRASES, amount, say, share

_SHARES = ("flagged_share", "precision", "recall", "false_alarm_rate")


def grid(title: str, names: Iterable[str], language: Language, left: int = 1) -> Grid:
    """Return an empty table; its first `left` columns are texts."""
    found = Grid(title)
    for at, name in enumerate(names):
        heading = say(name, language) if name in PHRASES else name
        justify: Literal["left", "right"] = "left" if at < left else "right"
        found.add_column(heading, justify=justify)
    return found


def whole(found: Report, plans: int | None, language: Language) -> Grid:
    """Return the figures of each cut side by side."""
    headings = [_cut(name, found, plans, language) for name in found.cuts]
    table = grid(say("whole", language), ["", *headings], language)
    lines = [each.row(0, named=True) for each in found.whole.values()]
    counts = ("flagged", "caught", "false_alarms")
    for name in (*counts, *_SHARES, "alarms_per_catch", "cannot_say", "recall_if_all"):
        cells = [cell(line, name, language) for line in lines]
        table.add_row(say(name, language), *cells)
    value = found.ranking
    table.add_row(say("auc", language), *[_auc(value, language)] * len(lines))
    return table


def _cut(name: str, found: Report, plans: int | None, language: Language) -> str:
    if name == "level":
        return escape(
            say("at-level", language, _label(found.replay.ruleset, found.level, language))
        )
    if name == "share":
        return say("at-share", language, percent(SHARE, language))
    each = COHORT in found.replay.dimensions
    return say("at-plans" if each else "at-plans-all", language, number(plans or 0, language))


def cell(line: Mapping[str, Any], name: str, language: Language) -> str:
    """Return a figure, with its interval if it is a share; or why there is none."""
    if line[name] is None and line.get("suppressed") is False and line["caught"] is None:
        return say("suppressed", language)  # what became of few who are flagged, or who are not
    if f"{name}_low" in line:
        return share(line, name, language)
    return amount(line[name], language)


def _auc(value: Ranking, language: Language) -> str:
    if value.auc is None:
        return NOTHING
    found = amount(value.auc, language, 3)
    if value.low is None or value.high is None:
        return found
    ends = (amount(each, language, 3) for each in (value.low, value.high))
    return f"{found} ({DASH.join(ends)})"


def _label(ruleset: Ruleset, level: str, language: Language) -> str:
    return ruleset.levels[ruleset.rank(level)].label[language]


def by_group(found: Report, by: str, catalogue: Catalogue, language: Language) -> Grid:
    """Return the figures at the level for each value of a column, called as the catalogue does."""
    known = catalogue.indicators.get(by)
    name = say(by, language) if by in PHRASES else known.label[language] if known else by
    columns = (name, "rows", "left_share", "flagged_share", "precision", "recall", "cannot_say")
    table = grid(say("by", language, name), columns, language)
    for line in found.by[by].iter_rows(named=True):
        cells = [cell(line, column, language).replace(" (", "\n(") for column in columns[1:]]
        shown = _hidden(len(cells), language) if line["suppressed"] else cells
        table.add_row(escape(_value(line[by], known, language)), *shown)
    return table


def _value(value: str | None, indicator: Indicator | None, language: Language) -> str:
    """Return a group's value as people call it."""
    if value is None:
        return say("not-known", language)
    if indicator and indicator.type == "flag":
        return WORDS["yes" if value == "true" else "no"][language]
    label = indicator and indicator.categories.get(value)
    return label[language] if label else value


def _hidden(cells: int, language: Language) -> list[str]:
    return [say("suppressed", language), *[""] * (cells - 1)]


def levels(found: Report, language: Language) -> Grid:
    """Return how many rows have each level, and how many of them left, the gravest first."""
    columns = ("level", "pupils", "rows", "left_share")
    table = grid(say("by", language, say("level", language)), columns, language)
    ruleset, lines = found.replay.ruleset, found.levels.to_dicts()
    for line in sorted(lines, key=lambda each: ruleset.rank(each["level"]), reverse=True):
        cells = [cell(line, column, language) for column in columns[1:]]
        shown = _hidden(len(cells), language) if line["suppressed"] else cells
        table.add_row(escape(_label(ruleset, line["level"], language)), *shown)
    return table


def rules(found: Report, language: Language) -> Grid:
    """Return what each rule that flags brings, alone and on top of the others."""
    only = ("only_flagged", "only_caught")
    columns = ("rule", "holds", "precision", "recall", "lift", *only, "cannot_say")
    table = grid(say("rules", language), columns, language)
    for rule, line in _by_rule(found, offers=False):
        precision = cell(line, "precision", language).replace(" (", "\n(")
        recall = cell(line, "recall", language).partition(" (")[0]
        alone = [precision, recall, cell(line, "lift", language)]
        brought = [amount(line[name], language) for name in only]
        held, unknown = _held(found, line, language)
        table.add_row(escape(rule.title[language]), held, *alone, *brought, unknown)
    return table


def offers(found: Report, language: Language) -> Grid:
    """Return how often each rule holds that only offers help: its outcomes are no sign of risk."""
    table = grid(say("offers", language), ("rule", "holds", "cannot_say"), language)
    for rule, line in _by_rule(found, offers=True):
        table.add_row(escape(rule.title[language]), *_held(found, line, language))
    return table


def _by_rule(found: Report, *, offers: bool) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """Yield the rules that only offer help, or the others, each with its line."""
    known = {rule.id: rule for rule in found.replay.ruleset.rules}
    for line in found.rules.iter_rows(named=True):
        if known[line["rule"]].offers_only == offers:
            yield known[line["rule"]], line


def _held(found: Report, line: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """Return for how many rows a rule holds, and for how many that cannot be said."""
    mute = silent(line["holds"], line["undetermined"], found.replay.rows.height)
    never = say("silent" if mute else "never", language)
    held = amount(line["holds"], language) if line["holds"] else never
    return held, amount(line["undetermined"], language)


def gaps(found: Report, language: Language) -> Iterator[str]:
    """Yield, for each rule that is undetermined somewhere, which indicators are missing."""
    ruleset = found.replay.ruleset
    for rule in ruleset.rules:
        lines = found.gaps.filter(pl.col("rule") == rule.id).sort("rows", descending=True)
        named = [
            f"{ruleset.catalogue.indicators[name].label[language]} ({number(rows, language)})"
            for name, rows in lines.select("indicator", "rows").iter_rows()
        ]
        if named:
            yield say("gap", language, rule=rule.title[language], missing="; ".join(named))


def calibration(found: Report, language: Language) -> Grid:
    """Return how many of a hundred pupils with each score left, the highest first."""
    columns = ("score", "pupils", "rows", "unsettled", "of-hundred")
    table = grid(say("calibration", language), columns, language)
    for line in reversed(found.calibration.to_dicts()):
        low, high = line["score_from"], line["score_to"]
        of_hundred = [
            amount(None if line[name] is None else line[name] * 100, language)
            for name in ("observed", "observed_low", "observed_high")
        ]
        counts = [amount(line[name], language) for name in ("pupils", "rows", "unsettled")]
        shown = f"{of_hundred[0]} ({DASH.join(of_hundred[1:])})"
        table.add_row(f"{low}" if low == high else f"{low}{DASH}{high}", *counts, shown)
    return table


def comparison(table: pl.DataFrame, rulesets: Mapping[str, Ruleset], language: Language) -> Grid:
    """Return several rulesets side by side, a column to each."""
    lines = [(rulesets[line["ruleset"]], line) for line in table.iter_rows(named=True)]
    titles = [escape(ruleset.title[language]) for ruleset, _ in lines]
    shown = grid(say("compared", language), ["", *titles], language)

    def row(name: str, cells: Iterable[str]) -> None:
        shown.add_row(say(name, language), *cells)

    row("level", (escape(_label(each, line["level"], language)) for each, line in lines))
    row("rows", (amount(line["rows"], language) for _, line in lines))
    for name in ("flagged_share", "precision", "recall", "cannot_say_share"):
        row(name, (cell(line, name, language) for _, line in lines))
    row("auc", (amount(line["auc"], language, 3) for _, line in lines))
    row("lacks", (amount(len(line["absent"]), language) for _, line in lines))
    return shown
