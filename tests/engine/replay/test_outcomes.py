"""Labels: what became of pupils within a horizon, and of whom it cannot be said."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registers.adapters import adapt
from engine.registers.history import History
from engine.registers.read import read_registers
from engine.replay.outcomes import SETTLES, YEAR_ENDS, is_over, known_until, labels
from tests.engine.indicators.drawn import EARLY, Row, history_of, moment

AS_OF, UNTIL = date(2024, 5, 31), date(2025, 8, 10)
END = AS_OF + timedelta(365)
STAY = {"begins": date(2023, 9, 1), "ends": date(2024, 8, 31)}
NEXT = {"begins": date(2024, 9, 1), "ends": date(2025, 8, 31)}
LEFT, STAYED, UNKNOWN = True, False, None


def registers(
    enrolments: list[Row], outcomes: list[Row] | None = None, school_days: list[date] | None = None
) -> History:
    """Return registers of one pupil; what does not say when it was recorded was always known."""
    rows = {"enrolments": enrolments, "outcomes": outcomes or []}
    made = {
        name: [
            {"id": f"{name}-{n}", "pupil": "p", "school": "s", "recorded": EARLY, **row}
            for n, row in enumerate(each)
        ]
        for name, each in rows.items()
    }
    days = [
        {"id": f"{day}", "school": "s", "day": day, "recorded": EARLY} for day in school_days or []
    ]
    return history_of({**made, "school_days": days})


def label(history: History, as_of: date = AS_OF, until: date = UNTIL, horizon: int = 365) -> Row:
    (found,) = labels(history, as_of, until, horizon).collect().rows(named=True)
    return found


def ended(day: date, outcome: str, **more: object) -> Row:
    return {"day": day, "outcome": outcome, **more}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (AS_OF, STAYED),
        (AS_OF + timedelta(1), LEFT),
        (END, LEFT),
        (END + timedelta(1), STAYED),
    ],
)
def test_leaving_counts_within_the_horizon(day: date, expected: bool) -> None:  # noqa: FBT001
    """After the as-of day, and up to the last day of the horizon."""
    found = label(registers([STAY, NEXT], [ended(day, "left")]))
    assert found["outcome"] is expected
    assert found["left_on"] == (day if expected else None)


def test_who_came_back_has_still_left() -> None:
    """The first day of leaving counts, and not the second."""
    twice = [ended(date(2025, 2, 1), "left"), ended(date(2024, 11, 1), "left")]
    assert label(registers([STAY, NEXT], twice))["left_on"] == date(2024, 11, 1)


@pytest.mark.parametrize(
    ("enrolment", "expected"),
    [
        (NEXT, STAYED),
        ({**NEXT, "ends": None}, STAYED),
        ({**NEXT, "ends": END}, STAYED),
        ({**NEXT, "ends": date(2024, 12, 1)}, UNKNOWN),
        ({**NEXT, "begins": END + timedelta(1)}, UNKNOWN),
        ({**NEXT, "ends": date(2025, 3, 1), "exit": "left"}, LEFT),
        ({**NEXT, "ends": date(2025, 3, 1), "exit": "moved_abroad"}, UNKNOWN),
        ({**NEXT, "ends": END, "exit": "died"}, UNKNOWN),
        ({**NEXT, "ends": END, "exit": "unknown"}, UNKNOWN),
        ({**NEXT, "ends": date(2025, 3, 1), "exit": "graduated"}, STAYED),
        ({**NEXT, "ends": END + timedelta(1), "exit": "left"}, STAYED),
    ],
)
def test_enrolments_say_who_was_there_in_the_end(
    enrolment: Row,
    expected: bool | None,  # noqa: FBT001
) -> None:
    """Where nobody enrolled them any more and nobody says why, it is unknown."""
    assert label(registers([STAY, enrolment]))["outcome"] is expected


@pytest.mark.parametrize("days", [0, YEAR_ENDS.days, YEAR_ENDS.days + 1])
def test_the_last_school_days_before_the_horizon_ends_will_do(days: int) -> None:
    """An enrolment that ended with the school year went on until then."""
    taught, end = date(2025, 5, 30), date(2025, 7, 20)
    ends = taught - timedelta(days)
    history = registers([STAY, {**NEXT, "ends": ends}], school_days=[AS_OF, taught, UNTIL])
    horizon, until = (end - AS_OF).days, date(2025, 12, 31)
    assert label(history, AS_OF, until, horizon)["outcome"] is (
        STAYED if days <= YEAR_ENDS.days else UNKNOWN
    )


@pytest.mark.parametrize("outcome", ["graduated", "not_completed"])
@pytest.mark.parametrize("days", [0, 20, 365, 380])
def test_who_finishes_has_not_left(outcome: str, days: int) -> None:
    """Within the horizon or later; nor is failing at the end leaving early."""
    history = registers([STAY], [ended(AS_OF + timedelta(days), outcome)])
    assert label(history)["outcome"] is STAYED


def test_who_finished_before_and_went_on_may_be_lost() -> None:
    """To have completed one stage says nothing of the next."""
    assert label(registers([STAY], [ended(AS_OF - timedelta(1), "graduated")]))["outcome"] is None


@pytest.mark.parametrize("outcome", ["moved_abroad", "unknown"])
def test_who_is_lost_is_unknown_until_found(outcome: str) -> None:
    """Even if an enrolment goes on; not if one begins later, or another version says left."""
    day = date(2024, 11, 1)
    lost = ended(day, outcome, id="o")
    assert label(registers([STAY, NEXT], [lost]))["outcome"] is UNKNOWN
    back = {**NEXT, "begins": date(2025, 1, 7)}
    assert label(registers([STAY, back], [lost]))["outcome"] is STAYED
    found = moment(date(2025, 3, 1))
    versions = [{**lost, "ended": found}, ended(day, "left", id="o", recorded=found)]
    assert label(registers([STAY, NEXT], versions))["left_on"] == day


def test_exits_are_for_pupils_of_whom_the_register_of_outcomes_says_nothing() -> None:
    """It knows better; and who began elsewhere afterwards has moved."""
    gone = {**NEXT, "ends": date(2025, 3, 1), "exit": "left"}
    assert (
        label(registers([STAY, gone], [ended(date(2025, 3, 1), "moved_abroad")]))["outcome"] is None
    )
    other = {"begins": date(2025, 3, 2), "school": "t"}
    assert label(registers([STAY, gone, other]))["outcome"] is STAYED


def test_of_an_open_horizon_nothing_is_known_of_anybody() -> None:
    """Not even of those who are known to have left: they are found out first."""
    history = registers([STAY, NEXT], [ended(date(2024, 9, 1), "left")])
    last = END + SETTLES
    assert label(history, until=last)["outcome"] is LEFT
    early = label(history, until=last - timedelta(1))
    assert (early["outcome"], early["left_on"]) == (None, None)
    assert not is_over(AS_OF, 365, None)


def test_who_had_left_by_the_day_is_gone() -> None:
    """Whenever that was found out; not who came back before the day."""
    before = ended(date(2024, 5, 1), "left", recorded=moment(date(2024, 7, 1)))
    assert label(registers([STAY], [before]))["gone"] is True
    back = {"begins": date(2024, 5, 2)}
    assert label(registers([STAY, back], [before]))["gone"] is False
    assert label(registers([STAY], [ended(date(2024, 6, 1), "left")]))["gone"] is False


def test_registers_reach_to_the_last_day_of_which_they_tell() -> None:
    """The last on which something of a pupil was recorded; of none nothing is known."""
    assert known_until(history_of({})) is None
    late = ended(AS_OF, "left", recorded=datetime.fromisoformat("2025-02-03T23:00:00+00:00"))
    assert known_until(registers([STAY], [late])) == date(2025, 2, 3)


_DAY = st.integers(-40, 60).map(lambda n: AS_OF + timedelta(n))
_ENROLMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "begins": _DAY,
            "ends": st.none() | _DAY,
            "exit": st.sampled_from([None, "left", "moved_abroad", "graduated", "moved_school"]),
        }
    ),
    min_size=1,
    max_size=3,
)
_OUTCOMES = st.lists(
    st.builds(ended, _DAY, st.sampled_from(["left", "graduated", "moved_abroad", "unknown"])),
    max_size=2,
)


@given(_ENROLMENTS, _OUTCOMES, st.integers(1, 50), st.integers(1, 50))
def test_a_longer_horizon_finds_the_same_leavers_and_more(
    enrolments: list[Row], outcomes: list[Row], one: int, other: int
) -> None:
    """Who left within a month has left within two; a day of leaving lies inside the horizon."""
    history = registers(enrolments, outcomes)
    short, long = (label(history, horizon=n) for n in sorted((one, other)))
    if short["outcome"]:
        assert long["outcome"] is True
        assert long["left_on"] == short["left_on"]
    for found, horizon in ((short, min(one, other)), (long, max(one, other))):
        if found["outcome"]:
            assert AS_OF < found["left_on"] <= AS_OF + timedelta(horizon)
        else:
            assert found["left_on"] is None
    assert short["gone"] == long["gone"]


@given(_ENROLMENTS, _OUTCOMES, st.integers(1, 50))
def test_labels_of_pupils_do_not_hang_on_each_other(
    enrolments: list[Row], outcomes: list[Row], horizon: int
) -> None:
    """A second pupil's rows change nothing of the first one's."""
    alone = label(registers(enrolments, outcomes), horizon=horizon)
    other = [{**row, "pupil": "q", "id": f"q-{n}"} for n, row in enumerate(reversed(enrolments))]
    leaves = [{**ended(AS_OF + timedelta(1), "left"), "pupil": "q", "id": "q"}]
    both = labels(registers(enrolments + other, outcomes + leaves), AS_OF, UNTIL, horizon)
    assert both.filter(pl.col("pupil") == "p").collect().rows(named=True) == [alone]


def test_students_who_withdrew_from_a_real_university_have_left(tmp_path: Path, root: Path) -> None:
    """Counted straight from the Open University's files, student by student."""
    data = Path(os.environ.get("PUMPURS_DATA", root.parent / "shared" / "data")) / "oulad-2013"
    if not data.is_dir():
        pytest.skip(f"no real data in {data}: set PUMPURS_DATA to the folder that holds oulad-2013")
    start, as_of, horizon = date(2013, 10, 1), date(2013, 11, 30), 240
    by = ["code_module", "code_presentation", "id_student"]
    registered = pl.read_csv(data / "studentRegistration.csv", infer_schema=False)
    registered = registered.drop_nulls("date_registration")  # else the enrolment is rejected
    day = pl.col("date_unregistration").cast(pl.Float64, strict=False).cast(pl.Int64)
    expected = (
        registered.join(pl.read_csv(data / "studentInfo.csv", infer_schema=False), on=by)
        .filter(pl.col("code_presentation") == "2013J", pl.col("final_result") == "Withdrawn")
        .select(
            pl.concat_str("id_student", "code_module", "code_presentation", separator="-"),
            left_on=pl.lit(start) + pl.duration(days=day),
        )
        .filter(pl.col("left_on") > as_of, pl.col("left_on") <= as_of + timedelta(horizon))
    )
    adapt("oulad", data, tmp_path / "bundles")
    history = read_registers(tmp_path / "bundles").history
    found = labels(history, as_of, date(2015, 1, 1), horizon).collect()
    left = found.filter(pl.col("pupil").str.ends_with("2013J") & pl.col("outcome"))
    told = dict(left.select("pupil", "left_on").iter_rows())
    counted = dict(expected.iter_rows())
    # Some withdrew without a day: they have left when the course ended.
    undated = told.keys() - counted.keys()
    assert all(told[pupil] > date(2014, 5, 1) for pupil in undated)
    assert {pupil: told.get(pupil) for pupil in counted} == counted
    assert len(counted) > 900
