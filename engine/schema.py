"""The shape of the rule files: what `pumpurs schema` tells editors, and what the loader accepts.

Models stand only at this edge; inside, `engine.ruleset` and `engine.indicator` are what counts.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from engine.indicator import Direction, Group, Kind, Type, Use

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=2000)]
Condition = Annotated[str, Field(min_length=1, max_length=500)]
Finite = Annotated[int | float, Field(allow_inf_nan=False)]
Reference = Annotated[str, Field(pattern=r"^\$[a-z][a-z0-9_]{0,63}$")]
Points = Annotated[int, Field(ge=1, le=1000)] | Reference
Answer = Annotated[
    str, Field(pattern=r"^(holds|step [1-9][0-9]?|does not hold|cannot say|does not apply)$")
]
Category = Annotated[str, Field(pattern=r"^[^\"'$\\\x00-\x1f]{1,100}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Bilingual(_Part):
    """A text in Latvian and English."""

    lv: Sentence
    en: Sentence


class Plurals(_Part):
    """Nominative forms of a unit, by CLDR plural category."""

    zero: Sentence | None = None
    one: Sentence
    other: Sentence


class UnitPart(_Part):
    """A unit's plural forms in both languages."""

    lv: Plurals
    en: Plurals


class IndicatorPart(_Part):
    """One indicator of the catalogue."""

    label: Bilingual
    definition: Bilingual
    domain: Name
    type: Type
    unit: Name | None = None
    decimals: Annotated[int, Field(ge=0, le=9)] = 0
    range: Annotated[tuple[Finite, Finite], Field(strict=False)] | None = None
    window: Annotated[
        str,
        Field(
            pattern=r"^([1-9][0-9]* (school days|calendar days|school weeks|months)"
            r"|semester|school year|term|two terms|now|ever|last)$"
        ),
    ]
    direction: Direction
    source: Sentence
    stale_after: Annotated[int, Field(ge=1, le=3660)] | None = None
    use: Use
    categories: dict[Category, Bilingual] | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> IndicatorPart:
        numeric = self.type in ("ratio", "count", "number")
        if numeric and (self.range is None or self.unit is None):
            raise ValueError(f"a {self.type} needs 'range' and 'unit'")
        if numeric and self.range and not self.range[0] < self.range[1]:
            raise ValueError("the range goes from low to high")
        if not numeric and (self.range is not None or self.unit is not None or self.decimals):
            raise ValueError(f"a {self.type} has no 'range', 'unit' or 'decimals'")
        if (self.type == "category") != (self.categories is not None):
            raise ValueError("a category, and nothing else, lists its 'categories'")
        if self.type == "count" and self.decimals:
            raise ValueError("a count has no decimals")
        if (self.type == "ratio") != (self.unit == "ratio"):
            raise ValueError("the unit of a ratio, and of nothing else, is 'ratio'")
        return self


class IndicatorsFile(_Part):
    """indicators.yaml: domains, units and indicators."""

    domains: dict[Name, Bilingual] = {}
    units: dict[Name, UnitPart] = {}
    indicators: dict[Name, IndicatorPart]


class MeasurePart(_Part):
    """One support measure."""

    label: Bilingual
    group: Group
    kind: Kind
    source: Sentence


class MeasuresFile(_Part):
    """measures.yaml: the support measures that rules may offer."""

    measures: dict[Name, MeasurePart]


class LevelPart(_Part):
    """One level; the least has no `from`."""

    id: Id
    label: Bilingual
    start: Points | None = Field(default=None, alias="from")


class RulesetFile(_Part):
    """ruleset.yaml: what the ruleset is, for whom, and its levels from the least."""

    id: Id
    title: Bilingual
    description: Bilingual | None = None
    source: Sentence = ""
    population: Condition | None = None
    levels: Annotated[tuple[LevelPart, ...], Field(strict=False, min_length=2, max_length=20)]


class ParameterPart(_Part):
    """One named number, with bounds and step where it may be tuned."""

    label: Bilingual
    unit: Name
    value: Finite
    bounds: Annotated[tuple[Finite, Finite], Field(strict=False)] | None = None
    step: Finite | None = None
    tunable: bool = True
    source: Sentence


Offers = Annotated[tuple[Name, ...], Field(strict=False, max_length=20)]


class StepPart(_Part):
    """One step of a ladder."""

    when: Condition
    points: Points | None = None
    at_least: Id | None = None
    offers: Offers = ()


class RulePart(_Part):
    """One rule: either `steps`, or `when` with what follows from it."""

    id: Id
    domain: Name
    title: Bilingual
    when: Condition | None = None
    points: Points | None = None
    at_least: Id | None = None
    offers: Offers = ()
    steps: (
        Annotated[tuple[StepPart, ...], Field(strict=False, min_length=1, max_length=20)] | None
    ) = None
    applies_to: Condition | None = None
    advice: Bilingual | None = None
    source: Sentence = ""

    @model_validator(mode="after")
    def _has_one_form(self) -> RulePart:
        if (self.steps is None) == (self.when is None):
            raise ValueError("a rule has either 'when' or 'steps'")
        if self.steps and (self.points is not None or self.at_least or self.offers):
            raise ValueError("in a ladder, 'points', 'at_least' and 'offers' stand in the steps")
        return self


class RulesFile(_Part):
    """TOPIC.yaml: parameters and rules of one topic."""

    parameters: dict[Name, ParameterPart] = {}
    rules: Annotated[tuple[RulePart, ...], Field(strict=False, max_length=200)]


class ExamplePart(_Part):
    """One example: a sentence, the values that it speaks of, and the answers to expect."""

    says: Bilingual
    given: dict[Name, bool | int | float | Category]
    expect: Annotated[dict[str, int | str | list[str]], Field(min_length=1)]


class ExamplesFile(_Part):
    """TOPIC.examples.yaml: examples beside the rules, run as tests."""

    examples: Annotated[tuple[ExamplePart, ...], Field(strict=False, max_length=500)]


FileKind = Literal["indicators", "measures", "ruleset", "rules", "examples"]
FILES: dict[FileKind, type[_Part]] = {
    "indicators": IndicatorsFile,
    "measures": MeasuresFile,
    "ruleset": RulesetFile,
    "rules": RulesFile,
    "examples": ExamplesFile,
}


def json_schema() -> dict[str, Any]:
    """Return one JSON Schema that fits every rule file, for editors that complete and check."""
    union = IndicatorsFile | MeasuresFile | RulesetFile | RulesFile | ExamplesFile
    schema = TypeAdapter[Any](union).json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pumpurs rule files",
        **schema,
    }
