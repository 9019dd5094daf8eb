"""Media types of many pupils: what is read, what is answered, and how a client chooses."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request

from service.problems import Refusal

JSON = "application/json"
NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
KINDS = (JSON, NDJSON, ARROW, PARQUET)


def sent_kind(request: Request) -> str:
    """Return the media type of the body; raises `Refusal` for one that is not read."""
    kind = said_kind(request.headers.get("content-type", ""))
    if kind not in KINDS:
        raise Refusal("media-type", f"Content-Type: {', '.join(KINDS)}; JSON in UTF-8")
    return kind


def said_kind(content_type: str) -> str:
    """Return the media type of a ``Content-Type``; empty for JSON that is said not to be UTF-8."""
    kind, _, parameters = content_type.lower().partition(";")
    kind, charset = kind.strip(), parameters.replace('"', "").strip()
    text = kind in (JSON, NDJSON)
    return "" if text and charset not in ("", "charset=utf-8") else kind


def wanted_kind(request: Request) -> str:
    """Return the media type to answer in: the one that ``Accept`` likes best; JSON if all are."""
    accepted = request.headers.get("accept", "*/*")
    for kind in _liked(accepted.split(",")):
        if kind in KINDS:
            return kind
        if kind in ("*/*", "application/*"):
            return JSON
    raise Refusal("not-acceptable", f"Accept: {', '.join(KINDS)}")


def _liked(parts: Iterable[str]) -> list[str]:
    """Return media types, the best liked first; those with a weight of 0 are not liked."""
    found = []
    for part in parts:
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [each[2:] for each in parameters if each.startswith("q=")]
        try:
            weight = float(weights[0]) if weights else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            found.append((-weight, kind))
    return [kind for _, kind in sorted(found, key=lambda each: each[0])]
