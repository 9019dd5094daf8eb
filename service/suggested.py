"""What ``pumpurs suggest`` prints: the draft, how it came about, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from engine.drafting.draft_words import spanned
from engine.drafting.drafted import ladders
from engine.drafting.expect import Judged
from engine.drafting.scorecard import Part
from engine.drafting.steps import Axis
from engine.drafting.suggest import Draft
from engine.drafting.trust import reasons, unread
from engine.indicator import Catalogue
from engine.replay.history import History
from engine.text import Language, Text
from engine.words.phrases import COMPARED
from engine.words.phrases import PHRASES as WORDS
from engine.words.quantities import number, percent, value_words
from service import phrases
from service.grids import Grid

PHRASES: dict[str, Text] = {
    "drafting": Text("Meklē, kādas robežas un punktus ieteiktu vēsture…", "Searching the history…"),
    "tuned": Text("Meklēts kohortās: {}", "Tuned on cohorts: {}"),
    "judged": Text("Pārbaudīts kohortās: {}", "Judged on cohorts: {}"),
    "all": Text("visās rindās", "all rows"),
    "none": Text("nevienā", "none"),
    "unsplit": Text(
        "Kāpēc nav citu rindu, kas pārbaudītu: {}. Ko darīt: {}.",
        "Why there are no other rows to judge: {}. What to do: {}.",
    ),
    "neither": Text(
        "Rindas, kas nav ne vienās, ne otrās: {} (bez kohortas vai par agru, lai vērtētu)",
        "Rows of neither: {} (without a cohort, or too early to judge)",
    ),
    "draft": Text("Melnraksts", "The draft"),
    "search": Text("Kā meklēšana pie tā nonāca", "How the search came to it"),
    "sizes": Text("Cik pakāpju (rindās, ko meklēšana neredzēja)", "How many steps (rows not seen)"),
    "front": Text("Cik atzīmē un cik atrod", "Flagged against caught"),
    "expected": Text("Ko gaidīt nākamajā kohortā", "What to expect of the next cohort"),
    "reasons": Text("Kāpēc tam uzticēties (+) vai ne (-)", "Why to trust it (+), or not (-)"),
    "unread": Text("Neizmantotie rādītāji", "Indicators not used"),
    "nothing": Text(
        "Mēģinājumi droši nerāda, kuri skolēni pametīs mācības: melnraksta nav.",
        "Trials do not surely tell which pupils will leave: there is no draft.",
    ),
    "indicator": Text("Rādītājs", "Indicator"),
    "condition": Text("Nosacījums", "Condition"),
    "points": Text("Punkti", "Points"),
    "come": Text("Pielikts", "Added"),
    "gone": Text("Noņemts", "Taken away"),
    "deviance": Text("Novirze (deviance)", "Deviance"),
    "steps": Text("Pakāpes", "Steps"),
    "row-deviance": Text("Novirze uz rindu (deviance)", "Deviance a row"),
    "score": Text("No cik punktiem", "Score from"),
    "flagged": Text("Atzīmēti", "Flagged"),
    "precision": Text("Precizitāte", "Precision"),
    "recall": Text("Atrasti", "Caught"),
    "cannot-say": Text("Nevar pateikt", "Cannot say"),
    "level": Text("Līmenis", "Level"),
    "part": Text("Kas vērtēts", "Judged on"),
    "rows": Text("Rindas", "Rows"),
    "base": Text("Pamet", "Leave"),
    "next": Text("gaidāms nākamajā", "expected next"),
    "later": Text("vēlākās kohortas", "later cohorts"),
    "range": Text("{} (no {} līdz {})", "{} ({} to {})"),
    "next-step": Text(
        "Tālāk: 'pumpurs check {0}', 'pumpurs words {0}'. Melnraksts pats spēkā nestājas.",
        "Next: 'pumpurs check {0}', 'pumpurs words {0}'. The draft never applies itself.",
    ),
}


def say(phrase: str, language: Language, *values: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values)


def tell(history: History, draft: Draft, console: Console, language: Language) -> None:
    """Print the story of a draft."""
    split = draft.split
    for phrase, cohorts in (("tuned", split and split.tune), ("judged", split and split.judge)):
        named = (
            spanned(cohorts) if cohorts else say("all" if phrase == "tuned" else "none", language)
        )
        console.print(say(phrase, language, named), highlight=False, markup=False)
    if draft.unsplit:
        why = (draft.unsplit.reason[language], draft.unsplit.remedy[language])
        console.print(say("unsplit", language, *why), highlight=False, markup=False)
    if neither := _neither(history, draft):
        console.print(say("neither", language, number(neither, language)), highlight=False)
    if draft.ruleset is None:
        console.print(say("nothing", language), style="bold yellow")
    else:
        console.print(steps_grid(draft, history.catalogue, language))
        console.print(search_grid(draft, history.catalogue, language))
        console.print(front_grid(draft, language))
    console.print(sizes_grid(draft, language))
    console.print(expected_grid(draft, language))
    for line in _lists(history, draft, language):
        console.print(line, highlight=False)


def _neither(history: History, draft: Draft) -> int:
    """Return how many rows are neither tuned on nor judged."""
    if draft.split is None:
        return 0
    parts = (draft.split.rows(history, part).height for part in ("tune", "judge"))
    return history.rows.height - sum(parts)


def drafting(language: Language) -> str:
    """Return what to show while the search runs."""
    return say("drafting", language)


def tell_next(out: Path, console: Console, language: Language) -> None:
    """Print where the draft stands, and what to do with it."""
    for line in (phrases.say("written", language, str(out)), say("next-step", language, str(out))):
        console.print(line, highlight=False, markup=False)


def _lists(history: History, draft: Draft, language: Language) -> Iterator[str]:
    yield f"[bold]{say('reasons', language)}[/bold]"
    for reason in reasons(draft):
        mark = "[green]+[/green]" if reason.speaks_for else "[yellow]-[/yellow]"
        yield f"  {mark} {escape(reason.text[language])}"
    others = list(unread(history, draft))
    if others:
        yield f"[bold]{say('unread', language)}[/bold]"
    for indicator, why in others:
        yield f"  {escape(indicator.label[language])}: {escape(why[language])}"


def _grid(title: str, language: Language, left: tuple[str, ...], right: tuple[str, ...]) -> Grid:
    grid = Grid(say(title, language))
    for name in left:
        grid.add_column(say(name, language))
    for name in right:
        grid.add_column(say(name, language), justify="right")
    return grid


def steps_grid(draft: Draft, catalogue: Catalogue, language: Language) -> Grid:
    """Return the draft's ladders, the heaviest first, each from its gravest step."""
    grid = _grid("draft", language, ("indicator", "condition"), ("points",))
    for ladder in ladders(draft.card, draft.axes):
        label = ladder.axis.indicator.label[language]
        for place, points in reversed(list(zip(ladder.places, ladder.points, strict=True))):
            shown = _condition(ladder.axis, place, catalogue, language)
            grid.add_row(escape(label), escape(shown), number(points, language))
    return grid


def search_grid(draft: Draft, catalogue: Catalogue, language: Language) -> Grid:
    """Return each move of the search: what came, what went for it, and the deviance after it."""
    grid = _grid("search", language, ("come", "gone"), ("deviance",))
    grid.add_row("", "", _decimals(draft.stages[0].deviance, 1, language))
    for stage in draft.stages[1:]:
        for move in stage.moves:
            come, gone = (
                _part(part, draft, catalogue, language) for part in (move.come, move.gone)
            )
            grid.add_row(escape(come), escape(gone), _decimals(move.deviance, 1, language))
    return grid


def sizes_grid(draft: Draft, language: Language) -> Grid:
    """Return how well scorecards of each size did on rows not tuned on; the chosen one is bold."""
    grid = _grid("sizes", language, (), ("steps", "row-deviance"))
    grid.add_column("AUC", justify="right")
    for size in draft.expected.sizes:
        style = "bold" if size.steps == draft.expected.steps else None
        shown = (_decimals(value, 3, language) for value in (size.deviance, size.auc))
        grid.add_row(number(size.steps, language), *shown, style=style)
    return grid


def front_grid(draft: Draft, language: Language) -> Grid:
    """Return what each cut of the score flags and catches, on the rows tuned on."""
    grid = _grid(
        "front", language, ("level",), ("score", "flagged", "precision", "recall", "cannot-say")
    )
    levels = draft.ruleset.levels if draft.ruleset else ()
    starts = dict(draft.ruleset.starts) if draft.ruleset else {}
    named = {starts[rank]: lv.label[language] for rank, lv in enumerate(levels) if rank in starts}
    for point in draft.front:
        shares = (point.flagged, point.precision, point.recall, point.cannot_say)
        shown = (_share(share, language) for share in shares)
        grid.add_row(named.get(point.score, ""), number(point.score, language), *shown)
    return grid


def expected_grid(draft: Draft, language: Language) -> Grid:
    """Return how each trial was judged, what follows for the next cohort, and the later ones."""
    grid = _grid("expected", language, ("part",), ("rows", "base", "precision", "recall"))
    grid.add_column("AUC", justify="right")
    for trial in draft.expected.trials:
        grid.add_row(escape(trial.name), *_judged(trial, language))
    stated = draft.expected.next
    shares = (stated.precision, stated.low, stated.high)
    around = say("range", language, *(_share(share, language) for share in shares))
    rest = (_share(stated.recall, language), _decimals(stated.auc, 3, language))
    base = _share(stated.base, language)
    grid.add_row(say("next", language), "", base, around, *rest, style="bold")
    if draft.judged:
        grid.add_row(say("later", language), *_judged(draft.judged, language))
    grid.caption = f"{say('flagged', language)}: {_share(draft.plan.flagged, language)}"
    return grid


def _judged(found: Judged, language: Language) -> Iterator[str]:
    yield number(found.rows, language)
    yield from (_share(share, language) for share in (found.base, found.precision, found.recall))
    yield _decimals(found.auc, 3, language)


def _part(part: Part | None, draft: Draft, catalogue: Catalogue, language: Language) -> str:
    if part is None:
        return ""
    axis = draft.axes[part.axis]
    condition = _condition(axis, part.place, catalogue, language)
    return f"{axis.indicator.label[language]}: {condition} (+{part.points})"


def _condition(axis: Axis, place: int, catalogue: Catalogue, language: Language) -> str:
    if not axis.thresholds:
        return WORDS["yes" if axis.rising else "no"][language]
    value = value_words(axis.thresholds[place], axis.indicator, catalogue, language)
    return COMPARED[axis.op][language].format(value)


def _share(share: float, language: Language) -> str:
    return percent(round(share, 3), language)


def _decimals(value: float, decimals: int, language: Language) -> str:
    return number(round(value, decimals), language)
