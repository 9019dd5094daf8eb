"""``pumpurs tune``: tunes in view of the user, tells what came of it, writes the candidate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from engine.errors import DataError, Problem
from engine.examples import run_examples
from engine.indicator import Catalogue
from engine.load import load, load_catalogue
from engine.replay.cuts import at_level
from engine.replay.history import read_history
from engine.replay.impact import figures_beside
from engine.ruleset import Ruleset
from engine.text import Language
from engine.tuning.candidate import check_new, write_candidate
from engine.tuning.telling import became, caught, grounds, thinned, verdict
from engine.tuning.tuned import Tuned, Wish, changed, tuned
from engine.words.quantities import number, percent
from engine.words.rules import RuleWords
from service import phrases
from service.grids import Grid
from service.histories import tell_read
from service.replay_tables import cell
from service.tuning_words import say


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
    Raises `DataError` before any work where the folder cannot be written to.
    """
    source, rules, out = paths
    console = Console()
    with console.status(say("reading", language)) as status:
        ruleset = load(rules)
        check_new(out, catalogue := load_catalogue(rules))
        history = read_history(source, catalogue)
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
        yield from map(escape, grounds(found, self.language))
        yield self._seen()
        if found.candidate.searched:
            yield self._changes()
        if found.trials:
            yield self._tried()
        yield from verdict(found, self.language)
        if found.candidate.searched:
            yield from self._later()
        yield self._front()

    def _grid(self, title: str, *columns: str) -> Grid:
        grid = Grid(self._say(title))
        for at, column in enumerate(columns):
            grid.add_column(self._say(column), justify="right" if at else "left")
        return grid

    def _seen(self) -> Grid:
        grid = self._grid("seen", "figure", "present", "tuned")
        sides = (self.found.tuning.present, self.found.tuning.best)
        grid.add_row(self._say("flagged"), *(self._number(side.flagged) for side in sides))
        for name in ("caught", "false_alarms"):
            before, after = (getattr(side, name) for side in sides)
            flagged = [side.flagged for side in sides]
            now = became(before, self.language, flagged[0])
            then = became(after, self.language, flagged[1], self.found.moved)
            grid.add_row(self._say(name), now, then)
        for by in self.found.goal.gaps:
            shares = (percent(round(side.gaps[by], 3), self.language) for side in sides)
            grid.add_row(escape(self._say("gap", self.groups[by][self.language])), *shares)
        return grid

    def _changes(self) -> Grid:
        grid = self._grid("changes", "parameter", "present", "tuned")
        for choice in self.found.candidate.choices(self.ruleset):
            parameter = self.ruleset.parameters[choice.parameter]
            values = (parameter.value, choice.after)
            shown = (self.words.parameter_value(parameter, value) for value in values)
            grid.add_row(escape(parameter.label[self.language]), *map(escape, shown))
        return grid

    def _tried(self) -> Grid:
        grid = self._grid("trials", "cohort", "left", "flagged", "caught")
        for each in self.found.trials:
            pairs = (map(self._number, each.flagged), caught(each, self.language))
            shown = (" → ".join(pair) for pair in pairs)
            grid.add_row(escape(each.cohort), self._number(each.left), *shown)
        return grid

    def _later(self) -> Iterator[Grid]:
        found, change = self.found, changed(self.found)
        if found.before is None or found.after is None or change is None:
            return
        before, after = (
            (each, at_level(each.ruleset, found.goal.level)) for each in (found.before, found.after)
        )
        lines = [each.row(0, named=True) for each in figures_beside(before, after, change)]
        grid = self._grid("later", "figure", "present", "tuned")
        for name in ("flagged_share", "precision", "recall"):
            grid.add_row(self._say(name), *(cell(line, name, self.language) for line in lines))
        yield grid

    def _front(self) -> Grid:
        grid = self._grid("front", "flagged", "caught", "moved")
        present = self.found.tuning.present.values
        for each in thinned(self.found.tuning):
            moved = sum(value != present[name] for name, value in each.values.items())
            grid.add_row(*map(self._number, (each.flagged, each.caught, moved)))
        return grid
