"""Rates: each caller has a bucket that fills steadily; an empty one refuses.

By the monotonic clock, so that setting the clock back locks nobody out. Written here and not taken
from a library, as those that were tried reckon with the time of day.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from service.problems import Refusal

CALLERS = 10_000


class Rate:
    """Lets each caller make so many requests a minute, all at once or evenly."""

    def __init__(self, a_minute: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._a_second, self._now = max(1.0, a_minute), a_minute / 60, now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Count a request; raises `Refusal` with ``Retry-After`` where there were too many."""
        now = self._now()
        left, since = self._buckets.pop(caller, (self._most, now))
        left = min(self._most, left + (now - since) * self._a_second)
        if left < 1:
            self._buckets[caller] = (left, now)
            wait = ceil((1 - left) / self._a_second)
            raise Refusal("too-many", headers={"Retry-After": str(wait)})
        self._buckets[caller] = (left - 1, now)
        if len(self._buckets) > CALLERS:
            self._buckets.popitem(last=False)
