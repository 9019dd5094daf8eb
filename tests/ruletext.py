"""Rulesets written as text, for tests that speak of files."""

from __future__ import annotations

from engine.load import load_files
from engine.ruleset import Ruleset

INDICATORS = """
domains:
  attendance: {lv: Apmeklējums, en: Attendance}
units:
  points: {lv: {zero: punktu, one: punkts, other: punkti}, en: {one: point, other: points}}
  percentage_points:
    lv: {zero: procentpunktu, one: procentpunkts, other: procentpunkti}
    en: {one: percentage point, other: percentage points}
  lessons: {lv: {zero: stundu, one: stunda, other: stundas}, en: {one: lesson, other: lessons}}
  marks: {lv: {zero: atzīmju, one: atzīme, other: atzīmes}, en: {one: mark, other: marks}}
  incidents:
    lv: {zero: gadījumu, one: gadījums, other: gadījumi}
    en: {one: incident, other: incidents}
  sanctions: {lv: {zero: sodu, one: sods, other: sodi}, en: {one: sanction, other: sanctions}}
indicators:
  attendance_rate_45d:
    label: {lv: Apmeklējums 45 mācību dienās, en: Attendance over 45 school days}
    definition: {lv: Apmeklēto stundu daļa., en: Share of lessons attended.}
    domain: attendance
    type: ratio
    unit: ratio
    decimals: 4
    range: [0, 1]
    window: 45 school days
    direction: lower_is_worse
    source: e-journal
    stale_after: 30
    use: scoring
  unexcused_lessons:
    label: {lv: Neattaisnoti kavētas stundas, en: Unexcused lessons}
    definition: {lv: Stundu skaits., en: Number of lessons.}
    domain: attendance
    type: count
    unit: lessons
    range: [0, 1000]
    window: semester
    direction: higher_is_worse
    source: e-journal
    use: scoring
  course_mark:
    label: {lv: Kursa vērtējums, en: Course grade}
    definition: {lv: Vērtējums procentos., en: Grade in per cent.}
    domain: attendance
    type: count
    unit: marks
    range: [0, 100]
    window: term
    direction: lower_is_worse
    source: register
    use: scoring
  fails:
    label: {lv: Nepietiekami vērtējumi, en: Fails}
    definition: {lv: Skaits., en: Number.}
    domain: attendance
    type: count
    unit: marks
    range: [0, 20]
    window: term
    direction: higher_is_worse
    source: register
    use: scoring
  low_marks:
    label: {lv: Zemi vērtējumi, en: D grades}
    definition: {lv: Skaits., en: Number.}
    domain: attendance
    type: count
    unit: marks
    range: [0, 20]
    window: term
    direction: higher_is_worse
    source: register
    use: scoring
  incidents:
    label: {lv: Uzvedības gadījumi, en: Conduct incidents}
    definition: {lv: Skaits., en: Number.}
    domain: attendance
    type: count
    unit: incidents
    range: [0, 100]
    window: semester
    direction: higher_is_worse
    source: register
    use: scoring
  low_income:
    label: {lv: Maznodrošināta ģimene, en: Low income}
    definition: {lv: Ir statuss., en: Has the status.}
    domain: attendance
    type: flag
    window: now
    direction: need
    source: social service
    use: support
  sex:
    label: {lv: Dzimums, en: Sex}
    definition: {lv: Dzimums., en: Sex.}
    domain: attendance
    type: category
    categories: {f: {lv: sieviete, en: female}, m: {lv: vīrietis, en: male}}
    window: now
    direction: neutral
    source: register
    use: audit
  grade:
    label: {lv: Klase, en: Grade}
    definition: {lv: Klase., en: Grade.}
    domain: attendance
    type: count
    unit: points
    range: [1, 12]
    window: now
    direction: neutral
    source: register
    use: context
"""
MEASURES = """
measures:
  transport:
    label: {lv: Transporta kompensācija, en: Transport compensation}
    group: economic
    kind: compensation
    source: tests
"""
RULESET = """
id: test-rules
title: {lv: Pārbaudes noteikumi, en: Test rules}
levels:
  - {id: none, label: {lv: Nav pazīmju, en: No signs}}
  - {id: watch, label: {lv: Vērot, en: Watch}, from: 1}
  - {id: high, label: {lv: Augsts, en: High}, from: 4}
"""


def files(rules: str, examples: str = "", **changed: str) -> dict[str, bytes]:
    """Return the files of a small ruleset; `changed` replaces whole files by their kind."""
    texts = {"indicators": INDICATORS, "measures": MEASURES, "ruleset": RULESET, "rules": rules}
    texts |= changed
    found = {f"{name}.yaml": text.encode() for name, text in texts.items()}
    if examples:
        found["rules.examples.yaml"] = examples.encode()
    return found


def ruleset(rules: str, examples: str = "", **changed: str) -> Ruleset:
    """Return a small ruleset from the text of its rules."""
    return load_files(files(rules, examples, **changed))


def rule(when: str, *, name: str = "one", source: str = "", follows: str = "points: 1") -> str:
    """Return one rule as YAML."""
    return f"""
  - id: {name}
    domain: attendance
    title: {{lv: Pazīme {name}, en: Sign {name}}}
    when: {when}
    {follows}
    source: '{source or "tests"}'
"""


def rules(*each: str, parameters: str = "") -> str:
    """Return a rules file."""
    return f"parameters:{parameters or ' {}'}\nrules:{''.join(each)}"


def ladder(*whens: str, name: str = "one", source: str = "tests") -> str:
    """Return a ladder as YAML, its points falling from step to step."""
    steps = "".join(
        f"\n      - {{when: {when}, points: {len(whens) - number}}}"
        for number, when in enumerate(whens)
    )
    return f"""
  - id: {name}
    domain: attendance
    title: {{lv: Pakāpes, en: Steps}}
    source: '{source}'
    steps:{steps}
"""
