"""Tables of tuning: what was found, whether it held where it was tried, who chose what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import polars as pl
from great_tables import GT

from engine.condition import Number
from engine.drafting.expect import Judged
from engine.drafting.suggest import Draft
from engine.indicator import Catalogue
from engine.lab.page import Page
from engine.lab.tables import INTERVALS, JUDGED, MAIN, cell, table
from engine.lab.views import heading, names, without
from engine.lab.words import LABELS
from engine.replay.cuts import at_level
from engine.replay.history import COHORT, OUTCOME, History
from engine.replay.impact import Impact, figures_beside, impact
from engine.replay.replay import Replay
from engine.ruleset import Ruleset
from engine.text import Language, Text
from engine.tuning.candidate import Candidate
from engine.tuning.telling import caught, grounds, verdict
from engine.tuning.tuned import Tuned
from engine.words.digits import estimate, fixed, share
from engine.words.quantities import number, percent
from engine.words.rules import RuleWords

IMPACT = ("before", "after", "newly", "newly_left", "dropped", "dropped_left", "cannot_say_after")
DRAFTED = ("rows", "with_interval", "recall", "auc")


def cohorts(history: History, language: Language) -> GT:
    """Return how many rows each cohort has, and what became of the pupils."""
    outcome = pl.col(OUTCOME)
    counts = [pl.len(), outcome.sum(), (~outcome).sum(), outcome.is_null().sum()]
    there = COHORT in history.rows.columns
    by = pl.col(COHORT) if there else pl.lit(LABELS["all"][language]).alias(COHORT)
    named = zip(("rows", "left", "stayed", "unknown"), counts, strict=True)
    found = history.rows.group_by(by).agg(count.alias(name) for name, count in named)
    order = {name: at for at, name in enumerate(history.cohorts)}
    lines = sorted(found.iter_rows(), key=lambda line: order.get(line[0], len(order)))
    rows = [[line[0] or LABELS["not_known"][language], *line[1:]] for line in lines]
    heads = [LABELS[name][language] for name in ("rows", "left", "stayed", "unknown")]
    title = Text("Vēsture", "The history")
    return _numbers(title, [LABELS["cohort"][language], *heads], rows, language)


def choices(candidate: Candidate, base: Ruleset, language: Language) -> GT:
    """Return which numbers differ from the base, and who chose each."""
    words, found = RuleWords(candidate.ruleset, language), candidate.choices(base)
    lines = []
    for choice in found:
        parameter = candidate.ruleset.parameters[choice.parameter]
        values = [
            "–" if value is None else words.parameter_value(parameter, value)
            for value in (choice.before, choice.after)
        ]
        lines.append([parameter.label[language], *values, LABELS[choice.by][language]])
    heads = ("parameter", "before_value", "after_value", "chosen_by")
    title = Text("Mainītie skaitļi", "Numbers changed")
    return _texts(title, heads, lines, language)


def tried(found: Tuned, language: Language) -> GT | Page:
    """Return how tuned values did on cohorts that they were not tuned on, beside present ones.

    Below it, or alone where there were no trials, stands what ``pumpurs tune`` says of them.
    """
    said = [*verdict(found, language), *grounds(found, language)]
    if not found.trials:
        return Page("\n\n".join(said))
    heads = ("cohort", "left", "flagged", "flagged_tuned", "caught", "caught_tuned")
    lines = [
        [
            each.cohort,
            *(number(count, language) for count in (each.left, *each.flagged)),
            *caught(each, language),
        ]
        for each in found.trials
    ]
    title = Text(
        "Izmēģināts: skaņots pēc agrākām kohortām, vērtēts pēc nākamās",
        "Tried: tuned on earlier cohorts, judged on the next",
    )
    return _texts(title, heads, lines, language, "<br>".join(map(escape, said)))


def beside(replays: Sequence[Replay], called: Sequence[Text], level: str, language: Language) -> GT:
    """Return the figures of two rulesets on the same rows, side by side."""
    before, after = ((each, at_level(each.ruleset, level)) for each in replays)
    found = figures_beside(before, after, impact(before, after))
    lines = [each.row(0, named=True) for each in found]
    rows = [
        [LABELS[name][language], *(cell(line, name, language) for line in lines)]
        for name in (*MAIN, *JUDGED)
    ]
    heads = [LABELS["figure"][language], *(name[language] for name in called)]
    title = Text("Kohortas, kuras meklēšana nav redzējusi", "Cohorts that the search has not seen")
    return table(title, pl.DataFrame(rows, schema=heads, orient="row"), language, INTERVALS)


def concerned(
    impact: Impact | None, by: str | None, catalogue: Catalogue, language: Language
) -> GT | Page:
    """Return whom a change would newly flag or drop: in all, or for each value of a column.

    There is no impact (None) where no later cohort judges a change.
    """
    if impact is None:
        return Page(LABELS["no_later"][language])
    if by and by not in impact.dimensions:
        return without(by, language)
    label = heading(by, catalogue, language) if by else ""
    called = names(by, None, catalogue, language) if by else {}
    lines = []
    for line in impact.counts(by).iter_rows(named=True):
        value = (line[by] or LABELS["not_known"][language]) if by else LABELS["all"][language]
        lines.append([called.get(value, value), *(_moved(line, n, language) for n in IMPACT)])
    heads = [LABELS[f"impact_{name}"][language] for name in IMPACT]
    rows = pl.DataFrame(lines, schema=[label or " ", *heads], orient="row")
    return table(Text("Kam kas mainītos", "For whom what would change"), rows, language)


def _moved(line: dict[str, Any], name: str, language: Language) -> str:
    """Return a count of an impact; what became of fewer than ten who moved is not told."""
    if name.endswith("_left") and line[name] is None:
        return LABELS["suppressed"][language]
    return cell(line, name, language)


def expected(draft: Draft, language: Language) -> GT:
    """Return what trials of a draft found, what to expect of the next cohort, what it did."""
    found, later = draft.expected, draft.judged
    part = "{}" if found.kind == "cohorts" else LABELS["part"][language]
    lines = [_judged(part.format(trial.name), trial, language) for trial in found.trials]
    stated = found.next
    precise = estimate(stated.precision, stated.low, stated.high, language)
    shown = (share(stated.recall, language), fixed(stated.auc, language, 3))
    lines.append([LABELS["stated"][language], "–", precise, *shown])
    if later:
        lines.append(_judged(LABELS["later"][language], later, language))
    flagged = percent(draft.plan.flagged, language)
    title = Text(f"Ja atzīmē {flagged} rindu", f"Where {flagged} of the rows are flagged")
    return _texts(title, ("judged_on", *DRAFTED), lines, language)


def _judged(name: str, found: Judged, language: Language) -> list[str]:
    shares = (share(found.precision, language), share(found.recall, language))
    return [name, number(found.rows, language), *shares, fixed(found.auc, language, 3)]


def _texts(
    title: Text,
    heads: Iterable[str],
    lines: Sequence[Sequence[str]],
    language: Language,
    note: str | None = None,
) -> GT:
    named = [LABELS[name][language] for name in heads]
    rows = pl.DataFrame(lines, schema=dict.fromkeys(named, pl.String), orient="row")
    return table(title, rows, language, Text(note, note) if note else None)


def _numbers(
    title: Text, heads: Sequence[str], lines: Sequence[Sequence[str | Number]], language: Language
) -> GT:
    shown = [[line[0], *(number(n, language) for n in line[1:])] for line in lines]
    schema = dict.fromkeys(heads, pl.String)
    return table(title, pl.DataFrame(shown, schema=schema, orient="row"), language)
