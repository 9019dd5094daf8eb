"""Bytes of a register's rows, as CSV or as lines of JSON, made one table of texts."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request

from engine.errors import DataError
from service.api import media
from service.api.strict import parsed
from service.problems import Refusal, invalid, of_engine
from service.register_files import File
from service.usecases.register_sheets import Sheet, of_csv, of_rows
from service.usecases.sent import Reject

CSV = "text/csv"
KINDS = (CSV, media.NDJSON)
_SAYS_NOTHING = ("charset=utf-8", "header=present", "")
# Messages of these may repeat what stands in the file where a column's name is expected.
_UNSAID = {"duplicate-column": "a column's name stands twice"}


def sent_kind(request: Request) -> str:
    """Return the media type of the body; raises `Refusal` for one that is not read."""
    kind, *parameters = request.headers.get("content-type", "").lower().replace('"', "").split(";")
    if kind.strip() not in KINDS or any(p.strip() not in _SAYS_NOTHING for p in parameters):
        raise Refusal("media-type", f"Content-Type: {', '.join(KINDS)}; in UTF-8")
    return kind.strip()


def sheet(kind: str, body: bytes, file: File, work: Path) -> Sheet:
    """Return the table in a body; raises `Refusal` where there is none."""
    if not body.strip():
        raise invalid("body", "it is empty", "the first row of CSV names the columns")
    if kind == media.NDJSON:
        return _of_lines(body, file)
    try:
        body.decode()
    except UnicodeDecodeError:
        raise Refusal("bad-request", "the body is not UTF-8") from None
    try:
        return of_csv(body, file, work)
    except DataError as error:
        raise unreadable(error) from None


def unreadable(error: DataError) -> Refusal:
    """Return the refusal of a file that cannot be read at all, without what stands in it."""
    (problem, *_) = error.problems
    if problem.code in _UNSAID:
        return invalid("body", _UNSAID[problem.code], problem.hint)
    return of_engine(error, "body")


def _of_lines(body: bytes, file: File) -> Sheet:
    rows: list[tuple[int, dict[str, str]]] = []
    rejects: list[Reject] = []
    read, said = frozenset(file.columns), dict[str, None]()
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            found = parsed(line)
        except Refusal:
            rejects.append(Reject(number, "", "not-json"))
            continue
        if not isinstance(found, dict):
            rejects.append(Reject(number, "", "not-object"))
            continue
        said |= dict.fromkeys(found)
        row = {name: _text(value) for name, value in found.items() if name in read}
        wrong = [name for name, value in row.items() if value is None]
        rejects += [Reject(number, name, "not-text") for name in wrong]
        if not wrong:
            rows.append((number, {name: str(value) for name, value in row.items()}))
    return of_rows(rows, file, rejects, said)


def _text(value: object) -> str | None:
    """Return a value as CSV has it; None where it has none, as of a text with a zero byte."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return None if "\0" in value else value
        case int() | float():
            return repr(value)
        case _:
            return None
