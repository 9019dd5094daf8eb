"""Why there is no value: the one reason that what is known of a trace gives."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from engine.indicators.figure import Figure

Why = Literal[
    "no-window", "not-covered", "no-rows", "ended", "unclear", "no-beginning", "not-stated",
    "no-whole", "not-sent", "not-enough",
]  # fmt: skip
_UNCLEAR = ("unclear", "unstated")
# What a value is a share of, or is held against: without it there is none.
_WHOLES = (
    "expected", "missed", "held", "due", "marks", "planned", "expected_later", "expected_earlier",
    "marks_before",
)  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """The rows that count, what the parts come to, and the day up to which the rows go.

    `ended` is the last day of a fact that no longer counts.
    """

    counted: tuple[Mapping[str, Any], ...]
    totals: Mapping[str, Any]
    until: date | None
    ended: date | None = None


def why_none(figure: Figure, spans: Sized, found: Sums, *, daily: bool) -> Why:
    """Return why a figure has no value.

    `spans` are its windows at the pupil's schools. `daily` says that it needs rows of nearly all
    school days.
    """
    sums = found.totals
    if figure.window is not None and not len(spans):
        return "no-window"
    if figure.until and figure.until.endswith("_until") and found.until is None:
        return "not-covered"
    if not found.counted:
        return "no-rows" if found.ended is None else "ended"
    if any(sums.get(part) for part in _UNCLEAR):
        return "unclear"
    if sums.get("known_before") == 0 or (sums.get("from_the_start") == 0 and not sums["before"]):
        return "no-beginning"
    if all(value is None for value in sums.values()):
        return "not-stated"
    if any(part in sums and not sums[part] for part in _WHOLES):
        return "no-whole"
    return "not-sent" if daily else "not-enough"
