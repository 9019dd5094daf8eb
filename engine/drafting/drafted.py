"""From a scorecard to a ruleset: ladders, parameters that can be tuned, levels and examples.

Texts are made from the indicators' own labels, in both languages. Bounds of neighbouring numbers
meet halfway, so that whatever is tuned within them, ladders and levels keep their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from engine.condition import Number, Param, Value
from engine.drafting.room import points_room, threshold_room
from engine.drafting.scorecard import Card
from engine.drafting.steps import Axis
from engine.indicator import Catalogue, Unit
from engine.ruleset import Criterion, Example, Level, Parameter, Rule, Ruleset, Step
from engine.text import LANGUAGES, Language, Text
from engine.words.digits import share
from engine.words.phrases import POINTS
from engine.words.quantities import value_words

ID = "draft"
_STEM = 48  # of a parameter's name, which has at most 64 characters
_LABELS = {
    "none": Text("Nav pazīmju", "No signs"),
    "watch": Text("Vērot", "Watch"),
    "support": Text("Atbalstīt", "Support"),
    "high": Text("Augsts", "High"),
}
_FLAGS = Text("atzīmē {} rindu, no tām pameta {}", "flags {} of the rows, {} of these left")


@dataclass(frozen=True)
class Start:
    """From which score a level holds, and why: the share of rows at it or above, and who left."""

    level: str
    score: int
    flagged: float
    precision: float


@dataclass(frozen=True)
class Ladder:
    """The steps chosen on one axis, the mildest first: their places and points, added up."""

    axis: Axis
    places: tuple[int, ...]
    points: tuple[int, ...]

    @property
    def thresholds(self) -> tuple[Number, ...]:
        """The thresholds of the steps, none for a flag."""
        return tuple(self.axis.thresholds[p] for p in self.places) if self.axis.thresholds else ()

    @property
    def rule(self) -> str:
        """The id of the rule that the ladder becomes."""
        return self.axis.indicator.name.replace("_", "-")

    def name(self, number: int) -> str:
        """Return the name of the parameter of a step, numbered from the most severe, from 1."""
        return f"{self.axis.indicator.name[:_STEM]}_{number}"


def ladders(card: Card, axes: Sequence[Axis]) -> tuple[Ladder, ...]:
    """Return the ladders of a scorecard, those that bring the most points first."""
    found = []
    for number, axis in enumerate(axes):
        parts = sorted(part for part in card if part.axis == number)
        if parts:
            points = tuple(accumulate(part.points for part in parts))
            found.append(Ladder(axis, tuple(part.place for part in parts), points))
    return tuple(sorted(found, key=lambda ladder: -ladder.points[-1]))


@dataclass(frozen=True)
class About:
    """What a drafted ruleset says of itself; `source` says of each number whence it is."""

    title: Text
    description: Text
    source: str


def drafted(
    made: Sequence[Ladder], starts: Sequence[Start], catalogue: Catalogue, about: About
) -> Ruleset:
    """Return the ruleset of these ladders and levels."""
    source = about.source
    parameters = [p for ladder in made for p in _parameters(ladder, source)]
    parameters += _cut_offs(starts, source, sum(ladder.points[-1] for ladder in made))
    return Ruleset(
        id=ID,
        title=about.title,
        description=about.description,
        source=source,
        levels=(
            Level("none", _LABELS["none"]),
            *(Level(s.level, _LABELS[s.level], Param(f"from_{s.level}")) for s in starts),
        ),
        rules=tuple(_rule(ladder, source) for ladder in made),
        catalogue=with_points(catalogue),
        parameters={p.name: p for p in parameters},
        examples=(*(e for ladder in made for e in _examples(ladder, catalogue)), _silence(made)),
    )


def with_points(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with the unit in which points are counted, if it had none."""
    if "points" in catalogue.units:
        return catalogue
    unit = Unit("points", POINTS["lv"], POINTS["en"])
    return replace(catalogue, units={**catalogue.units, "points": unit})


def _rule(ladder: Ladder, source: str) -> Rule:
    indicator, count = ladder.axis.indicator, len(ladder.points)
    steps = tuple(
        Step(
            Criterion(ladder.axis.condition(Param(ladder.name(n)) if ladder.thresholds else None)),
            points=Param(f"{ladder.name(n)}_points"),
        )
        for n in range(1, count + 1)
    )
    return Rule(ladder.rule, indicator.domain, indicator.label, steps, source=source)


def _parameters(ladder: Ladder, source: str) -> Iterator[Parameter]:
    """Yield the threshold and points of each step, the most severe first."""
    label, count = ladder.axis.indicator.label, len(ladder.points)
    for n in range(1, count + 1):
        at = count - n
        if ladder.thresholds:
            bounds, step = threshold_room(ladder.axis, ladder.thresholds, at)
            said = Text(f"{label.lv}: {n}. pakāpes robeža", f"{label.en}: limit of step {n}")
            unit, value = ladder.axis.indicator.unit, ladder.thresholds[at]
            yield Parameter(ladder.name(n), said, unit, value, source, bounds, step)
        said = Text(f"{label.lv}: {n}. pakāpes punkti", f"{label.en}: points of step {n}")
        value = ladder.points[at]
        room = points_room(ladder.points, at)
        yield Parameter(f"{ladder.name(n)}_points", said, "points", value, source, room, 1)


def _cut_offs(starts: Sequence[Start], source: str, top: int) -> Iterator[Parameter]:
    scores = [start.score for start in starts]
    for at, start in enumerate(starts):
        label = _LABELS[start.level]
        said = Text(f"{label.lv}: no kāda punktu skaita", f"{label.en}: from which score")
        why = "; ".join((source, " / ".join(_flags(start, language) for language in LANGUAGES)))
        room = points_room(scores, at, max(top, scores[-1]))
        yield Parameter(f"from_{start.level}", said, "points", start.score, why, room, 1)


def _flags(start: Start, language: Language) -> str:
    shares = (share(each, language) for each in (start.flagged, start.precision))
    return _FLAGS[language].format(*shares)


def _examples(ladder: Ladder, catalogue: Catalogue) -> Iterator[Example]:
    """Yield what a coordinator can judge: what holds exactly at each limit."""
    count = len(ladder.points)
    if not ladder.thresholds:
        worse = ladder.axis.rising
        yield from (
            _example(ladder, catalogue, v, 1 if v is worse else None) for v in (True, False)
        )
        return
    for n in range(1, count + 1):
        value = ladder.thresholds[count - n]
        held = n if ladder.axis.rising else n + 1
        yield _example(ladder, catalogue, value, held if held <= count else None)


def _example(ladder: Ladder, catalogue: Catalogue, value: Value, step: int | None) -> Example:
    indicator = ladder.axis.indicator

    def says(language: Language, exactly: str, holds: str, none: str) -> str:
        shown = value_words(value, indicator, catalogue, language)
        shown = shown if isinstance(value, bool) else f"{exactly} {shown}"
        return f"{indicator.label[language]}: {shown} – {holds.format(step) if step else none}."

    text = Text(
        says("lv", "tieši", "izpildās {}. pakāpe", "pazīmes nav"),
        says("en", "exactly", "step {} holds", "no sign"),
    )
    answer = f"step {step}" if step else "does not hold"
    return Example(text, {indicator.name: value}, {ladder.rule: answer})


def _silence(made: Sequence[Ladder]) -> Example:
    text = Text(
        "Kamēr nekas nav zināms, neko nevar teikt.",
        "As long as nothing is known, no rule can say anything.",
    )
    return Example(text, {}, {ladder.rule: "cannot say" for ladder in made})
