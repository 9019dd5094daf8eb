"""Tables and pages: the figures of the engine, as readers of either language write them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from great_tables import GT

from engine.errors import DataError
from engine.lab import elsewhere, page, tables, tuning_tables
from engine.lab.proposals import proposed
from engine.lab.published import published
from engine.lab.words import COLUMNS, LABELS, SLIDERS
from engine.load import load_catalogue
from engine.replay.cuts import at_level
from engine.replay.fairness import gaps
from engine.replay.figures import figures
from engine.replay.history import History
from engine.replay.impact import impact
from engine.replay.replay import Replay, replay
from engine.ruleset import Ruleset
from engine.text import LANGUAGES, Language, Text
from engine.tuning.candidate import Candidate
from engine.words.quantities import number, percent
from tests.conftest import ROOT

BASE = ROOT / "rules" / "lv"


def cells(shown: GT | page.Page) -> list[str]:
    """Return the texts of a table's cells, row by row."""
    assert isinstance(shown, GT)
    found = re.findall(r"<td[^>]*gt_row[^>]*>(.*?)</td>", shown.as_raw_html())
    return [re.sub(r"<[^>]+>", "", cell) for cell in found]


@pytest.mark.parametrize("said", LANGUAGES)
def test_a_summary_has_the_figures_of_the_replay(said: Language, replayed: Replay) -> None:
    """Counts and shares with their intervals, in the language's numbers."""
    line = figures(replayed, at_level(replayed.ruleset)).row(0, named=True)
    found = cells(tables.summary(replayed, at_level(replayed.ruleset), said))
    shown = dict(zip(found[::2], found[1::2], strict=False))
    label = LABELS["flagged"][said]
    assert shown[label] == number(line["flagged"], said)
    share = percent(round(line["precision"], 3), said)
    assert shown[LABELS["precision"][said]].startswith(share)


@pytest.mark.parametrize("said", LANGUAGES)
def test_gaps_are_those_of_the_engine_with_their_intervals(
    said: Language, replayed: Replay
) -> None:
    """A line for each group and share that both sides have."""
    cut, catalogue = at_level(replayed.ruleset), load_catalogue(BASE)
    found = cells(tables.gaps(replayed, cut, "sex", catalogue, said))
    lines = [line for line in gaps(replayed, cut, "sex").to_dicts() if line["gap"] is not None]
    assert len(found) == 6 * len(lines)
    for at, line in enumerate(lines):
        name, share, *shown = found[6 * at : 6 * at + 6]
        assert name == catalogue.indicators["sex"].categories[line["group"]][said]
        assert share == LABELS[line["share"]][said]
        ends = ("here", "elsewhere", "gap")
        assert shown[:3] == [percent(round(line[end], 3), said) for end in ends]


def test_a_suppressed_line_says_so(replayed: Replay) -> None:
    """Its cells hold no number."""
    line = figures(replayed, at_level(replayed.ruleset)).row(0, named=True)
    hidden = {**line, "recall": None, "suppressed": True}
    assert tables.cell(hidden, "recall", "en") == "too few pupils"
    assert tables.cell({**hidden, "suppressed": False}, "recall", "en") == "–"


def test_rulesets_stand_beside_one_another(replayed: Replay, other: Replay) -> None:
    """A line each, from the level at which each starts to help."""
    found = cells(tables.compare([replayed, other], "en"))
    assert replayed.ruleset.title.en in found
    assert other.ruleset.title.en in found
    assert "Support" in found


def test_published_rulesets_are_asked_or_said_to_lack(history: History) -> None:
    """Every one is replayed, or named as one that cannot be; what is absent has its label."""
    found = published(history)
    folders = [path for path in (ROOT / "rules" / "published").iterdir() if path.is_dir()]
    assert len(found.replays) + len(found.refused) == len(folders)
    assert found.refused
    for language in LANGUAGES:
        text = found.lacking(language).text
        assert all(each.title[language] in text for each in found.refused)
        absent = next(each for each in found.replays if each.absent)
        label = absent.ruleset.catalogue.indicators[absent.absent[0]].label[language]
        assert label in text


def test_choices_say_who_chose(ruleset: Ruleset) -> None:
    """A number of a search, and one that a person moved after it."""
    searched = {"absence_watch": 0.96, "unexcused_early": 12}
    candidate = Candidate(ruleset.with_parameters(searched), searched).moved("unexcused_early", 9)
    found = cells(tuning_tables.choices(candidate, ruleset, "en"))
    assert found[3::4] == ["a search over the history", "a person"]
    assert found[1:3] == ["95\xa0%", "96\xa0%"]


def test_cohorts_add_up_to_the_history(history: History) -> None:
    """Rows of all cohorts are all rows."""
    found = cells(tuning_tables.cohorts(history, "en"))
    rows = [int(text.replace(",", "")) for text in found[1::5]]
    assert sum(rows) == history.rows.height
    assert found[::5] == list(history.cohorts)


def test_whom_a_change_concerns_is_told_by_group(history: History, replayed: Replay) -> None:
    """The counts of the impact, with the groups' own names."""
    moved = replayed.ruleset.with_parameter("absence_support", 0.92)
    after = replay(history, moved)
    change = impact((replayed, at_level(replayed.ruleset)), (after, at_level(moved)))
    found = cells(tuning_tables.concerned(change, "sex", history.catalogue, "lv"))
    line = change.counts("sex").filter(sex="female").row(0, named=True)
    at = found.index("sieviešu")
    assert found[at + 3] == number(line["newly"], "lv")


def test_a_proposal_is_written_with_a_page_in_each_language(
    history: History, ruleset: Ruleset, tmp_path: Path
) -> None:
    """Candidate and proposal stand in folders of their own, and nothing is overwritten."""
    candidate = Candidate(ruleset.with_parameter("absence_support", 0.91), {})
    out = tmp_path / "candidate"
    found = proposed(history, BASE, candidate, out, "Palīdzēt agrāk.", language="lv")
    files = found.save(tmp_path / "proposal")
    assert {path.name for path in files} == {
        "proposal.json", "proposal.lv.md", "proposal.en.md",
    }  # fmt: skip
    assert "Palīdzēt agrāk." in found._repr_markdown_()
    with pytest.raises(DataError) as caught:
        proposed(history, BASE, candidate, out, "Again.", language="lv")
    assert caught.value.problems[0].code == "overwrite"


def test_what_was_published_elsewhere_has_its_source() -> None:
    """Every line names where it stands, and no figure is invented for those that have none."""
    assert all(anchor.source for anchor in elsewhere.ANCHORS)
    assert "–" in cells(elsewhere.published("lv"))


def test_notes_of_a_history_are_listed(history: History) -> None:
    """One line each, in the reader's language; that there is nothing to say is said too."""
    noted = replace(history, notes=(Text("Pirmā", "First"), Text("Otrā", "Second")))
    assert page.notes(noted, "lv").text == "- Pirmā\n- Otrā"
    assert page.notes(replace(history, notes=()), "en").text == "- nothing to say"


def test_every_word_is_there_in_both_languages() -> None:
    """No label is blank."""
    for words in (LABELS, COLUMNS, SLIDERS):
        for text in words.values():
            assert text.lv.strip()
            assert text.en.strip()
