"""The service over HTTP: one pupil and many, against FastAPI's own empty route in the same process.

A real server on loopback and wrk beside it, on SQLite and PostgreSQL. wrk must be installed.
With 16 connections and with 64: what comes at the same time is worked on and committed together.
``PUMPURS_SECONDS`` sets how long each run of wrk takes (4), ``PUMPURS_ROUNDS`` how many (5).
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx2 as httpx
import polars as pl
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.online import twenty
from benchmarks.twelve import ROOT, report, rows
from engine.assess import Assessor
from engine.executors.durable import Durable
from engine.load import load, load_catalogue
from engine.ruleset import Ruleset
from engine.write import write_catalogue, write_files
from service.app import create
from service.identity.caller import Role, parse_place
from service.serving import listen
from service.serving import serve as run
from service.settings import read_settings
from service.store import rulesets
from service.store.connect import connect, writing
from service.store.migrate import upgrade
from service.store.places import add_place
from service.usecases.setup import make_key
from tests.service.databases import postgresql
from tests.service.made import AS_OF as DAY
from tests.service.made import made_indicators

SECONDS = int(os.environ.get("PUMPURS_SECONDS", "4"))
ROUNDS = int(os.environ.get("PUMPURS_ROUNDS", "5"))
CONNECTIONS, CONNECTIONS_MANY = (16, 64), 4
MANY = 1000
JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"


def application() -> ASGIApp:
    """Return the service, and beside it, with nothing around them, what it is compared with.

    ``/empty`` is FastAPI's empty route. ``/bound`` assesses a pupil by both executors and tells
    nobody: no service that assesses can be faster.
    """
    service, bare = create(), FastAPI()
    beside: dict[str, ASGIApp] = {"/empty": bare, "/bound": _bound()}

    @bare.post("/empty")
    async def empty() -> dict[str, str]:
        return {}

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await beside.get(scope.get("path", ""), service)(scope, receive, send)

    return both


def _bound() -> ASGIApp:
    rules = twenty()
    assessor, durable = Assessor(rules), Durable(rules)
    pupils = cycle(rows(2000, seed=7).iter_rows(named=True))

    async def assess(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        pupil = next(pupils)
        assert assessor.assess(pupil).finding.truths == durable.truths(pupil)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return assess


def settle(address: str, ruleset: Ruleset) -> str:
    """Make a store with one school and a ruleset in force; return a key."""
    engine = connect(address, create=True)
    upgrade(engine)
    decree = rulesets.Decree(
        ruleset, write_files(ruleset), write_catalogue(load_catalogue(ROOT / "rules" / "lv"))
    )
    with writing(engine) as connection:
        for place, within in (("state:lv", ""), ("municipality:m", "lv"), ("school:s", "m")):
            found = parse_place(place)
            add_place(connection, found.level, found.code, found.code, within)
        rulesets.activate(connection, decree, date(2020, 1, 1), datetime.now(UTC), "benchmark")
    _, key = make_key(engine, "benchmark", Role.SCORER, parse_place("school:s"), 1)
    engine.dispose()
    return key


@dataclass(frozen=True)
class Served:
    """A running server, a key for it, and a folder for what is sent."""

    url: str
    key: str
    folder: Path

    def load(
        self, path: str, bodies: list[bytes], kind: str, connections: int
    ) -> tuple[float, float]:
        """Return requests a second and the 99th percentile in ms; all must be answered 200."""
        for number, body in enumerate(bodies):
            (self.folder / f"{number}.body").write_bytes(body)
        script = self.folder / "script.lua"
        script.write_text(f"""
wrk.method = "POST"
wrk.headers["authorization"] = "Bearer {self.key}"
wrk.headers["content-type"] = "{kind}"
wrk.headers["accept"] = "{kind}"
local bodies, at = {{}}, 0
for number = 0, {len(bodies) - 1} do
  local file = io.open("{self.folder}/" .. number .. ".body", "rb")
  bodies[number] = file:read("*a")
  file:close()
end
request = function()
  at = (at + 1) % {len(bodies)}
  return wrk.format(nil, nil, nil, bodies[at])
end
""")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s"]
        command += [str(script), self.url + path]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "Non-2xx" not in found, found
        assert "Socket errors" not in found, found
        (rate,) = re.findall(r"Requests/sec:\s+([\d.]+)", found)
        ((p99, unit),) = re.findall(r"99%\s+([\d.]+)(us|ms|s)", found)
        return float(rate), float(p99) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


@contextmanager
def served(address: str, ruleset: Ruleset, folder: Path) -> Iterator[Served]:
    """Run a server on a new store, in a process of its own."""
    key = settle(address, ruleset)
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    command = [sys.executable, str(Path(__file__).resolve()), "serve", str(port)]
    environment = {**os.environ, "PUMPURS_DATABASE": address, "PUMPURS_RATE": "1000000000"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Served(f"http://127.0.0.1:{port}", key, folder)
    finally:
        process.terminate()
        process.wait()


def records(frame: pl.DataFrame, known: Ruleset) -> list[dict[str, Any]]:
    """Return the indicators of pupils as they are sent."""
    names = [name for name in known.reads if name in frame.columns]
    return [
        {name: value for name, value in each.items() if value is not None}
        for each in frame.select(names).iter_rows(named=True)
    ]


def one_pupil(here: Served, what: str, query: str | None, goal: float) -> None:
    """Compare requests for one pupil (without a query: the bound) with the empty route, in turn."""
    bodies = [
        json.dumps({"pupil_key": f"P-{n}", "as_of": str(DAY), "indicators": each}).encode()
        for n, each in enumerate(records(rows(2000, seed=7), twenty()))
    ]
    target = "/bound" if query is None else f"/v1/assessments{query}"
    here.load(target, bodies, JSON, CONNECTIONS[0])  # as after the first minutes of a day
    for connections in CONNECTIONS:
        ratios, slower, rates = [], [], []
        for _ in range(ROUNDS):
            empty, empty_p99 = here.load("/empty", bodies, JSON, connections)
            rate, p99 = here.load(target, bodies, JSON, connections)
            ratios.append(rate / empty)
            slower.append(p99 / empty_p99)
            rates.append(rate)
        ratio, tail = statistics.median(ratios), statistics.median(slower)
        name = f"one pupil, {what}, {connections} connections"
        report(f"{name}: / empty route", ratio, f">= {goal}", good=ratio >= goal)
        report(f"{name}: p99 / empty route's", tail, "<= 3", good=tail <= 3)
        print(f"  {statistics.median(rates):,.0f} requests/s")


def many(here: Served, known: Ruleset) -> None:
    """Measure pupils a second in bulk, with and without storing."""
    school = made_indicators(MANY + MANY // 10, seed=1).head(MANY)
    keys = [f"P-{number}" for number in range(MANY)]
    pupils = zip(keys, records(school, known), strict=True)
    told = [{"pupil_key": key, "indicators": each} for key, each in pupils]
    table = school.select(n for n in known.reads if n in school.columns)
    table = table.with_columns(pl.Series("pupil_key", keys))
    for kind, body, goal in (
        (JSON, json.dumps(told).encode(), 50_000),
        (ARROW, _arrow(table), 150_000),
    ):
        for stored, query in (("not stored", "&store=false"), ("stored", "")):
            target = f"/v1/assessments/bulk?as_of={DAY}{query}"
            rates = [
                here.load(target, [body], kind, CONNECTIONS_MANY)[0] * MANY for _ in range(ROUNDS)
            ]
            rate = statistics.median(rates)
            what = f"{MANY} pupils a request, {kind.rpartition('.')[2]}, {stored}: pupils/s"
            good = rate >= goal or not query
            report(what, rate, f">= {goal:,}" if query else "none", good=good)


def _arrow(table: pl.DataFrame) -> bytes:
    into = io.BytesIO()
    table.write_ipc_stream(into)
    return into.getvalue()


def main() -> None:
    """Measure on both databases."""
    if not shutil.which("wrk"):
        print("The figures over HTTP are left out: wrk is not installed.")
        return
    lv = load(ROOT / "rules" / "lv")
    with tempfile.TemporaryDirectory() as temporary, postgresql(Path(temporary)) as server:
        folder = Path(temporary)
        with served(f"sqlite:///{folder}/one.db", twenty(), folder) as here:
            one_pupil(here, "both executors and no service", None, 0.7)
            one_pupil(here, "not stored", "?store=false", 0.7)
            one_pupil(here, "stored, SQLite", "", 0.4)
        with served(server.empty(), twenty(), folder) as here:
            one_pupil(here, "stored, PostgreSQL", "", 0.3)
        for name, address in (
            ("SQLite", f"sqlite:///{folder}/m.db"),
            ("PostgreSQL", server.empty()),
        ):
            print(name)
            with served(address, lv, folder) as here:
                many(here, lv)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        settings = read_settings()
        run(listen("127.0.0.1", int(sys.argv[2])), 1, settings.log_level, application)
    else:
        main()
