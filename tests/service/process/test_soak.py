"""Hours of work in little: mixed requests without a pause, and nothing grows.

Two minutes; thirty with ``PUMPURS_LONG=1`` and in the exhaustive profile;
``PUMPURS_SOAK_SECONDS`` sets any other time.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx2 as httpx
import sqlalchemy as sa

from service.store.connect import connect, reading
from service.store.tables import assessments
from tests.service.databases import Sqlite
from tests.service.servers import Server, running
from tests.service.world import RECORD, asked, bearer, key_for, settle

LONG = "PUMPURS_LONG" in os.environ or os.environ.get("HYPOTHESIS_PROFILE") == "exhaustive"
SECONDS = float(os.environ.get("PUMPURS_SOAK_SECONDS", "1800" if LONG else "120"))
CLIENTS = 4
PAUSE = 0.03
BULK = 50
DAY = "2026-10-15"


@dataclass
class School:
    """One client: what it asks by chance, and what it was told."""

    client: httpx.Client
    name: str
    draw: random.Random
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    stored: int = 0

    def run(self, end: float) -> None:
        """Ask until the time is over; what comes otherwise than it should is noted."""
        deeds: list[tuple[Callable[[], httpx.Response], int, int]] = [
            (self.one, 8, 200),
            (self.bulk, 1, 200),
            (self.past, 3, 200),
            (self.history, 2, 200),
            (self.misspelt, 2, 422),
            (self.not_json, 1, 400),
            (self.stranger, 1, 401),
            (self.nowhere, 1, 404),
            (self.table_of_nonsense, 1, 400),
        ]
        while time.monotonic() < end:
            (deed, _, status) = self.draw.choices(deeds, [weight for _, weight, _ in deeds])[0]
            try:
                answer = deed()
            except httpx.TransportError as error:
                self.wrong.append(f"{deed.__name__}: {type(error).__name__}")
                continue
            self.statuses[deed.__name__, answer.status_code] += 1
            if answer.status_code != status:
                self.wrong.append(f"{deed.__name__}: {answer.status_code} {answer.text[:300]}")
            time.sleep(PAUSE)

    def _pupil(self) -> str:
        return f"P-{self.name}-{self.draw.randrange(200)}"

    def _record(self) -> dict[str, object]:
        return {**RECORD, "attendance_rate_45d": self.draw.randrange(70, 100) / 100}

    def one(self) -> httpx.Response:
        """Send one pupil, whose values differ a little."""
        body = asked(self._pupil(), indicators=self._record())
        answer = self.client.post("/v1/assessments", json=body)
        if answer.is_success:
            self.ids = [*self.ids[-50:], answer.json()["id"]]
            self.stored += 1
        return answer

    def bulk(self) -> httpx.Response:
        """Send many pupils, and one row that cannot be read."""
        rows = [{"pupil_key": self._pupil(), "indicators": self._record()} for _ in range(BULK)]
        rows = list({row["pupil_key"]: row for row in rows}.values())
        rows.append({"pupil_key": "P-WRONG", "indicators": {"grade": 99}})
        answer = self.client.post(f"/v1/assessments/bulk?as_of={DAY}", json=rows)
        if answer.is_success:
            said = answer.json()
            self.stored += len(said["assessments"])
            if (len(said["assessments"]), len(said["rejects"])) != (len(rows) - 1, 1):
                self.wrong.append(f"bulk: {said['rejects']}")
        return answer

    def past(self) -> httpx.Response:
        """Ask for an answer given before, sometimes computed again."""
        if not self.ids:
            return self.one()
        again = self.draw.choice(("true", "false"))
        return self.client.get(f"/v1/assessments/{self.draw.choice(self.ids)}?recompute={again}")

    def history(self) -> httpx.Response:
        """Ask for all answers of one pupil."""
        if not self.ids:
            return self.one()
        found = self.client.get(f"/v1/assessments/{self.ids[-1]}").json()
        return self.client.get(f"/v1/pupils/{found['answer']['pupil_key']}/assessments")

    def misspelt(self) -> httpx.Response:
        """Send an indicator that nobody knows."""
        return self.client.post("/v1/assessments", json=asked(indicators={"attendance": 1}))

    def not_json(self) -> httpx.Response:
        """Send half an object."""
        headers = {"content-type": "application/json"}
        return self.client.post("/v1/assessments", content=b'{"a":', headers=headers)

    def stranger(self) -> httpx.Response:
        """Send a key that is none."""
        return self.client.post("/v1/assessments", json=asked(), headers=bearer("pumpurs_x"))

    def nowhere(self) -> httpx.Response:
        """Ask for a pupil of whom nothing is stored."""
        return self.client.get("/v1/pupils/P-NOBODY/assessments")

    def table_of_nonsense(self) -> httpx.Response:
        """Send bytes that are no table."""
        headers = {"content-type": "application/vnd.apache.parquet"}
        return self.client.post("/v1/assessments/bulk", content=os.urandom(2000), headers=headers)


@dataclass(frozen=True)
class Size:
    """What a process holds at a moment; memory in MB."""

    memory: float
    files: int
    threads: int


def _size(process: int) -> Size:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    said = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    files = len(list(Path(f"/proc/{process}/fd").iterdir()))
    return Size(int(said["VmRSS"][0]) / 1024, files, int(said["Threads"][0]))


def _work(server: Server, key: str) -> tuple[list[School], list[Size]]:
    """Have all clients work for the time, and return them and the sizes seen meanwhile."""
    end = time.monotonic() + SECONDS
    clients = [httpx.Client(base_url=server.address, headers=bearer(key)) for _ in range(CLIENTS)]
    schools = [
        School(client, str(number), random.Random(number))  # noqa: S311  no secret
        for number, client in enumerate(clients)
    ]
    threads = [threading.Thread(target=school.run, args=(end,)) for school in schools]
    for thread in threads:
        thread.start()
    sizes = []
    while time.monotonic() < end:
        sizes.append(_size(server.process.pid))
        time.sleep(min(1, SECONDS / 100))
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return schools, sizes


def test_mixed_work_goes_on_without_an_error_and_nothing_grows(
    sqlite: Sqlite, tmp_path: Path
) -> None:
    """No wrong answer, all stored; memory, open files and threads stay after the first half."""
    address = sqlite.migrated()
    engine = connect(address)
    settle(engine)
    key = key_for(engine, "school:r64")
    with running(address, tmp_path / "log", PUMPURS_RATE="10000000") as server:
        schools, sizes = _work(server, key)
        assert server.stop() == 0
    wrong = [each for school in schools for each in school.wrong]
    assert not wrong, (len(wrong), wrong[:5])
    done = sum((school.statuses for school in schools), Counter())
    assert {deed for deed, _ in done} >= {"one", "bulk", "past", "history", "stranger"}
    with reading(engine) as connection:
        stored = connection.execute(
            sa.select(sa.func.count()).select_from(assessments)
        ).scalar_one()
    engine.dispose()
    assert stored == sum(school.stored for school in schools)
    Path(address.removeprefix("sqlite:///")).unlink()
    # A leak shows from the third quarter to the last; what is filled once is full by then.
    quarter = len(sizes) // 4
    before, after = sizes[2 * quarter : 3 * quarter], sizes[3 * quarter :]
    memory = [median(size.memory for size in part) for part in (before, after)]
    assert memory[1] - memory[0] < max(8, 0.05 * memory[0]), memory
    for name in ("files", "threads"):
        found = [median(getattr(size, name) for size in part) for part in (before, after)]
        assert found[1] - found[0] <= 3, (name, found)
    levels = {json.loads(line)["level"] for line in (tmp_path / "log").read_text().splitlines()}
    assert levels == {"info"}
