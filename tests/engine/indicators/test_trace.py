"""A trace tells the same number as the table, from rows that anybody can add up."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.indicators.compute import indicators
from engine.indicators.table import SOURCES
from engine.indicators.trace import trace_value
from engine.indicators.words import trace_words
from engine.load import load_catalogue
from engine.text import LANGUAGES
from tests.engine.indicators.drawn import AS_OF, EARLY, START, Rows, history_of, moment, registers

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "rules" / "lv")
FEWER = settings(max_examples=max(5, settings().max_examples // 10))
SUMS = {
    "unexcused_lessons_semester": "unexcused",
    "absent_days_year": "absent",
    "late_arrivals_20d": "late",
    "failed_courses": "insufficient",
    "incidents_semester": "incidents",
    "sanctions_year": "sanctions",
}

KINDS = {
    name: figure.parts[SUMS[name]].kind
    for source in SOURCES
    for name, figure in source.figures.items()
    if name in SUMS
}


@FEWER
@given(registers(), AS_OF, st.sampled_from(sorted(CATALOGUE.indicators)))
def test_a_trace_tells_the_value_of_the_table(rows: Rows, as_of: date, indicator: str) -> None:
    """Value and day are those of the table; what the rows of a total add up to is the value."""
    history = history_of(rows)
    for row in indicators(history, CATALOGUE, as_of).collect().iter_rows(named=True):
        found = trace_value(history, CATALOGUE, row["pupil_key"], indicator, as_of)
        assert (found.value, found.observed_on) == (
            row[indicator],
            row[f"{indicator}.observed_on"],
        )
        for language in LANGUAGES:
            assert CATALOGUE.indicators[indicator].label[language] in trace_words(
                found, CATALOGUE, language
            )
        if indicator in SUMS and found.value is not None:
            part = f"+{SUMS[indicator]}"
            adding = [each for each in found.counted if each[part]]
            days = {each["day"] for each in adding}
            of_days = KINDS[indicator] == "days"  # a day at two schools is one day
            assert (len(days) if of_days else sum(e[part] for e in adding)) == found.value


def small() -> Rows:
    """Return one pupil with a lesson corrected, one deleted, one recorded late."""
    day = START + timedelta(days=3)
    lesson = {"pupil": "p", "school": "a", "day": day, "lesson": 1}
    return {
        "orgs": [{"id": "a", "type": "school", "recorded": EARLY}],
        "sessions": [
            {
                "id": "s1", "type": "semester", "begins": START, "ends": START + timedelta(90),
                "recorded": EARLY,
            }
        ],
        "school_days": [
            {"id": str(n), "school": "a", "day": START + timedelta(n), "recorded": EARLY}
            for n in range(60)
        ],
        "enrolments": [
            {"id": "e", "pupil": "p", "school": "a", "begins": day, "grade": 5, "recorded": EARLY}
        ],
        "attendance": [
            {**lesson, "id": "1", "status": "unexcused", "recorded": moment(day),
             "ended": moment(day, 48)},
            {**lesson, "id": "1", "status": "medical", "recorded": moment(day, 48)},
            {**lesson, "id": "2", "lesson": 2, "status": "unexcused", "recorded": moment(day)},
            {**lesson, "id": "3", "lesson": 3, "status": "unexcused", "recorded": moment(day, 240)},
        ],
    }  # fmt: skip


def test_each_version_says_what_it_was_on_the_day() -> None:
    """The old version is superseded, the correction known, and the late lesson not yet known."""
    as_of = START + timedelta(days=6)
    found = trace_value(history_of(small()), CATALOGUE, "p", "unexcused_lessons_semester", as_of)
    states = [(v.values["id"], v.values["status"], v.state) for v in found.versions]
    assert states == [
        ("1", "unexcused", "superseded"),
        ("1", "medical", "known"),
        ("2", "unexcused", "known"),
        ("3", "unexcused", "later"),
    ]
    assert (found.value, found.observed_on) == (1, START + timedelta(days=3))
    assert found.spans == {"a": (START, as_of)}
    assert "not yet known" in trace_words(found, CATALOGUE, "en")


def test_rows_outside_the_window_are_counted_and_not_shown() -> None:
    """Those of days before it, and of days that had not come."""
    rows = small()
    others = [
        {**rows["attendance"][2], "id": str(n), "day": day, "recorded": moment(day)}
        for n, day in enumerate((START - timedelta(days=1), START + timedelta(days=20)), 4)
    ]
    rows["attendance"] += others
    as_of = START + timedelta(days=6)
    found = trace_value(history_of(rows), CATALOGUE, "p", "unexcused_lessons_semester", as_of)
    assert {v.values["id"] for v in found.versions} == {"1", "2", "3"}
    assert found.beside == len(others)
    assert "outside the window or older: 2" in trace_words(found, CATALOGUE, "en")


def test_a_value_that_is_too_old_says_so() -> None:
    """After its limit the document says that an assessment takes the value as unknown."""
    as_of = START + timedelta(days=200)
    found = trace_value(history_of(small()), CATALOGUE, "p", "unexcused_lessons_semester", as_of)
    assert found.value == 2
    assert found.stale
    assert "Novecojusi" in trace_words(found, CATALOGUE, "lv")


def document(rows: Rows, indicator: str, day: int = 6) -> tuple[str | None, str, str]:
    """Return why there is no value, and the document in both languages."""
    as_of = START + timedelta(days=day)
    found = trace_value(history_of(rows), CATALOGUE, "p", indicator, as_of)
    assert (found.value is None) == (found.why is not None)
    lv, en = (trace_words(found, CATALOGUE, language) for language in ("lv", "en"))
    return found.why, lv, en


def test_a_trace_speaks_one_language() -> None:
    """Parts, columns and categories too."""
    _, lv, en = document(small(), "unexcused_lessons_semester")
    for word in ("neattaisnoti kavētās stundas", "statuss kavējums slimības dēļ", "skola a"):
        assert word in lv
    for word in ("lessons missed without excuse", "status medical", "school a"):
        assert word in en
        assert word not in lv


def test_a_trace_says_that_the_school_has_not_vouched_for_its_rows() -> None:
    """And shows what it vouched for, which is of other days or of nothing."""
    why, lv, en = document(small(), "incidents_semester")
    assert why == "not-covered"
    assert "no value because the school has not said (coverage)" in en
    assert "'incidents (incidents)'" in en
    assert "nav apliecinājusi" in lv
    rows = small()
    said = {"id": "c", "school": "a", "register": "incidents", "recorded": EARLY}
    told = START - timedelta(2)
    rows["coverage"] = [
        {**said, "begins": START - timedelta(9), "ends": told, "recorded": moment(told)}
    ]
    why, _, en = document(rows, "incidents_semester")
    assert why == "not-covered"
    assert f"| incidents | a | {START - timedelta(9)} | {told} | {told} |" in en
    assert "recorded: nobody" not in en
    rows["coverage"][0] |= {"ends": START + timedelta(5), "recorded": moment(START + timedelta(5))}
    assert document(rows, "incidents_semester")[0] is None


def test_a_trace_says_that_coverage_told_ahead_counts_up_to_when_it_was_told() -> None:
    """Whether that leaves a value or none."""
    rows = small()
    said = {"id": "c", "school": "a", "register": "incidents", "begins": START + timedelta(3)}
    for told, shown in ((4, str(START + timedelta(4))), (2, "-")):
        recorded = moment(START + timedelta(told))
        rows["coverage"] = [{**said, "ends": START + timedelta(80), "recorded": recorded}]
        why, lv, en = document(rows, "incidents_semester")
        assert why == (None if told == 4 else "not-covered")
        assert f"| {START + timedelta(80)} | {shown} |" in en
        assert "up to the day on which it was recorded" in en
        assert "Rinda skaitās līdz dienai, kad tā ierakstīta" in lv


def test_a_trace_says_that_what_was_stated_last_has_ended() -> None:
    """With its last day; where nothing was ever stated there is no row."""
    rows = small()
    fact = {"pupil": "p", "kind": "out_of_family_care", "value": 1.0, "recorded": EARLY}
    rows["circumstances"] = [
        {**fact, "id": "1", "begins": START - timedelta(90)},
        {**fact, "id": "2", "begins": START, "ends": START + timedelta(5)},
        {**fact, "id": "3", "begins": START + timedelta(9)},
    ]
    why, lv, en = document(rows, "out_of_family_care")
    assert why == "ended"
    assert "ended on 6 September 2023" in en
    assert "norādīts pēdējais, beidzās" in lv
    assert document(rows, "low_income")[0] == "no-rows"
    assert document(rows, "out_of_family_care", 5)[0] is None


def test_a_trace_says_that_there_is_no_window_or_no_row() -> None:
    """Or nothing to hold a number against, or that it is not stated."""
    rows = small()
    for name, why in (
        ("attendance_rate_45d", "no-window"),
        ("wellbeing_score", "no-rows"),
        ("sex", "not-stated"),
        ("grades_repeated", "no-beginning"),
    ):
        found, lv, en = document(rows, name)
        assert found == why
        assert "no value because" in en
        assert "Vērtības nav, jo" in lv
    early = {each["id"]: each for each in rows["attendance"]}["2"]
    rows["attendance"] = [{**early, "day": START - timedelta(1)}]
    assert document(rows, "unexcused_lessons_semester")[0] == "no-rows"


def test_a_trace_says_that_a_share_of_nothing_or_an_unclear_sum_is_none() -> None:
    """Beside the totals, which then are no bare zeros."""
    rows = small()
    day = START + timedelta(days=3)
    present = {**rows["attendance"][2], "status": "present"}
    rows["attendance"] = [
        {**present, "id": str(n), "day": START + timedelta(n), "recorded": moment(day)}
        for n in range(4)
    ]
    assert document(rows, "medical_absence_share", 3)[0] == "no-whole"
    plan = {"pupil": "p", "begins": START, "measure": "talk", "recorded": EARLY}
    rows["measures"] = [{**plan, "id": "1", "delivered": True}, {**plan, "id": "2"}]
    why, lv, en = document(rows, "measures_delivered_rate")
    assert why == "unclear"
    assert "measures of which nobody says | 1" in en
    assert "pasākumi, par kuriem nav zināms | 1" in lv


def test_the_kind_of_place_shows_the_place() -> None:
    """It stands in the register of orgs, under the key that the pupil's row names."""
    rows = small()
    rows["orgs"].append(
        {"id": "m", "type": "municipality", "name": "A place", "municipality_type": "rural",
         "recorded": EARLY}
    )  # fmt: skip
    rows["pupils"] = [{"id": "p", "lives_in": "m", "recorded": EARLY}]
    why, lv, en = document(rows, "municipality_type")
    assert why is None
    assert "| m | name A place, type of municipality rural territory |" in en
    assert "teritorijas veids lauku teritorija" in lv


def test_a_pupil_or_an_indicator_that_is_not_there_is_refused() -> None:
    """The error names no pupil; a near name is suggested."""
    history = history_of(small())
    with pytest.raises(DataError, match="not enrolled") as error:
        trace_value(history, CATALOGUE, "nobody", "grade", START)
    assert "nobody" not in str(error.value)
    with pytest.raises(DataError, match="did you mean 'grade'"):
        trace_value(history, CATALOGUE, "p", "grades", START)
