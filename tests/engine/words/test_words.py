"""Words: golden files in both languages, and what must hold for every text."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.assess import Assessor
from engine.canonical import typed
from engine.changes import changes, changes_words
from engine.condition import Condition, Value, indicators
from engine.parse import parse
from engine.ruleset import Ruleset
from engine.text import LANGUAGES, Language, Text
from engine.words import phrases
from engine.words.assessments import AssessmentWords
from engine.words.conditions import condition_words
from engine.words.quantities import counted, date_words, number, percent
from engine.words.rules import RuleWords
from tests.golden import matches_golden
from tests.ruletext import INDICATORS, ladder, rule, rules, ruleset
from tests.strategies import SUPPORT, cases, conditions, rulesets

KINDS = INDICATORS.replace(
    "  sex:",
    """  stage:
    label: {lv: Izglītības posms, en: Stage of education}
    definition: {lv: Posms., en: The stage.}
    domain: attendance
    type: category
    categories:
      basic: {lv: Pamatizglītība, en: Basic education}
      upper: {lv: Vidējā izglītība, en: Upper secondary education}
      "vakara skola": {lv: Vakarskola, en: Evening school}
    window: now
    direction: neutral
    source: register
    use: scoring
  on_track:
    label: {lv: Pārcelšanas nosacījumi izpildīti, en: Promotion conditions met}
    definition: {lv: Ir vai nav., en: Are met or not.}
    domain: attendance
    type: flag
    window: now
    direction: lower_is_worse
    source: register
    use: scoring
  sex:""",
)
LIMIT = """
  limit:
    label: {lv: Neattaisnoto stundu robeža, en: Limit of unexcused lessons}
    unit: lessons
    value: 20
    bounds: [10, 30]
    step: 1
    source: tests
"""
ALL_KINDS = rules(
    ladder("attendance_rate_45d < 0.8", "attendance_rate_45d < 0.9", name="absence"),
    rule("unexcused_lessons > $limit", name="unexcused", follows="at_least: high"),
    rule("3 <= fails < 5", name="band"),
    rule("fails == 1 and (low_marks >= 2 or not on_track)", name="joined"),
    rule('stage in {basic, "vakara skola"} and incidents != 3', name="member"),
    rule("stage not in {upper} or stage == basic", name="not-member"),
    rule("low_income and not known(fails)", name="offer", follows="offers: [transport]"),
    parameters=LIMIT,
)
RECORD: dict[str, Value] = {
    "attendance_rate_45d": 0.7925,
    "unexcused_lessons": 22,
    "low_marks": 2,
    "incidents": 1,
    "stage": "basic",
    "low_income": True,
}


@pytest.fixture(scope="module")
def all_kinds() -> Ruleset:
    return ruleset(ALL_KINDS, indicators=KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ruleset_as_a_document(all_kinds: Ruleset, language: Language) -> None:
    """Every node type, rule, parameter and indicator in words."""
    text = RuleWords(all_kinds, language).document()
    assert matches_golden(f"ruleset.{language}.md", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("known", ["known", "unknown"])
def test_an_assessment_as_a_document(all_kinds: Ruleset, language: Language, known: str) -> None:
    """Reasons with value, limit, distance and way back; what is unknown since when; offers."""
    given_values = RECORD | ({"fails": 1, "on_track": False} if known == "known" else {})
    record = typed(given_values, all_kinds.catalogue.indicators)
    assessment = Assessor(all_kinds).assess(record)
    stale = {} if known == "known" else {"fails": date(2025, 10, 3)}
    text = AssessmentWords(all_kinds, language).document("P-1", assessment, stale)
    assert matches_golden(f"assessment-{known}.{language}.md", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_changes_as_a_document(all_kinds: Ruleset, language: Language) -> None:
    """Parameters, rules, levels, indicators: before and after."""
    text = ALL_KINDS.replace("value: 20", "value: 18").replace("3 <= fails < 5", "fails >= 3")
    text = text.replace("fails == 1 and", "fails == 2 and")
    text += rule("fails > 9", name="new")
    text = text[: text.index("\n  - id: member")] + text[text.index("\n  - id: not-member") :]
    changed = ruleset(text, indicators=KINDS.replace("stale_after: 30", "stale_after: 14"))
    assert changes(all_kinds, changed)
    assert matches_golden(f"changes.{language}.md", changes_words(all_kinds, changed, language))


@given(rulesets(), rulesets())
def test_changes_are_empty_exactly_where_decision_hashes_are_equal(
    one: Ruleset, two: Ruleset
) -> None:
    """Nothing is said where nothing can change an answer, and something wherever it can."""
    assert not changes(one, one)
    assert bool(changes(one, two)) == (one.decision_hash != two.decision_hash)
    assert changes_words(one, two, "lv") != changes_words(two, one, "en")


@given(case=cases())
def test_every_rule_reason_and_change_has_words(
    case: tuple[Ruleset, list[dict[str, Value | None]]],
) -> None:
    """No text lacks a word, and no placeholder or Python word is left in it."""
    drawn, records = case
    for language in LANGUAGES:
        said = AssessmentWords(drawn, language)
        texts = [RuleWords(drawn, language).document()]
        for record in records:
            texts.append(said.document("p", Assessor(drawn).assess(record), {}))
            texts += [said.brief(reason) for reason in Assessor(drawn).assess(record).reasons]
        for text in texts:
            assert not any(word in text for word in ("None", "True", "False", "{}", "{0", "Param("))


@given(conditions(SUPPORT, params=False), rulesets())
def test_a_condition_in_words_names_its_indicators(condition: Condition, drawn: Ruleset) -> None:
    """Each indicator that is read is named by its label, before a colon."""
    from dataclasses import replace

    from tests.strategies import CATALOGUE

    full = replace(drawn)
    object.__setattr__(full, "catalogue", CATALOGUE)
    for language in LANGUAGES:
        said = condition_words(condition, full, language)
        for name in indicators(condition):
            assert f"{CATALOGUE.indicators[name].label[language]}: " in said


@pytest.mark.parametrize(
    ("count", "lv", "en"),
    [
        (0, "0 skolēnu", "0 pupils"),
        (1, "1 skolēns", "1 pupil"),
        (2, "2 skolēni", "2 pupils"),
        (10, "10 skolēnu", "10 pupils"),
        (11, "11 skolēnu", "11 pupils"),
        (19, "19 skolēnu", "19 pupils"),
        (21, "21 skolēns", "21 pupils"),
        (22, "22 skolēni", "22 pupils"),
        (100, "100 skolēnu", "100 pupils"),
        (101, "101 skolēns", "101 pupils"),
        (111, "111 skolēnu", "111 pupils"),
        (1000, "1 000 skolēnu", "1,000 pupils"),
    ],
)
def test_plurals(count: int, lv: str, en: str) -> None:
    """Latvian has three forms: 1 and 21 one, 10 to 20 and round tens another."""
    found = [counted(count, phrases.PUPILS, language) for language in LANGUAGES]
    assert [text.replace("\u00a0", " ") for text in found] == [lv, en]


def test_numbers_and_dates() -> None:
    """A comma in Latvian, a point in English; per cent with a space; dates in words."""
    assert (number(0.85, "lv"), number(0.85, "en")) == ("0,85", "0.85")
    assert (percent(0.85, "lv"), percent(0.1234, "en")) == ("85\u00a0%", "12.34\u00a0%")
    assert (percent(0, "lv"), percent(1, "en"), number(-5, "en")) == (
        "0\u00a0%",
        "100\u00a0%",
        "\u22125",
    )
    day = date(2025, 10, 3)
    assert (date_words(day, "lv"), date_words(day, "en")) == (
        "2025. gada 3. oktobris",
        "3 October 2025",
    )


@given(st.integers(-(10**9), 10**9), st.integers(0, 9))
def test_numbers_are_written_exactly(whole: int, decimals: int) -> None:
    """No digit is lost: the English form reads back as the same number."""
    value = whole / 10**decimals
    written = number(value, "en").replace(",", "")
    assert "-" not in written
    assert float(written.replace("\u2212", "-")) == value


def test_phrases_are_complete() -> None:
    """Both languages are there, differ, and take the same fields."""
    same = {"parameter-changed", "interval"}
    texts: dict[str, Text] = {
        **phrases.PHRASES,
        **{str(op): t for op, t in phrases.COMPARED.items()},
    }
    for name, text in texts.items():
        fields = [
            {f for _, f, *_ in string.Formatter().parse(text[la]) if f is not None}
            for la in LANGUAGES
        ]
        assert fields[0] == fields[1], name
        assert text.lv.strip()
        assert text.lv != text.en or name in same


def test_negations_become_their_opposites() -> None:
    """No reader has to turn a sentence round."""
    small = ruleset(rules(rule("fails > 1")))
    turned = condition_words(parse("not (fails > 1 and not known(fails))"), small, "en")
    assert turned == "Fails: at most 1 mark; or Fails: data are there".replace(
        "1 mark", "1\u00a0mark"
    )
