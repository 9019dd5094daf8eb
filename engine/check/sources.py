"""Thresholds without a source, and conditions that are not what their source says.

Only the source's own words are read: what stands in double quotes inside `source`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.condition import OPPOSITE, And, Condition, Op, Operand, Or, Param, indicators, operands
from engine.errors import Problem
from engine.ruleset import Rule, Ruleset, Step

_QUOTED = re.compile(r'["“”]([^"“”]+)["“”]')
_NUMBER = r"(\d+(?:[.,]\d+)?)\s*(%?)"
_PATTERNS: tuple[tuple[str, Op], ...] = (
    (rf"(?:at least|no fewer than|no less than|minimum of|vismaz|>=|≥)\s*{_NUMBER}", ">="),
    (rf"{_NUMBER}\+", ">="),
    (rf"{_NUMBER}\s*(?:[a-z]+\s+)?(?:or more|or higher|or above)", ">="),
    (rf"(?:more than|over|above|exceed(?:s|ing)?|vairāk nekā|pārsniedz|>(?!=))\s*{_NUMBER}", ">"),
    (rf"(?:less than|fewer than|below|under|mazāk nekā|<(?!=))\s*{_NUMBER}", "<"),
    (rf"(?:at most|no more than|up to|ne vairāk kā|<=|≤)\s*{_NUMBER}", "<="),
    (rf"{_NUMBER}\s*(?:[a-z]+\s+)?(?:or less|or fewer|or lower|or below)", "<="),
)
_SAID = tuple((re.compile(pattern, re.IGNORECASE), op) for pattern, op in _PATTERNS)
_NOT_JOINING = re.compile(r"\bor (?:more|higher|above|less|fewer|lower|below)\b", re.IGNORECASE)


def no_source(ruleset: Ruleset) -> Iterator[Problem]:
    """Find literal thresholds in rules that name no source."""
    for rule in ruleset.rules:
        literal = any(
            isinstance(operand, int | float)
            for step in rule.steps
            for _, _, operand in operands(step.when.tree)
        )
        if literal and not rule.source:
            message = f"'{rule.id}' has a threshold and no source"
            hint = "add 'source: ...', or make it a parameter with one"
            yield Problem("no-source", message, rule.place, hint)


def not_as_the_source_says(ruleset: Ruleset) -> Iterator[Problem]:
    """Find ``>`` where the source says "at least", and ``or`` where it says "and"."""
    for rule in ruleset.rules:
        for step in rule.steps:
            yield from _thresholds(rule, step, ruleset)
            yield from _joins(rule, step)


def _thresholds(rule: Rule, step: Step, ruleset: Ruleset) -> Iterator[Problem]:
    for atom, op, operand in operands(step.when.tree):
        if isinstance(operand, str):
            continue
        said = _demanded(_quotes(rule, operand, ruleset), float(ruleset.value(operand)))
        if said and not {op, OPPOSITE[op]} & said:
            wanted = " or ".join(sorted(said))
            message = (
                f"the source says '{wanted}' and the condition '{op}' {ruleset.value(operand)}"
            )
            hint = "correct the condition, or quote the source's words exactly"
            yield Problem("source-says", message, step.when.at(atom.offset), hint)


def _quotes(rule: Rule, operand: Operand, ruleset: Ruleset) -> list[str]:
    sources = [rule.source]
    if isinstance(operand, Param):
        sources.append(ruleset.parameters[operand.name].source)
    return [quote for source in sources for quote in _QUOTED.findall(source)]


def _demanded(quotes: list[str], threshold: float) -> set[Op]:
    """Return the comparisons that the quotes demand of this threshold."""
    found: set[Op] = set()
    for quote in quotes:
        for pattern, op in _SAID:
            for number, per_cent in pattern.findall(quote):
                value = float(number.replace(",", "."))
                if threshold in (value, value / 100 if per_cent else value):
                    found.add(op)
    return found


def _joins(rule: Rule, step: Step) -> Iterator[Problem]:
    joined = _joined(step.when.tree)
    for quote in _QUOTED.findall(rule.source):
        plain = _NOT_JOINING.sub("", quote)
        if len(re.findall(r"\d+", plain)) < 2:
            continue
        words = {word for word in ("and", "or") if re.search(rf"\b{word}\b", plain, re.IGNORECASE)}
        if len(words) == 1 and len(joined) == 1 and words != joined:
            message = f"the source joins by '{words.pop()}' and the condition by '{joined.pop()}'"
            hint = "correct the condition, or quote the source's words exactly"
            yield Problem("source-joins", message, step.when.place, hint, "warning")
            return


def _joined(condition: Condition) -> set[str]:
    """Return by which words a condition joins different indicators."""
    if not isinstance(condition, And | Or):
        return set()
    own = (
        {"and" if isinstance(condition, And) else "or"} if len(indicators(condition)) > 1 else set()
    )
    return own.union(*(_joined(part) for part in condition.parts))
