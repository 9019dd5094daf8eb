"""``/v1/registers``: rows are taken in, accounted for and kept; the same rows, the same history."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import polars as pl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.registers import oneroster
from engine.registers.read import Reading
from service.api.media import NDJSON
from service.identity.caller import Role
from service.register_files import FILES
from service.settings import Settings
from service.store.bundles import read_bundles
from service.usecases.registers import PROBLEMS
from tests.service.api.stores import rows
from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.sent_registers import (
    COUNTS,
    CSV,
    LESSONS,
    ORGS,
    STAYS,
    TOLD,
    USERS,
    adds_up,
    begun,
    bodies,
    held_of,
    lines,
    new_school,
    send,
    send_all,
)
from tests.service.world import settled


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """Run an application for tests that add schools of their own."""
    yield from run_api(settled(database), rate=10_000_000)


def test_rows_are_accounted_for_and_what_is_held_is_told(api: Api) -> None:
    """Used, rejected, ended and of staff; then a school sees its files and those from above."""
    school, key = begun(api, "P-1", "P-2")
    more = lines(USERS, f"P-3,active,{TOLD},student,male", f"P-4,active,{TOLD},student,other",
                 "P-2,tobedeleted,2020-10-01,,", f"T-1,active,{TOLD},teacher,",
                 *(f"P-1{n:02},active,{TOLD},student,female" for n in range(20)))  # fmt: skip
    said = adds_up(send(api, key, "users", more, language="en"))
    assert (said["read"], *(said[n] for n in COUNTS)) == (24, 21, 1, 1, 1)
    assert (said["file"], said["place"], said["mode"]) == ("users", school, "delta")
    (reject,) = said["rejects"]
    problem = "not one of the declared categories"
    wrong = {"row": 3, "column": "metadata.sex", "code": "category", "problem": problem}
    assert reject == wrong | {"hint": reject["hint"]}
    town = api.as_("municipality:riga")
    assert send(api, town, "courses", "sourcedId,metadata.core\nMAT,true\n").status_code == 200
    held = api.client.get("/v1/registers", headers=key).json()["registers"]
    told = {(e["place"], e["level"], e["file"]): (e["parcels"], e["rows"]) for e in held}
    assert told[school, "school", "users"] == (2, 24)
    assert ("riga", "municipality", "courses") in told
    assert {place for place, _, _ in told} == {school, "riga"}
    query = f"/v1/registers?school={school}"
    assert api.client.get(query, headers=town).json()["registers"] == held


def test_a_problem_is_told_in_the_language_that_was_asked_for(api: Api) -> None:
    """Latvian unless a request or the service's setting says otherwise."""
    _, key = begun(api, *(f"P-{n}" for n in range(20)))
    bad = lines(USERS, f"P-1,active,{TOLD},student,x", *(f"P-2{n:02},,{TOLD},," for n in range(20)))
    latvian, english = (
        send(api, key, "users", bad, **query).json()["rejects"][0]["problem"]
        for query in ({}, {"language": "en"})
    )
    assert english == "not one of the declared categories"
    assert latvian == "nav deklarēto kategoriju sarakstā"


def test_of_more_than_a_twentieth_bad_rows_nothing_is_kept(api: Api) -> None:
    """The refusal counts each problem by column, with its first row, and shows no value."""
    school, key = begun(api, "P-1")
    before = bodies(api, school)
    good = [f"P-{n},active,{TOLD},student,male" for n in range(190)]
    bad = [f"P-ZEBRA,active,{TOLD},student,ZEBRA"] * 10
    answer = send(api, key, "users", lines(USERS, *good, *bad))
    assert adds_up(answer)["rejected"] == 10  # ten of two hundred
    answer = send(api, key, "users", lines(USERS, *good[1:], *bad))
    assert answer.status_code == 422
    assert answer.json()["detail"] == "10 of 199 rows cannot be used: nothing was kept"
    (told,) = answer.json()["errors"]
    assert told["where"] == "row 191, metadata.sex"
    assert told["problem"].endswith("[category]")
    assert told["hint"] == "rows with this problem: 10"
    assert "ZEBRA" not in answer.text
    assert len(bodies(api, school)) == len(before) + 1


def test_a_handful_of_bad_rows_refuses_nothing(api: Api) -> None:
    """One of two is rejected, the other kept, as the command line does."""
    _, key = begun(api, "P-1")
    answer = send(api, key, "users", lines(USERS, f"P-2,active,{TOLD},student,ZEBRA", "P-3,,,,"))
    assert (adds_up(answer)["used"], answer.json()["rejected"]) == (1, 1)


def test_rows_of_another_school_are_rejected_but_its_stays_are_not(api: Api) -> None:
    """A pupil's earlier schools stand among the enrolments; what was there is theirs to tell."""
    school, key = begun(api, "P-1")
    days = [f"{school},2020-09-{n:02},{TOLD}" for n in range(1, 21)]
    head = "schoolSourcedId,date,dateLastModified"
    said = adds_up(send(api, key, "schoolDays", lines(head, f"r64,2020-09-01,{TOLD}", *days)))
    (reject,) = said["rejects"]
    assert (reject["row"], reject["column"], reject["code"]) == (
        2, "schoolSourcedId", "another-school",
    )  # fmt: skip
    assert said["used"] == len(days)
    assert "r64" not in bodies(api, school)[-1]
    earlier = lines(STAYS, f"E-0,{TOLD},P-1,r64,2019-09-01,2020-05-31,6")
    assert adds_up(send(api, key, "enrollments", earlier))["used"] == 1


@pytest.mark.parametrize("place", ["municipality:liepaja", "state:lv"])
def test_sessions_are_of_schools_within_the_place_or_of_none(api: Api, place: str) -> None:
    """A town cannot shift the semesters of another town's school; the state may, of any."""
    key, some = api.as_(place), uuid4().hex[:8]
    send(api, api.as_("state:lv"), "orgs", ORGS)
    head = "sourcedId,type,startDate,endDate,metadata.schoolSourcedId"
    named = ("l1", "", "r64", "liepaja", "r99")
    sessions = (f"{some}-{n},semester,2020-09-01,2020-12-18,{s}" for n, s in enumerate(named))
    said = adds_up(send(api, key, "academicSessions", lines(head, *sessions), language="en"))
    found = {named[each["row"] - 2]: each["code"] for each in said["rejects"]}
    outside = set(named[3:] if place == "state:lv" else named[2:])
    assert found == dict.fromkeys(outside, "school-place")
    problem = "there is no such school within your place"
    assert {each["problem"] for each in said["rejects"]} == {problem}


def test_hints_over_http_speak_of_what_is_sent_over_http(api: Api) -> None:
    """There is no manifest, nor its moment; the clock of this service says what is too late."""
    assert not [c for c, text in PROBLEMS.items() if "exportedAt" in f"{text.lv} {text.en}"]
    _, key = begun(api)
    late = lines(USERS, "P-1,active,2099-01-01T00:00:00Z,student,male", f"P-2,,{TOLD},,")
    (reject,) = adds_up(send(api, key, "users", late, language="en"))["rejects"]
    assert reject["problem"].startswith("recorded later than it was sent; check dateLastModified")


def test_columns_that_nobody_reads_and_rows_of_staff_are_not_kept(api: Api) -> None:
    """Names, e-mails and teachers leave no trace in the store."""
    school, key = begun(api)
    text = (
        "sourcedId,givenName,dateLastModified,role,email,metadata.sex\n"
        f'P-1,"Anna, Z.",{TOLD},student,anna@example.org,female\n'
        f"T-9,Berta,{TOLD},teacher,berta@example.org,\n"
    )
    said = adds_up(send(api, key, "users", text))
    assert (said["used"], said["left_out"]) == (1, 1)
    assert bodies(api, school)[-1] == (
        f"sourcedId,dateLastModified,metadata.sex\nP-1,{TOLD},female\n"
    )


def test_no_place_says_what_all_rows_of_others_are(api: Api) -> None:
    """Files that several places send are changed row by row: bulk would end what others sent."""
    _, key = begun(api, "p1")
    for file in ("orgs", "academicSessions", "courses", "scoreScales"):
        answer = send(api, key, file, "sourcedId\nx\n", mode="bulk")
        assert answer.status_code == 422
        assert "tobedeleted" in answer.json()["errors"][0]["hint"]


def test_a_row_is_ended_by_its_key_alone(api: Api) -> None:
    """Without the columns that only living rows need."""
    school, key = begun(api, "p1")
    lesson = f"p1,{school},2020-09-01,1"
    assert adds_up(send(api, key, "attendance", lines(LESSONS, f"{lesson},present,{TOLD}")))
    body = lines("userSourcedId,schoolSourcedId,date,lesson,status", f"{lesson},tobedeleted")
    assert adds_up(send(api, key, "attendance", body))["deleted"] == 1


def test_bulk_replaces_what_the_school_had_sent(api: Api) -> None:
    """Who does not stand in a list of all is gone; without `mode` nothing else changes."""
    school, key = begun(api, "P-1", "P-2", "P-3")

    def pupils() -> set[str]:
        frame = held_of(api, school).history.frames["pupils"].collect()
        return set(frame.filter(frame["ended"].is_null())["id"])

    assert (
        adds_up(send(api, key, "users", lines(USERS, f"P-4,active,{TOLD},student,")))["used"] == 1
    )
    assert pupils() == {"P-1", "P-2", "P-3", "P-4"}
    all_of_them = lines(USERS, f"P-2,active,{TOLD},student,male")
    assert adds_up(send(api, key, "users", all_of_them, mode="bulk"))["mode"] == "bulk"
    assert pupils() == {"P-2"}


KEY, SEX, WHEN = st.sampled_from(["P-1", "P-2", "T-1", "?", ""]), st.sampled_from(
    ["male", "female", "x", "", " male "]
), st.sampled_from([TOLD, "2020-10-05", "", "5.10.2020"])  # fmt: skip
ROLE_ = st.sampled_from(["student", "teacher", "", "student ", "Student"])
ROWS = st.lists(st.tuples(KEY, st.just("active"), WHEN, ROLE_, SEX), max_size=8)


def from_first(hint: str, first: int) -> str:
    """Return a hint with the number of the row that it names counted from the first row."""
    return re.sub(r"\d+", lambda found: str(int(found[0]) - first), hint)


@settings(max_examples=15)
@given(ROWS)
def test_lines_of_json_mean_what_csv_means(api: Api, found: list[tuple[str, ...]]) -> None:
    """The same rows: the same counts and rejects, and the same is kept."""
    head = USERS.split(",")
    filler = [(f"Q-{n}", "active", TOLD, "student", "male") for n in range(20 * len(found))]
    everybody = [*found, *filler, ("Q", "active", TOLD, "student", "male")]
    as_csv = lines(USERS, *(",".join(row) for row in everybody))
    as_json = "\n".join(json.dumps(dict(zip(head, row, strict=True))) for row in everybody)
    answers, kept = [], []
    for kind, body in ((CSV, as_csv), (NDJSON, as_json)):
        school, key = begun(api)
        answer = send(api, key | {"content-type": kind}, "users", body)
        said = adds_up(answer)
        first = 2 if kind == CSV else 1
        rejects = [
            each | {"row": each["row"] - first, "hint": from_first(each.get("hint", ""), first)}
            for each in said["rejects"]
        ]
        answers.append((*(said[name] for name in COUNTS), rejects))
        kept.append(bodies(api, school)[-1])
    assert answers[0] == answers[1]
    assert kept[0] == kept[1]


def test_a_line_that_is_no_object_of_texts_is_rejected_alone(api: Api) -> None:
    """By its number and what is wrong, also where nothing of it can be kept."""
    _, key = begun(api)
    good = [
        json.dumps({"sourcedId": f"P-{n}", "metadata.gradesRepeatedBefore": 1}) for n in range(90)
    ]
    bad = ["[]", '{"sourcedId": ["P"]}', '{"sourcedId": "a", "sourcedId": "b"}', "{"]
    body = "\n".join([*good, *bad, "", good[0].replace("P-0", "P-90")])
    said = adds_up(send(api, key | {"content-type": NDJSON}, "users", body))
    assert [(e["row"], e["column"], e["code"]) for e in said["rejects"]] == [
        (91, "", "not-object"), (92, "sourcedId", "not-text"), (93, "", "not-json"),
        (94, "", "not-json"),
    ]  # fmt: skip
    assert said["used"] == 91


LESSON = st.tuples(
    st.sampled_from(["P-1", "P-2", "P-9", ""]), st.sampled_from(["2020-09-01", "2020-09-02", "x"]),
    st.sampled_from(["1", "2", "x"]), st.sampled_from(["present", "late", "?"]),
    st.sampled_from(["active", "tobedeleted"]),
    st.sampled_from(["2020-09-03", "2020-09-04", "2020-09-05T10:00:00Z", ""]),
    st.sampled_from(["", "", "L-1", "L-2"]),
)  # fmt: skip
STAY = st.tuples(
    st.sampled_from(["E-1", "E-2", "E-3"]), st.sampled_from(["active", "tobedeleted"]),
    st.sampled_from(["2020-09-03", ""]), st.sampled_from(["P-1", "P-2", "P-9"]),
    st.sampled_from(["SCHOOL", "SCHOOL", "r64"]),
    st.sampled_from(["2020-09-01", "2020-09-02"]),
    st.sampled_from(["", "2020-09-01", "2020-10-01"]), st.just("7"),
)  # fmt: skip
SENT = st.lists(
    st.one_of(
        st.tuples(st.just("attendance"), st.lists(LESSON, max_size=5)),
        st.tuples(st.just("enrollments"), st.lists(STAY, max_size=3)),
    ),
    min_size=1, max_size=4,
)  # fmt: skip
HEADS = {
    "attendance": (
        "userSourcedId,schoolSourcedId,date,lesson,attendance,status,dateLastModified,sourcedId"
    ),
    "enrollments": (
        "sourcedId,status,dateLastModified,userSourcedId,schoolSourcedId,beginDate,endDate,"
        "metadata.grade"
    ),
}
# So many good rows, with ids of their own, that the others are few among them.
GOOD: dict[str, Callable[[str], list[list[str]]]] = {
    "attendance": lambda school: [
        ["P-1", school, f"2020-09-{day:02}", str(lesson), "late", "active", "2020-09-30", ""]
        for day in range(21, 26)
        for lesson in range(20)
    ],
    "enrollments": lambda _: [
        [f"F-{month}-{day}", "active", TOLD, "P-1", "r72", *[f"2020-{month}-{day:02}"] * 2, "6"]
        for month in ("01", "03", "05")
        for day in range(1, 31)
    ],
}


@settings(max_examples=12)
@given(SENT)
def test_each_answer_is_what_reading_everything_says(
    api: Api, sent: list[tuple[str, list[tuple[str, ...]]]]
) -> None:
    """Only what judges new rows is read for them: their account is that of all that is held."""
    school, key = begun(api, "P-1", "P-2")
    accounts = []
    for file, found in sent:
        rows = [[school if each == "SCHOOL" else each for each in row] for row in found]
        if file == "attendance":
            rows = [[row[0], school, *row[1:]] for row in rows]
        answer = send(api, key, file, lines(HEADS[file], *map(",".join, rows + GOOD[file](school))))
        said = adds_up(answer)
        codes = sorted((e["row"], e["column"], e["code"]) for e in said["rejects"])
        accounts.append((*(said[name] for name in ("read", *COUNTS)), codes))
    assert account_of_everything(held_of(api, school))[3:] == accounts


def test_one_lesson_under_two_keys_is_one_also_between_requests(api: Api) -> None:
    """The other row is named by the number that it had when it was sent, or as an earlier file's.

    A row of another school, which is not kept, is counted all the same.
    """
    school, key = begun(api, "P-1")
    head = f"{LESSONS},sourcedId"
    lesson = f"P-1,{school},2020-09-01,1,late,{TOLD[:8]}02,"
    other = "P-1,r72,2020-09-01,1,late,,L-0"
    first = lines(head, other, f"{lesson}L-1", f"{lesson}L-2")
    said = adds_up(send(api, key, "attendance", first, language="en"))
    assert [(e["row"], e["code"], e.get("hint")) for e in said["rejects"]] == [
        (2, "another-school", None), (4, "duplicate-row", "see row 3"),
    ]  # fmt: skip
    for language, hint in (
        ("en", "it stands in a file that was sent earlier"),
        ("lv", "tā ir agrāk sūtītā failā"),
    ):
        for body in (lines(head, f"{lesson}L-3"), lines(LESSONS, lesson.removesuffix(","))):
            (reject,) = adds_up(send(api, key, "attendance", body, language=language))["rejects"]
            assert (reject["row"], reject["code"], reject["hint"]) == (2, "duplicate-row", hint)
    ended = lines(f"{head},status", f"P-1,{school},2020-09-01,1,,,L-1,tobedeleted")
    assert adds_up(send(api, key, "attendance", ended))["unmatched"] == 0
    again = lines(head, lesson.replace(f"{TOLD[:8]}02", "") + "L-3")
    assert adds_up(send(api, key, "attendance", again))["rejects"] == []


def test_a_hint_is_in_the_language_that_was_asked_for(api: Api) -> None:
    """The nearest word, or the range."""
    _, key = begun(api, "P-1")
    bad = lines(USERS, f"P-2,active,{TOLD},student,femal")
    for language, hint in (("en", "did you mean 'female'?"), ("lv", "vai domāts „female“?")):
        (reject,) = send(api, key, "users", bad, language=language).json()["rejects"]
        assert reject["hint"] == hint


def test_a_name_that_is_nearly_one_that_is_read_is_pointed_out_in_csv_and_in_lines(
    api: Api,
) -> None:
    """Else what stands under it would be lost without a word."""
    school, key = begun(api, "P-1", "P-2")
    names, stay = STAYS.replace("metadata.grade", "metadata.grde").split(","), [TOLD, "P-1", school]
    for number, kind in enumerate((CSV, NDJSON)):
        values = [f"E-{number}", *stay, f"201{number}-09-01", f"201{number}-12-31", "6"]
        body = lines(",".join(names), ",".join(values))
        if kind != CSV:
            body = json.dumps(dict(zip(names, values, strict=True)))
        said = adds_up(send(api, key | {"content-type": kind}, "enrollments", body, language="en"))
        note = "The column 'metadata.grde' is not read; did you mean 'metadata.grade'?"
        assert (said["used"], said["notes"]) == (1, [note])


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (CSV, "sourcedId,givenName\nP-5,Anna\n,Anna\nP-6,Anna\n"),
        (NDJSON, '{"sourcedId": "P-5"}\n{"sourcedId": null}\n{"sourcedId": "P-6"}\n'),
    ],
)
def test_a_row_without_its_only_value_is_rejected_and_counted(
    api: Api, form: str, body: str
) -> None:
    """Where one column alone is read of a file, such a row is no empty line."""
    _, key = begun(api)
    said = adds_up(send(api, key | {"content-type": form}, "users", body))
    (reject,) = said["rejects"]
    assert (said["used"], reject["code"]) == (2, "value-missing")
    assert reject["row"] == (3 if form == CSV else 2)


def test_a_text_with_a_zero_byte_is_one_bad_value(api: Api) -> None:
    """CSV has no such texts; one of them stops no lines of JSON."""
    _, key = begun(api)
    body = '{"sourcedId": "P-5", "metadata.sex": "ma\\u0000le"}\n{"sourcedId": "P-6"}\n'
    said = adds_up(send(api, key | {"content-type": NDJSON}, "users", body))
    (reject,) = said["rejects"]
    assert (reject["row"], reject["column"], reject["code"]) == (1, "metadata.sex", "not-text")
    assert said["used"] == 1


def test_keys_that_are_given_anew_are_told(api: Api) -> None:
    """Rows numbered from 1 each day take back those of the day before."""
    school, key = begun(api, "P-1")
    head, notes = "sourcedId,dateLastModified,userSourcedId,schoolSourcedId,date,role", []
    for day in ("2020-09-03", "2020-09-04"):
        rows = (f"{n},{day},P-1,{school},{day},actor" for n in range(1, 7))
        notes = adds_up(send(api, key, "incidents", lines(head, *rows), language="en"))["notes"]
    (note,) = notes
    assert "of the keys that stood before are now of another pupil or day" in note


def account_of_everything(found: Reading) -> list[tuple[Any, ...]]:
    """Return the counts and rejects of each bundle, in their order."""
    told = {}
    for count in found.files:
        lost = found.rejects.filter(pl.col("bundle") == count.bundle)
        codes = sorted(lost.select("row", "column", "problem").iter_rows())
        told[count.bundle] = (count.read, *(getattr(count, name) for name in COUNTS), codes)
    return [told[bundle] for bundle in sorted(told)]


def test_the_same_request_again_has_the_same_answer_and_is_kept_once(api: Api) -> None:
    """To the byte, with rejects; another body or query with the key is a conflict."""
    school, key = begun(api, *(f"P-{n}" for n in range(20)))
    named = key | {"idempotency-key": uuid4().hex}
    body = lines(USERS, f"P-1,active,{TOLD},student,x", *(f"Q-{n:02},,{TOLD},," for n in range(20)))
    first, again = (send(api, named, "users", body) for _ in range(2))
    assert adds_up(first)["rejected"] == 1
    assert again.content == first.content
    assert len(bodies(api, school)) == 4
    for refused in (
        send(api, named, "users", body + "P-9,,,,\n"),
        send(api, named, "users", body, mode="bulk"),
        send(api, named, "courses", body),
    ):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    without = [send(api, key, "users", body).json()["id"] for _ in range(2)]
    assert len({*without, first.json()["id"]}) == 3


def test_a_refused_request_does_not_use_its_key_up(api: Api) -> None:
    """Mended, it may be sent with the same key."""
    _, key = begun(api)
    named = key | {"idempotency-key": uuid4().hex}
    assert send(api, named, "users", "sourcedId\n" + "?\n" * 10).status_code == 422
    assert send(api, named, "users", "sourcedId\nP-1\n").status_code == 200


def test_requests_at_the_same_time_are_all_kept_and_judged_in_turn(api: Api) -> None:
    """Each is numbered after the one before; those with one key are one."""
    school, key = begun(api, "P-1")
    named = key | {"idempotency-key": uuid4().hex}

    def one(number: int) -> httpx.Response:
        if number % 2:
            return send(api, named, "users", "sourcedId\nQ-1\n")
        return send(api, key, "users", f"sourcedId\nR-{number}\n")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers[1::2]}) == 1
    found = rows(api, "SELECT number FROM parcels WHERE place = :s ORDER BY at, id", s=school)
    assert [number for (number,) in found] == list(range(1, 9))


def test_a_stay_cannot_be_taken_in_twice_by_two_requests_at_once(api: Api) -> None:
    """Of two that overlap one is rejected, whichever came first."""
    school, key = begun(api, "P-1")
    send_all(api, key, {"users": "sourcedId\nP-7\n"})
    filler = [f"F-{n},{TOLD},P-1,r64,2019-09-{n:02},2019-09-{n:02},6" for n in range(1, 21)]

    def one(number: int) -> int:
        stay = f"E-7-{number},{TOLD},P-7,{school},2020-09-0{number + 1},,7"
        others = [line.replace("F-", f"F{number}-") for line in filler[number::2] * (1 - number)]
        answer = send(api, key, "enrollments", lines(STAYS, stay, *others))
        return int(adds_up(answer)["used"]) if answer.status_code == 200 else 0

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(2)))
    frame = held_of(api, school).history.frames["enrolments"].collect()
    assert frame.filter(frame["pupil"] == "P-7").height == 1


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no such file": ({"file": "user"}, 404, "users"),
    "roles": ({"file": "roles"}, 404, "known"),
    "JSON": ({"kind": "application/json"}, 415, CSV),
    "another charset": ({"kind": "text/csv; charset=iso-8859-13"}, 415, CSV),
    "no kind": ({"kind": ""}, 415, CSV),
    "bytes": ({"body": b"sourcedId\n\xff\n"}, 400, "UTF-8"),
    "nothing": ({"body": b" \n"}, 422, "empty"),
    "a column": ({"body": b"sourcedid,role\nP-ZEBRA,student\n"}, 422, "sourcedId"),
    "a column twice": ({"body": b"sourcedId,P-ZEBRA,P-ZEBRA\na,b,c\n"}, 422, "twice"),
    "a quote": ({"body": b'"sourcedId,role\nP-ZEBRA,student\n'}, 422, "quotes"),
    "another mode": ({"query": {"mode": "P-ZEBRA"}}, 422, "mode"),
    "another name": ({"query": {"P-ZEBRA": "P-ZEBRA"}}, 422, "known"),
    "no gzip": ({"kind": CSV, "coding": "gzip"}, 400, "gzip"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_the_remedy(api: Api, case: str) -> None:
    """Nothing is kept, and what was sent is not repeated."""
    asked, status, said = REFUSED[case]
    school, key = begun(api)
    headers = key | {"content-type": asked.get("kind", CSV)}
    headers |= {"content-encoding": asked["coding"]} if "coding" in asked else {}
    answer = send(
        api, headers, asked.get("file", "users"), asked.get("body", b"sourcedId\nP-ZEBRA\n"),
        **asked.get("query", {}),
    )  # fmt: skip
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert "ZEBRA" not in answer.text
    assert len(bodies(api, school)) == 3


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_packed_body_is_unpacked(api: Api, coding: str) -> None:
    """As those of other requests."""
    _, key = begun(api)
    pack = gzip.compress if coding == "gzip" else zstandard.ZstdCompressor().compress
    answer = send(api, key | {"content-encoding": coding}, "users", pack(b"sourcedId\nP-1\n"))
    assert adds_up(answer)["used"] == 1


def test_a_body_that_is_too_large_is_refused(database: Database) -> None:
    """As those of other requests."""
    for small in run_api(settled(database), body_limit=1024):
        answer = send(small, small.as_("school:r64"), "users", "sourcedId\n" + "P-1\n" * 300)
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_what_is_unpacked_is_for_its_user_alone_and_soon_gone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies within the folder that was set; where that cannot be written, one may try again."""
    seen: list[tuple[Path, int]] = []

    def watch(folder: Path) -> Reading:
        seen.append((folder.parent, folder.stat().st_mode & 0o777))
        return read_bundles(folder)

    monkeypatch.setattr("service.usecases.registers.read_bundles", watch)
    for running in run_api(settled(database), work=str(tmp_path)):
        key = running.as_("school:r64")
        assert send(running, key, "users", "sourcedId\nP-1\n").status_code == 200
        assert seen == [(tmp_path, 0o700)]
        assert list(tmp_path.iterdir()) == []
        tmp_path.rmdir()
        answer = send(running, key, "users", "sourcedId\nP-2\n")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        tmp_path.mkdir()
        assert send(running, key, "users", "sourcedId\nP-2\n").status_code == 200
    with pytest.raises(ValueError, match="no such folder"):
        Settings(work=str(tmp_path / "nowhere"))


def test_who_may_send_what_for_whom(api: Api) -> None:
    """Scorers alone; a town names one of its schools, or sends what belongs to no school."""
    school = new_school(api)
    body = "sourcedId\nP-1\n"
    for role in set(Role) - {Role.SCORER}:
        assert send(api, api.as_("school:r64", role), "users", body).status_code == 403
        assert (
            api.client.get("/v1/registers", headers=api.as_("school:r64", role)).status_code == 403
        )
    riga, liepaja = api.as_("municipality:riga"), api.as_("municipality:liepaja")
    assert send(api, riga, "users", body).status_code == 422
    assert send(api, riga, "users", body, school=school).json()["place"] == school
    for other in ("r99", "liepaja", "l1", ""):
        assert send(api, riga, "users", body, school=other).status_code == 403
    assert send(api, liepaja, "users", body, school=school).status_code == 403
    assert send(api, api.as_("school:r64"), "users", body, school=school).status_code == 403
    assert send(api, riga, "orgs", ORGS).json()["place"] == "riga"
    assert send(api, api.as_("state:lv"), "academicSessions",
                "sourcedId,type,startDate,endDate\n").json()["place"] == "lv"  # fmt: skip


def test_the_columns_that_are_kept_are_those_that_are_read() -> None:
    """Of the gradebook: what the reader reads of it, and when rows were recorded."""
    for name, columns in (
        ("results", oneroster._RESULTS), ("lineItems", oneroster._LINES),
        ("classes", oneroster._CLASSES),
    ):  # fmt: skip
        assert set(columns) <= set(FILES[name].columns) <= {*columns, *FILES["results"].columns,
                                                            "scoreScaleSourcedId"}  # fmt: skip
    for name, file in FILES.items():
        assert set(file.needed) <= set(file.columns), name


def test_lessons_of_a_pupil_who_left_are_rejected(api: Api) -> None:
    """By the enrolments that are held: what was sent earlier judges what comes."""
    school, key = begun(api, "P-1")
    days = [f"P-1,{school},2020-09-{n:02},1,present,2020-09-{n:02}" for n in range(1, 21)]
    said = adds_up(
        send(api, key, "attendance", lines(LESSONS, *days, f"P-8,{school},2020-09-01,1,late,"))
    )
    assert [(e["row"], e["code"]) for e in said["rejects"]] == [(22, "key-unknown")]
    assert {FILES["attendance"].pupil, FILES["attendance"].school} <= set(LESSONS.split(","))
