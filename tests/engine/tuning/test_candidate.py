"""Candidates: who chose each number is remembered, and a folder of files says the same again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.load import load
from engine.tuning.candidate import (
    RECORD,
    Candidate,
    Choice,
    Learnt,
    Sought,
    read_candidate,
    write_candidate,
)

LV = Path(__file__).parents[3] / "rules" / "lv"
ABC = LV.parent / "published" / "abc"
ASKED = Sought("watch", plans=38, most=76, gaps={"sex": 0.1}, small_data=True)
SEEN = Learnt("f" * 64, ("2022", "2023"), 7, sought=ASKED)


def tuned() -> Candidate:
    found = {"absence_watch": 0.93, "fails_urgent": 5}
    return Candidate(load(LV).with_parameters(found), found, SEEN)


def test_a_number_moved_by_hand_after_a_search_was_chosen_by_a_person() -> None:
    """What the search chose stays the search's only while it stands."""
    mixed = tuned().moved("fails_urgent", 6).moved("mark_drop_watch", -0.75)
    assert mixed.choices(load(LV)) == (
        Choice("absence_watch", 0.95, 0.93, "search"),
        Choice("fails_urgent", 4, 6, "person"),
        Choice("mark_drop_watch", -1, -0.75, "person"),
    )


def test_a_candidates_folder_gives_the_same_candidate_and_differs_in_its_lines_only(
    tmp_path: Path,
) -> None:
    """Files, record and choices survive; every other byte of a rule file is the base's."""
    write_candidate(tuned(), LV, tmp_path / "candidate")
    again = read_candidate(tmp_path / "candidate")
    assert again.ruleset == tuned().ruleset
    assert again == tuned()
    before = (LV / "attendance.yaml").read_bytes().splitlines()
    after = (tmp_path / "candidate" / "attendance.yaml").read_bytes().splitlines()
    assert [line for line in after if line not in before] == [b"    value: 0.93"]


def test_a_file_edited_by_hand_is_a_persons_choice(tmp_path: Path) -> None:
    """The record cannot claim for the search what somebody typed afterwards."""
    write_candidate(tuned(), LV, tmp_path)
    path = tmp_path / "attendance.yaml"
    path.write_bytes(path.read_bytes().replace(b"value: 0.93", b"value: 0.94"))
    assert Choice("absence_watch", 0.95, 0.94, "person") in read_candidate(tmp_path).choices(
        load(LV)
    )


def test_rules_without_a_record_were_chosen_by_people() -> None:
    """A folder that no search has written has nothing to remember."""
    found = read_candidate(LV)
    assert found.learnt is None
    assert found.choices(load(LV)) == ()


def test_nothing_is_written_over_or_below_another_catalogue(tmp_path: Path) -> None:
    """A candidate goes into a folder of its own, where its indicators are declared once."""
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(DataError, match="there are files here"):
        write_candidate(tuned(), LV, tmp_path)
    write_candidate(Candidate(load(ABC), {}), ABC, tmp_path / "abc")
    assert read_candidate(tmp_path / "abc").ruleset == load(ABC)
    with pytest.raises(DataError, match="catalogue"):
        write_candidate(tuned(), LV, tmp_path / "abc" / "lv")


def test_a_record_remembers_what_was_asked_what_was_trusted_and_whether_there_was_a_gain(
    tmp_path: Path,
) -> None:
    """Records that were written before say nothing of it, and can be read."""
    trusting = replace(tuned(), learnt=replace(SEEN, no_leak=("incidents_semester",), gains=False))
    write_candidate(trusting, LV, tmp_path)
    assert read_candidate(tmp_path) == trusting
    said = json.loads((tmp_path / RECORD).read_text("utf-8"))
    del said["learnt"]["no_leak"], said["learnt"]["gains"], said["learnt"]["sought"]
    (tmp_path / RECORD).write_text(json.dumps(said), encoding="utf-8")
    assert read_candidate(tmp_path) == replace(tuned(), learnt=replace(SEEN, sought=None))


@pytest.mark.parametrize("sought", [None, {}, {"level": 3}, {"level": "watch", "gaps": [0.1]}])
def test_a_record_that_is_none_is_refused(tmp_path: Path, sought: object) -> None:
    """Rather than taking for a person's choice what a search chose, or guessing its goal."""
    write_candidate(tuned(), LV, tmp_path)
    said = json.loads((tmp_path / RECORD).read_text("utf-8"))
    said["learnt"]["sought"] = sought
    (tmp_path / RECORD).write_text("{}" if sought is None else json.dumps(said))
    with pytest.raises(DataError, match="candidate's record"):
        read_candidate(tmp_path)
