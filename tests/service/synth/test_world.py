"""Lives: what must hold in every world, and that totals come near what is published."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest

from service.synth.lives import Enrolment, Stay
from service.synth.plan import Plan
from service.synth.world import World, make_world


def test_the_school_is_full_each_autumn(world: World) -> None:
    """As many pupils as were asked for begin each year."""
    for year in world.years:
        begun = {e.pupil.key for e in world.enrolments if e.begins == year.begins}
        assert len(begun) == world.plan.pupils
    assert len({pupil.key for pupil in world.pupils}) == len(world.pupils)


def test_a_pupil_is_at_one_school_at_a_time(world: World) -> None:
    """Enrolments follow each other, at schools that teach the grade and are open."""
    for career in careers(world).values():
        for before, after in pairwise(career):
            assert before.begins <= before.ends < after.begins
            assert after.grade - before.grade in (0, 1)
        for each in career:
            assert each.grade in each.school.grades
            assert each.school.closes is None or each.year.year <= each.school.closes


def test_a_stay_lies_within_its_enrolment_and_semester(world: World) -> None:
    """Nobody attends before or after."""
    for semester, stays in world.stays.items():
        for stay in stays:
            assert max(semester.begins, stay.enrolment.begins) <= stay.begins <= stay.ends
            assert stay.ends <= min(semester.ends, stay.enrolment.ends)


def test_who_has_an_outcome_is_gone(world: World) -> None:
    """One outcome a pupil, after the last enrolment began, known no sooner than it happened."""
    last = {key: career[-1] for key, career in careers(world).items()}
    assert len({each.pupil.key for each in world.outcomes}) == len(world.outcomes)
    for each in world.outcomes:
        assert last[each.pupil.key].begins <= each.day <= each.known
        assert last[each.pupil.key].exit is not None
    ended = {each.pupil.key for each in world.outcomes}
    present = {e.pupil.key for e in world.enrolments if e.year == world.years[-1]}
    assert set(last) == ended | present


def test_twins_differ_in_nothing_that_tells_them_apart_but_the_key(world: World) -> None:
    """Born in the same month, first put into the same class."""
    first = {key: career[0] for key, career in careers(world).items()}
    twins = [pupil for pupil in world.pupils if pupil.twin_of]
    assert twins
    for twin in twins:
        mine, other = first[twin.key], first[twin.twin_of or ""]
        assert (twin.born, mine.class_name, mine.school) == (
            other.pupil.born, other.class_name, other.school
        )  # fmt: skip


def test_there_is_mobility_repetition_and_a_merger(world: World) -> None:
    """What indicators of a school career need is there, and rare."""
    exits = Counter(each.exit for each in world.enrolments)
    assert 0 < exits["moved_school"] < 0.08 * len(world.enrolments)
    assert exits["stage_completed"]
    merged = [m for m in world.places.municipalities.values() if m.successor]
    assert [m.successor in world.places.municipalities for m in merged] == [True]
    again = sum(
        before.grade == after.grade and before.year != after.year
        for career in careers(world).values()
        for before, after in pairwise(career)
    )
    assert 0 < again < 0.04 * len(world.enrolments)


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """Worlds large enough for shares."""
    return [make_world(Plan(3000, 4, seed)) for seed in (11, 12)]


def test_about_seven_in_a_hundred_leave_early(worlds: list[World]) -> None:
    """In each world, over all grades: 7.7 % was published for 2023, 6.7 % for 2022."""
    for each in worlds:
        assert 0.045 <= leaving([each], lambda _: True) <= 0.105


def test_boys_and_vocational_pupils_leave_more(worlds: list[World]) -> None:
    """The direction of what is published, not its size."""
    boys = leaving(worlds, lambda e: e.pupil.sex == "male")
    assert boys > leaving(worlds, lambda e: e.pupil.sex == "female")
    vocational = leaving(worlds, lambda e: e.grade > 9 and e.school.type == "vocational")
    assert vocational > leaving(worlds, lambda e: e.grade > 9 and e.school.type == "general")


def test_long_unexcused_absence_is_rare_but_in_vocational_schools(worlds: list[World]) -> None:
    """Published for 2018/19: 0.27 % in basic, 3.23 % in vocational education."""
    pupils: dict[bool, set[object]] = defaultdict(set)
    truant: dict[bool, set[object]] = defaultdict(set)
    for stay in all_stays(worlds):
        kind, who = stay.enrolment.school.type == "vocational", (stay.pupil, stay.semester.year)
        pupils[kind].add((who[0].key, who[1]))
        if stay.signs.truant:
            truant[kind].add((who[0].key, who[1]))
    assert 0.001 < len(truant[False]) / len(pupils[False]) < 0.006
    assert 0.012 < len(truant[True]) / len(pupils[True]) < 0.05


def test_signs_tell_leavers_apart_but_not_surely(worlds: list[World]) -> None:
    """A plain score at the end of a year, for those who leave in the year after it."""
    left = {(i, o.pupil.key): o.day for i, w in enumerate(worlds) for o in w.outcomes
            if o.fate == "left"}  # fmt: skip
    scored = []
    for number, each in enumerate(worlds):
        for semester, stays in each.stays.items():
            for stay in stays if semester.number == 2 else ():
                day = left.get((number, stay.pupil.key))
                if stay.marks and stay.enrolment.grade >= 6:
                    lead = (day - semester.ends).days if day else None
                    scored.append((plain_score(stay), lead is not None and 0 < lead <= 366))
    assert 0.72 < auc(scored) < 0.92


def plain_score(stay: Stay) -> float:
    known = [mark for mark in stay.marks if mark > 0]
    mean = sum(known) / len(known) if known else 5.0
    fails = sum(0 <= mark < 4 for mark in stay.marks)
    return 300 * stay.signs.skip + 20 * stay.signs.truant + 2 * fails - 3 * mean


def auc(scored: list[tuple[float, bool]]) -> float:
    """Return the share of pairs of one who left and one who did not that are ordered rightly."""
    left = [score for score, gone in scored if gone]
    stayed = sorted(score for score, gone in scored if not gone)
    assert len(left) > 30
    below = sum((bisect_left(stayed, x) + bisect_right(stayed, x)) / 2 for x in left)
    return below / (len(left) * len(stayed))


def careers(world: World) -> dict[str, list[Enrolment]]:
    found: dict[str, list[Enrolment]] = defaultdict(list)
    for each in world.enrolments:
        found[each.pupil.key].append(each)
    return found


def all_stays(worlds: Iterable[World]) -> Iterable[Stay]:
    return (stay for each in worlds for stays in each.stays.values() for stay in stays)


def leaving(worlds: Iterable[World], which: Callable[[Enrolment], bool]) -> float:
    """Return the chance of leaving on the way through all grades, from what each grade loses."""
    pupils: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    for world in worlds:
        left = {each.pupil.key for each in world.outcomes if each.fate == "left"}
        for key, career in careers(world).items():
            for each in filter(which, career):
                pupils[each.grade] += 1
                lost[each.grade] += each is career[-1] and key in left
    stay = 1.0
    for grade, count in pupils.items():
        stay *= 1 - lost[grade] / count
    return 1 - stay
