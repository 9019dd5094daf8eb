"""The client, as a school system uses it: against a real server, on both databases."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4

import polars as pl
import pytest

from service.client import Client, NoAnswerError, ProblemError, Pupil, Value
from service.store.connect import connect
from tests.service.databases import Database
from tests.service.proxy import Deed, Proxy, between
from tests.service.sent_registers import lines
from tests.service.servers import ROOT, free_port, running
from tests.service.world import RECORD, key_for, settle

DAY = date(2026, 10, 15)
VALUES = cast("Mapping[str, Value]", RECORD)


@pytest.fixture(scope="module")
def served(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Run a server, and give a client with the key of a school."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    key = key_for(engine, "school:r64")
    engine.dispose()
    with (
        running(address, tmp_path_factory.mktemp("client") / "log") as server,
        Client(server.address, key, wait=lambda _: None) as client,
    ):
        yield client


@pytest.fixture
def proxy(served: Client) -> Iterator[Proxy]:
    """Run a proxy before the server."""
    with between(served.address) as found:
        yield found


def pupil(key: str | None = None) -> Pupil:
    return Pupil(key or f"P-{uuid4().hex[:8]}", VALUES)


def _never(seconds: float) -> None:
    pytest.fail(f"it waited {seconds} s")


def test_a_pupil_is_assessed_and_the_answer_can_be_had_again(served: Client) -> None:
    """What was answered is what is stored, and what is computed again."""
    asked = pupil()
    said = served.assess(asked, as_of=DAY, language="en")
    assert (said["pupil_key"], said["score"], said["level"]) == (asked.key, 4, "support")
    assert "Attendance" in said["reasons"][0]["words"]
    past = served.past(said["id"] or "", recompute=True)
    assert past["answer"] == said
    assert past["recomputed"]["same"] is True
    assert served.assess(asked, as_of=DAY, store=False)["id"] is None


def test_values_carry_the_day_to_which_they_go(served: Client) -> None:
    """One day for all, or a day for one indicator; what is too old is said to be."""
    name, old = "attendance_rate_45d", date(2026, 1, 5)
    for observed in (old, {name: old}):
        said = served.assess(Pupil("P-OLD", VALUES, observed_on=observed), as_of=DAY)
        assert said["stale"][name] == old.isoformat()


def test_a_history_comes_in_pages_and_is_whole(served: Client) -> None:
    """However long the pages are, each assessment comes once, the newest first."""
    asked = pupil()
    ids = [served.assess(asked, as_of=DAY)["id"] for _ in range(5)]
    for page in (1, 2, 5, 50):
        found = [each["id"] for each in served.history(asked.key, page=page)]
        assert found == ids[::-1]


def test_many_pupils_are_assessed_in_one_request(served: Client) -> None:
    """Answers and rejects are told by row, and single answers are the same."""
    asked = [pupil(), Pupil("P-WRONG", {"grade": 99}), pupil()]
    said = served.bulk(asked, as_of=DAY, language="en")
    assert [each["row"] for each in said["assessments"]] == [1, 3]
    assert [(each["row"], each["code"]) for each in said["rejects"]] == [(2, "range")]
    alone = served.assess(asked[0], as_of=DAY)
    assert said["assessments"][0]["level"] == alone["level"]
    assert [each["id"] for each in served.history(asked[2].key)] == [said["assessments"][1]["id"]]


def test_a_table_is_assessed_as_a_table(served: Client) -> None:
    """Arrow in, Arrow out."""
    table = io.BytesIO()
    pl.DataFrame(
        [{"pupil_key": "P-A", **RECORD}, {"pupil_key": "P-B", "grade": 7}]
    ).write_ipc_stream(table)
    answer = pl.read_ipc_stream(io.BytesIO(served.bulk_table(table.getvalue(), as_of=DAY)))
    assert answer["pupil_key"].to_list() == ["P-A", "P-B"]
    assert answer["level"][0] == "support"


def test_the_catalogue_and_the_rulesets_can_be_read(served: Client) -> None:
    """A school system learns what to send, and by which rules it is judged."""
    names = {each["name"]: each["read"] for each in served.indicators()}
    assert names["attendance_rate_45d"] is True
    (version,) = served.rulesets()
    assert version["in_force"][0]["from"] == "2026-09-01"


def test_a_refusal_carries_its_problem_document(served: Client) -> None:
    """What is wrong is told by code and place, and never asked again."""
    with pytest.raises(ProblemError) as error:
        served.assess(Pupil("P-1", {"attendance_rate_45": 0.8}), as_of=DAY)
    assert (error.value.status, error.value.code) == (422, "invalid")
    (wrong,) = error.value.errors
    assert wrong["where"] == "indicators.attendance_rate_45"
    assert "attendance_rate_45d" in wrong["hint"]
    with pytest.raises(ProblemError, match="404 not-found"):
        served.past(str(uuid4()))
    with Client(served.address, "wrong") as stranger, pytest.raises(ProblemError, match="401"):
        stranger.rulesets()


def test_whatever_happens_on_the_way_a_request_is_answered_and_stored_once(
    served: Client, proxy: Proxy
) -> None:
    """Cut off before and after the service, told to wait: one key, one row, one answer."""
    proxy.deeds[:] = ["cut before", "503", "cut after", "429", "pass"]
    waited: list[float] = []
    asked = pupil()
    with Client(proxy.address, served.key, wait=waited.append) as client:
        said = client.assess(asked, as_of=DAY)
    assert [each["id"] for each in served.history(asked.key)] == [said["id"]]
    assert len(proxy.keys) == 5
    assert len(set(proxy.keys)) == 1
    assert waited[1] == waited[3] == 7
    assert waited[0] < waited[2]


def test_each_request_has_a_key_of_its_own(served: Client, proxy: Proxy) -> None:
    """Two requests with the same body are two assessments."""
    asked = pupil()
    with Client(proxy.address, served.key) as client:
        ids = {client.assess(asked, as_of=DAY)["id"] for _ in range(2)}
    assert len(ids) == len(set(proxy.keys)) == 2


@pytest.mark.parametrize("deed", ["503", "429", "not json"])
def test_tries_come_to_an_end_and_the_last_refusal_is_raised(
    served: Client, proxy: Proxy, deed: Deed
) -> None:
    """Also where something between answers with a page and not with a problem."""
    proxy.deeds[:] = [deed] * 9
    with (
        Client(proxy.address, served.key, tries=3, wait=lambda _: None) as client,
        pytest.raises(ProblemError) as error,
    ):
        client.assess(pupil(), as_of=DAY)
    assert error.value.status == (int(deed) if deed.isdigit() else 502)
    assert len(proxy.keys) == 3


def test_who_asks_for_a_longer_wait_than_is_allowed_is_not_waited_for(
    served: Client, proxy: Proxy
) -> None:
    """A program that must go on is told at once."""
    proxy.deeds[:] = ["503"] * 9
    with (
        Client(proxy.address, served.key, longest_wait=5, wait=_never) as client,
        pytest.raises(ProblemError, match="503"),
    ):
        client.assess(pupil(), as_of=DAY)
    assert len(proxy.keys) == 1


def test_a_service_that_is_not_there_is_an_error_of_its_own() -> None:
    """After all tries, and the key is not in its text."""
    tried: list[float] = []
    address = f"http://127.0.0.1:{free_port()}"
    with Client(address, "secret", tries=3, wait=tried.append) as client:
        with pytest.raises(NoAnswerError) as error:
            client.assess(pupil(), as_of=DAY)
        assert "secret" not in f"{error.value} {client}"
    assert len(tried) == 2


def test_registers_are_sent_and_assessed(served: Client, tmp_path: Path) -> None:
    """As rows or as a file; then pupils are assessed by them. Sent again, nothing changes."""
    served.send_registers("orgs", [{"sourcedId": "r64", "type": "school"}])
    (tmp_path / "users.csv").write_text("sourcedId,role\nP-R1,student\nT,teacher\n")
    said = served.send_registers("users", tmp_path / "users.csv", mode="bulk")
    assert (said["read"], said["used"], said["left_out"], said["rejects"]) == (2, 1, 1, [])
    stay: dict[str, Value] = {
        "userSourcedId": "P-R1",
        "schoolSourcedId": "r64",
        "beginDate": "2026-09-01",
    }
    for _ in range(2):
        row: dict[str, Value] = {
            "sourcedId": "E-1",
            "dateLastModified": "2020-09-01",
            "metadata.grade": 7,
            **stay,
        }
        assert served.send_registers("enrollments", [row])["used"] == 1
    found = served.assess_from_registers(as_of=DAY, pupils=["P-R1", "P-R2"], language="en")
    assert [each["pupil_key"] for each in found["assessments"]] == ["P-R1"]
    assert [each["code"] for each in found["rejects"]] == ["not-enrolled"]
    everybody = served.assess_from_registers(as_of=DAY, store=False)
    assert [each["id"] for each in everybody["assessments"]] == [None]
    with pytest.raises(ProblemError, match="403 forbidden"):
        served.send_registers("users", [{"sourcedId": "P"}], school="r72")
    with pytest.raises(ProblemError, match=r"409 would-end: .* may_end=1"):
        served.send_registers("users", [{"sourcedId": "P-R3"}], mode="bulk", may_end=0)


def test_the_client_stands_alone(tmp_path: Path) -> None:
    """It can be copied: it imports the standard library and httpx2 only."""
    source = (ROOT / "service" / "client.py").read_text(encoding="utf-8")
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"httpx2"}
    (tmp_path / "copied.py").write_text(source, encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import copied"], cwd=tmp_path, check=True)


def registers(until: date) -> dict[str, str]:
    """Return a pupil's registers of the last hundred days, of which every third was missed."""
    days = [(until - timedelta(days=n)).isoformat() for n in range(100)]
    state = ("unexcused", "present", "present")
    return {
        "orgs": "sourcedId,type\nr64,school\n",
        "users": "sourcedId,role\nP-5B3C,student\n",
        "enrollments": "sourcedId,userSourcedId,schoolSourcedId,beginDate,metadata.grade\n"
        f"E-5B3C,P-5B3C,r64,{days[-1]},7\n",
        "schoolDays": lines("schoolSourcedId,date", *(f"r64,{day}" for day in days)),
        "attendance": lines(
            "userSourcedId,schoolSourcedId,date,lesson,attendance",
            *(f"P-5B3C,r64,{day},1,{state[n % 3]}" for n, day in enumerate(days)),
        ),
    }


@pytest.mark.parametrize("shell", ["sh", "python"])
def test_what_the_readme_shows_works_when_it_is_pasted(
    served: Client, shell: str, tmp_path: Path
) -> None:
    """The README's curl and Python score a pupil, a file of pupils, and a school by registers."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pupil = {"pupil_key": "P-4F2B", "indicators": {"grade": 7, "attendance_rate_45d": 0.87}}
    (tmp_path / "pupils.ndjson").write_text(json.dumps(pupil), encoding="utf-8")
    for name, text in registers(date.today()).items():  # noqa: DTZ011  what the service calls today
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    blocks = re.findall(rf"```{shell}\n(.*?)```", readme, re.DOTALL)
    shown = [each for each in blocks if "PUMPURS_KEY" in each]
    assert len(shown) == (3 if shell == "sh" else 1)
    command = ["bash", "-euo", "pipefail"] if shell == "sh" else [sys.executable]
    environment = {**os.environ, "PUMPURS_URL": served.address, "PUMPURS_KEY": served.key}
    for code in shown:
        done = subprocess.run(
            [*command, "-c", code],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "support" in done.stdout, done.stdout
