"""``POST /v1/assessments``: the one route that must be fast, so it skips what others need.

It is declared as a FastAPI route, with models that describe it; `assess` answers it from the
bytes, without them. Laws hold the two together (schemathesis, and the tests of refusals).
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from engine.canonical import PROBLEMS
from engine.indicator import Catalogue
from engine.text import Language
from service.api.bodies import check_json, read_body
from service.api.context import Service, service
from service.api.idempotency import asked_before, idempotency
from service.api.strict import check_names, members, parsed
from service.identity.caller import Right
from service.problems import Refusal, invalid
from service.store.writer import ConflictError
from service.usecases.inforce import Compiled, today
from service.usecases.one import Asked, allowed_school, assess_one
from service.usecases.sent import iso_day

FIELDS = frozenset(
    {"pupil_key", "school", "as_of", "language", "ruleset", "indicators", "observed_on"}
)
LIMIT = 256 * 1024
AHEAD = timedelta(days=366)


async def assess(request: Request) -> bytes:
    """Return the answer to a request for one assessment: only when it is committed."""
    here = service(request)
    store = _stored(request.scope["query_string"])
    caller = await here.caller(request, Right.SCORE if store else Right.TRY)
    check_json(request)
    body = await read_body(
        request, min(LIMIT, here.settings.body_limit), here.settings.body_seconds
    )
    key = idempotency(request, body, caller, store=store)
    if key is not None and (before := await asked_before(here, caller, key)) is not None:
        return before.encode()
    asked = members(parsed(body), FIELDS, "")
    picture = here.follower.picture
    if picture.catalogue is None:
        raise Refusal("no-ruleset")
    school = allowed_school(text(asked, "school"), caller, picture.places)
    wanted = _asked(asked, school, here.settings.language, picture.catalogue)
    compiled = await ruleset(here, text(asked, "ruleset"), wanted.as_of)
    said = assess_one(wanted, compiled, picture.catalogue, caller, store=store)
    if not store:
        here.second.answered(said.case)
    else:
        if key is not None:
            key.note(said.case.job, caller)
        try:
            await here.second.stored(said.case)
        except ConflictError:
            if key is not None and (before := await asked_before(here, caller, key)) is not None:
                return before.encode()
            raise
    here.metrics.assessed[store].inc()
    return said.body


@lru_cache(1024)  # of queries that pass, see below
def _stored(text: bytes) -> bool:
    """Return whether the query asks to store, and nothing else."""
    store = _flag(QueryParams(text), "store", default=True)
    _check_query(text, frozenset({"store"}))
    return store


def flag(request: Request, name: str, *, default: bool) -> bool:
    """Return a yes or no from the query."""
    return _flag(request.query_params, name, default=default)


def _flag(query: QueryParams, name: str, *, default: bool) -> bool:
    text = query.get(name)
    if text is None:
        return default
    if text not in ("true", "false"):
        raise invalid(name, "write true or false")
    return text == "true"


def check_query(request: Request, names: Iterable[str]) -> None:
    """Refuse what a query has beside `names`, or twice: `store=false` must not be passed over."""
    _check_query(request.scope["query_string"], frozenset(names))


@lru_cache(1024)  # of queries that pass: there are few, and they have no pupil's key
def _check_query(text: bytes, names: AbstractSet[str]) -> None:
    given = QueryParams(text)
    check_names(dict(given), names, "query")
    if len(given.multi_items()) > len(given):
        twice = next(name for name in given if len(given.getlist(name)) > 1)
        raise invalid(f"query.{twice}", "this name stands twice", "write it once")


async def ruleset(here: Service, named: str | None, as_of: date) -> Compiled:
    """Return the ruleset that was named, or the one in force on the day."""
    digest = here.follower.picture.in_force(as_of) if named is None else named
    if digest is None:
        raise Refusal("no-ruleset", f"no ruleset was in force on {as_of}")
    found = here.follower.ready(digest) or await here.compile(digest)
    if found is None:
        raise invalid("ruleset", "there is no ruleset with this hash", "see /v1/rulesets")
    return found


def _asked(body: Any, school: str, default: Language, catalogue: Catalogue) -> Asked:  # noqa: ANN401  parsed JSON
    key = text(body, "pupil_key")
    if key is None:
        raise invalid("pupil_key", "it is missing", "send the pupil's pseudonymous key")
    language = body.get("language")
    language = default if language is None else language
    if language not in ("lv", "en"):
        raise invalid("language", "this is not a language here", "lv or en")
    as_of = day_assessed(text(body, "as_of"))
    indicators = body.get("indicators")
    if not isinstance(indicators, dict):
        raise invalid("indicators", "send an object of indicators by name", "see /v1/indicators")
    names = catalogue.indicators.keys()
    check_names(indicators, names, "indicators")
    observed = _observed(body.get("observed_on"), indicators, names, as_of)
    return Asked(key, school, as_of, language, indicators, observed)


def _observed(
    given: object, indicators: Iterable[str], names: AbstractSet[str], as_of: date
) -> dict[str, date]:
    """Return the day to which each value goes: one for all, or one for each that is named."""
    if given is None:
        return {}
    if isinstance(given, dict):
        check_names(given, names, "observed_on")
        found = {name: _seen(value, f"observed_on.{name}", as_of) for name, value in given.items()}
        return {name: value for name, value in found.items() if value is not None}
    one = _seen(given, "observed_on", as_of)
    return {} if one is None else dict.fromkeys(indicators, one)


def _seen(text: object, where: str, as_of: date) -> date | None:
    """Return the day to which a value goes; refuses one after the day of the assessment."""
    found = day(text, where)
    if found is not None and found > as_of:
        raise invalid(where, PROBLEMS["future"].en)
    return found


def text(body: Any, name: str) -> str | None:  # noqa: ANN401  parsed JSON
    """Return a text that stands in a body, None where it does not; raises `Refusal`."""
    found = body.get(name)
    if found is not None and not isinstance(found, str):
        raise invalid(name, "this is not text")
    return found


def day_assessed(text: object) -> date:
    """Return the day of an assessment, today where none is named.

    Refuses one that is far ahead: a slip of the pen would stand in the log for good.
    """
    found, now = day(text, "as_of"), today()
    if found is not None and found - now > AHEAD:
        raise invalid("as_of", "this day is more than a year ahead", "check the year")
    return found or now


def day(text: object, where: str) -> date | None:
    """Return a day written as 2026-01-31; raises `Refusal`."""
    if text is None:
        return None
    found = iso_day(text) if isinstance(text, str) else None
    if found is not None:
        return found
    raise invalid(where, "this is not a date", "write it as 2026-01-31")
