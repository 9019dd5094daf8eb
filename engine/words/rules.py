"""A ruleset as a document that a coordinator can read (Markdown)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.indicator import Indicator
from engine.ruleset import Parameter, Rule, Ruleset, Step
from engine.text import Language
from engine.words.conditions import condition_words
from engine.words.phrases import DAYS, PHRASES
from engine.words.quantities import counted, in_unit, number, points


class RuleWords:
    """Says what rules mean, in one language."""

    def __init__(self, ruleset: Ruleset, language: Language) -> None:
        self.ruleset, self.language = ruleset, language
        self._levels = {level.id: level.label[language] for level in ruleset.levels}

    def _say(self, phrase: str, *values: str) -> str:
        return PHRASES[phrase][self.language].format(*values)

    def document(self) -> str:
        """Return the whole ruleset."""
        ruleset, language = self.ruleset, self.language
        lines = [f"# {ruleset.title[language]}", "", self._say("version", ruleset.version), ""]
        if ruleset.description:
            lines += [ruleset.description[language], ""]
        if ruleset.source:
            lines += [self._say("source", ruleset.source), ""]
        lines += [self._say("population", self.population()), "", self._say("missing-data"), ""]
        lines += [f"## {self._say('levels')}", "", *(f"- {level}" for level in self.levels()), ""]
        lines += [f"## {self._say('rules')}", ""]
        for domain, label in ruleset.catalogue.domains.items():
            chosen = [rule for rule in ruleset.rules if rule.domain == domain]
            if chosen:
                lines += [f"### {label[language]}", ""]
            for rule in chosen:
                lines += [*self.rule(rule), ""]
        lines += [*self._parameters(), *self._indicators(), *self._examples()]
        return "\n".join(lines).rstrip() + "\n"

    def population(self) -> str:
        """Return for whom the ruleset is."""
        if self.ruleset.population is None:
            return self._say("everyone")
        return condition_words(self.ruleset.population.tree, self.ruleset, self.language)

    def levels(self) -> Iterator[str]:
        """Yield each level and how it is reached, from the least."""
        starts = dict(self.ruleset.starts)
        for rank, level in enumerate(self.ruleset.levels):
            if rank in starts:
                how = self._say("from-score", points(starts[rank], self.language))
            else:
                how = self._say("by-rule-only" if rank else "least-level")
            yield f"{level.label[self.language]} – {how}"

    def rule(self, rule: Rule) -> Iterator[str]:
        """Yield one rule's lines: title, for whom, steps with what follows, advice, source."""
        yield f"#### {rule.title[self.language]}"
        yield ""
        if rule.applies_to:
            said = condition_words(rule.applies_to.tree, self.ruleset, self.language)
            yield self._say("applies-to", said)
            yield ""
        if len(rule.steps) > 1:
            yield self._say("ladder")
            yield ""
        mark = (f"{number}." for number in range(1, 100)) if len(rule.steps) > 1 else iter("-")
        for step in rule.steps:
            yield f"{next(mark)} {self.step(step)}"
        if rule.offers_only:
            yield ""
            yield self._say("offers-only")
        if rule.advice:
            yield ""
            yield f"{self._say('advice')}: {rule.advice[self.language]}"
        if rule.source:
            yield ""
            yield self._say("source", rule.source)

    def step(self, step: Step) -> str:
        """Return a step's condition and what follows from it."""
        follows = []
        if step.points is not None:
            follows.append(points(self.ruleset.points(step), self.language))
        if step.at_least:
            follows.append(self._say("at-least", self._levels[step.at_least]))
        if step.offers:
            measures = self.ruleset.catalogue.measures
            names = ", ".join(measures[name].label[self.language] for name in step.offers)
            follows.append(self._say("offers", names))
        said = condition_words(step.when.tree, self.ruleset, self.language)
        return f"{said} → **{'; '.join(follows)}**"

    def parameter_value(self, parameter: Parameter, value: float) -> str:
        """Return a parameter's value, or one of its bounds, in its unit."""
        return in_unit(value, parameter.unit, self.ruleset.catalogue, self.language)

    def _parameters(self) -> Iterator[str]:
        if not self.ruleset.parameters:
            return
        yield from self._table("parameters", "parameter", "value", "bounds", "where-from")
        for parameter in self.ruleset.parameters.values():
            value = self.parameter_value(parameter, parameter.value)
            bounds = self.bounds(parameter)
            yield _row(parameter.label[self.language], value, bounds, parameter.source)
        yield ""

    def bounds(self, parameter: Parameter) -> str:
        """Return between what a parameter may be tuned, or that it is fixed."""
        if not (parameter.tunable and parameter.bounds):
            return self._say("fixed")
        low, high = parameter.bounds
        first = (
            self.parameter_value(parameter, low)
            if parameter.unit == "ratio"
            else number(low, self.language)
        )
        dash = "–" if low >= 0 else " – "  # before a minus, it would hide one
        return f"{first}{dash}{self.parameter_value(parameter, high)}"

    def _indicators(self) -> Iterator[str]:
        yield from self._table("indicators", "indicator", "meaning", "stale", "where-from")
        for name in self.ruleset.reads:
            indicator = self.ruleset.catalogue.indicators[name]
            label, meaning = indicator.label[self.language], indicator.definition[self.language]
            yield _row(label, meaning, self.staleness(indicator), indicator.source)
        yield ""

    def staleness(self, indicator: Indicator) -> str:
        """Return after how long a value counts as unknown."""
        days = indicator.stale_after
        return self._say("never-stale") if days is None else counted(days, DAYS, self.language)

    def _examples(self) -> Iterator[str]:
        if self.ruleset.examples:
            yield f"## {self._say('examples')}"
            yield ""
            yield from (f"- {example.says[self.language]}" for example in self.ruleset.examples)

    def _table(self, title: str, *columns: str) -> Iterator[str]:
        yield f"## {self._say(title)}"
        yield ""
        yield _row(*(self._say(column) for column in columns))
        yield _row(*("---" for _ in columns))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
