"""What is said of many pupils as columns: what pupils have in common is made into lists once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import polars as pl

from engine.findings import KEPT, Brief
from service.usecases.bulk import BRIEF

NAMES = pl.List(pl.String())
NOTHING = pl.lit([], NAMES)
_SAID = dict.fromkeys(BRIEF[:2], pl.UInt32()) | dict.fromkeys(BRIEF[2:], pl.String())
_LISTS = [
    pl.when(pl.col(name) == "").then(NOTHING).otherwise(pl.col(name).str.split(" ")).alias(name)
    for name in BRIEF[4:]
]


class Briefs:
    """Makes tables of briefs; those that it has met before, by identity, are not made again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = _made([])
        self._places: dict[int, tuple[Brief, int]] = {}  # with the brief, so that its id stays its

    def table(self, briefs: Sequence[Brief]) -> pl.DataFrame:
        """Return a row for each brief."""
        with self._lock:
            if len(self._places) > KEPT:
                self._made = _made([])
                self._places.clear()
            new = {id(brief): brief for brief in briefs if id(brief) not in self._places}
            if new:
                for brief in new.values():
                    self._places[id(brief)] = brief, len(self._places)
                self._made = pl.concat([self._made, _made(list(new.values()))], rechunk=True)
            at = [self._places[id(brief)][1] for brief in briefs]
            return self._made[at]


def _made(briefs: Sequence[Brief]) -> pl.DataFrame:
    # Making lists one by one would take more time than all the rest; no name has a space.
    said = {name: [getattr(brief, name) for brief in briefs] for name in BRIEF[:4]}
    said |= {name: [" ".join(getattr(brief, name)) for brief in briefs] for name in BRIEF[4:]}
    return pl.DataFrame(said, _SAID).with_columns(_LISTS)
