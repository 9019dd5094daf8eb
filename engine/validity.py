"""What every ruleset must obey; `Ruleset` refuses to exist otherwise.

These are the language's types and its promises: poverty, origin, health or sex can never raise a
pupil's risk, a ladder never counts twice, and every executor can run what is accepted. Whether a
ruleset is *good* is another question: `engine.check`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from engine.condition import (
    And,
    Atom,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Operand,
    Or,
    Param,
    atoms,
    operands,
    pushed,
)
from engine.errors import Place, Problem, did_you_mean
from engine.indicator import BUILT_IN, Indicator, Use

if TYPE_CHECKING:
    from engine.ruleset import Criterion, Parameter, Rule, Ruleset, Step

RESERVED = frozenset(  # what inputs, outputs and executors call their own
    {
        *("pupil_key", "observed_on", "row", "ruleset", "population", "id", "sid"),
        *("score", "possible_score", "level", "possible_level"),
        *("holds", "undetermined", "not_applicable", "offers", "missing"),
    }
)
MAX_CLAUSES = 240
MAX_GROUPS = 12
MAX_POINTS = 1000

_WHY: dict[Use, str] = {
    "scoring": "",
    "support": "sensitive circumstances open an offer of help; they never raise a risk",
    "audit": "no rule may read a group attribute; only the fairness audit does",
    "context": "it says whether a rule applies: move it to 'applies_to' or 'population'",
}


def problems_of(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield everything that forbids the ruleset, in document order."""
    for indicator in ruleset.catalogue.indicators.values():
        if indicator.name in RESERVED:
            message = f"'{indicator.name}' is a name that tables already use"
            yield Problem("reserved-name", message, indicator.place, "name the indicator otherwise")
    for parameter in ruleset.parameters.values():
        yield from _parameter(parameter, ruleset)
    yield from _levels(ruleset)
    if ruleset.population:
        yield from _criterion(ruleset.population, {"context"}, ruleset)
    counts = Counter(rule.id for rule in ruleset.rules)
    for rule in ruleset.rules:
        if counts[rule.id] > 1:
            message = f"there are {counts[rule.id]} rules with the id '{rule.id}'"
            yield Problem("duplicate", message, rule.place, "give each rule an id of its own")
        yield from _rule(rule, ruleset)
    if sum(1 for _ in ruleset.criteria) > MAX_CLAUSES:
        message = f"a ruleset has at most {MAX_CLAUSES} conditions"
        yield Problem("too-large", message, None, "split it into two rulesets")
    for example in ruleset.examples:
        for name in example.given:
            if name not in ruleset.catalogue.indicators:
                yield _unknown("indicator", name, ruleset.catalogue.indicators, example.place)


def _unknown(kind: str, name: str, known: object, place: Place | None) -> Problem:
    names = [str(each) for each in known] if hasattr(known, "__iter__") else []
    hint = did_you_mean(name, names) or f"declare the {kind} first"
    return Problem("unknown-name", f"there is no {kind} '{name}'", place, hint)


def _parameter(parameter: Parameter, ruleset: Ruleset) -> Iterator[Problem]:
    name, place = parameter.name, parameter.place
    if parameter.unit not in {*BUILT_IN, *ruleset.catalogue.units}:
        yield _unknown("unit", parameter.unit, [*BUILT_IN, *ruleset.catalogue.units], place)
    if not math.isfinite(parameter.value):
        yield Problem("out-of-bounds", f"the value of '{name}' is not a finite number", place)
    if parameter.tunable and (parameter.bounds is None or parameter.step is None):
        hint = "add 'bounds' and 'step', or 'tunable: false' where law or a publication fixes it"
        yield Problem(
            "incomplete", f"the parameter '{name}' can be tuned without limit", place, hint
        )
    if parameter.step is not None and not parameter.step > 0:
        yield Problem("out-of-bounds", f"the step of '{name}' is not above 0", place)
    if parameter.bounds is not None:
        low, high = parameter.bounds
        if not low <= parameter.value <= high:
            message = f"the value of '{name}', {parameter.value}, is outside {low} to {high}"
            hint = "correct the value, or widen the bounds and say why in 'source'"
            yield Problem("out-of-bounds", message, place, hint)


def _levels(ruleset: Ruleset) -> Iterator[Problem]:
    levels = ruleset.levels
    if len(levels) < 2:
        yield Problem(
            "levels", "a ruleset has at least two levels", levels[0].place if levels else None
        )
        return
    if levels[0].start is not None:
        hint = "take its 'from' away: it is the level of every pupil whom no rule lifts"
        yield Problem("levels", "the least level starts from no score", levels[0].place, hint)
    before = 0
    for number, level in enumerate(levels):
        if level.id in {known.id for known in levels[:number]}:
            yield Problem("duplicate", f"there are two levels '{level.id}'", level.place)
        if level.start is None:
            continue
        problem = _whole(level.start, ruleset, level.place)
        if problem:
            yield problem
        elif ruleset.value(level.start) <= before:
            message = f"'{level.id}' does not start above the level before it"
            yield Problem("levels", message, level.place, "list levels from the least")
        else:
            before = int(ruleset.value(level.start))


def _whole(number: int | Param, ruleset: Ruleset, place: Place | None) -> Problem | None:
    """Return what is wrong with points or a cut-off, if anything."""
    if isinstance(number, Param) and number.name not in ruleset.parameters:
        return _unknown("parameter", number.name, ruleset.parameters, place)
    value = ruleset.value(number)
    if value != int(value) or not 0 <= value <= MAX_POINTS:
        message = f"{value} is not a whole number from 0 to {MAX_POINTS}"
        return Problem("type", message, place, "points and cut-offs are whole numbers")
    return None


def _rule(rule: Rule, ruleset: Ruleset) -> Iterator[Problem]:
    if rule.domain not in ruleset.catalogue.domains:
        yield _unknown("domain", rule.domain, ruleset.catalogue.domains, rule.place)
    allowed: set[Use] = {"scoring", "support"} if rule.offers_only else {"scoring"}
    if rule.applies_to:
        yield from _criterion(rule.applies_to, {*allowed, "context"}, ruleset)
    sound = True
    for step in rule.steps:
        yield from _criterion(step.when, allowed, ruleset)
        for problem in _consequence(step, ruleset):
            sound = False
            yield problem
    if sound:
        yield from _order(rule, ruleset)


def _consequence(step: Step, ruleset: Ruleset) -> Iterator[Problem]:
    if step.points is None and step.at_least is None and not step.offers:
        hint = "add 'points', 'at_least' or 'offers'"
        yield Problem("incomplete", "nothing follows from this condition", step.place, hint)
    if step.points is not None and (problem := _whole(step.points, ruleset, step.place)):
        yield problem
    ids = [level.id for level in ruleset.levels]
    if step.at_least is not None and step.at_least not in ids[1:]:
        yield _unknown("level above the least", step.at_least, ids[1:], step.place)
    for name in step.offers:
        if name not in ruleset.catalogue.measures:
            yield _unknown("measure", name, ruleset.catalogue.measures, step.place)


def _order(rule: Rule, ruleset: Ruleset) -> Iterator[Problem]:
    """Refuse a ladder whose points or levels rise from one step to the next."""
    for above, below in zip(rule.steps, rule.steps[1:], strict=False):
        rises = ruleset.points(below) > ruleset.points(above)
        if rises or ruleset.rank(below.at_least) > ruleset.rank(above.at_least):
            message = f"a later step of '{rule.id}' weighs more than the step before it"
            hint = "the first step that holds counts: list the most severe first"
            yield Problem("ladder-order", message, below.place, hint)


def _criterion(criterion: Criterion, allowed: set[Use], ruleset: Ruleset) -> Iterator[Problem]:
    known = ruleset.catalogue.indicators
    for atom in atoms(criterion.tree):
        place = criterion.at(atom.offset)
        indicator = known.get(atom.indicator)
        if indicator is None:
            yield _unknown("indicator", atom.indicator, known, place)
            continue
        if indicator.use not in allowed:
            message = f"'{indicator.name}' is declared for {indicator.use}: it may not stand here"
            hint = _WHY[indicator.use] or "a population is told by context: grade, school type"
            yield Problem("forbidden-use", message, place, hint)
        yield from _atom(atom, indicator, ruleset, place)
    yield from _size(criterion)


def _atom(
    atom: Atom, indicator: Indicator, ruleset: Ruleset, place: Place | None
) -> Iterator[Problem]:
    """Check that an atom asks of its indicator what the indicator can answer."""
    match atom:
        case Known():
            return
        case Flag():
            if indicator.type != "flag":
                message = f"'{indicator.name}' is a {indicator.type}: it does not stand alone"
                yield Problem("type", message, place, "compare it with a number or a category")
        case Comparison() | Between() | Member():
            if indicator.type == "flag":
                hint = f"write '{indicator.name}' or 'not {indicator.name}'"
                yield Problem("type", "a yes-or-no indicator stands alone", place, hint)
                return
            for _, op, operand in operands(atom):
                yield from _operand(op, operand, indicator, ruleset, place)
        case _:
            assert_never(atom)


def _operand(
    op: str, operand: Operand, indicator: Indicator, ruleset: Ruleset, place: Place | None
) -> Iterator[Problem]:
    if isinstance(operand, Param) and operand.name not in ruleset.parameters:
        yield _unknown("parameter", operand.name, ruleset.parameters, place)
    if indicator.numeric and isinstance(operand, str):
        message = f"'{indicator.name}' is a {indicator.type}: it is compared with a number"
        hint = (
            "two indicators are never compared" if operand in ruleset.catalogue.indicators else ""
        )
        yield Problem("type", message, place, hint or "write a number or a $parameter")
    if indicator.type == "category":
        if not isinstance(operand, str) or op not in ("==", "!="):
            message = f"'{indicator.name}' is a category: it is compared by '==', '!=' or 'in'"
            yield Problem("type", message, place, f"categories: {', '.join(indicator.categories)}")
        elif operand not in indicator.categories:
            yield _unknown(f"category of {indicator.name}", operand, indicator.categories, place)


def _size(criterion: Criterion) -> Iterator[Problem]:
    """Refuse what durable_rules could not hold; all executors accept the same language."""
    if _groups(pushed(criterion.tree)) > MAX_GROUPS:
        message = f"the condition has more than {MAX_GROUPS} groups joined by and, or, in"
        yield Problem("too-large", message, criterion.place, "split the rule in two")


def _groups(condition: Condition) -> int:
    match condition:
        case And(parts) | Or(parts):
            return 1 + sum(_groups(part) for part in parts)
        case Not(part):
            return _groups(part)
        case Between() | Member():
            return 1
        case Comparison() | Flag() | Known():
            return 0
        case _:
            assert_never(condition)
