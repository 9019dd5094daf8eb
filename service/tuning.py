"""``pumpurs tune``: tunes in view of the user, tells what came of it, writes the candidate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from engine.errors import DataError, Problem
from engine.examples import run_examples
from engine.indicator import Catalogue
from engine.load import load, load_catalogue
from engine.replay.cuts import at_level
from engine.replay.figures import figures
from engine.replay.history import read_history
from engine.replay.small import SMALLEST
from engine.ruleset import Ruleset
from engine.text import Language
from engine.tuning.candidate import write_candidate
from engine.tuning.goal import Found
from engine.tuning.tuned import Tuned, Wish, tuned
from engine.words.quantities import number, percent
from engine.words.rules import RuleWords
from service import phrases
from service.histories import tell_read
from service.replay_words import share
from service.tuning_words import say

SHOWN = 12  # of the front


def gaps(given: Iterable[str]) -> dict[str, float]:
    """Return the largest gaps by group; raises `DataError` for what is not ``sex=0.1``."""
    found = {}
    for each in given:
        name, _, share = each.partition("=")
        try:
            found[name] = float(share)
        except ValueError:
            found[name] = -1
        if not 0 <= found[name] <= 1:
            hint = "write it as sex=0.1: a group column and a share from 0 to 1"
            raise DataError(Problem("range", f"'{each}' is no gap", None, hint))
    return found


def tune_file(
    paths: tuple[Path, Path, Path],
    wish: Wish,
    after: str | None,
    language: Language,
    *,
    anyway: bool,
) -> bool:
    """Tune the rules in a folder on a history, print what came of it, and write the candidate.

    `paths` are the history's, the rules', and the new folder's. Returns whether all rows were read.
    """
    source, rules, out = paths
    console = Console()
    with console.status(say("reading", language)) as status:
        ruleset = load(rules)
        history = read_history(source, load_catalogue(rules))
        tell_read(history, console, language)
        found = tuned(
            history, ruleset, wish, after, lambda at: status.update(say("tuning", language, at))
        )
    told = _Story(found, ruleset, history.catalogue, language)
    for part in told.parts():
        console.print(part, highlight=False)
    moved = bool(found.candidate.searched)
    if moved and (found.gains or found.needed or anyway):
        write_candidate(found.candidate, rules, out)
        broken = {problem.place for problem in run_examples(found.candidate.ruleset)}
        if broken:
            said = say("examples", language, number(len(broken), language), str(out))
            console.print(said, style="yellow", highlight=False, markup=False)
        console.print(phrases.say("written", language, str(out)), highlight=False, markup=False)
    elif moved:
        console.print(say("not-written", language), style="yellow", highlight=False)
    return not history.rejects.height


class _Story:
    def __init__(
        self, found: Tuned, ruleset: Ruleset, catalogue: Catalogue, language: Language
    ) -> None:
        self.found, self.ruleset, self.language = found, ruleset, language
        self.groups = {name: catalogue.indicators[name].label for name in found.goal.gaps}
        self.words = RuleWords(ruleset, language)

    def _say(self, phrase: str, *values: str) -> str:
        return say(phrase, self.language, *values)

    def _number(self, value: float) -> str:
        return number(value, self.language)

    def parts(self) -> Iterator[Grid | str]:
        """Yield tables and lines, in the order in which they are read."""
        found, goal = self.found, self.found.goal
        label = self.ruleset.levels[self.ruleset.rank(goal.level)].label[self.language]
        yield self._say("goal", label, self._number(goal.most))
        if found.split:
            yield escape(self._say("cohorts", ", ".join(found.split.tune)))
        if found.unsplit:
            why = (found.unsplit.reason, found.unsplit.remedy)
            yield escape(self._say("all-rows", *(text[self.language] for text in why)))
        if found.seen.too_few:
            yield self._say("few")
        yield self._seen()
        if not found.candidate.searched:
            yield self._say("none")
        else:
            yield from (self._changes(), *self._tried(), *self._later())
        yield self._front()

    def _grid(self, title: str, *columns: str) -> Grid:
        grid = Grid(title=self._say(title), title_justify="left", title_style="bold")
        for at, column in enumerate(columns):
            grid.add_column(self._say(column), justify="right" if at else "left")
        return grid

    def _seen(self) -> Grid:
        grid = self._grid("seen", "figure", "present", "tuned")
        sides = (self.found.tuning.present, self.found.tuning.best)
        grid.add_row(self._say("flagged"), *(self._number(side.flagged) for side in sides))
        for name in ("caught", "false_alarms"):
            values = (self._told(getattr(side, name), side.flagged) for side in sides)
            grid.add_row(self._say(name), *values)
        for by in self.found.goal.gaps:
            shares = (percent(round(side.gaps[by], 3), self.language) for side in sides)
            grid.add_row(escape(self._say("gap", self.groups[by][self.language])), *shares)
        return grid

    def _told(self, became: int, flagged: int) -> str:
        """Return how many of those flagged left or stayed, where they are not too few to tell."""
        return self._say("suppressed") if _too_few(flagged) else self._number(became)

    def _changes(self) -> Grid:
        grid = self._grid("changes", "parameter", "present", "tuned")
        for choice in self.found.candidate.choices(self.ruleset):
            parameter = self.ruleset.parameters[choice.parameter]
            values = (parameter.value, choice.after)
            shown = (self.words.parameter_value(parameter, value) for value in values)
            grid.add_row(escape(parameter.label[self.language]), *map(escape, shown))
        return grid

    def _tried(self) -> Iterator[Grid | str]:
        found = self.found
        if found.trials:
            grid = self._grid("trials", "cohort", "left", "flagged", "caught")
            for each in found.trials:
                caught = map(self._told, each.caught, each.flagged)
                pairs = (" → ".join(pair) for pair in (map(self._number, each.flagged), caught))
                grid.add_row(escape(each.cohort), self._number(each.left), *pairs)
            yield grid
            left = self._number(sum(each.left for each in found.trials))
            yield self._say(self._outcome(), self._number(abs(found.gain)), left)
        else:
            yield self._say("untried")
        if found.needed:
            yield self._say("needed")
        if not found.goal.met(found.tuning.best):
            yield self._say("missed")

    def _outcome(self) -> str:
        """Return the phrase that says what came of the trials."""
        if self.found.gains:
            return "gain"
        more = self.found.gain
        return "no-gain" if more > 0 else "worse" if more < 0 else "same"

    def _later(self) -> Iterator[Grid]:
        if self.found.before is None or self.found.after is None:
            return
        sides = [
            figures(each, at_level(each.ruleset, self.found.goal.level)).row(0, named=True)
            for each in (self.found.before, self.found.after)
        ]
        grid = self._grid("later", "figure", "present", "tuned")
        for name in ("flagged_share", "precision", "recall"):
            grid.add_row(self._say(name), *(share(side, name, self.language) for side in sides))
        yield grid

    def _front(self) -> Grid:
        grid = self._grid("front", "flagged", "caught", "moved")
        present = self.found.tuning.present.values
        for each in thinned(self.found.tuning.front):
            moved = sum(value != present[name] for name, value in each.values.items())
            grid.add_row(*map(self._number, (each.flagged, each.caught, moved)))
        return grid


def thinned(front: Iterable[Found]) -> Iterator[Found]:
    """Yield some combinations of a front, evenly chosen, the first and the last among them.

    None that flags so few that it would tell what became of them.
    """
    told = [each for each in front if not _too_few(each.flagged)]
    last, shown = len(told) - 1, min(SHOWN, len(told))
    for at in sorted({round(last * n / max(1, shown - 1)) for n in range(shown)}):
        yield told[at]


def _too_few(flagged: int) -> bool:
    return 0 < flagged < SMALLEST
