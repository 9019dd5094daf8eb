"""What lies ahead: rows recorded, or exports made, later than anybody can have known of.

The reader has no clock: whoever starts it says which day it is. Where clocks and zones differ, a
day may have begun elsewhere, so tomorrow is not yet ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from engine.registers.bundle import Bundle
from engine.text import Text


def latest(today: date) -> datetime:
    """Return the last moment of which anybody can know on a day: the end of the next one, in UTC.

    >>> latest(date(2025, 12, 31)).isoformat()
    '2026-01-01T23:59:59.999000+00:00'
    """
    last = time(23, 59, 59, 999_000)
    return datetime.combine(today + timedelta(days=1), last, tzinfo=UTC)


def exported_ahead(bundles: Iterable[Bundle], until: datetime | None) -> Iterator[Text]:
    """Yield a note for each bundle that says it was exported later than `until`.

    It is read all the same: made-up registers may lie ahead. Of real ones something is wrong.
    """
    for bundle in bundles:
        exported = bundle.manifest.exported
        if until is not None and exported is not None and exported > until:
            yield Text(
                f"{bundle.name}: eksporta brīdis ({exported:%Y-%m-%d}) vēl nav pienācis; pārbaudiet"
                " pumpurs.exportedAt: rindas bez dateLastModified līdz tam nav zināmas",
                f"{bundle.name}: the moment of the export ({exported:%Y-%m-%d}) lies ahead; check"
                " pumpurs.exportedAt: rows without dateLastModified are unknown until then",
            )
