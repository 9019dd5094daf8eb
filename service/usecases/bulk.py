"""Assessing many pupils at once: a row each, with reasons in words for those who are flagged.

Polars and `engine.patterns` decide. The reference is asked as well for the first pupil of each
pattern; where it differs, its answer stands and the difference is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

import orjson
import polars as pl
import uuid_utils

from engine.canonical import KEY
from engine.column import OBSERVED, date_column
from engine.findings import KEPT, Brief, Finding
from engine.frame import ROW
from engine.indicator import Indicator
from engine.text import Language
from service.identity.caller import Caller
from service.store.assessments import Stored
from service.store.places import Places
from service.store.writer import Job
from service.usecases.answers import Inputs
from service.usecases.inforce import Compiled
from service.usecases.rows import disagreement, in_common, row_of
from service.usecases.sent import SCHOOL, Reject, Sent

BRIEF = tuple(each.name for each in fields(Brief))
TOLD = {"row": pl.UInt32(), "id": pl.String(), "pupil_key": pl.String(), "school": pl.String()}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of all rows: by which ruleset, on which day, in which words, for whom.

    `lines` are wanted where answers are stored or sent as JSON.
    """

    compiled: Compiled
    as_of: date
    language: Language
    caller: Caller
    reasons: bool
    store: bool
    lines: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """What all answers of one request have in common."""

    as_of: date
    assessed_at: datetime
    ruleset: str
    ruleset_version: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What is answered: of each row that could be read, and the rejects of the others.

    `told` has a row's number, id, pupil_key and school, `briefs` what is said of it; `lines`, where
    they are wanted, are all of its answer as JSON, with its reasons.
    """

    head: Head | None
    told: pl.DataFrame
    briefs: Sequence[Brief]
    lines: Sequence[str]
    rejects: list[Reject]
    job: Job | None = None
    disagreements: int = 0


def assess_many(sent: Sent, order: Order, known: Mapping[str, Indicator], places: Places) -> Batch:
    """Return the answers to a table; raises `DataError` where a column cannot be used at all."""
    frame = sent.frame
    if order.caller.place.level == "school":
        frame = frame.with_columns(pl.col(SCHOOL).fill_null(order.caller.place.code))
    rows, unfit = order.compiled.canonicaliser(frame.columns, known).rows(frame, order.as_of)
    rejects = [
        *sent.rejects,
        *(Reject(*found) for found in unfit.select("row", "column", "problem").iter_rows()),
        *_strangers(frame, order.caller, places),
    ]
    if rejects:
        bad = pl.Series(sorted({each.row for each in rejects}), dtype=frame.schema[ROW])
        rows = rows.filter(~pl.col(ROW).is_in(bad.implode()))
    kept = frame if rows.height == frame.height else frame.join(rows.select(ROW), ROW, "semi")
    return _Answers(kept, rows, order).batch(sorted(rejects))


def _strangers(frame: pl.DataFrame, caller: Caller, places: Places) -> Iterator[Reject]:
    """Yield rejects for rows of schools that are not there, or not within the caller's place."""
    found = set(frame[SCHOOL].to_list())
    mine = [
        school
        for school in found - {None}
        if places.school(school) and places.within(school, caller.place)
    ]
    if len(mine) == len(found):
        return
    known = pl.col(SCHOOL).is_in(mine).fill_null(value=False)
    for row, school in frame.filter(~known).select(ROW, SCHOOL).iter_rows():
        yield Reject(row, SCHOOL, "school-missing" if school is None else "school-place")


class _Answers:
    """Answers being made: `frame` is what was sent, `rows` the same rows in canonical form."""

    def __init__(self, frame: pl.DataFrame, rows: pl.DataFrame, order: Order) -> None:
        self._frame, self._rows, self._order = frame, rows, order
        self._compiled = order.compiled
        self._now = datetime.now(UTC)
        self._stale = _stale(frame, rows, order)
        self._differing: dict[int, Inputs] = {}

    def batch(self, rejects: list[Reject]) -> Batch:
        """Return all answers, and the job that stores them."""
        order = self._order
        findings, differing = self._compiled.patterns.assess(self._rows)
        self._note(differing)
        rows = self._rows.height
        ids = [str(uuid_utils.uuid7()) for _ in range(rows)] if order.store else [None] * rows
        columns = (
            self._rows[ROW],
            pl.Series(ids, dtype=pl.String),
            self._rows[KEY],
            self._frame[SCHOOL],
        )
        told = pl.DataFrame(dict(zip(TOLD, columns, strict=True)), TOLD)
        lines = self._lines(told, findings) if order.lines else []
        briefs = [finding.brief for finding in findings]
        job = self._job(told, briefs, lines)
        return Batch(self._head(), told, briefs, lines, rejects, job, len(self._differing))

    def _lines(self, told: pl.DataFrame, findings: list[Finding]) -> list[str]:
        """Return each row's whole answer; keys and codes need no escapes, by their form."""
        order, rows, common = self._order, told.height, self._said()
        reasons = self._reasons(findings) if order.reasons else repeat("null", rows)
        names = [f'"{name}"' for name in told["id"]] if order.store else repeat("null", rows)
        briefs, stale = map(_brief_text, findings), self._stale_texts()
        return [
            f'{{"row":{row},"id":{name},"pupil_key":"{pupil}","school":"{school}",'
            f'{common},{brief},"stale":{old},"reasons":{why}}}'
            for (row, _, pupil, school), name, brief, old, why in zip(
                told.iter_rows(), names, briefs, stale, reasons, strict=True
            )
        ]

    def _head(self) -> Head:
        compiled = self._compiled
        return Head(self._order.as_of, self._now, compiled.hash, compiled.version)

    def _said(self) -> str:
        """Return what all answers have in common, without the braces."""
        return _json({**asdict(self._head()), "language": self._order.language})[1:-1]

    def _stale_texts(self) -> Iterable[str]:
        """Return, for each row, the values that are too old, as JSON."""
        rows = range(self._rows.height)
        if not self._stale:
            return repeat("{}", len(rows))
        return (_json(self._stale.get(at, {})) for at in rows)

    def _note(self, differing: list[int]) -> None:
        """Keep the records on which the executors differ."""
        for at in differing:
            record = self._rows.select(self._compiled.ruleset.reads).row(at, named=True)
            self._differing[at] = Inputs(record, self._stale.get(at, {}), self._order.language)

    def _reasons(self, findings: list[Finding]) -> list[str]:
        """Return the reasons of flagged pupils as JSON, null for the others."""
        compiled = self._compiled
        assessor, telling = compiled.assessor, compiled.telling[self._order.language]
        least, reads = compiled.ruleset.levels[0].id, compiled.ruleset.reads
        flagged = [at for at, finding in enumerate(findings) if finding.brief.level != least]
        columns = [column.to_list() for column in self._rows.select(reads)[flagged].get_columns()]
        told = ["null"] * len(findings)
        for at, *record in zip(flagged, *columns, strict=True):
            found = assessor.reasons(dict(zip(reads, record, strict=True)), findings[at])
            told[at] = telling.reasons(found).decode()
        return told

    def _job(self, told: pl.DataFrame, briefs: Sequence[Brief], lines: Sequence[str]) -> Job | None:
        """Return what must be stored: the answers, and the first record that was doubtful."""
        order, compiled = self._order, self._compiled
        place = order.caller.place
        doubtful = next(iter(self._differing.values()), None)
        doubt = None if doubtful is None else disagreement(compiled.hash, doubtful, self._now)
        if not order.store:
            return None if doubt is None else Job(place, disagreement=doubt)
        common = in_common(compiled.hash, order.as_of, order.caller, self._now)
        rows = [
            {
                "id": name,
                "pupil": pupil,
                **common,
                **row_of(brief, school, inputs, line, agreed=at not in self._differing),
            }
            for at, ((_, name, pupil, school), brief, inputs, line) in enumerate(
                zip(told.iter_rows(), briefs, self._inputs(), lines, strict=True)
            )
        ]
        return Job(place, assessments=rows, disagreement=doubt)

    def _inputs(self) -> Iterator[str]:
        """Yield each row's inputs as `Inputs.stored` has them."""
        reads = pl.col(self._compiled.ruleset.reads)
        record = pl.struct(reads).struct.json_encode()
        texts = self._rows.select(record.alias("record"))["record"]
        end = f'"language":"{self._order.language}"}}'
        for text, old in zip(texts, self._stale_texts(), strict=True):
            yield f'{{"indicators":{text},"stale":{old},{end}'


def _stale(frame: pl.DataFrame, rows: pl.DataFrame, order: Order) -> dict[int, dict[str, date]]:
    """Return, by row, the values that are unknown because they are too old, with their dates."""
    found: dict[int, dict[str, date]] = {}
    for name, indicator in order.compiled.reads.items():
        dated = f"{name}.{OBSERVED}" if f"{name}.{OBSERVED}" in frame.columns else OBSERVED
        if indicator.stale_after is None or name not in frame.columns or dated not in frame.columns:
            continue
        given = pl.col(name).is_not_null()
        if frame.schema[name] == pl.String:
            given &= pl.col(name).str.strip_chars() != ""
        day = date_column(dated, frame.schema[dated], None).value.alias("day")
        sent = frame.select(given, day)
        too_old = (pl.lit(order.as_of) - pl.col("day")).dt.total_days() > indicator.stale_after
        gone = sent.with_columns(rows[name].is_null().alias("gone")).with_row_index("at")
        for at, day in (
            gone.filter(pl.col(name) & pl.col("gone") & too_old).select("at", "day").iter_rows()
        ):
            found.setdefault(at, {})[name] = day
    return found


@lru_cache(KEPT)
def _brief_text(finding: Finding) -> str:
    """Return what is said of all who are alike, without the braces."""
    return _json({name: getattr(finding.brief, name) for name in BRIEF})[1:-1]


def _json(found: object) -> str:
    return orjson.dumps(found).decode()


def told_before(stored: Sequence[Stored], rejects: Sequence[Mapping[str, Any]]) -> Batch:
    """Return the answer to an earlier request as it was given."""
    said = [orjson.loads(each.answer or "") for each in stored]
    told = pl.DataFrame({name: [each[name] for each in said] for name in TOLD}, TOLD)
    briefs = [Brief(**{name: _named(each[name]) for name in BRIEF}) for each in said]
    head = None
    if said:
        at = datetime.fromisoformat(said[0]["assessed_at"])
        head = Head(stored[0].as_of, at, stored[0].ruleset, said[0]["ruleset_version"])
    lines = [each.answer or "" for each in stored]
    return Batch(head, told, briefs, lines, [Reject(**each) for each in rejects])


def _named(value: Any) -> Any:  # noqa: ANN401  a number, a name, or names
    return tuple(value) if isinstance(value, list) else value
