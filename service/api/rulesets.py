"""Rulesets and the catalogue: what is in force, and what a school system may send."""

from __future__ import annotations

from textwrap import indent
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from engine.text import Language
from engine.words.rules import RuleWords
from engine.write import plain_files
from service.api.context import Service, service
from service.api.describe import problems
from service.api.one import check_query, day
from service.api.ruleset_models import Indicators, RulesetData, Rulesets
from service.problems import Refusal
from service.store.connect import reading
from service.store.rulesets import Version, read_versions
from service.usecases.inforce import today

router = APIRouter(prefix="/v1", tags=["rulesets"])
Form = Literal["data", "yaml", "words"]
Spoken = Annotated[
    Language | None, Query(description="language of the words; the service's own if left out")
]
TEXT = {"schema": {"type": "string"}}
FILES = {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": RulesetData, "content": {"application/yaml": FILES, "text/markdown": TEXT}},
    304: {"description": "It is what `If-None-Match` names"},
}


@router.get("/rulesets", responses=problems() | {200: {"model": Rulesets}})
async def all_rulesets(request: Request) -> Response:
    """Return every ruleset version, and from when each was put in force, by whom."""
    here = service(request)
    await here.caller(request)
    check_query(request, ())

    def look() -> list[Version]:
        with reading(here.engine) as connection:
            return read_versions(connection)

    versions = await run_in_threadpool(look)
    activations = here.follower.picture.activations
    said = [
        {
            "hash": each.hash,
            "version": each.version,
            "decision_hash": each.decision_hash,
            "added": each.added,
            "in_force": [
                {"from": a.starts, "activated_at": a.at, "by": a.by}
                for a in activations
                if a.ruleset == each.hash
            ],
        }
        for each in versions
    ]
    return _json({"rulesets": said})


@router.get("/rulesets/in-force", responses=problems("no-ruleset", "not-found") | SHOWN)
async def ruleset_in_force(
    request: Request,
    on: Annotated[str | None, Query(json_schema_extra={"format": "date"})] = None,
    form: Annotated[Form, Query(alias="as")] = "data",
    language: Spoken = None,
) -> Response:
    """Return the ruleset in force on a day; today's if left out."""
    here = service(request)
    await here.caller(request)
    check_query(request, ("on", "as", "language"))
    wanted = day(on, "on") or today()
    digest = here.follower.picture.in_force(wanted)
    if digest is None:
        raise Refusal("no-ruleset", f"no ruleset was in force on {wanted}")
    return await _shown(here, request, digest, form, language)


@router.get("/rulesets/{digest}", responses=problems("not-found") | SHOWN)
async def one_ruleset(
    request: Request,
    digest: str,
    form: Annotated[Form, Query(alias="as")] = "data",
    language: Spoken = None,
) -> Response:
    """Return a ruleset: `as=data` (JSON), `as=yaml` (its files), or `as=words` (Markdown)."""
    here = service(request)
    await here.caller(request)
    check_query(request, ("as", "language"))
    return await _shown(here, request, digest, form, language)


async def _shown(
    here: Service, request: Request, digest: str, form: Form, spoken: Language | None
) -> Response:
    language = spoken or here.settings.language
    compiled = await here.compile(digest)
    if compiled is None:
        raise Refusal("not-found", "there is no ruleset with this hash")
    version = await run_in_threadpool(here.follower.version, digest)
    if version is None:
        raise Refusal("not-found", "there is no ruleset with this hash")
    tag = f'W/"{digest[:32]}-{form}-{language}"'  # weak: it may come packed
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if (known := request.headers.get("if-none-match", "")) == "*" or tag in known:
        return Response(status_code=304, headers=headers)
    if form == "words":
        text = RuleWords(compiled.ruleset, language).document()
        return Response(text, headers=headers, media_type="text/markdown; charset=utf-8")
    if form == "yaml":
        files = (f"{name}: |\n{indent(t, '  ')}\n" for name, t in sorted(version.files.items()))
        return Response("".join(files), headers=headers, media_type="application/yaml")
    said = {
        "hash": version.hash,
        "version": version.version,
        "decision_hash": version.decision_hash,
        "files": plain_files(compiled.ruleset),
    }
    return _json(said, headers)


@router.get("/indicators", responses=problems("no-ruleset") | {200: {"model": Indicators}})
async def all_indicators(request: Request) -> Response:
    """Return the catalogue: what may be sent, and what the ruleset in force today reads."""
    here = service(request)
    await here.caller(request)
    check_query(request, ())
    picture = here.follower.picture
    digest = picture.in_force(today())
    if picture.catalogue is None:
        raise Refusal("no-ruleset")
    compiled = None if digest is None else await here.compile(digest)
    reads = set() if compiled is None else set(compiled.reads)
    said: list[dict[str, Any]] = []
    for i in picture.catalogue.indicators.values():
        text = {n: {"lv": t.lv, "en": t.en} for n, t in i.categories.items()}
        said.append(
            {
                "name": i.name,
                "label": {"lv": i.label.lv, "en": i.label.en},
                "definition": {"lv": i.definition.lv, "en": i.definition.en},
                "domain": i.domain,
                "type": i.type,
                "unit": i.unit or None,
                "decimals": i.decimals,
                "range": [i.low, i.high] if i.numeric else None,
                "categories": text or None,
                "window": i.window,
                "direction": i.direction,
                "stale_after": i.stale_after,
                "use": i.use,
                "read": i.name in reads,
            }
        )
    return _json({"ruleset": digest, "indicators": said})


def _json(found: object, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(found), headers=headers, media_type="application/json")
