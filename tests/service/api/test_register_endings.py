"""What rows end of what is held: counted, told, and not by accident."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.conftest import Api, run_api
from tests.service.databases import Database
from tests.service.sent_registers import (
    CSV,
    LESSONS,
    TOLD,
    USERS,
    adds_up,
    begun,
    bodies,
    held_of,
    lines,
    send,
)
from tests.service.world import settled

GOOD, BAD, ENDS = "good", "bad", "ends"
# Parcels: all rows or changes, and what each of a few rows is in it.
ROWS = st.dictionaries(st.integers(0, 5), st.sampled_from([GOOD, GOOD, BAD, ENDS]))
SENT = st.lists(st.tuples(st.sampled_from(["bulk", "delta", "delta"]), ROWS), max_size=5)


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """Run an application for tests that add schools of their own."""
    yield from run_api(settled(database), rate=10_000_000)


def user(number: int, what: str, _: str) -> str:
    status, sex = ("tobedeleted", "") if what == ENDS else ("active", "male")
    return f"Q-{number},{status},,student,{'x' if what == BAD else sex}"


def lesson(number: int, what: str, school: str) -> str:
    status = "tobedeleted" if what == ENDS else "active"
    said = {GOOD: "late", BAD: "x", ENDS: ""}[what]
    return f"P-{number % 2},{school},2020-09-0{1 + number // 4},{number // 2 % 2},{said},,{status}"


def incident(number: int, what: str, school: str) -> str:
    if what == ENDS:
        return f"I-{number},tobedeleted,,,,"
    return f"I-{number},active,P-1,{school},2020-09-02,{'x' if what == BAD else 'actor'}"


FILES = {
    "users": ("pupils", user, USERS),
    "attendance": ("attendance", lesson, f"{LESSONS},status"),
    "incidents": (
        "incidents",
        incident,
        "sourcedId,status,userSourcedId,schoolSourcedId,date,role",
    ),
}


@pytest.mark.parametrize("file", FILES)
@settings(max_examples=12)
@given(SENT)
def test_each_answer_counts_what_has_ended(
    api: Api, file: str, sent: list[tuple[str, dict[int, str]]]
) -> None:
    """As a plain set of keys says it: what is bad ends nothing and is not lacking either."""
    register, row, head = FILES[file]
    school, key = begun(api, "P-0", "P-1")
    held = {-1, -2} if file == "users" else set()  # P-0 and P-1
    for mode, found in sent:
        body = lines(head, *(row(number, what, school) for number, what in found.items()))
        query = {"may_end": "99"} if mode == "bulk" else {}
        said = adds_up(send(api, key, file, body, mode=mode, **query))
        named = {what: {n for n in found if found[n] == what} for what in (GOOD, BAD, ENDS)}
        lacking = held - set(found) if mode == "bulk" else set()
        counts = (len(lacking), len(named[ENDS] - held), len(named[BAD]))
        assert (said["ended"], said["unmatched"], said["rejected"]) == counts
        held = (held - lacking - named[ENDS]) | named[GOOD]
    if held or sent:
        frame = held_of(api, school).history.frames[register].collect()
        assert frame.filter(pl.col("ended").is_null())["id"].n_unique() == len(held)


def some(count: int) -> str:
    """Return a file of so many users, who are held already where the school has so many."""
    return lines(USERS, *(f"P-{n},active,{TOLD},student,male" for n in range(count)))


def test_a_file_of_all_rows_that_would_end_most_is_refused(api: Api) -> None:
    """Both numbers are told, nothing is changed; whoever says how many may end is believed."""
    school, key = begun(api, *(f"P-{n}" for n in range(30)))
    before = bodies(api, school)
    named = key | {"idempotency-key": uuid4().hex}
    answer = send(api, named, "users", some(14), mode="bulk")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/would-end")
    assert "this file lacks 16 of 30 rows that are held" in answer.json()["detail"]
    assert "may_end=16" in answer.json()["detail"]
    assert "P-2" not in answer.text
    assert send(api, key, "users", some(14), mode="bulk", may_end="15").status_code == 409
    assert bodies(api, school) == before
    said = adds_up(send(api, named, "users", some(14), mode="bulk", may_end="16"))
    assert (said["used"], said["ended"], said["unmatched"]) == (14, 16, 0)


@pytest.mark.parametrize(("held", "sent"), [(30, 15), (9, 0), (12, 3)])
def test_half_of_the_rows_or_a_few_may_end(api: Api, held: int, sent: int) -> None:
    """They are counted; that none may end can be said too."""
    _, key = begun(api, *(f"P-{n}" for n in range(held)))
    answer = send(api, key, "users", some(sent), mode="bulk", may_end="0")
    assert answer.json()["type"] == "/problems/would-end"
    assert adds_up(send(api, key, "users", some(sent), mode="bulk"))["ended"] == held - sent


def test_how_many_may_end_is_for_files_of_all_rows(api: Api) -> None:
    """In changes it would say nothing; a number below zero is none."""
    _, key = begun(api)
    for query in ({"may_end": "3"}, {"may_end": "-1", "mode": "bulk"}):
        answer = send(api, key, "users", some(1), **query)
        assert answer.status_code == 422
        assert "may_end" in answer.json()["errors"][0]["where"]


def test_an_end_of_what_is_not_held_is_told(api: Api) -> None:
    """In the language that was asked for, and the same when the request is sent again."""
    school, key = begun(api, "P-1")
    body = lines("sourcedId,status", "P-1,tobedeleted", "P-8,tobedeleted", "P-9,tobedeleted")
    named = key | {"idempotency-key": uuid4().hex, "content-type": CSV}
    first, again = (send(api, named, "users", body, language="en") for _ in range(2))
    said = adds_up(first)
    assert (said["deleted"], said["unmatched"], said["ended"]) == (3, 2, 0)
    assert said["notes"] == [
        "rows 'tobedeleted' of whose keys nothing is held: 2; they end nothing, check the keys"
    ]
    assert again.content == first.content
    (note,) = send(api, key, "users", body, language="lv").json()["notes"]
    assert "neko nepabeidz" in note
    assert note.endswith("atslēgas")
    assert " 3;" in note  # P-1 is not held any more
    assert len(bodies(api, school)) == 5
