"""Which key has which lesson, export by export: on no day do two keys have one lesson.

The key that a lesson came under first keeps it, until an export ends that key's row or moves it to
another lesson. The same lesson under another key is rejected till then, whichever export it comes
in. Where another key takes over, it does so when the first one ends, even if its row says that it
was recorded before: it was known under the other key. A key that has to wait for one lesson keeps
until then the one that it had, and whoever takes over that one waits too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from engine.registers.twice import CONFLICT, COPY

Lesson = tuple[Any, ...]
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Event(NamedTuple):
    """One row: where it stands, its key, when it was recorded, and what it says of which lesson."""

    source: int
    row: int
    key: str
    moment: datetime
    deleted: bool
    lesson: Lesson
    content: tuple[Any, ...]


Wrong = tuple[Event, str, Event]  # a row, the code, and the row that it repeats or contradicts


@dataclass
class _Claim:
    """That a key has a lesson from a moment until another: the rows that say so, each with when.

    `until` is None while nothing ends it. `before` says that it stood in an earlier export.
    """

    rows: list[tuple[Event, datetime]]
    before: bool = False
    until: datetime | None = None

    @property
    def last(self) -> Event:
        return self.rows[-1][0]

    @property
    def since(self) -> datetime:
        return _ALWAYS if self.before else self.rows[0][1]

    def rejected(self, other: _Claim) -> Iterator[Wrong]:
        """Yield the claim's rows as ones that repeat or contradict another's."""
        code = COPY if self.last.content == other.last.content else CONFLICT
        yield from ((event, code, other.last) for event, _ in self.rows)


@dataclass
class Taken:
    """What comes of an export's rows: those that are wrong, and from when others count instead."""

    wrong: list[Wrong] = field(default_factory=list)
    since: dict[int, datetime] = field(default_factory=dict)


class Holders:
    """Takes in exports, one after the other."""

    def __init__(self) -> None:
        self._held: dict[str, _Claim] = {}
        self._ended: dict[Lesson, _Claim] = {}  # the last that had it, where nobody has
        self._last: dict[str, datetime] = {}  # when each key last said something new

    def take(
        self, told: Sequence[Event], present: Collection[str] | None, exported: datetime | None
    ) -> Taken:
        """Return what comes of an export's rows, in the order in which they were recorded.

        `present` has all keys that stand in an export of all rows, None for one of changes.
        """
        gone = set() if present is None else set(self._held) - set(present)
        taken, out = Taken(), set[int]()
        while True:
            chain = _Chain(self._held, self._last, exported)
            for event in _as_of(taken.since, told):
                if event.row not in out:
                    chain.add(event)
            chain.end(gone)
            found = _judged(chain.claims(), self._ended)
            if found.wrong:  # a row that is rejected leaves its key with what it had before
                out |= {event.row for event, _, _ in found.wrong}
                taken = Taken(taken.wrong + found.wrong)
            elif found.since:  # a row that waits keeps its key at what it had: others may wait too
                taken.since |= found.since
            else:
                break
        self._held, self._last = chain.held(), chain.last
        for claim in chain.closed:
            if _end(claim) > _end(self._ended.get(claim.last.lesson)):
                self._ended[claim.last.lesson] = claim
        return taken


class _Chain:
    """What keys have in the course of one export; `closed` are claims that ended in it."""

    def __init__(
        self, held: Mapping[str, _Claim], last: Mapping[str, datetime], exported: datetime | None
    ) -> None:
        self._open = {key: _Claim(claim.rows[-1:], before=True) for key, claim in held.items()}
        self.last, self._exported = dict(last), exported
        self.closed: list[_Claim] = []

    def add(self, event: Event) -> None:
        """Take in the next row; one that says again what its key has said changes nothing."""
        claim = self._open.get(event.key)
        if claim is None and event.deleted:
            return
        if claim and not event.deleted and _same(event, claim.last):
            claim.rows.append((event, event.moment))
            return
        at = self._effective(event)
        if at is None:
            return
        self.last[event.key] = at
        if claim and not event.deleted and event.lesson == claim.last.lesson:
            claim.rows.append((event, at))
            return
        self.end([event.key], at)
        if not event.deleted:
            self._open[event.key] = _Claim([(event, at)])

    def end(self, keys: Iterable[str], at: datetime | None = None) -> None:
        """End what these keys have, at a moment, or with the export."""
        for key in keys:
            claim = self._open.pop(key, None)
            if claim is not None:
                claim.until = at or self._exported or claim.rows[-1][1]
                self.last[key] = claim.until
                self.closed.append(claim)

    def claims(self) -> list[_Claim]:
        """Return all claims."""
        return [*self.closed, *self._open.values()]

    def held(self) -> dict[str, _Claim]:
        """Return what each key has in the end."""
        return self._open

    def _effective(self, event: Event) -> datetime | None:
        """Return when a row counts: its moment, or the export's where that is no later than before.

        None where nobody can tell: such a row is rejected as not newer.
        """
        before = self.last.get(event.key)
        if before is None or event.moment > before:
            return event.moment
        return self._exported if self._exported and self._exported > before else None


def _as_of(since: Mapping[int, datetime], told: Iterable[Event]) -> list[Event]:
    """Return rows in the order in which they count, those that wait by when they do."""
    moved = (event._replace(moment=since.get(event.row, event.moment)) for event in told)
    return sorted(moved, key=lambda event: (event.moment, event.row))


def _same(one: Event, other: Event) -> bool:
    return (one.lesson, one.content) == (other.lesson, other.content)


def _end(claim: _Claim | None) -> datetime:
    return _ALWAYS if claim is None or claim.until is None else claim.until


def _judged(claims: Iterable[_Claim], ended: Mapping[Lesson, _Claim]) -> Taken:
    """Return what is wrong with claims, and from when those count that take over."""
    of_lessons: dict[Lesson, list[_Claim]] = defaultdict(list)
    for claim in claims:
        of_lessons[claim.last.lesson].append(claim)
    found = Taken()
    for lesson, mine in of_lessons.items():
        if any(not claim.before for claim in mine):
            mine.sort(key=lambda claim: (not claim.before, claim.since, claim.rows[0][0].row))
            _one_after_the_other(mine, ended.get(lesson), found)
    return found


def _one_after_the_other(claims: list[_Claim], owner: _Claim | None, found: Taken) -> None:
    """Let each claim follow the one before it; those that cannot are wrong."""
    clash: list[_Claim] = []
    for claim in claims:
        after = owner is None or (owner.until is not None and claim.since >= owner.until)
        if owner is None or claim.before or after:
            owner = claim
        elif owner.until is None:
            clash.append(claim)
        elif claim.until is not None and claim.until <= owner.until:
            found.wrong += claim.rejected(owner)
        else:
            _take_over(claim, owner, owner.until, found)
            owner = claim
    if clash and owner is not None:
        found.wrong += _contradicting(owner, clash)


def _take_over(claim: _Claim, owner: _Claim, until: datetime, found: Taken) -> None:
    """Let a claim begin when another's ends; what it said before and took back is wrong."""
    early = [event for event, at in claim.rows if at <= until]
    for event in early:
        if event.content == early[-1].content:
            found.since[event.row] = until
        else:
            found.wrong.append((event, CONFLICT, owner.last))


def _contradicting(owner: _Claim, others: list[_Claim]) -> Iterator[Wrong]:
    """Yield the rows of claims to what another has for good.

    Of keys that come together none is right where they say different things.
    """
    alike = all(other.last.content == owner.last.content for other in others)
    if not owner.before and not alike:
        yield from ((event, CONFLICT, others[-1].last) for event, _ in owner.rows)
        for other in others:
            yield from ((event, CONFLICT, owner.last) for event, _ in other.rows)
    else:
        for other in others:
            yield from other.rejected(owner)
