"""``pumpurs replay``: a history and rulesets in, what they would have told out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from engine.errors import DataError
from engine.indicator import Catalogue
from engine.load import load_catalogue
from engine.output import check_file, writing
from engine.replay.history import AS_OF, LEFT_ON, History, read_history
from engine.replay.judge import judge
from engine.replay.replay import Replay
from engine.replay.report import Asked, Report, compared, document, report
from engine.replay.small import SMALLEST
from engine.replay.split import Split, split_after
from engine.ruleset import Rule, Ruleset
from engine.table import refused
from engine.text import Language
from engine.tuning.candidate import Candidate, read_candidate
from engine.words.quantities import number
from service import phrases
from service.histories import tell_read
from service.replay_tables import (
    by_group,
    calibration,
    comparison,
    gaps,
    levels,
    offers,
    rules,
    whole,
)
from service.replay_words import amount, counted_outcomes, say

_NOT_COMPARED = {"no-indicators", "no-population"}


@dataclass(frozen=True)
class Options:
    """What is asked: figures, the last cohort before those that judge, and where to write."""

    asked: Asked
    after: str | None = None
    even_on_tuned: bool = False
    out: Path | None = None


def replay_file(
    path: Path, folders: Sequence[Path], options: Options, console: Console, language: Language
) -> bool:
    """Replay rulesets over a history and print what comes of it; the first is told of in full.

    Returns whether all rows of the history could be read.
    """
    if options.out is not None:
        _check_out(options.out, path)
    candidates = [read_candidate(folder) for folder in folders]
    with console.status(say("reading", language)) as status:
        history = read_history(path, _catalogue(folders))
        tell_read(history, console, language)
        split = split_after(history, options.after) if options.after is not None else None

        def watch(rule: Rule) -> None:
            status.update(say("rule-at", language, rule.title[language]))

        first = _judged(history, candidates[0], split, options)
        found = report(first, options.asked, watch)
        others = list(_others(history, candidates[1:], split, options))
    replays = [first, *(each for each in others if isinstance(each, Replay))]
    if options.out is not None:
        _write(options.out, _document(history, found, replays, options.asked))
    for line, style in _head(first, split, language):
        console.print(line, style=style, highlight=False, markup=False)
    _print(found, options.asked, history.catalogue, console, language)
    if len(folders) > 1:
        _print_comparison(replays, others, options.asked, console, language)
    if options.out is not None:
        console.print(phrases.say("written", language, str(options.out)), markup=False)
    return not history.rejects.height


def _check_out(out: Path, source: Path) -> None:
    if out.suffix.lower() != ".json":
        raise refused(out, "file-type", "figures are written as JSON", "name it .json")
    check_file(out, source)


def _catalogue(folders: Sequence[Path]) -> Catalogue:
    """Return all that the rulesets may speak of; a replay refuses what two mean differently."""
    first, *others = [load_catalogue(folder) for folder in folders]
    for other in others:
        more = {n: i for n, i in other.indicators.items() if n not in first.indicators}
        first = replace(first, indicators={**first.indicators, **more})
    return first


def _judged(
    history: History, candidate: Candidate, split: Split | None, options: Options
) -> Replay:
    ruleset, learnt = candidate.ruleset, candidate.learnt
    return judge(history, ruleset, learnt, split, even_on_tuned=options.even_on_tuned)


def _others(
    history: History, candidates: Sequence[Candidate], split: Split | None, options: Options
) -> Iterator[Replay | tuple[Ruleset, str]]:
    """Yield the replays of other rulesets, or by which problem there is none."""
    for candidate in candidates:
        try:
            yield _judged(history, candidate, split, options)
        except DataError as error:
            if {problem.code for problem in error.problems} - _NOT_COMPARED:
                raise
            yield candidate.ruleset, error.problems[0].code


def _print(
    found: Report, asked: Asked, catalogue: Catalogue, console: Console, language: Language
) -> None:
    if found.whole["level"]["suppressed"].item():
        console.print(say("few", language, str(SMALLEST)), style="bold yellow", highlight=False)
        return
    line = found.whole["level"].row(0, named=True)
    outcomes = counted_outcomes(line, language)
    pupils = number(line["pupils"], language)
    console.print(say("counted", language, pupils=pupils, **outcomes), highlight=False)
    for table in _tables(found, asked, catalogue, language):
        console.print(table)
    for said in _remarks(found, language):
        console.print(said, highlight=False, markup=False)


def _head(replay: Replay, split: Split | None, language: Language) -> Iterator[tuple[str, str]]:
    ruleset = replay.ruleset
    yield say("ruleset", language, ruleset.title[language], ruleset.version), "bold"
    if replay.part == "all":
        yield say("all-rows", language), ""
    else:
        yield say("judged", language, ", ".join(replay.cohorts)), ""
    if split and split.between:
        yield say("between", language, ", ".join(split.between)), ""
    if split and split.shared:
        yield say("shared", language, number(split.shared, language)), ""
    if replay.on_tuned:
        yield say("on-tuned", language), "bold red"
    if replay.absent:
        yield say("absent", language, _labels(replay, language)), "yellow"
    if replay.outside["rows"]:
        yield say("outside", language, **counted_outcomes(replay.outside, language)), ""


def _labels(replay: Replay, language: Language) -> str:
    known = replay.ruleset.catalogue.indicators
    return "; ".join(known[name].label[language] for name in replay.absent)


def _tables(found: Report, asked: Asked, catalogue: Catalogue, language: Language) -> Iterator[Any]:
    yield whole(found, asked.plans, language)
    yield levels(found, language)
    for by in found.by:
        yield by_group(found, by, catalogue, language)
    for table in (rules(found, language), offers(found, language)):
        if table.row_count:
            yield table
    if found.calibration.height > 1:
        yield calibration(found, language)


def _remarks(found: Report, language: Language) -> Iterator[str]:
    yield from gaps(found, language)
    value = found.ranking
    if value.least is not None and value.most is not None and value.least < value.most:
        ends = (amount(each, language, 3) for each in (value.least, value.most))
        yield say("auc-bounds", language, *ends)
    yield from _lead(found, language)
    yield say("repeated" if found.replay.repeated else "independent", language)


def _lead(found: Report, language: Language) -> Iterator[str]:
    if found.lead is None:
        lacking = (name for name in (AS_OF, LEFT_ON) if name not in found.replay.rows.columns)
        yield say("no-lead", language, ", ".join(f"'{name}'" for name in lacking))
        return
    counts = {n: number(getattr(found.lead, n), language) for n in ("leavers", "caught", "never")}
    yield say("lead-caught", language, **counts)
    if found.lead.quartiles:
        low, middle, high = (amount(each, language, 0) for each in found.lead.quartiles)
        yield say("lead", language, low=low, middle=middle, high=high)


def _print_comparison(
    replays: Sequence[Replay],
    others: Sequence[Replay | tuple[Ruleset, str]],
    asked: Asked,
    console: Console,
    language: Language,
) -> None:
    rulesets = {each.ruleset.version: each.ruleset for each in replays}
    console.print(comparison(compared(replays, asked.level), rulesets, language))
    for lacking in replays[1:]:
        if lacking.absent:
            title, names = lacking.ruleset.title[language], _labels(lacking, language)
            said = say("lacks-these", language, title, names)
            console.print(said, highlight=False, markup=False)
    for each in others:
        if not isinstance(each, Replay):
            why = say(each[1], language)
            said = say("not-compared", language, each[0].title[language], why)
            console.print(said, style="yellow", highlight=False, markup=False)


def _document(
    history: History, found: Report, replays: Sequence[Replay], asked: Asked
) -> dict[str, Any]:
    rejects = history.rejects.select("row", "column", "problem").to_dicts()
    notes = [asdict(note) for note in history.notes]
    said = {"history": history.fingerprint, "rejects": rejects, "notes": notes, **document(found)}
    if len(replays) > 1:
        said["compared"] = compared(replays, asked.level).to_dicts()
    return said


def _write(out: Path, said: dict[str, Any]) -> None:
    def plain(value: object) -> str:
        return value.isoformat() if isinstance(value, date) else str(value)

    text = json.dumps(said, ensure_ascii=False, indent=2, default=plain)
    with writing(out):
        out.write_text(text + "\n", encoding="utf-8")
