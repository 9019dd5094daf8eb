"""A condition in words, from its tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from engine.condition import (
    MIRRORED,
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Op,
    Operand,
    Or,
    pushed,
)
from engine.ruleset import Ruleset
from engine.text import Language
from engine.words.phrases import COMPARED, PHRASES
from engine.words.quantities import in_unit


def condition_words(condition: Condition, ruleset: Ruleset, language: Language) -> str:
    """Return a condition in words; negations are turned into their opposites first."""
    return _Speaker(ruleset, language).say(pushed(condition))


def limit_words(
    indicator: str, op: Op, operand: Operand, ruleset: Ruleset, language: Language
) -> str:
    """Return what a comparison demands, without its label: ``less than 90 %``."""
    return _Speaker(ruleset, language).limit(indicator, op, operand)


def listed(names: Iterable[str], language: Language) -> str:
    """Return names joined by commas and a last ``or``."""
    *first, last = names
    return ", ".join(first) + PHRASES["or-last"][language] + last if first else last


class _Speaker:
    def __init__(self, ruleset: Ruleset, language: Language) -> None:
        self.ruleset, self.language = ruleset, language
        self.known = ruleset.catalogue.indicators

    def say(self, condition: Condition) -> str:
        """Return a pushed-down condition in words."""
        match condition:
            case And(parts):
                return PHRASES["and"][self.language].join(map(self._inner, parts))
            case Or(parts):
                return PHRASES["or"][self.language].join(map(self._inner, parts))
            case Not(part):
                return self._labelled(part, negated=True)
            case _:
                return self._labelled(condition, negated=False)

    def _inner(self, part: Condition) -> str:
        return f"({self.say(part)})" if isinstance(part, And | Or) else self.say(part)

    def _labelled(self, atom: Condition, *, negated: bool) -> str:
        match atom:
            case Comparison(name, op, operand):
                said = self.limit(name, op, operand)
            case Between(low, low_op, name, high_op, high):
                said = PHRASES["band"][self.language].format(
                    low=self.limit(name, MIRRORED[low_op], low),
                    high=self.limit(name, high_op, high),
                )
            case Member(name, categories):
                said = listed((self._category(name, c) for c in categories), self.language)
                said = PHRASES["not-category"][self.language].format(said) if negated else said
            case Flag(name):
                said = PHRASES["no" if negated else "yes"][self.language]
            case Known(name):
                said = PHRASES["unknown" if negated else "known"][self.language]
            case And() | Or() | Not():
                raise AssertionError("only atoms are labelled")
            case _:
                assert_never(atom)
        return f"{self.known[name].label[self.language]}: {said}"

    def _category(self, name: str, category: str) -> str:
        return self.known[name].categories[category][self.language]

    def limit(self, name: str, op: Op, operand: Operand) -> str:
        """Return what a comparison demands of an indicator."""
        if isinstance(operand, str):
            said = self._category(name, operand)
            return said if op == "==" else PHRASES["not-category"][self.language].format(said)
        value = self.ruleset.value(operand)
        unit = self.known[name].unit
        shown = in_unit(value, unit, self.ruleset.catalogue, self.language)
        return COMPARED[op][self.language].format(shown)
