"""``POST /v1/assessments/bulk``: many pupils, in four forms, answered as single ones are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import orjson
import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.api.strict import parsed
from service.api.tables import objects
from service.identity.caller import Role
from service.problems import Refusal
from service.store.tables import assessments
from tests.service.api.test_strict import Twins, text
from tests.service.conftest import Api
from tests.service.world import RECORD

URL = "/v1/assessments/bulk"
DAY = "2026-10-15"
JSON = "application/json"
NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
FORMS = (JSON, NDJSON, ARROW, PARQUET)
BRIEF = ("score", "possible_score", "level", "possible_level")
LISTS = ("holds", "undetermined", "not_applicable", "offers", "missing")
Row = dict[str, Any]


def row(key: str, **more: object) -> Row:
    return {"pupil_key": key, "indicators": dict(RECORD), **more}


def packed(form: str, rows: list[Row]) -> bytes:
    """Return rows in a form; in tables the indicators are columns."""
    if form == JSON:
        return orjson.dumps(rows)
    if form == NDJSON:
        return b"\n".join(orjson.dumps(each) for each in rows)
    flat = [
        {n: v for n, v in each.items() if n != "indicators"} | each["indicators"] for each in rows
    ]
    table, into = pl.DataFrame(flat, infer_schema_length=None), io.BytesIO()
    if form == ARROW:
        table.write_ipc_stream(into)
    else:
        table.write_parquet(into)
    return into.getvalue()


def unpacked(form: str, body: bytes) -> tuple[list[Row], list[Row]]:
    """Return answers and rejects, whatever their form."""
    if form == JSON:
        said = orjson.loads(body)
        return said["assessments"], said["rejects"]
    if form == NDJSON:
        lines = [orjson.loads(line) for line in body.splitlines()]
        return [e for e in lines if "level" in e], [e for e in lines if "code" in e]
    read: Callable[[io.BytesIO], pl.DataFrame] = (
        pl.read_ipc_stream if form == ARROW else pl.read_parquet
    )
    table = read(io.BytesIO(body)).to_dicts()
    rejects = [
        {"row": each["row"], "column": why.partition(": ")[0], "code": why.partition(": ")[2]}
        for each in table
        for why in each["rejected"]
    ]
    return [each for each in table if not each["rejected"]], rejects


def send(api: Api, rows: list[Row], key: dict[str, str], query: str = "", **forms: str) -> Any:  # noqa: ANN401
    sent, wanted = forms.get("sent", JSON), forms.get("wanted", JSON)
    headers = {
        **key,
        "content-type": sent,
        "accept": wanted,
        **({"idempotency-key": forms["again"]} if "again" in forms else {}),
    }
    return api.client.post(f"{URL}?as_of={DAY}{query}", content=packed(sent, rows), headers=headers)


def test_many_pupils_are_assessed_and_stored(api: Api) -> None:
    """Each answer can be read back and computed again; flagged pupils have reasons in words."""
    key = api.as_("school:r64")
    answer = send(api, [row("bulk-1"), row("bulk-2")], key)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["rejects"] == []
    assert [each["pupil_key"] for each in said["assessments"]] == ["bulk-1", "bulk-2"]
    for each in said["assessments"]:
        assert each["holds"] == ["absence", "low-marks"]
        assert [reason["rule"] for reason in each["reasons"]] == ["absence", "low-marks"]
        past = api.client.get(f"/v1/assessments/{each['id']}?recompute=true", headers=key).json()
        assert past["answer"] == each
        assert past["recomputed"]["same"] is True


@pytest.mark.parametrize("sent", FORMS)
@pytest.mark.parametrize("wanted", FORMS)
def test_every_form_says_the_same(api: Api, sent: str, wanted: str) -> None:
    """What is sent as JSON, lines, Arrow or Parquet is answered alike in each of them."""
    rows = [row("a"), row("b", observed_on=date(2026, 1, 5)), row("b", school="l1"), row("")]
    rows[0]["indicators"]["mean_mark"] = 11
    answer = send(api, rows, api.as_("school:r64"), "&store=false", sent=sent, wanted=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == wanted
    told, rejects = unpacked(wanted, answer.content)
    assert [(each["row"], each["code"]) for each in rejects] == [
        (1, "range"),
        (2, "duplicate"),
        (3, "duplicate"),
        (3, "school-place"),
        (4, "key-missing"),
    ]
    assert told == []
    told, _ = unpacked(
        wanted,
        send(
            api, rows[1:2], api.as_("school:r64"), "&store=false", sent=sent, wanted=wanted
        ).content,
    )
    (one,) = told
    assert one["missing"].count("attendance_rate_45d") == 1
    assert one["id"] is None


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 12),
    st.integers(2**63 - 2, 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1).map(lambda n: round(n, 4)),
    st.sampled_from(["general", "vocational", "0.9", ""]),
)
NAMES = (
    "grade",
    "attendance_rate_45d",
    "failed_courses",
    "on_track",
    "school_type",
    "mean_mark",
    "wellbeing_score",
)
DATES = st.sampled_from([None, DAY, "2026-10-01", "2025-10-01", "2026-10-16", "2026-W01-1", "", 7])
ROWS: st.SearchStrategy[Row] = st.fixed_dictionaries(
    {
        "indicators": st.dictionaries(st.sampled_from([*NAMES, "grede"]), VALUES)
        | st.sampled_from([None, []])
    },
    optional={
        "pupil_key": st.sampled_from(["", "-", "ķ1", "a:b", None, 5]),
        "school": st.sampled_from(["r64", "r72", "l1", "nowhere", None, 5]),
        "observed_on": DATES | st.dictionaries(st.sampled_from(NAMES[:3]), DATES),
        "pupil": st.just("x"),
    },
)


@settings(max_examples=60)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=6),
    place=st.sampled_from(["school:r64", "municipality:riga"]),
)
@example([{"indicators": {"school_type": ""}}], "school:r64")
@example([{"indicators": {"school_type": " general"}}], "school:r64")
def test_a_row_of_many_is_answered_as_if_it_came_alone(
    api: Api, rows: list[Row], place: str
) -> None:
    """The same rows are refused, and all others get the same score, levels, names and reasons."""
    key = held(api, place)
    rows = [
        each if "pupil_key" in each else {**each, "pupil_key": f"n{n}"}
        for n, each in enumerate(rows)
    ]
    told, rejects = unpacked(JSON, send(api, rows, key, "&store=false").content)
    refused = {each["row"] for each in rejects if each["code"] != "duplicate"}
    duplicates = {each["row"] for each in rejects} - refused
    answers = {each["row"]: each for each in told}
    assert answers.keys() | refused | duplicates == set(range(1, len(rows) + 1))
    for number, each in enumerate(rows, 1):
        one = api.client.post(
            "/v1/assessments?store=false", json={**each, "as_of": DAY}, headers=key
        )
        assert (number in refused) == (one.status_code in (403, 422)), (each, one.text, rejects)
        if number in answers:
            alone, many = one.json(), answers[number]
            assert [many[name] for name in BRIEF] == [alone[name] for name in BRIEF]
            assert many["holds"] == sorted(reason["rule"] for reason in alone["reasons"])
            assert many["undetermined"] == sorted(e["rule"] for e in alone["undetermined"])
            assert many["offers"] == [offer["measure"] for offer in alone["offers"]]
            assert [many[n] for n in ("not_applicable", "missing", "stale")] == [
                alone[n] for n in ("not_applicable", "missing", "stale")
            ]
            assert (
                many["reasons"] == (None if many["level"] == "none" else alone["reasons"])
                or many["level"] == "not assessed"
            )


_KEYS: dict[tuple[int, str], dict[str, str]] = {}


def held(api: Api, place: str) -> dict[str, str]:
    """Return one key for a place, made once for each application."""
    found = _KEYS.get((id(api), place))
    if found is None:
        found = _KEYS[id(api), place] = api.as_(place)
    return found


@pytest.mark.parametrize("wanted", FORMS)
def test_the_same_request_again_is_answered_alike_and_stored_once(api: Api, wanted: str) -> None:
    """An Idempotency-Key gives the same bytes, rejects included, also where all was rejected."""
    key, name = api.as_("municipality:riga"), uuid4().hex
    rows = [row(f"again-{name}", school="r72"), row("", school="r64"), row("x-1")]
    first, second = (send(api, rows, key, wanted=wanted, again=name) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.content == second.content
    told, rejects = unpacked(wanted, first.content)
    assert [len(told), len(rejects)] == [1, 2]
    with api.engine.connect() as connection:
        count = sa.select(sa.func.count()).where(assessments.c.pupil == f"again-{name}")
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT set_config('pumpurs.level', 'state', true)"))
        assert connection.execute(count).scalar_one() == 1
    assert send(api, rows[:2], key, wanted=wanted, again=name).status_code == 409
    nothing = [send(api, rows[1:], key, wanted=wanted, again=f"{name}-0").content for _ in range(2)]
    assert nothing[0] == nothing[1]


def test_what_cannot_be_read_is_refused_whole(api: Api) -> None:
    """A body that is no table, a column that nobody knows, and more pupils than are taken."""
    key = api.as_("school:r64")

    def status(sent: str, body: bytes) -> int:
        headers = {**key, "content-type": sent}
        answer = api.client.post(f"{URL}?store=false", content=body, headers=headers)
        assert answer.headers["content-type"] == (
            "application/json" if answer.is_success else "application/problem+json"
        )
        return int(answer.status_code)

    whole = {form: packed(form, [row("a")]) for form in FORMS}
    for form in (JSON, ARROW, PARQUET):
        assert status(form, whole[form][:-20]) == 400
        assert status(form, b"") == 400
    assert status(JSON, b"{}") == 422
    assert status("text/csv", b"") == 415
    assert status(NDJSON, b"{}\n" * 100_001) == 413
    for table, wrong in (
        (pl.DataFrame({"pupil_key": ["a"], "grede": [1]}), "grade"),
        (pl.DataFrame({"grade": [1]}), "pupil_key"),
    ):
        into = io.BytesIO()
        table.write_parquet(into)
        answer = api.client.post(
            f"{URL}?store=false", content=into.getvalue(), headers={**key, "content-type": PARQUET}
        )
        assert answer.status_code == 422
        assert wrong in answer.text


def test_one_bad_line_spoils_no_other(api: Api) -> None:
    """A line that is not one JSON object is rejected with its number; all others are answered."""
    lines = [
        json.dumps(row("l-1")),
        "{",
        "",
        "[]",
        '{"pupil_key":"a","pupil_key":"b","indicators":{}}',
        json.dumps(row("l-2")),
    ]
    headers = {**api.as_("school:r64"), "content-type": NDJSON}
    answer = api.client.post(
        f"{URL}?store=false&language=lv", content="\n".join(lines) + "\n", headers=headers
    ).json()
    assert [each["row"] for each in answer["assessments"]] == [1, 6]
    found = [(each["row"], each["code"], each["problem"]) for each in answer["rejects"]]
    assert found == [
        (2, "not-json", "rinda nav viens stingrs JSON objekts"),
        (3, "not-json", "rinda nav viens stingrs JSON objekts"),
        (4, "not-object", "nav JSON objekts"),
        (5, "not-json", "rinda nav viens stingrs JSON objekts"),
    ]


def test_an_unknown_name_is_told_with_the_nearest_that_is_known(api: Api) -> None:
    """A row says what was meant, and a line why it is no JSON."""
    body = b'{"pupil_key": "a", "indicators": {"grad": 7}}\n{"a": 1, "a": 2}'
    headers = {**api.as_("school:r64"), "content-type": NDJSON}
    answer = api.client.post(f"{URL}?store=false", content=body, headers=headers).json()
    hints = [(each["column"], each["hint"]) for each in answer["rejects"]]
    assert hints == [
        ("indicators.grad", "did you mean 'grade'?"),
        ("", "a stands twice in one object"),
    ]


KEYS_WITH_COLONS = st.sampled_from(["a", "a:b", "::", "@", "ā:", 5, None])
NESTED = st.sampled_from([1, ":", Twins(), [Twins([("a", 1), ("a", 1)])]])
WITHIN = st.lists(st.tuples(st.sampled_from(["grade", "a:b", "ē"]), NESTED), max_size=3).map(Twins)
TWINS = st.lists(
    st.tuples(st.just("pupil_key"), KEYS_WITH_COLONS)
    | st.tuples(st.sampled_from(["indicators", "observed_on", "school"]), WITHIN | NESTED),
    max_size=5,
).map(Twins)


@given(st.lists(TWINS | NESTED, max_size=3) | TWINS)
@example([Twins([("pupil_key", "@"), ("school", 1), ("school", 1)])])
@example([Twins([("pupil_key", "a:b"), ("indicators", Twins([("grade", 1), ("grade", 1)]))])])
def test_a_name_that_stands_twice_is_seen_in_many_rows_too(rows: object) -> None:
    """What is read at a glance is what is read closely, colons in keys or escaped included."""
    body = text(rows).replace("@", "\\u003a").encode()
    try:
        expected = parsed(body)
    except Refusal:
        with pytest.raises(Refusal, match="bad-json"):
            objects(JSON, body)
        return
    if isinstance(expected, list):
        assert objects(JSON, body) == expected
    else:
        with pytest.raises(Refusal, match="invalid"):
            objects(JSON, body)


COLUMNS = (
    "pupil_key",
    "school",
    "observed_on",
    "attendance_rate_45d.observed_on",
    "attendance_rate_45d",
    "grade",
    "on_track",
    "school_type",
)
VALUES_OF_ANY_TYPE = {
    "text": ["2026-10-01", "x"],
    "blank": ["", None],
    "whole": [1, 2],
    "float": [0.5, float("nan")],
    "flag": [True, False],
    "date": [date(2026, 10, 1), date(2020, 1, 1)],
    "moment": [datetime(2026, 10, 1, tzinfo=UTC), None],
    "list": [[1], [2]],
    "struct": [{"a": 1}, {"a": 2}],
    "bytes": [b"\xff", b"a"],
    "nothing": [None, None],
}


@pytest.mark.parametrize("form", [ARROW, PARQUET])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_any_type_is_read_or_refused(api: Api, column: str, form: str) -> None:
    """Whatever a column holds, the answer is an assessment, a reject, or a refusal of the table."""
    key = held(api, "school:r64")
    for kind, values in VALUES_OF_ANY_TYPE.items():
        flat = {"pupil_key": ["t-1", "t-2"], "attendance_rate_45d": [0.9, 0.8], column: values}
        table, into = pl.DataFrame(flat), io.BytesIO()
        (table.write_ipc_stream if form == ARROW else table.write_parquet)(into)
        headers = {**key, "content-type": form}
        url = f"{URL}?store=false&as_of={DAY}"
        answer = api.client.post(url, content=into.getvalue(), headers=headers)
        assert answer.status_code in (200, 422), (kind, answer.text)
        if answer.status_code == 422:
            assert answer.json()["errors"][0]["where"] == "columns"


def test_dates_may_be_text_in_a_table(api: Api) -> None:
    """As the README writes them; what is too old is unknown, with its date."""
    table, into = (
        pl.DataFrame(
            {
                "pupil_key": ["d-1", "d-2", "d-3"],
                "attendance_rate_45d": ["0.5", "0.5", " "],
                "grade": [7, 7, 7],
                "observed_on": ["2025-10-01", "2026-10-14", "2025-10-01"],
            }
        ),
        io.BytesIO(),
    )
    table.write_parquet(into)
    headers = {**held(api, "school:r64"), "content-type": PARQUET}
    url = f"{URL}?store=false&as_of={DAY}"
    told = api.client.post(url, content=into.getvalue(), headers=headers).json()["assessments"]
    found = [(each["stale"], "absence" in each["holds"]) for each in told]
    assert found == [({"attendance_rate_45d": "2025-10-01"}, False), ({}, True), ({}, False)]


def test_tables_have_no_reasons_in_words(api: Api) -> None:
    """Asked for reasons in a table, the service says where they are told."""
    key = held(api, "school:r64")
    answer = send(api, [row("r-1")], key, "&store=false&reasons=true", wanted=ARROW)
    assert answer.status_code == 422
    assert "JSON" in answer.text


def test_an_analyst_may_try_but_not_store(api: Api) -> None:
    """Without the right to score nothing is stored; a trial has no ids."""
    key = api.as_("state:lv", Role.ANALYST)
    assert send(api, [row("t-1", school="r64")], key).status_code == 403
    tried = send(api, [row("t-1", school="r64")], key, "&store=false").json()
    assert tried["assessments"][0]["id"] is None


def test_the_reference_s_answer_stands_in_bulk_too(
    fresh: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where polars and the reference differ, that is counted, and the record is kept."""
    key = fresh.as_("school:r64")
    (right,) = send(fresh, [row("P-secret")], key, "&store=false").json()["assessments"]
    compiled = fresh.app.state.service.follower.compiled(right["ruleset"])
    wrong = [pl.lit(value=False).alias(name) for name in compiled.patterns._clauses]
    monkeypatch.setattr(compiled.patterns, "_truths", wrong)
    for _ in range(2):  # what differs is not kept for the next one
        (found,) = send(fresh, [row("P-secret")], key).json()["assessments"]
        assert {**found, "id": None, "assessed_at": right["assessed_at"]} == right
    past = fresh.client.get(f"/v1/assessments/{found['id']}", headers=key).json()
    assert past["executors_agreed"] is False
    assert "pumpurs_executor_disagreements_total 2.0" in fresh.client.get("/metrics").text
    with fresh.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT inputs FROM disagreements").all()
    assert len(kept) == 2
    assert "0.87" in kept[0][0]
    assert "secret" not in str(kept)
