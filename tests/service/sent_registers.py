"""Registers that tests send: of the small country of `tests.service.world`, or synthetic ones."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import polars as pl

from engine.registers.read import Reading
from service.store.bundles import read_bundles, write_bundles
from service.store.connect import reading, writing
from service.store.parcels import add_parcel, bodies_of, parcels_of
from service.store.places import add_place
from service.synth.plan import Plan
from service.synth.write import write_history
from service.usecases.setup import activate_folder
from tests.service.conftest import Api
from tests.service.store.rows import parcel
from tests.service.world import LV, PARENTS

CSV = "text/csv"
BEGUN = date(2020, 9, 1)  # long ago: no clock on which tests run is behind it
AS_OF = "2020-11-16"
DAYS = [
    (BEGUN + timedelta(days=n)).isoformat()
    for n in range(77)
    if (BEGUN + timedelta(days=n)).weekday() < 5
]
TOLD = f"{BEGUN}T06:00:00Z"
_TYPES = {"state": "national", "municipality": "local", "school": "school"}
ORGS = "sourcedId,dateLastModified,type,parentSourcedId\n" + "".join(
    f"{code},{TOLD},{_TYPES[level]},{parent}\n"
    for (level, _, code), parent in ((text.partition(":"), up) for text, up in PARENTS.items())
)
USERS = "sourcedId,status,dateLastModified,role,metadata.sex"
STAYS = "sourcedId,dateLastModified,userSourcedId,schoolSourcedId,beginDate,endDate,metadata.grade"
COUNTS = ("used", "rejected", "deleted", "left_out")
LESSONS = "userSourcedId,schoolSourcedId,date,lesson,attendance,dateLastModified"


def lines(head: str, *rows: str) -> str:
    """Return a CSV file."""
    return "".join(f"{line}\n" for line in (head, *rows))


def files(school: str, *pupils: str) -> dict[str, str]:
    """Return a school's registers; each pupil misses every lesson of as many days as one's place.

    The first is there every day, the second missed one, and so on.
    """
    missed = {pupil: DAYS[-number:] if number else [] for number, pupil in enumerate(pupils)}
    return {
        "orgs": ORGS,
        "users": lines(USERS, *(f"{pupil},active,{TOLD},student,male" for pupil in pupils)),
        "enrollments": lines(
            STAYS, *(f"E-{pupil},{TOLD},{pupil},{school},{BEGUN},,7" for pupil in pupils)
        ),
        "schoolDays": lines(
            "schoolSourcedId,date,dateLastModified", *(f"{school},{day},{TOLD}" for day in DAYS)
        ),
        "attendance": lines(
            LESSONS,
            *(
                f"{pupil},{school},{day},1,{'unexcused' if day in missed[pupil] else 'present'},"
                f"{day}T15:00:00Z"
                for pupil in pupils
                for day in DAYS
            ),
        ),
    }


def send(
    api: Api, headers: dict[str, str], file: str, body: str | bytes, **query: str
) -> httpx.Response:
    """Send rows of a file as CSV."""
    named = {"content-type": CSV, **headers}
    return api.client.post(f"/v1/registers/{file}", params=query, content=body, headers=named)


def send_all(api: Api, headers: dict[str, str], sent: dict[str, str], **query: str) -> None:
    """Send files, one after the other, all of whose rows are good."""
    for file, body in sent.items():
        answer = send(api, headers, file, body, **query)
        assert answer.status_code == 200, (file, answer.text)
        assert answer.json()["rejects"] == [], file


def assess(api: Api, headers: dict[str, str], query: str = "", **asked: Any) -> httpx.Response:  # noqa: ANN401
    """Ask for assessments from registers."""
    url = f"/v1/assessments/from-registers{query}"
    return api.client.post(url, json={"as_of": AS_OF, **asked}, headers=headers)


def put_in_force(api: Api) -> None:
    """Put the ruleset in force from long ago."""
    activate_folder(api.engine, LV, BEGUN - timedelta(days=31), "operator:test")
    api.app.state.service.follower.follow()


def made_up(folder: Path, pupils: int = 50) -> Path:
    """Write a synthetic history of one school year from 2020 on."""
    write_history(Plan(pupils, 1, seed=7, start_year=BEGUN.year), folder, lambda _: None)
    return folder


ORDER = (
    "orgs academicSessions scoreScales courses schoolDays coverage users enrollments classes"
    " lineItems results exams attendance incidents sanctions activity surveys circumstances"
    " measures outcomes"
)


def of_school(history: Path, school: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a synthetic history in their order, with one school's rows alone."""
    stays = [_texts(path) for path in sorted(history.glob("*/enrollments.csv"))]
    mine = pl.concat(stays).filter(pl.col("schoolSourcedId") == school)
    pupils = mine["userSourcedId"].unique()
    for bundle in sorted(history.iterdir()):
        for file in ORDER.split():
            path = bundle / f"{file}.csv"
            if path.is_file():
                rows = _texts(path)
                kept = rows.filter(_mine(file, rows.columns, school, pupils))
                yield file, kept.write_csv().encode()


def _texts(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _mine(file: str, columns: list[str], school: str, pupils: pl.Series) -> pl.Expr:
    """Return whether a row is of the school's pupils, and of the school where it names one."""
    mine = pl.lit(value=True)
    named = {"users": ["sourcedId"], "orgs": [], "courses": []}.get(
        file, ["userSourcedId", "studentSourcedId"]
    )
    for name in named:
        if name in columns:
            mine &= pl.col(name).is_in(pupils.implode())
    if "schoolSourcedId" in columns and file != "enrollments":
        mine &= pl.col("schoolSourcedId") == school
    return mine


def new_school(api: Api) -> str:
    """Add a school to the store; return its code."""
    code = f"s{uuid4().hex[:10]}"
    with writing(api.engine) as connection:
        add_place(connection, "school", code, code, "riga")
    return code


def begun(api: Api, *pupils: str) -> tuple[str, dict[str, str]]:
    """Return a new school, whose pupils are known and enrolled, and the header of its key."""
    school = new_school(api)
    sent = files(school, *pupils) | {"orgs": ORGS + f"{school},{TOLD},school,riga\n"}
    with writing(api.engine) as connection:  # as if they had come, and quicker
        for number, file in enumerate(("orgs", "users", "enrollments")):
            at = datetime(2020, 9, 1, 7, number, tzinfo=UTC)
            count = sent[file].count("\n") - 1
            row = parcel(number + 1, school, sent[file].encode(), file=file, at=at)
            row |= {"read": count, "used": count}
            add_parcel(connection, row)
    return school, api.as_(f"school:{school}")


def held_of(api: Api, school: str) -> Reading:
    """Return what a school's parcels come to."""
    with reading(api.engine) as connection, tempfile.TemporaryDirectory() as name:
        found = parcels_of(connection, (school,))
        write_bundles(bodies_of(connection, found), Path(name))
        return read_bundles(Path(name))


def bodies(api: Api, school: str) -> list[str]:
    """Return what is kept of each parcel."""
    with reading(api.engine) as connection:
        found = parcels_of(connection, (school,))
        return [body.decode() for _, body in bodies_of(connection, found)]


def adds_up(answer: httpx.Response) -> dict[str, Any]:
    """Return an answer whose counts add up."""
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert said["read"] == sum(said[name] for name in COUNTS)
    assert said["rejected"] == len({each["row"] for each in said["rejects"]})
    return said
