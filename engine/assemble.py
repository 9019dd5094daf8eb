"""From validated files to a ruleset: names resolved, conditions parsed, problems collected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.condition import Param, exact
from engine.errors import ConditionError, Place, Problem, RuleError, did_you_mean
from engine.indicator import BUILT_IN, Catalogue, Indicator, Measure, Unit
from engine.parse import parse
from engine.ruleset import Criterion, Example, Level, Parameter, Rule, Ruleset, Step
from engine.text import Text

if TYPE_CHECKING:
    from engine.schema import (
        Bilingual,
        ExamplesFile,
        FileKind,
        IndicatorsFile,
        MeasuresFile,
        RulePart,
        RulesetFile,
        RulesFile,
        StepPart,
    )
    from engine.source import Document


class File:
    """One file, validated: its model, and the places of what it holds."""

    def __init__(self, kind: FileKind, document: Document, model: Any) -> None:  # noqa: ANN401  one of FILES
        self.kind, self.document, self.model = kind, document, model

    def place(self, *path: str | int) -> Place:
        """Return where something stands in the file."""
        return self.document.place(path)


def _text(part: Bilingual) -> Text:
    return Text(part.lv, part.en)


def _points(points: int | str | None) -> int | Param | None:
    return Param(points[1:]) if isinstance(points, str) else points


class Assembler:
    """Puts validated files together; problems are collected, so that one run shows them all."""

    def __init__(self, files: list[File]) -> None:
        self.files = files
        self.problems: list[Problem] = []

    def of(self, kind: FileKind) -> Iterator[File]:
        """Return the files of one kind."""
        return (file for file in self.files if file.kind == kind)

    def ruleset(self) -> Ruleset:
        """Return what all files make together; raise `RuleError` with every problem."""
        head = next(self.of("ruleset"), None)
        if head is None:
            raise RuleError(Problem("no-ruleset", "none of the files is a ruleset.yaml"))
        part: RulesetFile = head.model
        catalogue = self.catalogue()
        parameters = self._parameters()
        rules = tuple(rule for file in self.of("rules") for rule in self._rules(file))
        levels = tuple(
            Level(lv.id, _text(lv.label), _points(lv.start), head.place("levels", n))
            for n, lv in enumerate(part.levels)
        )
        population = self._criterion(head, part.population, "population")
        examples = tuple(e for file in self.of("examples") for e in self._examples(file))
        if self.problems:
            raise RuleError(self.problems)
        return Ruleset(
            id=part.id,
            title=_text(part.title),
            levels=levels,
            rules=rules,
            catalogue=catalogue,
            parameters=parameters,
            population=population,
            description=_text(part.description) if part.description else None,
            source=part.source,
            examples=examples,
        )

    def _add(self, into: dict[str, Any], name: str, value: object, file: File, *path: str) -> None:
        """Add a declaration; the same name in two files is a problem, not a replacement."""
        if name in into:
            place = file.document.key_place((*path, name))
            hint = "it is declared in another file too: keep one of the two"
            self.problems.append(Problem("duplicate", f"'{name}' is declared twice", place, hint))
        into[name] = value

    def catalogue(self) -> Catalogue:
        """Return what all catalogue files declare together."""
        indicators: dict[str, Indicator] = {}
        units: dict[str, Unit] = {}
        domains: dict[str, Text] = {}
        measures: dict[str, Measure] = {}
        for file in self.of("indicators"):
            part: IndicatorsFile = file.model
            for name, label in part.domains.items():
                self._add(domains, name, _text(label), file, "domains")
            for name, unit in part.units.items():
                forms = [p.model_dump(exclude_none=True) for p in (unit.lv, unit.en)]
                self._add(units, name, Unit(name, *forms), file, "units")
            for name in part.indicators:
                self._add(indicators, name, _indicator(name, file), file, "indicators")
        for file in self.of("measures"):
            measures_part: MeasuresFile = file.model
            for name, m in measures_part.measures.items():
                measure = Measure(name, _text(m.label), m.group, m.kind, m.source)
                self._add(measures, name, measure, file, "measures")
        self._resolve(indicators, units, domains)
        return Catalogue(indicators, units, domains, measures)

    def _resolve(
        self, indicators: dict[str, Indicator], units: dict[str, Unit], domains: dict[str, Text]
    ) -> None:
        for indicator in indicators.values():
            known = {"domain": set(domains), "unit": {"", *BUILT_IN, *units}}
            for kind, name in (("domain", indicator.domain), ("unit", indicator.unit)):
                if name not in known[kind]:
                    hint = did_you_mean(name, known[kind]) or f"declare it under '{kind}s'"
                    message = f"there is no {kind} '{name}'"
                    self.problems.append(Problem("unknown-name", message, indicator.place, hint))

    def _parameters(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        for file in self.of("rules"):
            part: RulesFile = file.model
            for name, p in part.parameters.items():
                bounds = p.bounds and (exact(p.bounds[0]), exact(p.bounds[1]))
                step = None if p.step is None else exact(p.step)
                place = file.document.key_place(("parameters", name))
                parameter = Parameter(
                    name,
                    _text(p.label),
                    p.unit,
                    exact(p.value),
                    p.source,
                    bounds,
                    step,
                    p.tunable,
                    place,
                )
                self._add(found, name, parameter, file, "parameters")
        return found

    def _rules(self, file: File) -> Iterator[Rule]:
        part: RulesFile = file.model
        for number, rule in enumerate(part.rules):
            path = ("rules", number)
            yield Rule(
                id=rule.id,
                domain=rule.domain,
                title=_text(rule.title),
                steps=tuple(self._steps(file, rule, *path)),
                applies_to=self._criterion(file, rule.applies_to, *path, "applies_to"),
                advice=_text(rule.advice) if rule.advice else None,
                source=rule.source,
                place=file.place(*path),
            )

    def _steps(self, file: File, rule: RulePart, *path: str | int) -> Iterator[Step]:
        parts: tuple[RulePart | StepPart, ...] = rule.steps or (rule,)
        for number, part in enumerate(parts):
            at = (*path, "steps", number) if rule.steps else path
            when = self._criterion(file, part.when, *at, "when")
            if when:
                place = file.place(*at)
                yield Step(when, _points(part.points), part.at_least, part.offers, place)

    def _criterion(self, file: File, text: str | None, *path: str | int) -> Criterion | None:
        if text is None:
            return None
        place = file.place(*path)
        if path not in file.document.one_line:
            hint = "write it on one line, or split the rule in two"
            self.problems.append(
                Problem("condition", "a condition stands on one line", place, hint)
            )
            return None
        try:
            return Criterion(parse(text, place), place)
        except ConditionError as error:
            self.problems += error.problems
            return None

    def _examples(self, file: File) -> Iterator[Example]:
        part: ExamplesFile = file.model
        for number, example in enumerate(part.examples):
            given = {k: exact(v) if type(v) is float else v for k, v in example.given.items()}
            expect = {k: tuple(v) if isinstance(v, list) else v for k, v in example.expect.items()}
            yield Example(_text(example.says), given, expect, file.place("examples", number))


def _indicator(name: str, file: File) -> Indicator:
    part = file.model.indicators[name]
    low, high = part.range or (0, 0)
    return Indicator(
        name=name,
        label=_text(part.label),
        definition=_text(part.definition),
        domain=part.domain,
        type=part.type,
        window=part.window,
        direction=part.direction,
        source=part.source,
        use=part.use,
        unit=part.unit or "",
        decimals=part.decimals,
        low=exact(low),
        high=exact(high),
        stale_after=part.stale_after,
        categories={key: _text(label) for key, label in (part.categories or {}).items()},
        place=file.document.key_place(("indicators", name)),
    )
