"""Tables and pages: the figures of the engine, as readers of either language write them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from great_tables import GT
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError
from engine.lab import elsewhere, page, tables, tuning_tables
from engine.lab.cases import Case
from engine.lab.proposals import proposed
from engine.lab.published import published
from engine.lab.words import COLUMNS, LABELS, MENU, SLIDERS
from engine.load import load, load_catalogue
from engine.replay.cuts import at_level
from engine.replay.fairness import gaps
from engine.replay.figures import counts, figures
from engine.replay.history import History
from engine.replay.impact import impact
from engine.replay.replay import Replay, replay
from engine.replay.unsplit import one_cohort
from engine.ruleset import Ruleset
from engine.text import LANGUAGES, Language, Text
from engine.tuning.candidate import Candidate
from engine.tuning.tuned import Tried, Wish, tuned
from engine.words import digits
from engine.words.quantities import number
from tests.conftest import ROOT
from tests.pasts import past

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
    written = shown[LABELS["precision"][said]]
    assert written.startswith(digits.share(line["precision"], said))
    ends = digits.interval(line["precision_low"], line["precision_high"], said)
    assert written.endswith(f"({ends})")


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
        assert shown[:2] == [digits.share(line[end], said) for end in ("here", "elsewhere")]
        assert shown[2] == digits.points(line["gap"], said)  # points, not per cent
        low, high = (digits.points(line[f"gap_{end}"], said) for end in ("low", "high"))
        assert low in shown[3]
        assert shown[3].endswith(high)


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
    said = [counts(r, at_level(r.ruleset)).row(0, named=True) for r in found.replays]
    best = max(line["rows"] - line["cannot_say"] for line in said)
    fullest = counts(found.fullest(1)[0], at_level(found.fullest(1)[0].ruleset)).row(0, named=True)
    assert fullest["rows"] - fullest["cannot_say"] == best
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


def test_what_became_of_fewer_than_ten_who_moved_is_not_told(
    history: History, replayed: Replay
) -> None:
    """How many moved is told, and not how many of so few left; of none there is nothing to hide."""
    moved = replayed.ruleset.with_parameter("absence_support", 0.91)
    after = replay(history, moved)
    change = impact((replayed, at_level(replayed.ruleset)), (after, at_level(moved)))
    found = cells(tuning_tables.concerned(change, "school", history.catalogue, "en"))
    lines = change.counts("school").rows(named=True)
    assert any(0 < line["newly"] < 10 for line in lines)
    for at, line in enumerate(lines):
        newly, left = found[8 * at + 3 : 8 * at + 5]
        assert newly == number(line["newly"], "en")
        few = 0 < line["newly"] < 10
        assert left == ("too few pupils" if few else number(line["newly_left"], "en"))


def test_trials_tell_what_the_command_tells_and_nothing_of_few() -> None:
    """Of nine who are flagged it is not told how many left; without trials it says why."""
    kept = ("absence_watch", "absence_support")
    lv = load(BASE)
    parameters = {n: replace(p, tunable=n in kept) for n, p in lv.parameters.items()}
    found = tuned(past(), replace(lv, parameters=parameters), Wish(share=0.3))
    few = Tried("2022", 60, (9, 9), (4, 3), 0, 1, 1)
    shown = tuning_tables.tried(replace(found, trials=(*found.trials, few)), "en")
    assert cells(shown)[-6:] == ["2022", "60", "9", "9", "too few pupils", "too few pupils"]
    assert isinstance(shown, GT)
    assert "Tuned on the cohorts: 2020, 2021, 2022" in shown.as_raw_html()
    unsplit = one_cohort()
    alone = tuning_tables.tried(replace(found, trials=(), split=None, unsplit=unsplit), "lv")
    assert isinstance(alone, page.Page)
    assert unsplit.remedy.lv in alone.text
    assert "vai skaņotās vērtības ir labākas, nav zināms" in alone.text


def test_a_ruleset_beside_another_does_not_tell_what_became_of_few(ruleset: Ruleset) -> None:
    """Nine pupils more: how many are flagged is told, and not how many of them left."""
    others = ("failed_courses", "failed_core_courses", "incidents_semester")
    low = pl.col("attendance_rate_45d") < 0.9
    away = pl.when(pl.int_range(pl.len()) < 9).then(0.845).when(low).then(0.81).otherwise(1.0)
    rows = past().rows.with_columns(pl.lit(0, pl.Int32).alias(name) for name in others)
    seen = replace(past(), rows=rows.with_columns(attendance_rate_45d=away))
    moved = ruleset.with_parameter("absence_high", 0.84)
    replays = [replay(seen, each) for each in (ruleset, moved)]
    names = [Text(name, name) for name in ("a", "b")]
    found = cells(tuning_tables.beside(replays, names, "support", "en"))
    told = {name: (a, b) for name, a, b in zip(found[::3], found[1::3], found[2::3], strict=True)}
    flagged = [int(each.replace(",", "")) for each in told[LABELS["flagged"].en]]
    assert flagged[0] - flagged[1] == 9
    for name in ("caught", "precision", "recall"):
        before, after = told[LABELS[name].en]
        assert re.match(r"\d", before)
        assert after == "too few pupils"


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
    told = page.files(files, "lv").text
    assert "`proposal/proposal.lv.md`" in told
    assert str(tmp_path) not in told
    with pytest.raises(DataError) as caught:
        proposed(history, BASE, candidate, out, "Again.", language="lv")
    assert caught.value.problems[0].code == "overwrite"


def test_what_was_published_elsewhere_has_its_source() -> None:
    """Every line names where it stands, and no figure is invented for those that have none."""
    for language in LANGUAGES:
        assert all(anchor.source[language] for anchor in elsewhere.ANCHORS)
        assert "–" in cells(elsewhere.published(language))
    latvian, english = (
        [a.source[language] for a in elsewhere.ANCHORS] for language in ("lv", "en")
    )
    assert not set(latvian) & set(english)


def test_our_own_figures_stand_beside_those_that_were_published(replayed: Replay) -> None:
    """They come first, as a replay counts them, and say that they are ours."""
    line = figures(replayed, at_level(replayed.ruleset)).row(0, named=True)
    found = cells(elsewhere.published("en", [replayed]))[:7]
    assert found[0] == replayed.ruleset.title.en
    assert found[2] == digits.share(line["flagged_share"], "en")
    assert found[3] == digits.share(line["precision"], "en")
    assert "here" in found[6]


@given(value=st.floats(-1, 1), said=st.sampled_from(LANGUAGES))
def test_shares_have_as_many_digits_everywhere_and_read_back(value: float, said: Language) -> None:
    """One digit after the point, zeros too; a minus is a minus sign, and never stands before 0."""
    for written in (digits.share(value, said), digits.points(value, said)):
        plain = written.removesuffix("\xa0%").replace("\u2212", "-").replace(",", ".")
        assert len(plain.split(".")[1]) == 1
        assert float(plain) == pytest.approx(100 * value, abs=0.0501)
        assert not re.fullmatch(r"[-+]0\.0", plain)


def test_notes_of_a_history_are_listed(history: History) -> None:
    """One line each, in the reader's language; that there is nothing to say is said too."""
    noted = replace(history, notes=(Text("Pirmā", "First"), Text("Otrā", "Second")))
    assert page.notes(noted, "lv").text == "- Pirmā\n- Otrā"
    assert page.notes(replace(history, notes=()), "en").text == "- nothing to say"


def test_every_word_is_there_in_both_languages() -> None:
    """No label is blank."""
    for words in (LABELS, COLUMNS, MENU, SLIDERS):
        for text in words.values():
            assert text.lv.strip()
            assert text.en.strip()


def test_what_is_published_of_the_students_stands_beside_the_same_figure_here(
    history: History,
) -> None:
    """With what is not known said plainly; of another history, what it is."""
    case = Case(history, load(BASE), None, Text("Cita vēsture", "Another history"))
    assert elsewhere.of_students(case, "lv").text == "Cita vēsture"
    rows = pl.DataFrame({"outcome": [True, False, None, None]})
    few = replace(history, rows=rows, indicators=("units_approved",))
    said = elsewhere.of_students(replace(case, history=few), "en").text.replace("\xa0", " ")
    assert "1,421 of 4,424" in said
    assert "1 of 4, 25.0 %" in said
    assert "Not known: a precision" in said.replace("*", "")
