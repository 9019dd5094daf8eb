"""Sliders for every number that may be tuned: whom a ruleset flags moves with the hand.

Each move is answered from the whole history, exactly: `engine.tuning` counted it once, and asks it
no more. Nothing that is moved here changes a rule; a candidate carries it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from html import escape
from typing import Any

import ipywidgets
import polars as pl

from engine.condition import Number
from engine.errors import RuleError
from engine.lab import curves
from engine.lab.histogram import cuts, of_tally
from engine.lab.moves import Flagged, by_level, by_score, room
from engine.lab.sheet import numbers
from engine.lab.words import SLIDERS
from engine.replay.cuts import default_level
from engine.replay.history import History
from engine.ruleset import Ruleset
from engine.text import Language
from engine.tuning.answers import answers
from engine.tuning.candidate import Candidate
from engine.tuning.grid import Tuned, grid_of
from engine.tuning.tally import Answers, Tally
from engine.tuning.tune import tuned_names
from engine.tuning.tuned import days
from engine.words.rules import RuleWords

_WIDE = {"width": "420px"}
_TALL = "560px"  # more sliders than this scroll, so that the numbers stay in sight


def sliders(
    history: History,
    ruleset: Ruleset,
    language: Language,
    names: Iterable[str] | None = None,
    values: Mapping[str, Iterable[Number]] | None = None,
) -> Sliders:
    """Return sliders over a history for the named parameters, or for all that can flag anybody.

    `values` are values of one's own; else a parameter goes by its step within its bounds.
    """
    chosen = tuned_names(ruleset) if names is None else names
    found = answers(ruleset, grid_of(ruleset, chosen, values), history.rows)
    return Sliders(found, days(history.rows), language)


class Sliders:
    """A box of sliders with numbers and a picture beside them; a notebook shows it as a cell.

    `days` is how many as-of days the history has, or cohorts where it has no days: plans are asked
    for by the day.
    """

    def __init__(self, answers: Answers, days: int, language: Language) -> None:
        self.answers, self.days, self.language = answers, days, language
        self._before = answers.tally({})
        self._numbers, self._picture = ipywidgets.HTML(), ipywidgets.HTML()
        self._say = {name: text[language] for name, text in SLIDERS.items()}
        self._sliders = {each.name: self._slider(each) for each in answers.grid.tuned}
        self._level, self._plans = self._levels(), self._capacity()
        self._reset = ipywidgets.Button(description=self._say["reset"], layout=_WIDE)
        self._reset.on_click(lambda _: self.reset())
        for control in (*self._sliders.values(), self._level, self._plans):
            control.observe(lambda _: self._move(), "value")
        self._quiet = False
        self._move()

    @property
    def values(self) -> dict[str, Number]:
        """The values at which the sliders stand."""
        return {name: slider.value for name, slider in self._sliders.items()}

    @property
    def candidate(self) -> Candidate:
        """The ruleset with these values, each of them chosen by a person.

        Raises `RuleError` where the ruleset's laws refuse them.
        """
        return Candidate(self.answers.ruleset.with_parameters(self.values), {})

    @property
    def flagged(self) -> Flagged:
        """What is flagged now; raises `RuleError` as `candidate`."""
        return self._cut(self.answers.tally(self.values))[0]

    def move(self, values: Mapping[str, Number]) -> None:
        """Move sliders; raises `OutOfBoundsError` where one has no such value."""
        self.answers.grid.places(values)
        self._quiet = True
        for name, value in values.items():
            self._sliders[name].value = value
        self._quiet = False
        self._move()

    def flag_from(self, level: str) -> None:
        """Flag from a level on, named by its id."""
        self._level.value = level

    def plans(self, number: int) -> None:
        """Say how many plans can be run on each as-of day; 0 flags by level again."""
        self._plans.value = number

    def reset(self) -> None:
        """Move all sliders back to the ruleset's own values."""
        self.move({each.name: each.values[each.present] for each in self.answers.grid.tuned})

    @cached_property
    def box(self) -> Any:  # noqa: ANN401  a widget
        """The widget that holds it all."""
        titled = ipywidgets.VBox(
            [*map(self._titled, self.answers.grid.tuned)],
            layout={"max_height": _TALL, "overflow": "hidden auto", "flex": "0 1 auto"},
        )
        left = ipywidgets.VBox(
            [self._level, self._plans, titled, self._reset],
            layout={"width": "460px", "flex": "0 0 auto"},
        )
        right = ipywidgets.VBox([self._numbers, self._picture])
        return ipywidgets.HBox([left, right])

    def _repr_mimebundle_(self, **arguments: Any) -> Any:  # noqa: ANN401  as widgets have it
        return self.box._repr_mimebundle_(**arguments)

    def _slider(self, tuned: Tuned) -> Any:  # noqa: ANN401  a widget
        ruleset = self.answers.ruleset
        words, parameter = RuleWords(ruleset, self.language), ruleset.parameters[tuned.name]
        return ipywidgets.SelectionSlider(
            options=[(words.parameter_value(parameter, value), value) for value in tuned.values],
            value=tuned.values[tuned.present],
            layout=_WIDE,
        )

    def _titled(self, tuned: Tuned) -> Any:  # noqa: ANN401  a widget
        label = self.answers.ruleset.parameters[tuned.name].label[self.language]
        title = ipywidgets.HTML(f'<span class="pumpurs-{tuned.name}">{escape(label)}</span>')
        unshrunk = {"flex": "0 0 auto"}  # in a box that scrolls, all would else be squeezed into it
        return ipywidgets.VBox([title, self._sliders[tuned.name]], layout=unshrunk)

    def _levels(self) -> Any:  # noqa: ANN401  a widget
        ruleset = self.answers.ruleset
        return ipywidgets.Dropdown(
            options=[(each.label[self.language], each.id) for each in ruleset.levels[1:]],
            value=default_level(ruleset),
            description=self._say["from-level"],
            style={"description_width": "initial"},
            layout=_WIDE,
        )

    def _capacity(self) -> Any:  # noqa: ANN401  a widget
        return ipywidgets.BoundedIntText(
            value=0,
            min=0,
            max=10_000_000,
            description=self._say["plans"],
            style={"description_width": "initial"},
            layout=_WIDE,
        )

    def _cut(self, tally: Tally) -> tuple[Flagged, str]:
        """Return what is flagged, and by which cut, in words."""
        ruleset = self.answers.ruleset
        if not self._plans.value:
            rank = ruleset.rank(self._level.value)
            return by_level(tally, rank), ruleset.levels[rank].label[self.language]
        score = room(tally, self._plans.value * self.days)
        if score is None:
            return by_score(tally, len(tally.sure.scores)), self._say["no-room"]
        return by_score(tally, score), f"≥ {score}"

    def _move(self) -> None:
        """Show what the sliders now say."""
        if self._quiet:
            return
        try:
            now = self.answers.tally(self.values)
        except RuleError as error:
            problem = escape(error.problems[0].message)
            self._numbers.value = f"<p><strong>{self._say['refused']}</strong> {problem}</p>"
            self._picture.value = ""
            return
        shown = {self._say["before"]: self._before, self._say["now"]: now}
        found = {name: self._cut(tally) for name, tally in shown.items()}
        self._numbers.value = numbers(found, self._about(), self.language)
        self._picture.value = self._drawn(shown, found)

    def _about(self) -> str:
        notes = [note[self.language] for note in self.answers.notes]
        days = self._say["days"].format(self.days)
        return " ".join([days, *notes])

    def _drawn(self, shown: Mapping[str, Tally], found: Mapping[str, tuple[Flagged, str]]) -> str:
        lines, marks = [], []
        for name, tally in shown.items():
            lines.append(cuts(of_tally(tally)).with_columns(pl.lit(name).alias("series")))
            flagged, cut = found[name]
            shares = {n: getattr(flagged, n) for n in ("flagged_share", "precision", "recall")}
            marks.append({"series": name, "name": cut, **shares})
        kinds = dict.fromkeys(("flagged_share", "precision", "recall"), pl.Float64)
        chosen = pl.DataFrame(marks, schema={"series": pl.String, "name": pl.String, **kinds})
        drawn = curves.precision_recall(pl.concat(lines), chosen, None, self.language).svg()
        return drawn.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)
