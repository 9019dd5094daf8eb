"""Pictures of replays: what a notebook asks for by one call each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from engine.drafting.suggest import Draft
from engine.indicator import Catalogue
from engine.lab import bars, curves, histogram, shares
from engine.lab.page import Page
from engine.lab.picture import Picture
from engine.lab.shares import Drawn, Share
from engine.lab.words import COLUMNS, LABELS, SLIDERS
from engine.replay.calibration import calibration
from engine.replay.cuts import Cut, at_level, default_level
from engine.replay.figures import figures
from engine.replay.history import AS_OF, LEFT_ON, History
from engine.replay.lead import lead_time
from engine.replay.proxies import proxies
from engine.replay.replay import LEVEL, Replay, replay
from engine.replay.rules import rules
from engine.replay.small import too_few
from engine.replay.split import Split
from engine.ruleset import Ruleset
from engine.text import Language, Text
from engine.tuning.telling import apart
from engine.tuning.tuned import Tuned


def precision_recall(
    replays: Sequence[Replay], language: Language, level: str | None = None
) -> Picture:
    """Draw the precision and recall of up to three rulesets over the same rows."""
    found, marks = [], []
    for each in replays:
        name = pl.lit(each.ruleset.title[language]).alias("series")
        found.append(histogram.cuts(histogram.of_replay(each)).with_columns(name))
        chosen = level if level in _ids(each.ruleset) else default_level(each.ruleset)
        cut = pl.lit(_level(each.ruleset, chosen, language)).alias("name")
        marks.append(figures(each, at_level(each.ruleset, chosen)).with_columns(name, cut))
    base = marks[0]["left_share"][0]
    return curves.precision_recall(pl.concat(found), pl.concat(marks), base, language)


def scores(replay: Replay, language: Language) -> Picture:
    """Draw how the scores of those who left and of those who stayed are spread."""
    return bars.scores(calibration(replay), language)


def calibrated(replay: Replay, language: Language) -> Picture:
    """Draw which share of the pupils with each score left."""
    together = figures(replay, at_level(replay.ruleset))["left_share"][0]
    return shares.calibration(calibration(replay), together, language)


def flagged_by(
    replay: Replay, cut: Cut, column: str, catalogue: Catalogue, language: Language
) -> Picture | Page:
    """Draw the share flagged by school, grade, cohort or group."""
    title = Text("Atzīmēto daļa", "Share flagged")
    return _by(replay, cut, column, [shares.FLAGGED], title, catalogue, language)


def quality_by(
    replay: Replay, cut: Cut, column: str, catalogue: Catalogue, language: Language
) -> Picture | Page:
    """Draw precision and recall by school, grade, cohort or group."""
    title = Text("Precizitāte un pārklājums", "Precision and recall")
    shown = [shares.PRECISION, shares.RECALL]
    return _by(replay, cut, column, shown, title, catalogue, language)


def errors_by(
    replay: Replay, cut: Cut, column: str, catalogue: Catalogue, language: Language
) -> Picture | Page:
    """Draw false alarms and misses by group: who is flagged in vain, and who is overlooked."""
    title = Text("Kļūdas", "Errors")
    shown = [shares.FALSE_ALARMS, shares.MISSED]
    return _by(replay, cut, column, shown, title, catalogue, language)


def unsaid_by(
    replay: Replay, cut: Cut, column: str, catalogue: Catalogue, language: Language
) -> Picture | Page:
    """Draw of which share of the pupils of each group it cannot be said."""
    title = Text("Nevar pateikt", "Cannot say")
    return _by(replay, cut, column, [shares.UNSAID], title, catalogue, language)


def proxies_of(
    replay: Replay, column: str, catalogue: Catalogue, language: Language
) -> Picture | Page:
    """Draw how often a pupil of each group has a worse value than one of the others."""
    if column not in replay.dimensions:
        return without(column, language)
    found = proxies(replay, column)
    called = names(column, replay, catalogue, language)
    wide, panels = found.select("indicator").unique(maintain_order=True), []
    for number, ((group,), lines) in enumerate(found.group_by("group", maintain_order=True)):
        panel = Share(f"g{number}", Text(*(called.get(str(group), str(group)),) * 2))
        ends = {f"worse{end}": f"{panel.column}{end}" for end in ("", "_low", "_high")}
        kept = lines.select("indicator", *ends, "pupils", "suppressed").rename(ends)
        wide = wide.join(kept, on="indicator", how="left", suffix=f"_{number}")
        panels.append(panel)
    labels = {n: i.label[language] for n, i in replay.ruleset.catalogue.indicators.items()}
    half = pl.DataFrame({panel.column: [0.5] for panel in panels})
    name = _within(heading(column, catalogue, language))
    title = Text(f"Cik bieži vērtība ir sliktāka nekā citiem: {name}",
                 f"How often a value is worse than that of others: {name}")  # fmt: skip
    drawn = Drawn(wide, "indicator", labels, half, PROXIES, near=True, shared=True)
    return shares.by(drawn, panels, title, language)


def rules_bring(replay: Replay, line: Callable[[Ruleset], Cut], language: Language) -> Picture:
    """Draw what each rule brings alone and on top of the others, the most telling first.

    Of a rule that can say in no row, and where too few pupils stand behind a count, that is said.
    """
    titles = {r.id: r.title[language] for r in replay.ruleset.rules if not r.offers_only}
    found = rules(replay, line).filter(pl.col("rule").is_in(list(titles)))
    alone, on_top, few = pl.col("caught"), pl.col("only_caught"), LABELS["suppressed"][language]
    unsaid = (  # the first that is so; only a rule that can say in no row flags an unknown number
        pl.when(pl.col("only_flagged").is_null()).then(pl.lit(LABELS["cannot_say"][language]))
        .when(alone.is_null()).then(pl.lit(few))
        .when(on_top.is_null()).then(pl.lit(LABELS["narrow_few"][language]))
    )  # fmt: skip
    lifts = found.select(
        pl.col("rule").replace(titles).alias("title"),
        alone.alias("alone"),
        on_top.alias("on_top"),
        unsaid.alias("unsaid"),
    )
    order = lifts.sort("alone", "title", descending=[True, False], nulls_last=True)
    return bars.rules(order, language)


def early(replay: Replay, language: Language) -> Picture | Page:
    """Draw how long before leaving pupils first reached each level."""
    lines = []
    for level in replay.ruleset.levels[1:]:
        found = lead_time(replay, at_level(replay.ruleset, level.id))
        if found is not None:
            quartiles = found.quartiles or (None, None, None)
            lines.append((level.label[language], *quartiles, found.caught, found.leavers))
    kinds = {"name": pl.String, "low": pl.Float64, "middle": pl.Float64, "high": pl.Float64}
    if not lines:
        return without(f"{AS_OF}, {LEFT_ON}", language)
    schema = {**kinds, "caught": pl.Int64, "leavers": pl.Int64}
    return shares.lead(pl.DataFrame(lines, schema=schema, orient="row"), language)


def fronted(found: Tuned, language: Language) -> Picture:
    """Draw what could be had by other values of the same parameters, and what was found.

    Nothing of which it would tell what became of fewer than ten.
    """
    lines: list[tuple[int, int, bool, str | None]] = [
        (each.flagged, each.caught, True, None) for each in apart(found.tuning)
    ]
    marks = [("before", found.tuning.present)]
    marks += [("now", found.tuning.best)] if not too_few(found.moved) else []
    for name, each in marks:
        if not too_few(each.flagged):
            lines.append((each.flagged, each.caught, False, SLIDERS[f"front-{name}"][language]))
    schema = {"flagged": pl.Int64, "caught": pl.Int64, "on_front": pl.Boolean, "name": pl.String}
    return curves.pareto(pl.DataFrame(lines, schema=schema, orient="row"), language)


def drafted(draft: Draft, language: Language) -> Picture:
    """Draw what each cut of a draft's score flags and catches, on the rows tuned on."""
    title = draft.ruleset.title if draft.ruleset else Text("Melnraksts", "Draft")
    rows = draft.seen.rows
    lines = [
        (title[language], p.score, round(p.flagged * rows), p.flagged, p.precision, p.recall)
        for p in draft.front
    ]
    kinds = dict.fromkeys(("flagged_share", "precision", "recall"), pl.Float64)
    counts = dict.fromkeys(("score", "flagged"), pl.Int64)
    schema = {"series": pl.String, **counts, **kinds}
    front = pl.DataFrame(lines, schema=schema, orient="row")
    marks = front.with_columns(pl.lit("").alias("name")).clear()
    return curves.precision_recall(front, marks, draft.expected.next.base, language)


def later(
    history: History, rulesets: Sequence[Ruleset | None], split: Split, language: Language
) -> Picture:
    """Draw precision and recall of up to three rulesets on the cohorts to judge on.

    A draft that there is not (None) is left out.
    """
    there = [ruleset for ruleset in rulesets if ruleset]
    return precision_recall([replay(history, each, split, "judge") for each in there], language)


def sized(draft: Draft, language: Language) -> Picture:
    """Draw how much worse drafts of fewer or more steps do on rows that they were not tuned on."""
    lines = [
        (s.steps, s.worse, s.error, s.steps == draft.expected.steps) for s in draft.expected.sizes
    ]
    schema = {"steps": pl.Int64, "worse": pl.Float64, "error": pl.Float64, "chosen": pl.Boolean}
    return curves.steps(pl.DataFrame(lines, schema=schema, orient="row"), language)


def names(
    column: str, replay: Replay | None, catalogue: Catalogue, language: Language
) -> dict[str, str]:
    """Return what to call the values of a column."""
    if column == LEVEL and replay:
        return {level.id: level.label[language] for level in replay.ruleset.levels}
    declared = catalogue.indicators.get(column)
    return {n: label[language] for n, label in declared.categories.items()} if declared else {}


def heading(column: str, catalogue: Catalogue, language: Language) -> str:
    """Return what to call a column."""
    declared = catalogue.indicators.get(column)
    label = COLUMNS.get(column) or (declared and declared.label)
    return label[language] if label else column


def _within(label: str) -> str:
    """Return a label as it stands within a sentence."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _by(  # noqa: PLR0913, PLR0917  figures of these, by that, in words
    replay: Replay,
    cut: Cut,
    column: str,
    shown: Sequence[Share],
    title: Text,
    catalogue: Catalogue,
    language: Language,
) -> Picture | Page:
    if column not in replay.dimensions:
        return without(column, language)
    drawn = Drawn(
        figures(replay, cut, column),
        column,
        names(column, replay, catalogue, language),
        figures(replay, cut),
    )
    column_name = _within(heading(column, catalogue, language))
    named = Text(*(f"{title[language]}: {column_name}" for _ in range(2)))
    return shares.by(drawn, shown, named, language)


def without(column: str, language: Language) -> Page:
    """Return what to say instead, where a history has not the column that is asked for."""
    return Page(LABELS["no_column"][language].format(column))


def _ids(ruleset: Ruleset) -> list[str]:
    return [level.id for level in ruleset.levels]


def _level(ruleset: Ruleset, level: str, language: Language) -> str:
    return next(each.label[language] for each in ruleset.levels if each.id == level)


PROXIES = Text(
    "50 % (pārtrauktā līnija): rādītājs grupu neizšķir. Pa labi no tās: šīs grupas skolēniem, kas "
    "palika, vērtības ir sliktākas. Svītra: 95 % intervāls.",
    "50 % (dashed): the indicator does not tell the group apart. To the right of it, pupils of the "
    "group who stayed have worse values. Bar: 95 % interval.",
)
