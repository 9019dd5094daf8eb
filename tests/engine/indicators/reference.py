"""The reference: every indicator in plain Python, loops over rows, deliberately naive.

It shares nothing with `engine.indicators` but the definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
Answer = tuple[Any, date | None]  # the value, and up to which day it goes
Bounds = Callable[[str], tuple[date, date] | None]
NOTHING: Answer = (None, None)
DAY = timedelta(days=1)


def mean_of(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass
class World:
    """What was known when a day ended."""

    rows: dict[str, list[Row]]
    as_of: date
    orgs: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def known(cls, rows: dict[str, list[Row]], as_of: date) -> World:
        """Return what was known when the day `as_of` ended."""
        found: dict[str, list[Row]] = {}
        for name, each in rows.items():
            found[name] = []
            for row in each:
                ended = row.get("ended")
                if row["recorded"].date() <= as_of and (ended is None or ended.date() > as_of):
                    found[name].append(row)
        world = cls(found, as_of)
        world.orgs = {row["id"]: row for row in found["orgs"]}
        return world

    def of(self, register: str, pupil: str) -> list[Row]:
        """Return a pupil's rows."""
        return [row for row in self.rows.get(register, []) if row["pupil"] == pupil]

    def happened(self, register: str, pupil: str) -> list[Row]:
        """Return a pupil's rows whose day has come."""
        return [row for row in self.of(register, pupil) if row["day"] <= self.as_of]

    # The calendar.

    def all_days(self, school: str) -> list[date]:
        """Return a school's days, a merged one's with those that its successor has."""
        days = {row["day"] for row in self.rows["school_days"] if row["school"] == school}
        org = self.orgs.get(school, {})
        if org.get("successor") and org.get("succeeded_on"):
            days.update(d for d in self.all_days(org["successor"]) if d >= org["succeeded_on"])
        return sorted(days)

    def past_days(self, school: str) -> list[date]:
        """Return a school's days up to the date."""
        return [day for day in self.all_days(school) if day <= self.as_of]

    def last_days(self, school: str, last: int, skipped: int = 0) -> tuple[date, date] | None:
        """Return from when to when its last days go."""
        days = self.past_days(school)
        if len(days) < last:
            return None
        return days[-last], days[-skipped] - DAY if skipped else self.as_of

    def last_weeks(self, school: str, last: int) -> tuple[date, date] | None:
        """Return from when to when its last school weeks go."""
        mondays = sorted({day - DAY * day.weekday() for day in self.past_days(school)})
        return (mondays[-last], self.as_of) if len(mondays) >= last else None

    def session(self, school: str, kind: str) -> tuple[date, date] | None:
        """Return from when to when the session goes that counts."""
        sessions = [row for row in self.rows["sessions"] if row["type"] == kind]
        own = [row for row in sessions if row.get("school") == school]
        chosen = list(own)
        for row in sessions:
            if row.get("school") is None:
                shared = [
                    o for o in own if o["begins"] <= row["ends"] and row["begins"] <= o["ends"]
                ]
                if not shared:
                    chosen.append(row)
        best = None
        for row in sorted(chosen, key=lambda row: (row["begins"], row["ends"])):
            if row["begins"] > self.as_of:
                continue
            later = [day for day in self.all_days(school) if day >= row["begins"]]
            if later and later[0] > self.as_of:
                continue  # the school has not begun yet
            best = (row["begins"], min(row["ends"], self.as_of))
        return best

    # Enrolments.

    def enrolment(self, pupil: str) -> Row | None:
        """Return the enrolment that counts on the date."""
        there = [
            row
            for row in self.of("enrolments", pupil)
            if row["begins"] <= self.as_of and (row["ends"] is None or row["ends"] >= self.as_of)
        ]
        if not there:
            return None
        latest = max(row["begins"] for row in there)
        return min(
            (r for r in there if r["begins"] == latest), key=lambda r: (r["school"], r["id"])
        )

    def kind_of_school(self, row: Row) -> str | None:
        """Return the kind of programme."""
        kind: str | None = row["school_type"] or self.orgs.get(row["school"], {}).get("school_type")
        return kind

    def begun(self, pupil: str) -> list[Row]:
        """Return a pupil's enrolments in order."""
        found = [row for row in self.of("enrolments", pupil) if row["begins"] <= self.as_of]
        found.sort(key=lambda row: (row["school"], row["id"]), reverse=True)
        found.sort(key=lambda row: row["begins"])
        return found

    def from_here(self, pupil: str, bounds: Bounds) -> Bounds:
        """Return the windows of schools as far as they lie in that of the school the pupil is at.

        For a pupil who is nowhere there is none.
        """
        enrolment = self.enrolment(pupil)
        now = bounds(enrolment["school"]) if enrolment else None

        def both(school: str) -> tuple[date, date] | None:
            mine = bounds(school)
            if mine is None or now is None:
                return None
            return max(mine[0], now[0]), min(mine[1], now[1])

        return both

    # Coverage.

    def spans(self, pupil: str, bounds: Bounds) -> list[tuple[str, list[date]]]:
        """Return the schools and their school days in the window on which a pupil is enrolled."""
        enrolments = self.of("enrolments", pupil)
        enrolments.sort(key=lambda row: (row["school"], row["id"]), reverse=True)
        enrolments.sort(key=lambda row: row["begins"])
        spans = []
        for number, row in enumerate(enrolments):
            ends = row["ends"]
            if ends is None and number + 1 < len(enrolments):
                ends = enrolments[number + 1]["begins"] - DAY
            window = bounds(row["school"])
            if window is None:
                continue
            begins = max(row["begins"], window[0])
            ends = window[1] if ends is None else min(ends, window[1])
            days = [day for day in self.past_days(row["school"]) if begins <= day <= ends]
            if days:
                spans.append((row["school"], days))
        return spans

    def covered(self, register: str, pupil: str, bounds: Bounds) -> tuple[date, int] | None:
        """Return up to which day a pupil's window has no gap, and the school days until then."""
        spans = self.spans(pupil, bounds)
        gaps = [
            day for school, days in spans for day in days if not self.sent(register, school, day)
        ]
        if not spans:
            return None
        until = min(gaps) - DAY if gaps else max(days[-1] for _, days in spans)
        held = sum(1 for _, days in spans for day in days if day <= until)
        return (until, held) if held else None

    def sent(self, register: str, school: str, day: date) -> bool:
        """Return whether a school says that it sent all of a day."""
        return any(
            row["school"] == school
            and row["register"] == register
            and row["begins"] <= day <= min(row["ends"], row["recorded"].date())
            for row in self.rows["coverage"]
        )


def inside(bounds: tuple[date, date] | None, day: date) -> bool:
    return bounds is not None and bounds[0] <= day <= bounds[1]


def newest(rows: Iterable[Row], day: str = "day") -> Row | None:
    return max(rows, key=lambda row: (row[day], row["id"]), default=None)
