"""``POST /v1/assessments/from-registers``: what is held is scored as files are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import polars as pl
import pytest
from sqlalchemy.engine import Engine

from engine.indicators.compute import indicators
from engine.load import load
from engine.registers.history import History
from engine.registers.read import Reading
from service.identity.caller import Caller, Place, Role
from service.store.bundles import read_bundles
from service.store.connect import connect, writing
from service.store.places import add_place
from service.usecases.from_registers import Histories, Wanted
from tests.service.api.stores import rows
from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.sent_registers import (
    AS_OF,
    DAYS,
    LESSONS,
    ORGS,
    STAYS,
    TOLD,
    USERS,
    assess,
    begun,
    files,
    lines,
    made_up,
    of_school,
    put_in_force,
    send,
    send_all,
)
from tests.service.world import LV, ROOT, settled

PUPILS = ("P-0", "P-1", "P-2", "P-3")
SAID = ("score", "possible_score", "level", "possible_level")
LISTS = ("holds", "undetermined", "not_applicable", "offers", "missing")


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """Run an application whose ruleset has long been in force, with a school's registers."""
    for running in run_api(settled(database), rate=10_000_000):
        put_in_force(running)
        send_all(running, running.as_("school:r64"), files("r64", *PUPILS))
        yield running


def told(answer: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return answers without what each has of its own: id and moment."""
    assert answer.status_code == 200, answer.text
    own = ("id", "assessed_at")
    return [{n: v for n, v in e.items() if n not in own} for e in answer.json()["assessments"]]


def history_of(api: Api, engine: Engine, school: str, histories: Histories) -> History:
    """Return what is held of a school, as a process reads it that knows nothing yet."""
    caller = Caller("x", Role.SCORER, Place("school", school))
    wanted = Wanted(school, date.fromisoformat(AS_OF), None, caller)
    return histories.history(engine, wanted, api.app.state.service.follower.picture.places, "")


def cells(table: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["pupil_key"]: row for row in table.to_dicts()}


def run(*arguments: str | Path, given: str = "", database: str = "") -> None:
    command = [sys.executable, "-m", "service.cli", *map(str, arguments)]
    where = {**os.environ, "PUMPURS_DATABASE": database} if database else None
    done = subprocess.run(
        command, cwd=ROOT, env=where, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 2), done.stderr + done.stdout


def test_the_command_line_says_the_same_of_the_same_files(
    api: Api, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Indicators and assessments of a synthetic school, sent file by file, and read as bundles.

    Each file that is sent is a bundle, exported when it was answered, with all its rows and
    columns: also those that the service does not keep.
    """
    with writing(api.engine) as connection:
        add_place(connection, "municipality", "M01", "M01", "lv")
        add_place(connection, "school", "S001", "S001", "M01")
    key = api.as_("school:S001")
    history, exports = made_up(tmp_path_factory.mktemp("made") / "history"), tmp_path / "exports"
    for number, (file, body) in enumerate(of_school(history, "S001")):
        answer = send(api, key, file, body)
        assert answer.status_code == 200, (file, answer.text)
        said = answer.json()
        assert said["read"] == sum(said[n] for n in ("used", "rejected", "deleted", "left_out"))
        bundle = exports / f"{number:03}"
        bundle.mkdir(parents=True)
        (bundle / f"{file}.csv").write_bytes(body)
        lines = f"propertyName,value\npumpurs.exportedAt,{said['at']}\nfile.{file},delta\n"
        (bundle / "manifest.csv").write_text(lines, encoding="utf-8")
    for as_of in ("2021-02-15", "2021-05-20"):
        values, scored = tmp_path / f"{as_of}.parquet", tmp_path / f"{as_of}-scored.parquet"
        run("indicators", exports, "--as-of", as_of, "--out", values)
        run("score", values, "--rules", LV, "--out", scored, "--as-of", as_of)
        expected = cells(pl.read_parquet(scored))
        mine = cells(pl.read_parquet(values).filter(pl.col("school") == "S001"))
        answer = assess(api, key, as_of=as_of).json()
        assert answer["rejects"] == []
        found = {each["pupil_key"]: each for each in answer["assessments"]}
        assert found.keys() == mine.keys()
        assert len(found) > 20
        for pupil, each in found.items():
            for name in (*SAID, *LISTS):
                assert each[name] == expected[pupil][name], (pupil, name)
        query = "SELECT pupil, inputs FROM assessments WHERE as_of = :day AND school = 'S001'"
        for pupil, stored in rows(api, query, day=as_of):
            stale = orjson.loads(stored)["stale"]
            for name, value in orjson.loads(stored)["indicators"].items():
                known = None if name in stale else mine[pupil].get(name)
                assert value == known, (pupil, name)
        assert len({each["level"] for each in found.values()}) > 1


def test_the_answers_are_those_of_bulk_for_the_same_values(api: Api) -> None:
    """The values that were stored, sent to bulk with their days, are told alike."""
    key, day = api.as_("school:r64"), date.fromisoformat(AS_OF)
    history = history_of(api, api.engine, "r64", Histories())
    table = indicators(history, load(LV).catalogue, day).collect().sort("pupil_key")
    into = io.BytesIO()
    table.write_parquet(into)
    headers = key | {"content-type": "application/vnd.apache.parquet", "accept": "application/json"}
    bulk = api.client.post(
        f"/v1/assessments/bulk?as_of={AS_OF}", content=into.getvalue(), headers=headers
    )
    assert told(assess(api, key)) == told(bulk)
    assert len(told(bulk)) == len(PUPILS)


def test_a_pupil_s_missed_lessons_are_counted(api: Api) -> None:
    """Who missed more has the lower rate, and all of it is known without a value being sent."""
    answer = assess(api, api.as_("school:r64"), language="en")
    assert [each["pupil_key"] for each in answer.json()["assessments"]] == list(PUPILS)
    stored = rows(api, "SELECT pupil, inputs FROM assessments WHERE school = 'r64' ORDER BY id")
    rates = {
        pupil: orjson.loads(inputs)["indicators"]["attendance_rate_45d"] for pupil, inputs in stored
    }
    assert rates == {f"P-{n}": round(1 - n / 45, 4) for n in range(4)}


def test_those_who_are_named_are_answered_in_their_order(api: Api) -> None:
    """One who is not enrolled that day is rejected by the place in the list, as are twins."""
    key = api.as_("school:r64")
    answer = assess(api, key, pupils=["P-3", "P-9", "P-1"], language="en").json()
    assert [(e["row"], e["pupil_key"]) for e in answer["assessments"]] == [(1, "P-3"), (3, "P-1")]
    (reject,) = answer["rejects"]
    assert (reject["row"], reject["column"], reject["code"]) == (2, "pupil_key", "not-enrolled")
    assert "P-9" not in json.dumps(reject)
    twice = assess(api, key, pupils=["P-3", "P-1", "P-3"]).json()
    assert [each["row"] for each in twice["assessments"]] == [2]
    assert {(e["row"], e["code"]) for e in twice["rejects"]} == {(1, "duplicate"), (3, "duplicate")}
    (alone,) = told(assess(api, key, pupils=["P-2"]))
    assert alone | {"row": 3} in told(assess(api, key))


def test_that_nobody_is_enrolled_is_said(api: Api) -> None:
    """In the language that was asked for, in JSON and its lines, and again when asked again."""
    key = api.as_("school:r64") | {"idempotency-key": uuid4().hex}
    early = {"as_of": "2020-08-15", "language": "en"}
    first, again = (assess(api, key, **early) for _ in range(2))
    note = (
        "No pupil is enrolled at this school on this day; check the day (as_of) and the"
        " enrollments."
    )
    assert first.json() == {"assessments": [], "rejects": [], "notes": [note]}
    assert again.content == first.content
    as_lines = assess(api, api.as_("school:r64") | {"accept": "application/x-ndjson"}, **early)
    assert json.loads(as_lines.text) == {"note": note}
    (latvian,) = assess(api, api.as_("school:r64"), as_of="2020-08-15").json()["notes"]
    assert latvian.startswith("Šajā dienā šajā skolā nav uzņemts neviens skolēns;")
    assert "notes" not in assess(api, api.as_("school:r64"), pupils=["P-9"], **early).json()
    assert "notes" not in assess(api, api.as_("school:r64")).json()


@pytest.mark.parametrize("form", ["application/vnd.apache.parquet", "application/x-ndjson"])
def test_answers_come_in_the_forms_of_bulk(api: Api, form: str) -> None:
    """Lines and tables say what JSON says."""
    key = api.as_("school:r64")
    answer = assess(api, key | {"accept": form}, pupils=["P-3", "P-9"])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(form)
    if form.endswith("parquet"):
        table = pl.read_parquet(io.BytesIO(answer.content))
        assert table["pupil_key"].to_list() == ["P-3", None]
        assert table["rejected"].to_list() == [[], ["pupil_key: not-enrolled"]]
    else:
        first, second = (json.loads(line) for line in answer.text.splitlines())
        assert (first["pupil_key"], second["code"]) == ("P-3", "not-enrolled")


def test_a_correction_counts_from_the_day_on_which_it_was_known(api: Api) -> None:
    """A pupil who was there after all was absent until that was written down."""
    key = api.as_("school:r72")
    send_all(api, key, files("r72", "P-0", "P-1"))
    late = lines(LESSONS, "P-1,r72,2020-11-16,1,present,2020-11-20T10:00:00Z")
    before = assess(api, key, pupils=["P-1"])
    assert send(api, key, "attendance", late).json()["used"] == 1
    again = assess(api, key, pupils=["P-1"])
    assert told(before) == told(again)
    later = assess(api, key, pupils=["P-1"], as_of="2020-11-20").json()["assessments"][0]
    stored = rows(api, "SELECT id, inputs FROM assessments WHERE school = 'r72' ORDER BY id")
    shares = [orjson.loads(inputs)["indicators"] for _, inputs in stored]
    assert str(stored[-1][0]).replace("-", "") == later["id"].replace("-", "")
    assert shares[0] == shares[1] != shares[2]


def test_a_move_is_known_where_the_stay_at_the_school_before_was_sent(api: Api) -> None:
    """The school where the pupil is now sends it; until then nobody knows whether there was one."""
    school, key = begun(api)
    came, left = DAYS[20], DAYS[19]
    stay = f"E-P-9,{TOLD},P-9,{school},{came},,7"
    before = f"E-P-9-before,{TOLD},P-9,r64,2019-09-01,{left},7"
    send_all(api, key, {"users": lines(USERS, f"P-9,active,{TOLD},student,male")})
    found = []
    for rows_sent in ([stay], [before]):
        send_all(api, key, {"enrollments": lines(STAYS, *rows_sent)})
        assert assess(api, key).status_code == 200
        (stored,) = rows(
            api, "SELECT inputs FROM assessments WHERE school = :s ORDER BY id DESC LIMIT 1",
            s=school,
        )  # fmt: skip
        found.append(orjson.loads(stored[0])["indicators"]["school_moves_12m"])
    assert found == [None, 1]


def test_without_registers_it_is_said_what_to_send(api: Api) -> None:
    """Nothing held, or too little: a conflict that names the files."""
    key = api.as_("school:l1")
    answer = assess(api, key)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-registers")
    assert "orgs, users, enrollments" in answer.json()["detail"]
    assert send(api, key, "orgs", ORGS).status_code == 200
    assert assess(api, key).json()["detail"].endswith("users, enrollments")


def test_a_trial_stores_no_assessment_and_notes_who_was_looked_at(api: Api) -> None:
    """Answers without ids; each pupil's read is in the access log. For those who score alone."""
    count = "SELECT count(*) FROM assessments"
    before = rows(api, count)
    answer = assess(api, api.as_("school:r64"), "?store=false")
    assert [each["id"] for each in answer.json()["assessments"]] == [None] * 4
    assert rows(api, count) == before
    looked = rows(api, "SELECT pupil FROM reads WHERE what = 'registers' ORDER BY pupil")
    assert [pupil for (pupil,) in looked] == list(PUPILS)
    for role in set(Role) - {Role.SCORER}:
        for query in ("", "?store=false"):
            assert assess(api, api.as_("school:r64", role), query).status_code == 403


def test_the_same_request_again_has_the_same_answer_and_is_stored_once(api: Api) -> None:
    """Also when more was sent since; another body with the key is a conflict."""
    key = api.as_("school:r64") | {"idempotency-key": uuid4().hex}
    first = assess(api, key, language="en")
    pupil = f"P-{uuid4().hex}"
    new = {
        "users": lines(USERS, f"{pupil},active,{TOLD},student,female"),
        "enrollments": lines(STAYS, f"E-{pupil},{TOLD},{pupil},r64,2021-01-04,,7"),
    }
    send_all(api, key | {"idempotency-key": uuid4().hex}, {"users": new["users"]})
    send_all(api, key | {"idempotency-key": uuid4().hex}, {"enrollments": new["enrollments"]})
    assert assess(api, key, language="en").content == first.content
    assert assess(api, key, language="lv").status_code == 409
    january = assess(api, api.as_("school:r64"), as_of="2021-01-05").json()["assessments"]
    assert pupil in {each["pupil_key"] for each in january}


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "pupils": ({"pupils": "P-0"}, "pupils"),
    "of numbers": ({"pupils": [1]}, "pupils"),
    "language": ({"language": "de"}, "language"),
    "day": ({"as_of": "16.11.2020"}, "as_of"),
    "ruleset": ({"ruleset": "0" * 64}, "ruleset"),
    "name": ({"pupil": []}, "pupil"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_by_its_name(api: Api, case: str) -> None:
    """The place in the body is named, the value is not."""
    asked, where = BAD[case]
    answer = assess(api, api.as_("school:r64"), **asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["where"] == where


def test_the_path_is_no_past_assessment(api: Api) -> None:
    """It is there to be posted to."""
    answer = api.client.get("/v1/assessments/from-registers", headers=api.as_("school:r64"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def erase(database: str, pupil: str) -> None:
    """Erase a pupil as an operator does, in a process of its own."""
    run("retention", "erase", "--reason", "asked for", given=f"{pupil}\n", database=database)


def test_an_erased_pupil_is_in_no_answer_and_in_no_memory(fresh: Api) -> None:
    """Within a second a process that assessed the school lets go of its history, unasked."""
    put_in_force(fresh)
    key, histories = fresh.as_("school:r64"), fresh.app.state.service.histories
    send_all(fresh, key, files("r64", *PUPILS))
    assert len(told(assess(fresh, key))) == len(PUPILS)
    assert histories.schools == ["r64"]
    erase(fresh.settings.database, "P-1")
    deadline = time.monotonic() + 2
    while histories.schools and time.monotonic() < deadline:
        time.sleep(0.05)
    assert histories.schools == []
    assert [each["pupil_key"] for each in told(assess(fresh, key))] == ["P-0", "P-2", "P-3"]
    assert histories.schools == ["r64"]


def test_a_history_that_was_begun_before_an_erasure_is_not_kept(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been read while the pupil was still there."""
    histories = Histories()

    def slowly(folder: Path) -> Reading:
        histories.forget()
        return read_bundles(folder)

    monkeypatch.setattr("service.usecases.from_registers.read_bundles", slowly)
    history_of(api, api.engine, "r64", histories)
    assert histories.schools == []


def test_the_store_of_one_process_is_seen_by_another(api: Api) -> None:
    """What is kept of a history goes by the parcels in the store, not by who took them in."""
    engine, other = connect(api.settings.database), Histories()

    def pupils() -> set[str]:
        history = history_of(api, engine, "r64", other)
        return set(history.frames["enrolments"].collect()["pupil"])

    before, pupil = pupils(), f"P-{uuid4().hex}"
    key = api.as_("school:r64")
    send_all(api, key, {"users": lines(USERS, f"{pupil},active,{TOLD},student,female")})
    stay = lines(STAYS, f"E-{pupil},{TOLD},{pupil},r64,2021-05-04,,7")
    send_all(api, key, {"enrollments": stay})
    assert pupils() == before | {pupil}
    engine.dispose()
