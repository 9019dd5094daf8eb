"""The demonstration, served: its school in an SQLite file, a key, and lines to paste."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from sqlalchemy.engine import Engine

from engine.canonical import KEY
from engine.column import OBSERVED
from engine.frame import ROW, canonical_frame
from engine.text import Language
from service.api.models import INDICATORS
from service.app import application
from service.client import Client, Pupil
from service.demo import gravest_key
from service.identity.caller import Place, Role
from service.phrases import say
from service.school import AS_OF
from service.scoring import Run
from service.serving import StartError, listen, serve
from service.settings import read_settings
from service.store.assessments import history
from service.store.connect import STATE, connect, reading, writing
from service.store.migrate import upgrade
from service.store.places import add_place, read_places
from service.store.rulesets import read_activations
from service.usecases.setup import activate_folder, make_key

SCHOOL = Place("school", "demo")
ABOVE = (Place("state", "lv"), Place("municipality", "demo-municipality"))
STARTS = date(2025, 9, 1)  # of the school year that AS_OF lies in
PORTS = 20  # tried one after the other
LEVEL = "warning"


def serve_demo(folder: Path, rules: Path, run: Run, port: int, language: Language) -> None:
    """Serve the demonstration school until Ctrl-C; raises `StartError`."""
    address = f"sqlite:///{folder / 'pumpurs.db'}"
    engine = connect(address, create=True)
    try:
        upgrade(engine)
        _settle(engine, rules, run)
        _, key = make_key(engine, "demo", Role.SCORER, SCHOOL, days=1)
        new = not _stored(engine, run)
    finally:
        engine.dispose()
    with _listener(port) as listener:
        found = listener.getsockname()[1]
        if port not in (0, found):
            _say(say("another-port", language, taken=str(port), found=str(found)))
        guide = _Guide(run, f"http://127.0.0.1:{found}", key, language, new=new)
        threading.Thread(target=guide.show, daemon=True).start()
        chosen = {"database": address, "language": language, "log_level": LEVEL}
        settings = read_settings().model_copy(update=chosen)
        serve(listener, 1, LEVEL, lambda: application(settings))
    if guide.broken:
        raise guide.broken[0]
    _say(f"\n{say('stopped', language)}")


@dataclass
class _Guide:
    """Has the service store the school, then says what can be done; `broken` is why it could not.

    It runs beside the service, which takes its requests as it takes all others.
    """

    run: Run
    address: str
    key: str
    language: Language
    new: bool
    broken: list[Exception] = field(default_factory=list)

    def show(self) -> None:
        try:
            with Client(self.address, self.key) as client:
                if self.new:
                    _say(say("storing", self.language))
                    client.bulk(_pupils(self.run), as_of=AS_OF, language=self.language)
                client.rulesets()
        except Exception as error:  # noqa: BLE001  it is raised where the service ends
            self.broken.append(error)
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            _say("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        bearer = shlex.quote(f"Authorization: Bearer {self.key}")
        asked = {"pupil_key": "P-1", "language": self.language, "indicators": INDICATORS}
        yield ""
        yield say("page", self.language, f"{self.address}/docs")
        yield say("api-key", self.language, self.key)
        yield say("exports", self.language)
        yield f"  export PUMPURS_URL={self.address}"
        yield f"  export PUMPURS_KEY={self.key}"
        yield say("curl", self.language)
        yield (
            f"  curl -s {self.address}/v1/assessments -H {bearer}"
            f" -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(asked))}"
        )
        yield say("curl-history", self.language)
        pupil = gravest_key(self.run)
        yield f"  curl -s {self.address}/v1/pupils/{pupil}/assessments -H {bearer}"
        yield say("how-to-stop", self.language)


def _settle(engine: Engine, rules: Path, run: Run) -> None:
    """Put the school's place and the ruleset into the store, where they are not yet."""
    with writing(engine) as connection:
        known = read_places(connection).sites
        above = ""
        for place in (*ABOVE, SCHOOL):
            if place.code not in known:
                add_place(connection, place.level, place.code, place.code, above)
            above = place.code
        activations = read_activations(connection)
    if not activations or activations[-1].ruleset != run.ruleset.content_hash:
        activate_folder(engine, rules, STARTS, "operator:demo")


def _stored(engine: Engine, run: Run) -> bool:
    """Return whether this school was stored, by these rules, when the demonstration last ran."""
    with reading(engine) as connection:
        found = history(connection, gravest_key(run), STATE, None, 1)
    return bool(found) and found[0].ruleset == run.ruleset.content_hash


def _pupils(run: Run) -> Iterator[Pupil]:
    """Yield the school's pupils as a school system would send them, without rejected rows."""
    known = run.ruleset.catalogue.indicators
    names = [name for name in known if name in run.table.columns]
    dated = [f"{name}.{OBSERVED}" for name in names if f"{name}.{OBSERVED}" in run.table.columns]
    rows = canonical_frame(run.table.frame, [known[name] for name in names]).rows
    dates = run.table.frame.select(
        ROW, *(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in dated)
    )
    for row in rows.join(dates, on=ROW).collect().iter_rows(named=True):
        values = {name: row[name] for name in names if row[name] is not None}
        observed = {each.removesuffix(f".{OBSERVED}"): row[each] for each in dated if row[each]}
        yield Pupil(row[KEY], values, observed)


def _listener(port: int) -> socket.socket:
    """Return a socket on this port or one of those after it."""
    for each in range(port, port + PORTS):
        try:
            return listen("127.0.0.1", each)
        except StartError:
            continue
    return listen("127.0.0.1", port)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
