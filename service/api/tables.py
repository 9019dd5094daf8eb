"""Bytes of many pupils, read and written: JSON, lines of JSON, Arrow, Parquet."""

from __future__ import annotations

import io
from collections.abc import Sequence

import orjson
import polars as pl
from polars.exceptions import PanicException, PolarsError

from engine.canonical import KEY
from engine.canonical import PROBLEMS as VALUES
from engine.column import OBSERVED
from engine.indicator import Indicator
from engine.text import Language, Text
from service.api import media
from service.api.briefs import NAMES, NOTHING, Briefs
from service.api.strict import check_names, parsed
from service.problems import Refusal, invalid
from service.usecases.bulk import TOLD, Batch
from service.usecases.sent import PROBLEMS, SCHOOL, Reject

MOST = 100_000
_END = b"\xff\xff\xff\xff\0\0\0\0"  # without it a stream that was cut short would look whole
_BRIEFS = Briefs()


def objects(kind: str, body: bytes) -> Sequence[object]:
    """Return the objects of a JSON array or of lines; raises `Refusal`."""
    if kind == media.JSON:
        found = _array(body)
        if not isinstance(found, list):
            raise invalid("body", "this is not a JSON array", "send an array of objects")
    else:
        lines = body.split(b"\n")
        found = [_line(line) for line in (lines if lines[-1].strip() else lines[:-1])]
    _check_number(len(found))
    return found


def _array(body: bytes) -> object:
    """Return what strict JSON says.

    As many colons as members prove that no name stands twice (`service.api.strict`): in rows like
    most, whose only other colons are in keys, that is seen without a look into each value.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return parsed(body)
    rows = [each for each in found if type(each) is dict] if type(found) is list else []
    within = [row[name] for row in rows for name in ("indicators", OBSERVED) if name in row]
    members = sum(map(len, rows)) + sum([len(each) for each in within if type(each) is dict])
    if b"\\" not in body:
        keys = [row.get(KEY) for row in rows]
        members += "".join([key for key in keys if type(key) is str]).count(":")
    return found if body.count(b":") == members else parsed(body)


def _line(line: bytes) -> object:
    try:
        return parsed(line)
    except Refusal as refused:
        return refused


def columns(kind: str, body: bytes, known: dict[str, Indicator]) -> pl.DataFrame:
    """Return the columns of an Arrow stream or a Parquet file; raises `Refusal`."""
    if kind == media.ARROW and not body.endswith(_END):
        raise Refusal("bad-request", "the Arrow stream has no end: it was cut short")
    read = pl.read_ipc_stream if kind == media.ARROW else pl.read_parquet
    try:
        found = read(io.BytesIO(body), n_rows=MOST + 1)
    except (PolarsError, PanicException, OSError, ValueError):
        raise Refusal("bad-request", f"the body is not {kind}") from None
    _check_number(found.height)
    dated = (f"{name}.{OBSERVED}" for name in known)
    check_names(dict.fromkeys(found.columns), {KEY, SCHOOL, OBSERVED, *known, *dated}, "columns")
    if KEY not in found.columns:
        raise invalid(f"columns.{KEY}", "it is missing", "send pupils' pseudonymous keys")
    return found


def _check_number(rows: int) -> None:
    if rows > MOST:
        raise Refusal("too-large", f"a request has at most {MOST} pupils")


def written(batch: Batch, kind: str, language: Language, note: Text | None = None) -> bytes:
    """Return the answer in a media type: lines end with the rejects, tables have them as rows.

    A note stands in JSON and its lines; tables have no place for it.
    """
    match kind:
        case media.JSON:
            lines = ",".join(batch.lines).encode()
            rejects = orjson.dumps([_reject(each, language) for each in batch.rejects])
            notes = b',"notes":%b' % orjson.dumps([note[language]]) if note else b""
            return b'{"assessments":[%b],"rejects":%b%b}' % (lines, rejects, notes)
        case media.NDJSON:
            answers = [line.encode() for line in batch.lines]
            unread = [orjson.dumps(_reject(each, language)) for each in batch.rejects]
            noted = [orjson.dumps({"note": note[language]})] if note else []
            return b"".join(b"%b\n" % line for line in [*answers, *unread, *noted])
        case _:
            table, into = _table(batch), io.BytesIO()
            if kind == media.ARROW:
                # Texts as every reader knows them: else all would go out that were ever met.
                table.write_ipc_stream(into, compat_level=pl.CompatLevel.oldest())
            else:
                table.write_parquet(into)
            return into.getvalue()


def _reject(reject: Reject, language: Language) -> dict[str, object]:
    problem = (PROBLEMS.get(reject.code) or VALUES[reject.code])[language]
    said = {"row": reject.row, "column": reject.column, "code": reject.code, "problem": problem}
    hint = reject.hint_in(language)
    return said | ({"hint": hint} if hint else {})


def _table(batch: Batch) -> pl.DataFrame:
    """Return one row for each row that was sent: its answer, or why it was rejected."""
    head = batch.head if batch.briefs else None  # an earlier answer without any tells no more
    told = batch.told.hstack(_BRIEFS.table(batch.briefs)).with_columns(NOTHING.alias("rejected"))
    why: dict[int, list[str]] = {}
    for each in batch.rejects:
        why.setdefault(each.row, []).append(f"{each.column}: {each.code}")
    if why:
        schema = {"row": TOLD["row"], "rejected": NAMES}
        rejected = pl.DataFrame({"row": list(why), "rejected": list(why.values())}, schema)
        told = pl.concat([told, rejected], how="diagonal").sort("row")
    return told.with_columns(
        pl.lit(head.as_of if head else None, pl.Date).alias("as_of"),
        pl.lit(head.assessed_at if head else None, pl.Datetime("us", "UTC")).alias("assessed_at"),
        pl.lit(head.ruleset if head else None, pl.String).alias("ruleset"),
    )
