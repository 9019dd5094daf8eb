"""The rulesets that we ship: checked, documented, and for what they promise."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.assess import Assessor
from engine.canonical import typed
from engine.check import check
from engine.check.names import indicator_names
from engine.load import load, load_catalogue, load_files
from engine.meaning import Answer
from engine.ruleset import Ruleset
from engine.text import LANGUAGES
from engine.words.assessments import AssessmentWords
from engine.words.rules import RuleWords
from engine.write import write_files
from tests.golden import matches_golden

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "rules").rglob("ruleset.yaml"))
PUBLISHED = {
    "abc",
    "ewims",
    "chicago-on-track",
    "panorama",
    "ed-fi",
    "somerville",
    "iko",
    "nl-absence",
}


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def ruleset(request: pytest.FixtureRequest) -> Ruleset:
    return load(request.param)


def test_the_published_rulesets_are_there() -> None:
    """The default and the eight published systems."""
    names = {folder.name for folder in FOLDERS}
    assert {"lv", *PUBLISHED} <= names


def test_a_shipped_ruleset_has_no_finding(ruleset: Ruleset) -> None:
    """No error, no warning; each rule has its examples, and they hold."""
    assert check(ruleset) == []
    assert ruleset.examples


def test_a_shipped_ruleset_says_where_its_numbers_come_from(ruleset: Ruleset) -> None:
    """The ruleset and each rule or its parameters name a source."""
    assert ruleset.source
    assert ruleset.description
    assert all(rule.source or ruleset.parameters for rule in ruleset.rules)
    assert all(parameter.source for parameter in ruleset.parameters.values())


def test_a_shipped_ruleset_can_be_read_and_written(ruleset: Ruleset) -> None:
    """It has words in both languages, and survives being written to files."""
    for language in LANGUAGES:
        assert ruleset.title[language] in RuleWords(ruleset, language).document()
    files = {name: text.encode() for name, text in write_files(ruleset).items()}
    assert load_files(files) == ruleset


def test_nothing_known_is_never_no_risk(ruleset: Ruleset) -> None:
    """A pupil of whom nothing is known is "cannot say", whatever the ruleset."""
    record = typed({}, ruleset.catalogue.indicators)
    found = Assessor(ruleset).assess(record)
    assert found.level == ruleset.levels[0].id
    assert found.possible_level != found.level
    assert len(found.undetermined) == len(ruleset.rules)
    assert not found.reasons


def test_the_catalogue_is_whole() -> None:
    """At least 35 indicators, all uses, every name as declared."""
    catalogue = load_catalogue(ROOT / "rules" / "lv")
    assert len(catalogue.indicators) >= 35
    uses = {indicator.use for indicator in catalogue.indicators.values()}
    assert uses == {"scoring", "support", "audit", "context"}
    assert list(indicator_names(catalogue.indicators.values())) == []
    for name in ("sex", "home_language", "municipality_type"):
        assert catalogue.indicators[name].use == "audit"
    for name in ("low_income", "long_illness", "special_needs_support", "language_support_need"):
        assert catalogue.indicators[name].use == "support"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_latvian_ruleset_in_words(language: str) -> None:
    """The document that a coordinator reads, word for word."""
    text = RuleWords(load(ROOT / "rules" / "lv"), language).document()  # type: ignore[arg-type]
    assert matches_golden(f"lv-general.{language}.md", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pupil_in_words(language: str) -> None:
    """A pupil with a bit of everything: reasons, an old value, offers, advice."""
    ruleset = load(ROOT / "rules" / "lv")
    known = ruleset.catalogue.indicators
    given = {
        "grade": 8,
        "attendance_rate_45d": 0.83,
        "unexcused_lessons_semester": 22,
        "failed_courses": 2,
        "failed_core_courses": 1,
        "mean_mark": 4.6,
        "low_income": True,
        "travel_minutes": 50,
        "medical_absence_share": 0.2,
    }
    record = typed(given, known)
    stale = {"attendance_trend_40d": date(2025, 10, 3)}
    words = AssessmentWords(ruleset, language)  # type: ignore[arg-type]
    text = words.document("P-7F3A", Assessor(ruleset).assess(record), stale)
    assert matches_golden(f"pupil.{language}.md", text)


def test_poverty_and_illness_change_no_level() -> None:
    """Every sensitive circumstance together leaves score and level as they were."""
    ruleset = load(ROOT / "rules" / "lv")
    known = ruleset.catalogue.indicators
    plain = {"grade": 7, "attendance_rate_45d": 0.97, "unexcused_lessons_semester": 0}
    burdened = plain | {
        name: True for name, i in known.items() if i.use == "support" and i.type == "flag"
    }
    assess = Assessor(ruleset).assess
    one, other = assess(typed(plain, known)), assess(typed(burdened, known))
    assert (one.score, one.level, one.possible_score) == (
        other.score,
        other.level,
        other.possible_score,
    )
    assert set(one.offers) < set(other.offers)
    assert Answer.HOLDS.value == "holds"
