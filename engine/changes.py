"""What changed between two rulesets, as far as it can change an answer, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.condition import Condition, ordered, text
from engine.indicator import Indicator
from engine.ruleset import Parameter, Rule, Ruleset
from engine.text import Language
from engine.words.conditions import condition_words
from engine.words.phrases import PHRASES
from engine.words.quantities import number
from engine.words.rules import RuleWords


@dataclass(frozen=True)
class Changes:
    """Pairs of before and after; a pair with None was added or removed.

    Everything is empty where the decision hashes are equal, and only there.
    """

    parameters: tuple[tuple[Parameter, Parameter], ...] = ()
    rules: tuple[tuple[Rule | None, Rule | None], ...] = ()
    indicators: tuple[tuple[Indicator, Indicator], ...] = ()
    levels: bool = False
    population: bool = False

    def __bool__(self) -> bool:
        return bool(
            self.parameters or self.rules or self.indicators or self.levels or self.population
        )


def changes(old: Ruleset, new: Ruleset) -> Changes:
    """Return what changed from `old` to `new` that can change an answer."""
    if old.decision_hash == new.decision_hash:
        return Changes()
    before, after = ({rule.id: rule for rule in ruleset.rules} for ruleset in (old, new))
    pairs = ((before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after]))
    shared = [(p, new.parameters[n]) for n, p in old.parameters.items() if n in new.parameters]
    ours, theirs = old.catalogue.indicators, new.catalogue.indicators
    used = old.used_parameters | new.used_parameters
    both_read = sorted({*old.reads} & {*new.reads})
    return Changes(
        parameters=tuple((p, q) for p, q in shared if p.value != q.value and q.name in used),
        rules=tuple((p, q) for p, q in pairs if _decides(p, old) != _decides(q, new)),
        indicators=tuple(
            (ours[n], theirs[n]) for n in both_read if _reads(ours[n]) != _reads(theirs[n])
        ),
        levels=_levels(old) != _levels(new),
        population=_population(old) != _population(new),
    )


def _decides(rule: Rule | None, ruleset: Ruleset) -> object:
    """Return what of a rule can change an answer, parameters filled in."""
    if rule is None:
        return None
    applies = _text(rule.applies_to.tree, ruleset) if rule.applies_to else None
    return applies, [
        (_text(s.when.tree, ruleset), ruleset.points(s), s.at_least, sorted(s.offers))
        for s in rule.steps
    ]


def _reads(indicator: Indicator) -> object:
    i = indicator
    return i.type, i.decimals, i.low, i.high, sorted(i.categories), i.stale_after


def _levels(ruleset: Ruleset) -> object:
    return [level.id for level in ruleset.levels], ruleset.starts


def _population(ruleset: Ruleset) -> str | None:
    return _text(ruleset.population.tree, ruleset) if ruleset.population else None


def _text(condition: Condition, ruleset: Ruleset) -> str:
    return text(ordered(ruleset.bound(condition)))


def changes_words(old: Ruleset, new: Ruleset, language: Language) -> str:
    """Return the changes as Markdown: parameter by parameter, rule by rule, before and after."""
    said = _ChangeWords(old, new, language)
    return "\n".join(said.lines()).rstrip() + "\n"


class _ChangeWords:
    def __init__(self, old: Ruleset, new: Ruleset, language: Language) -> None:
        self.old, self.new, self.language = old, new, language
        self.before, self.after = RuleWords(old, language), RuleWords(new, language)

    def _say(self, phrase: str, *values: str, **named: str) -> str:
        return PHRASES[phrase][self.language].format(*values, **named)

    def lines(self) -> Iterator[str]:
        found = changes(self.old, self.new)
        if not found:
            yield self._say("no-changes")
            if self.old.content_hash != self.new.content_hash:
                yield self._say("texts-only")
            return
        yield "# " + self._say("changes", old=self.old.version, new=self.new.version)
        if found.population:
            yield from self._pair(
                "population-changed", self.before.population(), self.after.population()
            )
        if found.levels:
            levels = (
                "; ".join(
                    f"{said} (`{level.id}`)"
                    for said, level in zip(words.levels(), ruleset.levels, strict=True)
                )
                for words, ruleset in ((self.before, self.old), (self.after, self.new))
            )
            yield from self._pair("levels-changed", *levels)
        if found.parameters:
            yield from ("", f"## {self._say('parameters')}", "")
            yield from (f"- {self._parameter(*pair)}" for pair in found.parameters)
        for indicators in found.indicators:
            yield from self._indicator(*indicators)
        for rules in found.rules:
            yield from self._rule(*rules)

    def _parameter(self, old: Parameter, new: Parameter) -> str:
        before = self.before.parameter_value(old, old.value)
        after = self.after.parameter_value(new, new.value)
        return self._say("parameter-changed", label=new.label[self.language], old=before, new=after)

    def _pair(self, phrase: str, before: str, after: str) -> Iterator[str]:
        yield from ("", f"## {self._say(phrase)}", "")
        yield f"- {self._say('before', before)}"
        yield f"- {self._say('after', after)}"

    def _indicator(self, old: Indicator, new: Indicator) -> Iterator[str]:
        label = new.label[self.language]
        yield from ("", f"## {self._say('indicator-changed', label)}", "")
        yield f"- {self._say('before', self._reading(self.before, old))}"
        yield f"- {self._say('after', self._reading(self.after, new))}"

    def _reading(self, words: RuleWords, indicator: Indicator) -> str:
        if indicator.numeric:
            ends = (number(end, self.language) for end in (indicator.low, indicator.high))
            valid = "–".join(ends)
        else:
            valid = ", ".join(label[self.language] for label in indicator.categories.values())
        said = [
            self._say("rounded", str(indicator.decimals)) if indicator.numeric else "",
            self._say("valid", valid) if valid else "",
            self._say("ages", words.staleness(indicator)),
        ]
        return "; ".join(filter(None, said))

    def _rule(self, old: Rule | None, new: Rule | None) -> Iterator[str]:
        rule = new or old
        if rule is None:
            return
        phrase = "rule-added" if old is None else "rule-removed" if new is None else "rule-changed"
        yield from ("", f"## {self._say(phrase, rule.title[self.language])} (`{rule.id}`)", "")
        if old:
            yield self._say("before", "").rstrip()
            yield from ("", *self._steps(old, self.old, self.before), "")
        if new:
            yield self._say("after", "").rstrip()
            yield from ("", *self._steps(new, self.new, self.after))

    def _steps(self, rule: Rule, ruleset: Ruleset, words: RuleWords) -> Iterator[str]:
        if rule.applies_to:
            said = condition_words(rule.applies_to.tree, ruleset, self.language)
            yield f"- {self._say('applies-to', said)}"
        yield from (f"- {words.step(step)}" for step in rule.steps)
