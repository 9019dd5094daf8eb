"""Which ruleset is in force, which keys are good, which places there are: followed from the store.

Each process keeps a picture of these and asks twice a second whether anything has changed. A new
picture is made beside the old one and put in its place at once: no request waits or is dropped.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import structlog
from sqlalchemy.engine import Engine

from engine.assess import Assessor
from engine.canonical import reader
from engine.condition import Record
from engine.errors import ExecutorError
from engine.executors.durable import Durable
from engine.frame import Canonicaliser
from engine.indicator import Catalogue, Indicator
from engine.load import load_catalogue_files, load_files
from engine.meaning import Truths
from engine.patterns import Patterns
from engine.ruleset import Ruleset
from engine.text import LANGUAGES, Language
from service.identity.keys import Key
from service.store import keys, places, rulesets
from service.store.connect import StoreUnavailableError, reading, writing
from service.store.erasure import last_erasure
from service.store.places import Places
from service.store.rulesets import Activation, Files, Version
from service.usecases.answers import Telling

SECONDS = 0.4
NOTE_SECONDS = 30
KEPT = 16  # compiled rulesets
log = structlog.get_logger()


def today() -> date:
    """Return the day on the wall where the service runs."""
    return _day(int(time.time()) // 60)


@lru_cache(1)  # no day begins in the midst of a minute
def _day(_minute: int) -> date:
    return date.today()  # noqa: DTZ011  the same as of a moment with its zone, and quick


class Compiled:
    """A ruleset ready to score: the reference decides, durable_rules gives a second opinion."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.hash, self.version = ruleset.content_hash, ruleset.version
        self._durable = Durable(ruleset)
        self.assessor = Assessor(ruleset)
        self.patterns = Patterns(ruleset)
        self._canonicalisers: dict[tuple[int, ...], Canonicaliser] = {}
        self.telling: Mapping[Language, Telling] = {
            language: Telling(ruleset, language) for language in LANGUAGES
        }
        self.reads: Mapping[str, Indicator] = {
            name: ruleset.catalogue.indicators[name] for name in ruleset.reads
        }
        self.readers = {name: reader(indicator) for name, indicator in self.reads.items()}

    def canonicaliser(self, sent: Iterable[str], known: Mapping[str, Indicator]) -> Canonicaliser:
        """Return what makes tables canonical; values that the ruleset does not read are checked."""
        extra = [known[name] for name in sent if name in known and name not in self.reads]
        key = tuple(map(id, extra))
        found = self._canonicalisers.get(key)
        if found is None:
            if len(self._canonicalisers) >= KEPT:
                self._canonicalisers.clear()
            # Those indicators are kept with it, so that no other can come to have their ids.
            found = self._canonicalisers[key] = Canonicaliser([*self.reads.values(), *extra])
        return found

    def confirms(self, record: Record, truths: Truths) -> bool:
        """Return whether durable_rules gives these truths too; where it fails, it does not."""
        try:
            return self._durable.truths(record) == truths
        except ExecutorError as error:
            log.warning("durable_rules failed", problem=error.problems[0].message)
            return False


@dataclass(frozen=True)
class Picture:
    """What was read at one revision of the store."""

    revision: int
    activations: tuple[Activation, ...]
    catalogue: Catalogue | None
    keys: Mapping[str, Key]
    places: Places
    erasure: int

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        """The indicators that may be sent, by name."""
        return {} if self.catalogue is None else self.catalogue.indicators

    def in_force(self, on: date) -> str | None:
        """Return the hash of the ruleset in force on a day: the latest start, the last word."""
        found: Activation | None = None
        for each in self.activations:  # in the order in which they were made
            if each.starts <= on and (found is None or each.starts >= found.starts):
                found = each
        return None if found is None else found.ruleset


class Follower:
    """Keeps a `Picture` and compiled rulesets up to date in the background.

    `erased` is called where persons were erased since.
    """

    def __init__(self, engine: Engine, erased: Callable[[], None] = lambda: None) -> None:
        self._engine, self._erased = engine, erased
        self._compiled: OrderedDict[str, Compiled] = OrderedDict()
        self._catalogue: tuple[Files | None, Catalogue | None] = None, None
        self._guard, self._looking = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._used: dict[str, datetime] = {}
        self._noted = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self.picture = self._read()
        self._warm()

    def start(self) -> None:
        """Start following."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following, noting first which keys were used."""
        self._stop.set()
        self._thread.join()

    def used(self, key: str) -> None:
        """Note that a key was used; the store hears of it later."""
        self._used[key] = datetime.now(UTC)

    def ready(self, digest: str) -> Compiled | None:
        """Return a ruleset that is compiled already."""
        return self._compiled.get(digest)

    def compiled(self, digest: str) -> Compiled | None:
        """Return a ruleset, compiled; None where the store has none with this hash."""
        with self._guard:
            found = self._compiled.get(digest)
            if found is None:
                version = self.version(digest)
                if version is None:
                    return None
                found = self._compiled[digest] = Compiled(_loaded(version.files))
                self._drop()
            return found

    def version(self, digest: str) -> Version | None:
        """Return a stored ruleset version."""
        with reading(self._engine) as connection:
            return rulesets.read_version(connection, digest)

    def _drop(self) -> None:
        """Let go of the oldest rulesets that are not in force now."""
        kept = {each.ruleset for each in self.picture.activations[-KEPT:]}
        for digest in list(self._compiled):
            if len(self._compiled) > KEPT and digest not in kept:
                del self._compiled[digest]

    def _warm(self) -> None:
        now = self.picture.in_force(today())
        if now is not None:
            self.compiled(now)

    def _read(self) -> Picture:
        with reading(self._engine) as connection:
            files = rulesets.read_catalogue(connection)
            return Picture(
                revision=places.read_revision(connection),
                activations=tuple(rulesets.read_activations(connection)),
                catalogue=self._catalogue_of(files),
                keys={key.id: key for key in keys.read_keys(connection)},
                places=places.read_places(connection),
                erasure=last_erasure(connection),
            )

    def _catalogue_of(self, files: Files | None) -> Catalogue | None:
        """Return the catalogue in these files; it is read again only where they are others."""
        if files != self._catalogue[0]:
            found = None if files is None else load_catalogue_files(_bytes(files))
            self._catalogue = files, found
        return self._catalogue[1]

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            try:
                self.follow()
            except StoreUnavailableError as error:
                log.warning("the store does not answer", reason=str(error))
            except Exception:
                log.exception("following failed")
        self._note_used()

    def follow(self) -> None:
        """Look now whether anything changed, and follow it."""
        with self._looking:  # else an older picture could take the place of a newer one
            with reading(self._engine) as connection:
                revision = places.read_revision(connection)
            if revision != self.picture.revision:
                before, self.picture = self.picture, self._read()
                if self.picture.erasure != before.erasure:
                    self._erased()
                log.info("followed a change", revision=revision)
        self._warm()
        if time.monotonic() - self._noted > NOTE_SECONDS:
            self._note_used()

    def _note_used(self) -> None:
        used, self._used, self._noted = self._used, {}, time.monotonic()
        if used:
            try:
                with writing(self._engine) as connection:
                    keys.note_used(connection, used)
            except StoreUnavailableError:
                self._used = used | self._used


def _bytes(files: Files) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def _loaded(files: Files) -> Ruleset:
    return load_files(_bytes(files))
