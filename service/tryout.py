"""The demonstration, served: its schools in an SQLite file, a key, and lines to paste."""

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

from service.api.media import PARQUET
from service.api.models import INDICATORS
from service.app import application
from service.caseload import Caseload
from service.client import Client
from service.demo import Files
from service.identity.caller import Place, Role
from service.phrases import say
from service.serving import StartError, listen, serve
from service.settings import read_settings
from service.store.assessments import history
from service.store.connect import STATE as EVERYWHERE
from service.store.connect import connect, reading, writing
from service.store.migrate import upgrade
from service.store.places import add_place, read_places
from service.store.rulesets import read_activations
from service.usecases.setup import activate_folder, make_key

STATE = Place("state", "lv")
STARTS = date(2025, 9, 1)  # of the school year that is scored
PORTS = 20  # tried one after the other
LEVEL = "warning"


def serve_demo(folder: Path, rules: Path, load: Caseload, port: int) -> None:
    """Serve the demonstration's schools until Ctrl-C; raises `StartError`."""
    address = f"sqlite:///{folder / 'pumpurs.db'}"
    engine = connect(address, create=True)
    try:
        upgrade(engine)
        _settle(engine, rules, load)
        _, key = make_key(engine, "demo", Role.SCORER, Place("school", load.first_school()), days=1)
        _, loader = make_key(engine, "demo-load", Role.SCORER, STATE, days=1)
        new = not _stored(engine, load)
    finally:
        engine.dispose()
    with _listener(port) as listener:
        found = listener.getsockname()[1]
        if port not in (0, found):
            _say(say("another-port", load.language, taken=str(port), found=str(found)))
        table = Files(folder).indicators.read_bytes() if new else None
        guide = _Guide(load, f"http://127.0.0.1:{found}", key, loader, table)
        threading.Thread(target=guide.show, daemon=True).start()
        chosen = {"database": address, "language": load.language, "log_level": LEVEL}
        settings = read_settings().model_copy(update=chosen)
        serve(listener, 1, LEVEL, lambda: application(settings))
    if guide.broken:
        raise guide.broken[0]
    _say(f"\n{say('stopped', load.language)}")


@dataclass
class _Guide:
    """Has the service store all pupils, then says what can be done; `broken` is why it could not.

    It runs beside the service, which takes its requests as it takes all others. `loader` is the
    key with which the `table` of all schools is sent, if it is not stored yet.
    """

    load: Caseload
    address: str
    key: str
    loader: str
    table: bytes | None
    broken: list[Exception] = field(default_factory=list)

    def show(self) -> None:
        try:
            with Client(self.address, self.loader) as client:
                if self.table:
                    _say(say("storing", self.load.language))
                    client.bulk_table(self.table, PARQUET, as_of=self.load.as_of)
                client.rulesets()
        except Exception as error:  # noqa: BLE001  it is raised where the service ends
            self.broken.append(error)
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            _say("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        language = self.load.language
        bearer = shlex.quote(f"Authorization: Bearer {self.key}")
        asked = {"pupil_key": "P-1", "language": language, "indicators": INDICATORS}
        yield ""
        yield say("page", language, f"{self.address}/docs")
        yield say("api-key", language, school=self.load.first_school(), key=self.key)
        yield say("exports", language)
        yield f"  export PUMPURS_URL={self.address}"
        yield f"  export PUMPURS_KEY={self.key}"
        yield say("curl", language)
        yield (
            f"  curl -s {self.address}/v1/assessments -H {bearer}"
            f" -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(asked))}"
        )
        yield say("curl-history", language)
        pupil = self.load.first_key()
        yield f"  curl -s {self.address}/v1/pupils/{pupil}/assessments -H {bearer}"
        yield say("how-to-stop", language)


def _settle(engine: Engine, rules: Path, load: Caseload) -> None:
    """Put the schools' places and the ruleset into the store, where they are not yet."""
    orgs = load.known["orgs"].sort("id").collect()
    with writing(engine) as connection:
        known = read_places(connection).sites
        if STATE.code not in known:
            add_place(connection, "state", STATE.code, STATE.code, "")
        for level in ("municipality", "school"):
            mine = orgs.filter(pl.col("type") == level).select("id", "name", "parent")
            for code, name, parent in mine.iter_rows():
                if code not in known:
                    above = parent if level == "school" else STATE.code
                    add_place(connection, level, code, name, above)
        activations = read_activations(connection)
    if not activations or activations[-1].ruleset != load.run.ruleset.content_hash:
        activate_folder(engine, rules, STARTS, "operator:demo")


def _stored(engine: Engine, load: Caseload) -> bool:
    """Return whether these pupils were stored, by these rules, when the demonstration last ran."""
    with reading(engine) as connection:
        found = history(connection, load.first_key(), EVERYWHERE, None, 1)
    return bool(found) and (found[0].as_of, found[0].ruleset) == (
        load.as_of,
        load.run.ruleset.content_hash,
    )


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
