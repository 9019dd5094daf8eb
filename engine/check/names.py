"""Names and labels that contradict what an indicator declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.errors import Problem
from engine.indicator import Indicator
from engine.ruleset import Ruleset

_HIGH_IS_WORSE = {
    "absence",
    "absences",
    "absent",
    "unexcused",
    "late",
    "fails",
    "failed",
    "incidents",
    "sanctions",
}
_LOW_IS_WORSE = {"attendance", "attended", "mark", "gpa", "credits"}
_SPANS = {"d": "school days", "w": "school weeks", "m": "months"}
_NAMED_SPAN = re.compile(r"_(\d+)([dwm])$")
_LABEL_DAYS = re.compile(r"(\d+) (school|calendar) days?")


def ruleset_names(ruleset: Ruleset) -> Iterator[Problem]:
    """Check the indicators that a ruleset speaks of."""
    return indicator_names(ruleset.catalogue.indicators.values())


def indicator_names(indicators: Iterable[Indicator]) -> Iterator[Problem]:
    """Find indicators whose name or label says another thing, window or direction than declared."""
    for indicator in indicators:
        yield from _direction(indicator)
        yield from _thing(indicator)
        yield from _window(indicator)


def _direction(indicator: Indicator) -> Iterator[Problem]:
    words = set(indicator.name.split("_"))
    high, low = words & _HIGH_IS_WORSE, words & _LOW_IS_WORSE
    for named, other, declared in (
        (high, low, "lower_is_worse"),
        (low, high, "higher_is_worse"),
    ):
        if named and not other and indicator.direction == declared:
            message = f"'{indicator.name}' names {named.pop()} and is declared {declared}"
            hint = "name it after what it holds, or correct its direction"
            yield Problem("name-direction", message, indicator.place, hint)


def _thing(indicator: Indicator) -> Iterator[Problem]:
    """Find an indicator named absence and labelled attendance, or the other way round."""
    said = f"{indicator.label.en} {indicator.definition.en}".lower()
    for named, labelled in (("absence", "attendance"), ("attendance", "absence")):
        if named in indicator.name and labelled in said and named not in said:
            message = f"'{indicator.name}' is named {named} and labelled {labelled}"
            yield Problem("name-label", message, indicator.place, "name it after what it holds")


def _window(indicator: Indicator) -> Iterator[Problem]:
    match = _NAMED_SPAN.search(indicator.name)
    if match and indicator.window != f"{match[1]} {_SPANS[match[2]]}":
        message = f"'{indicator.name}' is counted over {indicator.window}"
        hint = f"its name says {match[1]} {_SPANS[match[2]]}"
        yield Problem("name-window", message, indicator.place, hint)
    for text in (indicator.label.en, indicator.definition.en):
        said = _LABEL_DAYS.search(text)
        if said and "days" in indicator.window and indicator.window != f"{said[1]} {said[2]} days":
            message = f"'{indicator.name}' says {said[0]} and is counted over {indicator.window}"
            hint = "holidays count in calendar days and not in school days: correct one of the two"
            yield Problem("label-window", message, indicator.place, hint)
            return
