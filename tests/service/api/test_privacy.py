"""Marked values sent everywhere: none of them comes out where it should not."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import NoReturn

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from service.identity.caller import Role
from service.store.connect import reading
from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.world import asked, bearer, settled

PUPIL, VALUE, OTHER = "P-ZEBRA-1", 0.7731, 773177317.0
MARKS = re.compile(r"zebra|773177317|(?<!\d)0\.7731(?!\d)", re.IGNORECASE)
# All columns of the store in which a mark may stand.
PLACES = {
    "assessments": {"pupil", "inputs", "answer"},
    "parcels": {"body"},
    "reads": {"pupil"},
}


@pytest.fixture
def talkative(database: Database, capfd: pytest.CaptureFixture[str]) -> Iterator[Api]:
    """Run an application that logs all it can."""
    del capfd  # set up first, so that the logs go to it
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the client of this test
    yield from run_api(settled(database), log_level="debug", log_requests=True)


def marked(pupil: str = PUPIL, **more: object) -> dict[str, object]:
    values = {"grade": 7, "attendance_rate_45d": VALUE, "failed_courses": 3}
    return {**asked(pupil), "indicators": values, **more}


def good(api: Api, headers: dict[str, str]) -> list[httpx.Response]:
    """Send marked values that are answered."""
    named = headers | {"idempotency-key": f"k-{PUPIL}"}
    first = api.client.post("/v1/assessments", json=marked(), headers=named)
    id_ = first.json()["id"]
    return [
        first,
        api.client.post("/v1/assessments", json=marked(), headers=named),
        api.client.post("/v1/assessments?store=false", json=marked(), headers=headers),
        api.client.get(f"/v1/assessments/{id_}?recompute=true", headers=headers),
        api.client.get(f"/v1/pupils/{PUPIL}/assessments?limit=1", headers=headers),
        api.client.post(
            "/v1/assessments/bulk",
            json=[{"pupil_key": PUPIL, "indicators": {"attendance_rate_45d": VALUE}}],
            headers=headers,
        ),
        *registers(api, headers),
    ]


def registers(api: Api, headers: dict[str, str]) -> list[httpx.Response]:
    """Send a marked pupil's rows, and have the pupil assessed by them."""
    stay = f"E-{PUPIL},{PUPIL},r64,2020-09-01,7"
    sent = {
        "orgs": "sourcedId,type\nr64,school\n",
        "users": f"sourcedId,givenName\n{PUPIL},{PUPIL}\n",
        "enrollments": "sourcedId,userSourcedId,schoolSourcedId,beginDate,metadata.grade\n"
        f"{stay}\n",
        "exams": "sourcedId,userSourcedId,date,subject,percentile\n"
        f"X-{PUPIL},{PUPIL},2020-10-01,mathematics,{100 * VALUE}\n",
    }
    kind = {"content-type": "text/csv"}
    path = "/v1/registers/"
    answers = [
        api.client.post(path + file, content=body, headers=headers | kind | named(file))
        for file, body in sent.items()
    ]
    answers.append(api.client.get("/v1/registers", headers=headers))
    url = "/v1/assessments/from-registers"
    asked = {"pupils": [PUPIL]}
    answers.append(api.client.post(f"{url}?store=false", json=asked, headers=headers))
    assert answers[-1].json()["assessments"][0]["pupil_key"] == PUPIL
    return answers


def named(file: str) -> dict[str, str]:
    """Return an idempotency key that holds a mark."""
    return {"idempotency-key": f"{file}-{PUPIL}"}


def bad_registers(api: Api, headers: dict[str, str]) -> list[httpx.Response]:
    """Send marked values in every place of registers in which they can be wrong."""
    path, kind = "/v1/registers/", {"content-type": "text/csv"}
    bodies = [
        f"{PUPIL},{PUPIL}\n{PUPIL},{PUPIL}\n",
        f"sourcedId,{PUPIL},{PUPIL}\n{PUPIL},,\n",
        f"sourcedId,role\n{PUPIL} ?,student\n",
        f'sourcedId,metadata.sex\n{PUPIL},{PUPIL}\n"{PUPIL}\n',
        f"sourcedId,metadata.gradesRepeatedBefore,dateLastModified\n{PUPIL},{OTHER},{PUPIL}\n",
        f"sourcedId,metadata.sex\n{PUPIL},{PUPIL},{PUPIL}\n",
    ]
    lines = [f'{{"sourcedId": ["{PUPIL}"]}}', f'{{"{PUPIL}": "{PUPIL}"}}', PUPIL, f'["{PUPIL}"]']
    post, url = api.client.post, "/v1/assessments/from-registers"
    asked: list[object] = [
        {"pupils": [PUPIL, 1]},
        {"pupils": PUPIL},
        {PUPIL: PUPIL},
        {"school": PUPIL},
        {"as_of": PUPIL},
        {"ruleset": PUPIL},
        {"language": PUPIL},
        PUPIL,
    ]
    return [
        *(
            post(f"{path}users", content=body + times * body.partition("\n")[2],
                 headers=headers | kind)
            for body in bodies
            for times in (0, 12)
        ),
        *(
            post(
                f"{path}users",
                content=line,
                headers=headers | {"content-type": "application/x-ndjson"},
            )
            for line in lines
        ),
        post(path + PUPIL, content=bodies[0], headers=headers | kind),
        post(f"{path}users?school={PUPIL}", content=bodies[0], headers=headers | kind),
        post(f"{path}users?mode={PUPIL}", content=bodies[0], headers=headers | kind),
        post(f"{path}users", content=f"sourcedId\n{PUPIL}x\n",
             headers=headers | kind | named("users")),
        post(f"{path}users", content=bodies[0], headers=headers | {"content-type": PUPIL}),
        api.client.get(f"/v1/registers?school={PUPIL}", headers=headers),
        *(post(url, json=body, headers=headers) for body in asked),
    ]  # fmt: skip


def bad(api: Api, headers: dict[str, str]) -> list[httpx.Response]:
    """Send marked values in every place in which they can be wrong."""
    post, get, one = api.client.post, api.client.get, "/v1/assessments"
    header = {"x-pupil": PUPIL, "user-agent": PUPIL, "referer": f"https://x/{PUPIL}"}
    bodies: list[object] = [
        [PUPIL],
        PUPIL,
        marked(f"{PUPIL} "),
        marked(pupil_key=[PUPIL]),
        marked(school=PUPIL),
        marked(ruleset=PUPIL),
        marked(language=PUPIL),
        marked(as_of=PUPIL),
        marked(observed_on=PUPIL),
        marked(observed_on={PUPIL: "2026-10-15"}),
        marked(observed_on={"grade": PUPIL}),
        marked(indicators={PUPIL: VALUE}),
        marked(indicators=PUPIL),
        *(
            marked(indicators={name: value})
            for name in ("attendance_rate_45d", "failed_courses", "new_stage", "grade")
            for value in (OTHER, -OTHER, PUPIL, [PUPIL], {PUPIL: OTHER}, int(OTHER * 1e30))
        ),
        {PUPIL: 1},
    ]
    raw = [
        f'{{"pupil_key": "{PUPIL}", }}',
        f'{{"{PUPIL}": 1, "{PUPIL}": 2}}',
        f'{{"pupil_key": "{PUPIL}\\ud800"}}',
        PUPIL,
        f"[{'[' * 2000}{PUPIL}",
    ]
    paths = [
        f"/v1/pupils/{PUPIL}x/assessments",
        f"/v1/pupils/{PUPIL}%20/assessments",
        f"/v1/pupils/{PUPIL}/assessments?cursor={PUPIL}",
        f"/v1/pupils/{PUPIL}/assessments?limit={PUPIL}",
        f"{one}/{PUPIL}",
        f"/v1/rulesets/{PUPIL}",
        f"/v1/rulesets/in-force?on={PUPIL}",
        f"/v1/rulesets/in-force?as={PUPIL}",
        f"/v1/indicators?{PUPIL}={PUPIL}",
        f"/{PUPIL}",
        f"/static/{PUPIL}",
        f"/problems/{PUPIL}",
    ]
    many = [{"pupil_key": PUPIL, "indicators": {"grade": OTHER}}, {PUPIL: VALUE}]
    kinds = ("content-type", "content-encoding", "accept")
    return [
        *(post(one, json=body, headers=headers | header) for body in bodies),
        *(post(one, content=body.encode(), headers=headers) for body in raw),
        *(get(path, headers=headers) for path in paths),
        *(post(one, json=marked(), headers=headers | {kind: PUPIL}) for kind in kinds[:2]),
        *(post(f"{one}/bulk", json=many, headers=headers | {kind: PUPIL}) for kind in kinds),
        post(one, json=marked(), headers=headers | {"idempotency-key": f"k-{PUPIL}"}),
        post(one, json=marked(language="en"), headers=headers | {"idempotency-key": f"k-{PUPIL}"}),
        post(one, json=marked(), headers=bearer(PUPIL)),
        post(one, json=marked(), headers=bearer(f"pumpurs_{PUPIL}")),
        post(f"{one}?{PUPIL}=1&store={PUPIL}", json=marked(), headers=headers),
        api.client.request(PUPIL, one, headers=headers),
    ]


def broken(api: Api, headers: dict[str, str], patch: pytest.MonkeyPatch) -> list[httpx.Response]:
    """Have everything break that touches marked values, with errors that repeat them."""

    def break_(*values: object, **named: object) -> NoReturn:
        raise RuntimeError(f"{PUPIL} {VALUE} {values} {named}")

    found = []
    one = "/v1/assessments"
    for name in ("service.api.one.assess_one", "service.store.writer._insert"):
        with patch.context() as here:
            here.setattr(name, break_)
            found.append(api.client.post(one, json=marked(), headers=headers))
    for name in ("service.api.reading.history", "service.api.reading.changes"):
        with patch.context() as here:
            here.setattr(name, break_)
            found.append(api.client.get(f"/v1/pupils/{PUPIL}/assessments", headers=headers))
    with patch.context() as here:
        here.setattr("engine.executors.durable.Durable._drained", break_)
        found.append(api.client.post(one, json=marked(), headers=headers))
    for name in ("service.usecases.register_keeping.take", "service.api.registers.sheet"):
        with patch.context() as here:
            here.setattr(name, break_)
            content = f"sourcedId\n{PUPIL}\n"
            kind = {"content-type": "text/csv"}
            answer = api.client.post("/v1/registers/users", content=content, headers=headers | kind)
            assert answer.status_code == 500
            found.append(answer)
    with api.engine.connect() as connection, connection.begin():
        # A real refusal of the database, whose message repeats the row.
        connection.exec_driver_sql("DROP TABLE reads")
    found.append(api.client.get(f"/v1/pupils/{PUPIL}/assessments", headers=headers))
    return found


def test_no_mark_comes_out_where_it_should_not(
    talkative: Api, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs, metrics, refusals and the store's other columns: not a pupil's key, not a value."""
    headers = talkative.as_("school:r64")
    answers = good(talkative, headers)
    assert {answer.status_code for answer in answers} == {200}
    assert PUPIL in answers[0].text  # the caller gets its own pupil's key back
    refused = bad(talkative, headers)
    assert sum(answer.status_code == 200 for answer in refused) == 1  # the key used once more
    _look_at_the_store(talkative)
    statuses = [answer.status_code for answer in broken(talkative, headers, monkeypatch)]
    assert statuses[:4] == [500, 500, 500, 500]
    assert statuses[4] == 200
    assert statuses[5:7] == [500, 500]
    assert statuses[7] in (500, 503)
    said = [answer for answer in refused if answer.status_code != 200]
    said += bad_registers(talkative, headers)  # refused, or taken in but for the bad rows
    metrics = talkative.client.get("/metrics").text
    printed = capfd.readouterr()
    logs = printed.out + printed.err
    assert len([line for line in logs.splitlines() if json.loads(line)]) > 50
    assert '"route": "/v1/pupils/{pupil_key}/assessments"' in logs
    assert not MARKS.search(logs)
    assert not MARKS.search(metrics)
    for answer in said:
        assert not MARKS.search(answer.text + str(answer.headers)), answer.text


def _look_at_the_store(api: Api) -> None:
    """Assert that marks stand only in the columns that are for them."""
    found: dict[str, set[str]] = {}
    for table in sa.inspect(api.engine).get_table_names():
        with reading(api.engine) as connection:
            stored = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings().all()  # noqa: S608
        names = {name for row in stored for name, value in row.items() if MARKS.search(str(value))}
        found |= {table: names} if names else {}
    assert found == PLACES


def test_a_reader_of_history_leaves_its_name_and_no_value(talkative: Api) -> None:
    """The access log has the pupil's key and nothing else of the pupil."""
    scorer = talkative.as_("school:r64")
    talkative.client.post("/v1/assessments", json=marked(), headers=scorer)
    reader = talkative.as_("school:r64", Role.COORDINATOR)
    assert (
        talkative.client.get(f"/v1/pupils/{PUPIL}/assessments", headers=reader).status_code == 200
    )
    with reading(talkative.engine) as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM reads").mappings()
    assert row["pupil"] == PUPIL
    assert [name for name, value in row.items() if MARKS.search(str(value))] == ["pupil"]
