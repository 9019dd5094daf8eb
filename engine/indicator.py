"""Indicators: what is known of a pupil, declared once, with all that it takes to read a value.

The catalogue (``rules/indicators.yaml``, ``rules/measures.yaml``) also names the domains, the units
and the support measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from engine.condition import Number
from engine.errors import Place
from engine.text import Text

Type = Literal["ratio", "count", "number", "flag", "category"]
Direction = Literal["higher_is_worse", "lower_is_worse", "need", "protective", "neutral"]
Use = Literal["scoring", "support", "audit", "context"]
Group = Literal["learning", "economic", "family", "social_health"]
Kind = Literal["consultation", "compensation", "initiative"]

BUILT_IN = ("ratio", "plain")  # units: shown in per cent, and a bare number
NUMERIC = frozenset({"ratio", "count", "number"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """One declared indicator.

    `decimals` is the precision to which values are rounded before anything compares them.
    `low` and `high` bound its valid values, both included (numeric types only).
    `window` says over which time it is counted, as in ``45 school days`` or ``semester``.
    `stale_after` is the age in calendar days from which on a value counts as unknown.
    `use` decides where it may stand: ``scoring`` in rules with points or a level, ``support`` only
    in rules that offer help, ``audit`` in no rule, ``context`` in `applies_to` and `population`.
    """

    name: str
    label: Text
    definition: Text
    domain: str
    type: Type
    window: str
    direction: Direction
    source: str
    use: Use
    unit: str = ""
    decimals: int = 0
    low: Number = 0
    high: Number = 0
    stale_after: int | None = None
    categories: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    place: Place | None = field(default=None, compare=False)

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.type in NUMERIC


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's plural forms in the nominative, by CLDR's plural category."""

    name: str
    lv: Mapping[str, str]
    en: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measure:
    """A support measure that a rule may offer; `group` is the risk group that it answers."""

    name: str
    label: Text
    group: Group
    kind: Kind
    source: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that rules may speak of, each by its name."""

    indicators: Mapping[str, Indicator]
    units: Mapping[str, Unit]
    domains: Mapping[str, Text]
    measures: Mapping[str, Measure]
