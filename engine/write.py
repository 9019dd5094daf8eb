"""From a ruleset back to its files: self-contained, in one stable form."""

from __future__ import annotations

import io
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from engine.condition import Param, text
from engine.indicator import Catalogue, Indicator
from engine.ruleset import Criterion, Level, Parameter, Rule, Ruleset, Step
from engine.text import Text


def write_files(ruleset: Ruleset) -> dict[str, str]:
    """Return the ruleset's files by name; `engine.load.load_files` gives back an equal ruleset."""
    return {name: _yaml(content) for name, content in plain_files(ruleset).items()}


def write_catalogue(catalogue: Catalogue) -> dict[str, str]:
    """Return a catalogue's files by name."""
    return {name: _yaml(content) for name, content in _catalogue_files(catalogue).items()}


def plain_files(ruleset: Ruleset) -> dict[str, dict[str, object]]:
    """Return what the ruleset's files say, by name, as plain data."""
    return _catalogue_files(ruleset.catalogue) | {
        "ruleset.yaml": _plain(
            {
                "id": ruleset.id,
                "title": ruleset.title,
                "description": ruleset.description,
                "source": ruleset.source or None,
                "population": ruleset.population,
                "levels": [_level(level) for level in ruleset.levels],
            }
        ),
        "rules.yaml": {
            "parameters": {p.name: _parameter(p) for p in ruleset.parameters.values()},
            "rules": [_rule(rule) for rule in ruleset.rules],
        },
        "rules.examples.yaml": {
            "examples": [
                _plain({"says": e.says, "given": dict(e.given), "expect": dict(e.expect)})
                for e in ruleset.examples
            ]
        },
    }


def _catalogue_files(catalogue: Catalogue) -> dict[str, dict[str, object]]:
    measures = {
        m.name: _plain({"label": m.label, "group": m.group, "kind": m.kind, "source": m.source})
        for m in catalogue.measures.values()
    }
    return {"indicators.yaml": _indicators_file(catalogue), "measures.yaml": {"measures": measures}}


def _yaml(content: object) -> str:
    """Return content as YAML on which nothing is lost: texts quoted, lines never folded."""
    writer = YAML(typ="rt", pure=True)
    writer.width = 1_000_000
    writer.allow_unicode = True
    out = io.StringIO()
    writer.dump(_quoted(content), out)
    return out.getvalue()


def _quoted(content: object) -> object:
    match content:
        case str():
            return DoubleQuotedScalarString(content)
        case Mapping():
            return {
                DoubleQuotedScalarString(k) if not k.isidentifier() else k: _quoted(v)
                for k, v in content.items()
            }
        case list() | tuple():
            return [_quoted(each) for each in content]
        case _:
            return content


def _plain(part: Mapping[str, object]) -> dict[str, object]:
    """Return a mapping without what is not set, its parts as YAML types."""
    found = {key: _value(value) for key, value in part.items() if value is not None}
    return {key: value for key, value in found.items() if value != ()}


def _value(value: object) -> object:
    match value:
        case Text():
            return {"lv": value.lv, "en": value.en}
        case Criterion():
            return text(value.tree)
        case Param():
            return f"${value.name}"
        case _:
            return value


def _indicators_file(catalogue: Catalogue) -> dict[str, object]:
    return {
        "domains": {name: _value(label) for name, label in catalogue.domains.items()},
        "units": {u.name: {"lv": dict(u.lv), "en": dict(u.en)} for u in catalogue.units.values()},
        "indicators": {i.name: _indicator(i) for i in catalogue.indicators.values()},
    }


def _indicator(i: Indicator) -> dict[str, object]:
    return _plain(
        {
            "label": i.label,
            "definition": i.definition,
            "domain": i.domain,
            "type": i.type,
            "unit": i.unit or None,
            "decimals": i.decimals or None,
            "range": [i.low, i.high] if i.numeric else None,
            "window": i.window,
            "direction": i.direction,
            "source": i.source,
            "stale_after": i.stale_after,
            "use": i.use,
            "categories": {name: _value(label) for name, label in i.categories.items()} or None,
        }
    )


def _level(level: Level) -> dict[str, object]:
    return _plain({"id": level.id, "label": level.label, "from": level.start})


def _parameter(p: Parameter) -> dict[str, object]:
    return _plain(
        {
            "label": p.label,
            "unit": p.unit,
            "value": p.value,
            "bounds": list(p.bounds) if p.bounds else None,
            "step": p.step,
            "tunable": None if p.tunable else False,
            "source": p.source,
        }
    )


def _rule(rule: Rule) -> dict[str, object]:
    head = {"id": rule.id, "domain": rule.domain, "title": rule.title}
    steps: dict[str, object] = {"steps": [_step(step) for step in rule.steps]}
    tail = {"applies_to": rule.applies_to, "advice": rule.advice, "source": rule.source or None}
    return _plain({**head, **(_step(rule.steps[0]) if len(rule.steps) == 1 else steps), **tail})


def _step(step: Step) -> dict[str, object]:
    parts = {"when": step.when, "points": step.points, "at_least": step.at_least}
    return _plain({**parts, "offers": list(step.offers) or None})
