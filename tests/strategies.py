"""What Hypothesis draws: conditions, rulesets, records and frames over one small catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from hypothesis import strategies as st

from engine.condition import (
    And,
    Between,
    Comparison,
    Condition,
    Flag,
    Known,
    Member,
    Not,
    Number,
    Op,
    Or,
    Param,
    Value,
    exact,
    operands,
)
from engine.indicator import Catalogue, Indicator, Measure, Type, Unit, Use
from engine.parse import MAX_COMPARISONS
from engine.ruleset import Criterion, Example, Level, Parameter, Rule, Ruleset, Step
from engine.text import Text
from engine.validity import MAX_GROUPS, _groups

OPS: tuple[Op, ...] = ("<", "<=", "==", "!=", ">=", ">")
PARAMETERS = ("p_one", "p_two", "p_three")


def _text(name: str) -> Text:
    return Text(f"{name} ā", f"{name} en")


def _indicator(  # noqa: PLR0917
    name: str,
    kind: Type,
    use: Use,
    low: Number = 0,
    high: Number = 0,
    decimals: int = 0,
    categories: tuple[str, ...] = (),
) -> Indicator:
    numeric = kind in ("ratio", "count", "number")
    return Indicator(
        name=name,
        label=_text(name),
        definition=_text(name),
        domain="learning",
        type=kind,
        window="semester",
        direction="higher_is_worse",
        source="tests",
        use=use,
        unit=("ratio" if kind == "ratio" else "things") if numeric else "",
        decimals=decimals,
        low=low,
        high=high,
        stale_after=30 if name == "count" else None,
        categories={each: _text(each) for each in categories},
    )


INDICATORS = {
    each.name: each
    for each in (
        _indicator("rate", "ratio", "scoring", 0, 1, 4),
        _indicator("mean", "number", "scoring", -10, 10, 2),
        _indicator("count", "count", "scoring", 0, 40),
        _indicator("fails", "count", "scoring", 0, 5),
        _indicator("flagged", "flag", "scoring"),
        _indicator("kind", "category", "scoring", categories=("a", "b", "skola Ā–ž")),
        _indicator("tiny", "number", "scoring", 0, 0.001, 9),
        _indicator("need", "flag", "support"),
        _indicator("minutes", "count", "support", 0, 300),
        _indicator("grade", "count", "context", 1, 12),
        _indicator("stage", "category", "context", categories=("basic", "upper")),
        _indicator("sex", "category", "audit", categories=("f", "m")),
    )
}
MEASURES = {
    name: Measure(name, _text(name), "learning", "consultation", "tests")
    for name in ("consultation", "transport", "meals")
}
FORMS = {"zero": "lietu", "one": "lieta", "other": "lietas"}
UNITS = {
    name: Unit(name, FORMS, {"one": "thing", "other": "things"})
    for name in ("things", "points", "percentage_points")
}
CATALOGUE = Catalogue(INDICATORS, UNITS, {"learning": _text("learning")}, MEASURES)


@cache
def numbers(name: str) -> st.SearchStrategy[Number]:
    """Thresholds: few enough to collide with values, on the indicator's grid or beside it."""
    indicator = INDICATORS[name]
    grid = 10**indicator.decimals
    span = st.integers(math.floor(indicator.low * grid), math.ceil(indicator.high * grid))
    on_grid = st.one_of(st.sampled_from([0, 1, grid // 2, grid]), span).map(
        lambda n: exact(n / grid)
    )
    beside = on_grid.flatmap(
        lambda n: st.sampled_from([math.nextafter(n, 1e9), math.nextafter(n, -1e9), n + 0.5 / grid])
    )
    return st.one_of(on_grid, on_grid, beside).map(exact)


@cache
def operand(name: str, *, params: bool) -> st.SearchStrategy[Number | Param]:
    """Draw what a number is compared with."""
    either = numbers(name)
    return either | st.sampled_from(PARAMETERS).map(Param) if params else either


_BELOW = st.sampled_from(("<", "<="))


@cache
def _atoms_of(name: str, *, params: bool) -> st.SearchStrategy[Condition]:
    indicator = INDICATORS[name]
    known = st.just(Known(name))
    if indicator.type == "flag":
        return st.just(Flag(name)) | known
    if indicator.type == "category":
        categories = st.sampled_from(list(indicator.categories))
        compared = st.builds(Comparison, st.just(name), st.sampled_from(("==", "!=")), categories)
        chosen = st.lists(categories, min_size=1, max_size=3, unique=True).map(tuple)
        return compared | st.builds(Member, st.just(name), chosen) | known
    number = operand(name, params=params)
    compared = st.builds(Comparison, st.just(name), st.sampled_from(OPS), number)
    band = st.builds(Between, number, _BELOW, st.just(name), _BELOW, number)
    return compared | compared | compared | band | known


@cache
def atoms(names: tuple[str, ...], *, params: bool = True) -> st.SearchStrategy[Condition]:
    """Draw one comparison, flag or known() over the named indicators."""
    return st.one_of(*(_atoms_of(name, params=params) for name in names))


def _small(condition: Condition) -> bool:
    comparisons = sum(1 for _ in operands(condition))
    return comparisons <= MAX_COMPARISONS and _groups(condition) <= MAX_GROUPS


def _joined(kind: type[And | Or], parts: list[Condition]) -> Condition:
    flat: list[Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return kind(tuple(flat))


@cache
def conditions(names: tuple[str, ...], *, params: bool = True) -> st.SearchStrategy[Condition]:
    """Draw conditions as the parser would give them: ``and`` and ``or`` never directly nested."""
    return st.recursive(
        atoms(names, params=params),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: _joined(And, parts)),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: _joined(Or, parts)),
        ),
        max_leaves=6,
    ).filter(_small)


SCORING = tuple(i.name for i in INDICATORS.values() if i.use == "scoring")
SUPPORT = tuple(i.name for i in INDICATORS.values() if i.use in ("scoring", "support"))
CONTEXT = ("grade", "stage")
_APPLIES = st.none() | conditions((*CONTEXT, "flagged"), params=False)
_POPULATION = st.none() | conditions(CONTEXT, params=False)


_FOUR = st.integers(0, 3)
_LENGTH = st.integers(1, 4)
_POINTS = st.lists(st.integers(0, 9), min_size=4, max_size=4)
_RANKS = st.lists(st.integers(0, 3), min_size=4, max_size=4)
_OFFERS = st.lists(st.sampled_from(sorted(MEASURES)), max_size=2, unique=True)
_ADVICE = st.none() | st.just(_text("advice"))
_STARTS = st.lists(st.integers(1, 25), min_size=3, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn, number: int, level_ids: list[str]) -> Rule:
    """Draw a rule whose ladder goes from the most severe step to the least."""
    offers_only = draw(_FOUR) == 0
    length = draw(_LENGTH)
    points = sorted(draw(_POINTS)[:length], reverse=True)
    ranks = sorted(draw(_RANKS)[:length], reverse=True)
    steps = []
    for point, rank in zip(points, ranks, strict=True):
        offers = draw(_OFFERS)
        steps.append(
            Step(
                when=Criterion(draw(conditions(SUPPORT if offers_only else SCORING))),
                points=None if offers_only or not point else point,
                at_least=level_ids[rank] if rank and not offers_only else None,
                offers=tuple(offers) or (("meals",) if offers_only or not (point or rank) else ()),
            )
        )
    if all(step.points is None and step.at_least is None for step in steps) and not offers_only:
        steps[0] = Step(steps[0].when, 1, steps[0].at_least, steps[0].offers)
    applies = draw(_APPLIES)
    return Rule(
        id=f"rule-{number}",
        domain="learning",
        title=_text(f"rule {number}"),
        steps=tuple(steps),
        applies_to=Criterion(applies) if applies else None,
        advice=draw(_ADVICE),
        source="tests",
    )


_THRESHOLDED = st.sampled_from(("rate", "mean", "count", "tiny"))


@st.composite
def parameters(draw: st.DrawFn) -> Mapping[str, Parameter]:
    """Draw the three parameters that conditions may name."""
    found = {}
    for name in PARAMETERS:
        value = draw(numbers(draw(_THRESHOLDED)))
        found[name] = Parameter(name, _text(name), "things", value, "tests", (-50, 50), 0.5)
    return found


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    """Draw a valid ruleset: ladders, levels, offers, a population, parameters."""
    level_ids = ["none", "watch", "high", "urgent"]
    starts = sorted(draw(_STARTS))
    reached = [start if draw(_FOUR) else None for start in starts]
    levels = [Level("none", _text("none"))]
    levels += [Level(i, _text(i), s) for i, s in zip(level_ids[1:], reached, strict=True)]
    population = draw(_POPULATION)
    count = draw(_LENGTH)
    return Ruleset(
        id="drawn",
        title=_text("drawn"),
        levels=tuple(levels),
        rules=tuple(draw(rules(number, level_ids)) for number in range(count)),
        catalogue=CATALOGUE,
        parameters=draw(parameters()),
        population=Criterion(population) if population else None,
        examples=(EXAMPLE,) if draw(_FOUR) else (),
    )


EXAMPLE = Example(_text("a pupil"), {"rate": 0.5, "kind": "a"}, {"rule-0": "holds", "score": 3})


def thresholds(ruleset: Ruleset, name: str) -> list[Number]:
    """Return the numbers with which a ruleset compares an indicator."""
    found = [
        operand
        for clause in ruleset.clauses
        for atom, _, operand in operands(clause.condition)
        if atom.indicator == name and not isinstance(operand, str | Param)
    ]
    return sorted(set(found))


def values(indicator: Indicator, near: list[Number]) -> st.SearchStrategy[Value | None]:
    """Draw canonical values: missing, at a threshold, one grid step beside it, or anywhere."""
    if indicator.type == "flag":
        return st.sampled_from([None, True, False])
    if indicator.type == "category":
        return st.sampled_from([None, *indicator.categories])
    grid = 10**indicator.decimals
    low, high = math.ceil(indicator.low * grid), math.floor(indicator.high * grid)
    close = [round(n * grid) + shift for n in near for shift in (-1, 0, 1)]
    inside = [n for n in close if low <= n <= high] or [low, high]
    places = st.one_of(st.sampled_from(inside), st.integers(low, high))
    number = places.map(lambda n: n if indicator.type == "count" else n / grid)
    return st.one_of(st.none(), number, number)


def records(ruleset: Ruleset) -> st.SearchStrategy[dict[str, Value | None]]:
    """Draw one canonical record with every indicator that the ruleset reads."""
    known = ruleset.catalogue.indicators
    return st.fixed_dictionaries(
        {name: values(known[name], thresholds(ruleset, name)) for name in ruleset.reads}
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Ruleset, list[dict[str, Value | None]]]:
    """Draw a ruleset and some records for it."""
    ruleset = draw(rulesets())
    return ruleset, draw(st.lists(records(ruleset), min_size=1, max_size=6))
