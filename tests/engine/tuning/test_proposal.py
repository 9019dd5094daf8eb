"""Proposals: what is handed in says what would change, for whom, and who chose it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.errors import DataError
from engine.load import load
from engine.replay.cuts import at_level
from engine.replay.figures import figures
from engine.replay.replay import replay
from engine.replay.split import Split, split_after
from engine.text import LANGUAGES, Text
from engine.tuning.candidate import Candidate, Learnt, Sought
from engine.tuning.proposal import Proposal, as_json, from_json, propose
from engine.tuning.proposal_words import proposal_words
from engine.words.digits import estimate
from tests.pasts import past

LV = load(Path(__file__).parents[3] / "rules" / "lv")
WATCHED = {"absence_watch": 0.97, "absence_support": 0.92}
ASKED = Sought("support", share=0.15, most=120)
SEEN = Learnt(past().fingerprint, ("2020", "2021"), 3, sought=ASKED)
REASON = "Half of those who left had missed lessons | for months."


def candidate(cohorts: tuple[str, ...] = ("2020", "2021")) -> Candidate:
    seen = replace(SEEN, cohorts=cohorts)
    return Candidate(LV.with_parameters(WATCHED), WATCHED, seen).moved("fails_urgent", 5)


def proposed(split: Split | None = None) -> Proposal:
    return propose(past(), LV, candidate(), {"ruleset.yaml": "id: lv"}, REASON, split=split)


def pages(learnt: Learnt | None, level: str | None = None) -> tuple[str, str]:
    """Return the page of a proposal in Latvian and English, with ordinary spaces."""
    asked = replace(candidate(), learnt=learnt)
    split = split_after(past(), "2021")
    made = propose(past(), LV, asked, {}, REASON, level=level, split=split)
    known = past().catalogue.indicators
    lv, en = (proposal_words(made, LV, asked.ruleset, known, x) for x in LANGUAGES)
    return lv.replace("\u00a0", " "), en.replace("\u00a0", " ")


def test_the_evidence_is_what_a_replay_of_later_cohorts_gives() -> None:
    """Both rulesets on the same rows, none of which the search saw."""
    found = proposed().evidence
    assert found.cohorts == ("2022", "2023")
    later = Split(("2020", "2021"), ("2022", "2023"))
    for ruleset, line in ((LV, found.before), (candidate().ruleset, found.after)):
        wanted = figures(replay(past(), ruleset, later, "judge"), at_level(ruleset))
        assert wanted.row(0, named=True).items() >= line.items()
    (whole,) = found.impact[""]
    assert whole["after"] - whole["before"] == whole["newly"] - whole["dropped"]
    assert whole["newly"] > 50
    assert {line["sex"] for line in found.impact["sex"]} == {"female", "male"}


@pytest.mark.parametrize("few", [9, 10])
def test_totals_do_not_tell_what_became_of_few_who_are_dropped(few: int) -> None:
    """That they are too few is what the page says."""
    others = ("failed_courses", "failed_core_courses", "incidents_semester")
    low = pl.col("attendance_rate_45d") < 0.9
    away = pl.when(pl.int_range(pl.len()) < 4 * few).then(0.845).when(low).then(0.81).otherwise(1.0)
    rows = past().rows.with_columns(pl.lit(0, pl.Int32).alias(name) for name in others)
    seen = replace(past(), rows=rows.with_columns(attendance_rate_45d=away))
    one = Candidate(LV.with_parameter("absence_high", 0.84), {})
    found = propose(seen, LV, one, {}, REASON, split=split_after(seen, "2022"))
    (whole,) = found.evidence.impact[""]
    assert (whole["newly"], whole["dropped"]) == (0, few)
    assert (found.evidence.after["caught"] is None) == (few < 10)
    assert found.evidence.before["caught"] is not None
    assert "cannot_say_left" not in found.evidence.after
    known = past().catalogue.indicators
    page = proposal_words(found, LV, one.ruleset, known, "en")
    line = next(line for line in page.splitlines() if line.startswith("| Caught |"))
    assert line.endswith("| too few pupils |") == (few < 10)


def test_a_proposal_survives_its_file() -> None:
    """JSON -> proposal gives the same proposal; other text is refused."""
    found = proposed()
    assert from_json(as_json(found)) == found
    for text in ("", "{}", as_json(found).replace('"form": 1', '"form": 2')):
        with pytest.raises(DataError, match="no proposal's file"):
            from_json(text)


def test_the_page_says_who_chose_what_and_whom_it_concerns_in_both_languages() -> None:
    """Labels and words, no names of columns; between which bounds; the reason as written."""
    known = past().catalogue.indicators
    lv, en = (proposal_words(proposed(), LV, candidate().ruleset, known, x) for x in LANGUAGES)
    plain = lv.replace("\u00a0", " ")
    assert (
        "| Apmeklējums, zem kura vērojam | 95 % | 97 % | 93 %–98 %; solis 1 % | meklēšana" in plain
    )
    line = proposed().evidence.after
    written = estimate(line["recall"], line["recall_low"], line["recall_high"], "lv")
    assert f"| {written} |" in lv  # as tables write it
    assert "a person" in en
    assert "| sieviešu |" in lv
    assert "| female |" in en
    assert REASON in en
    assert not [name for name in ("absence_watch", "cannot_say", "newly") if name in plain + en]


def test_rows_that_the_search_saw_are_judged_only_when_asked_for_and_said_to_be() -> None:
    """Else a proposal would show how well a search fits what it has seen."""
    seen = candidate(past().cohorts)
    with pytest.raises(DataError, match="'lv-general' was tuned on"):
        propose(past(), LV, seen, {}, REASON)
    other = replace(seen, ruleset=replace(seen.ruleset, id="another"))
    with pytest.raises(DataError, match="'another' was tuned on"):
        propose(past(), LV, other, {}, REASON)
    found = propose(past(), LV, seen, {}, REASON, even_on_tuned=True)
    assert found.evidence.on_tuned
    page = proposal_words(found, LV, seen.ruleset, past().catalogue.indicators, "en")
    assert "say too much good" in page


def test_the_page_says_what_a_person_trusted_and_what_was_left_out() -> None:
    """An indicator that looks like a leak is called by its label, in both languages."""
    found = replace(proposed(), learnt=replace(SEEN, no_leak=("failed_courses",)))
    found = replace(found, evidence=replace(found.evidence, rejected=7))
    assert from_json(as_json(found)) == found
    known = past().catalogue.indicators
    lv, en = (proposal_words(found, LV, candidate().ruleset, known, x) for x in LANGUAGES)
    label = known["failed_courses"].label
    assert f"cilvēks apgalvoja, ka tie bija zināmi jau pirms tam: {label.lv}" in lv
    assert f"a person said that they were known before: {label.en}" in en
    assert "could not be read and are not counted: 7" in en


@pytest.mark.parametrize(
    ("gains", "lv", "en"),
    [
        (True, "bija labāks, nekā varētu būt nejauši", "better than chance would be"),
        (False, "neatrada vairāk skolēnu, kuri pameta", "caught no more than the present values"),
        (None, "tas nav izmēģināts", "it was not tried"),
    ],
)
def test_the_page_says_whether_there_was_a_gain(gains: bool | None, lv: str, en: str) -> None:  # noqa: FBT001
    """Whoever reviews a search's numbers should know whether they held where it had not looked."""
    found = replace(proposed(), learnt=replace(SEEN, gains=gains))
    assert from_json(as_json(found)) == found
    known = past().catalogue.indicators
    pages = (proposal_words(found, LV, candidate().ruleset, known, x) for x in LANGUAGES)
    assert [said in page for said, page in zip((lv, en), pages, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("sought", "lv", "en"),
    [
        (ASKED, "ne vairāk par 15 % vērtēto rindu, tas ir, 120", "at most 15 % of the assessed"),
        (
            Sought("watch", plans=38, most=76),
            "plānu katrā dienā ne vairāk par 38",
            "at most 38 plans on",
        ),
        (
            Sought("watch", most=76),
            "kas bija pirms meklēšanas, tas ir, 76",
            "that is, 76 rows; no other",
        ),
        (
            Sought("support", share=0.2, steps=10),
            "pakāpju ne vairāk par 10; līmenim jāatzīmē ap 20 %",
            "at most 10 steps; the level is to flag about 20 %",
        ),
        (Sought("watch", most=9, gaps={"sex": 0.1}), "Dzimums: 10 %", "Sex: 10 %"),
        (Sought("watch", most=9, met=False), "kas ievērotu šīs robežas", "found no numbers that"),
        (Sought("watch", most=9, small_data=True), "cilvēks lika meklēt tāpat", "all the same"),
    ],
)
def test_the_page_says_what_the_search_was_asked_for(sought: Sought, lv: str, en: str) -> None:
    """Level, capacity or share, gaps: figures are for that level, unless another was asked for."""
    found = pages(replace(SEEN, sought=sought))
    level = LV.levels[LV.rank(sought.level)].label
    assert lv in found[0]
    assert en in found[1]
    assert f"Meklēts līmenim „{level.lv}”" in found[0]
    assert f"whose level is at least: {level.en}" in found[1]
    assert ("No limit was set to gaps" in found[1]) == (not sought.gaps)
    assert "another level" not in found[1]


def test_figures_for_another_level_than_was_searched_for_are_marked() -> None:
    """Else a reviewer would take them for what the numbers were chosen for."""
    lv, en = pages(SEEN, "watch")
    support = LV.levels[LV.rank("support")].label
    assert f"skaitļi meklēti citam līmenim, nevis tam, pēc kura šeit vērtēts: {support.lv}" in lv
    assert f"searched for another level than the one judged here: {support.en}" in en


def test_what_a_record_does_not_say_is_not_guessed() -> None:
    """A level must then be named, and the page says that the goal is not recorded."""
    silent = replace(SEEN, sought=None)
    with pytest.raises(DataError, match="not recorded for which level"):
        pages(silent)
    lv, en = pages(silent, "watch")
    assert "Nav pierakstīts, kādam līmenim un kādās robežās meklēts" in lv
    assert "Not recorded: for which level and within which limits" in en


def test_without_a_search_every_number_counts_as_a_persons_and_the_page_says_so() -> None:
    """There is then no level but the one from which help is meant to start."""
    lv, en = pages(None)
    assert "Pie noteikumiem nav ieraksta par meklēšanu" in lv
    assert "No record of a search lies beside the rules" in en


def test_a_proposal_without_a_reason_or_without_a_change_is_none() -> None:
    """Other texts are no change of a decision."""
    with pytest.raises(DataError, match="a proposal has a reason"):
        propose(past(), LV, candidate(), {}, " \n")
    said = Candidate(replace(LV, title=Text("Cits", "Another")), {})
    with pytest.raises(DataError, match="no answer would change"):
        propose(past(), LV, said, {}, REASON, split=split_after(past()))
