"""Tables of figures, as a reader of either language writes numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from great_tables import GT, html, loc, style

from engine.indicator import Catalogue
from engine.lab.page import Page
from engine.lab.views import heading, names, without
from engine.lab.words import LABELS
from engine.replay import fairness
from engine.replay.cuts import Cut, at_level, default_level
from engine.replay.figures import SHARES, figures
from engine.replay.ranking import ranking
from engine.replay.replay import Replay
from engine.replay.rules import rules
from engine.ruleset import Ruleset
from engine.text import Language, Text
from engine.words.digits import estimate, fixed, points, share
from engine.words.quantities import number

MAIN = ("flagged", "caught", "false_alarms", "cannot_say")
JUDGED = ("flagged_share", "precision", "recall", "false_alarm_rate", "cannot_say_share")


def table(title: Text, rows: pl.DataFrame, language: Language, note: Text | None = None) -> GT:
    """Return a table of texts whose columns are named as `rows` names them.

    The first column is text; all others are numbers, and stand at the right.
    """
    first, *others = rows.columns
    shown = GT(rows).tab_header(title=title[language])
    shown = shown.cols_align("left", [first]).cols_align("right", others)
    shown = shown.tab_options(
        table_margin_left="0",
        heading_align="left",
        heading_title_font_weight="bold",
        table_font_size="14px",
        data_row_padding="4px",
    )
    if others:
        shown = shown.tab_style(style.css("white-space: nowrap"), loc.body(columns=others))
    return shown.tab_source_note(html(note[language])) if note else shown


def summary(replay: Replay, cut: Cut, language: Language) -> GT:
    """Return what a cut flags in all, with intervals."""
    line = figures(replay, cut).row(0, named=True)
    counts = ("rows", "left", "stayed", "unknown", *MAIN)
    cells = [(LABELS[n][language], cell(line, n, language)) for n in (*counts, *JUDGED)]
    heads = [LABELS[name][language] for name in ("figure", "value")]
    title = replay.ruleset.title
    return table(title, pl.DataFrame(cells, schema=heads, orient="row"), language, INTERVALS)


def compare(replays: Sequence[Replay], language: Language, level: str | None = None) -> GT:
    """Return several rulesets beside one another, each flagging from its own level on."""
    lines = []
    for replay in replays:
        ids = [each.id for each in replay.ruleset.levels]
        chosen = level if level in ids else default_level(replay.ruleset)
        line = figures(replay, at_level(replay.ruleset, chosen)).row(0, named=True)
        label = replay.ruleset.levels[replay.ruleset.rank(chosen)].label[language]
        auc = ranking(replay).auc
        cells = [cell(line, name, language) for name in ("rows", *MAIN, *JUDGED[:3])]
        shown = "–" if auc is None else fixed(auc, language, 3)
        lines.append([replay.ruleset.title[language], label, *cells, shown])
    heads = ("ruleset", "from_level", "rows", *MAIN, *JUDGED[:3], "auc")
    rows = pl.DataFrame(lines, schema=[LABELS[name][language] for name in heads], orient="row")
    title = Text("Noteikumu kopas šajā vēsturē", "Rulesets over this history")
    return table(title, rows, language, INTERVALS)


def by(
    replay: Replay, cut: Cut, column: str, catalogue: Catalogue, language: Language
) -> GT | Page:
    """Return figures for each value of a column."""
    if column not in replay.dimensions:
        return without(column, language)
    called = names(column, replay, catalogue, language)
    lines = []
    for line in figures(replay, cut, column).iter_rows(named=True):
        value = LABELS["not_known"][language] if line[column] is None else line[column]
        cells = [cell(line, name, language) for name in ("rows", "left", *MAIN, *JUDGED[:3])]
        lines.append([called.get(value, value), *cells])
    heads = [LABELS[name][language] for name in ("rows", "left", *MAIN, *JUDGED[:3])]
    label = heading(column, catalogue, language)
    rows = pl.DataFrame(lines, schema=[label, *heads], orient="row")
    return table(Text(label, label), rows, language, INTERVALS)


def gaps(
    replay: Replay, cut: Cut, column: str, catalogue: Catalogue, language: Language
) -> GT | Page:
    """Return how far each group lies from all others, in the shares that matter for fairness."""
    if column not in replay.dimensions:
        return without(column, language)
    called = names(column, replay, catalogue, language)
    lines = [
        [
            called.get(line["group"], line["group"]),
            LABELS[line["share"]][language],
            *(share(line[name], language) for name in ("here", "elsewhere")),
            points(line["gap"], language),
            LABELS["from_to"][language].format(
                *(points(line[f"gap_{end}"], language) for end in ("low", "high"))
            ),
        ]
        for line in fairness.gaps(replay, cut, column).iter_rows(named=True)
        if line["gap"] is not None
    ]
    heads = [LABELS[n][language] for n in ("figure", "here", "elsewhere", "gap", "gap_interval")]
    label = heading(column, catalogue, language)
    rows = pl.DataFrame(lines, schema=dict.fromkeys([label, *heads], pl.String), orient="row")
    title = Text("Cik tālu grupas ir no pārējiem skolēniem", "How far groups lie from other pupils")
    return table(title, rows, language, GAPS).cols_align("left", [heads[0]])


def rules_bring(replay: Replay, line: Callable[[Ruleset], Cut], language: Language) -> GT:
    """Return what each rule brings alone, and on top of the others."""
    counts = ("holds", "undetermined", "caught")
    only = ("only_flagged", "only_caught", "only_false_alarms")
    titles = {r.id: r.title[language] for r in replay.ruleset.rules if not r.offers_only}
    lines = [
        [
            titles[each["rule"]],
            *(cell(each, name, language) for name in (*counts, "precision")),
            "–" if each["lift"] is None else fixed(each["lift"], language),
            *(cell(each, name, language) for name in only),
        ]
        for each in rules(replay, line).iter_rows(named=True)
        if each["rule"] in titles
    ]
    heads = ("rule", *counts, "precision", "lift", *only)
    rows = pl.DataFrame(lines, schema=[LABELS[name][language] for name in heads], orient="row")
    title = Text("Ko dod katrs noteikums", "What each rule brings")
    return table(title, rows, language, INTERVALS)


def cell(line: dict[str, Any], name: str, language: Language) -> str:
    """Return a figure as it stands in a table: shares with their interval, or why there is none."""
    value = line[name]
    if value is None:
        few = line.get("suppressed") or line.get("caught", 0) is None
        return LABELS["suppressed"][language] if few else "–"
    if name not in SHARES:
        return number(value, language)
    return estimate(value, line[f"{name}_low"], line[f"{name}_high"], language)


INTERVALS = Text(
    "Iekavās 95 % ticamības intervāls. Skaitīta katra skolēna rinda katrā vērtēšanas dienā.",
    "In brackets the 95 % interval. Counted is each pupil's row of each as-of day.",
)
GAPS = Text(
    "Starpība ir procentpunktos: grupa mīnus pārējie. 95 % intervāls, kurā nav nulles, nozīmē: "
    "atšķirība diez vai ir nejauša.",
    "Differences are in percentage points: the group less all others. A 95 % interval without zero "
    "means that the difference is hardly chance.",
)
