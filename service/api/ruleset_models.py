"""What the routes of rulesets and of the catalogue answer, for the API's description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from service.api.models import Body


class InForce(Body):
    """Since when a ruleset is in force, and by whose hand."""

    starts: date = Field(alias="from")
    activated_at: datetime
    by: str


class RulesetVersion(Body):
    """A stored ruleset."""

    hash: str
    version: str
    decision_hash: str
    added: datetime
    in_force: list[InForce]


class Rulesets(Body):
    """All stored rulesets, the newest last."""

    rulesets: list[RulesetVersion]


class RulesetData(Body):
    """A ruleset as data, by file."""

    hash: str
    version: str
    decision_hash: str
    files: dict[str, dict[str, Any]]


class Both(Body):
    """A text in both languages."""

    lv: str
    en: str


class IndicatorDescription(Body):
    """An indicator that may be sent; `read` says whether the ruleset in force reads it."""

    name: str
    label: Both
    definition: Both
    domain: str
    type: Literal["ratio", "count", "number", "flag", "category"]
    unit: str | None
    decimals: int
    range: tuple[float, float] | None
    categories: dict[str, Both] | None
    window: str
    direction: str
    stale_after: int | None
    use: Literal["scoring", "support", "audit", "context"]
    read: bool


class Indicators(Body):
    """The catalogue, and the hash of the ruleset in force."""

    ruleset: str | None
    indicators: list[IndicatorDescription]
