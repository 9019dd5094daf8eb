"""Runs the examples that stand beside the rules."""

from __future__ import annotations

from collections.abc import Iterator

from engine.assess import Assessment, Assessor
from engine.canonical import typed
from engine.errors import DataError, Problem, did_you_mean
from engine.meaning import Answer
from engine.ruleset import Example, Ruleset

TOTALS = ("score", "possible_score", "level", "possible_level", "offers", "missing")


def run_examples(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield a problem for each expectation that the ruleset does not meet."""
    assessor = Assessor(ruleset)
    rules = {rule.id for rule in ruleset.rules}
    for example in ruleset.examples:
        try:
            record = typed(example.given, ruleset.catalogue.indicators)
        except DataError as error:
            yield Problem(
                "example", error.problems[0].message, example.place, error.problems[0].hint
            )
            continue
        found = answers(assessor.assess(record))
        for name, expected in example.expect.items():
            if name not in rules and name not in TOTALS:
                hint = did_you_mean(name, [*rules, *TOTALS]) or "name a rule, a score or a level"
                yield Problem("example", f"there is no rule '{name}'", example.place, hint)
                continue
            given = found.get(name, Answer.FAILS.value)
            if not _meets(given, expected):
                message = f"'{name}' should be '{_shown(expected)}' and is '{_shown(given)}'"
                yield Problem("example", message, example.place, example.says.en)


def answers(assessment: Assessment) -> dict[str, object]:
    """Return an assessment in the words of examples: ``step 2``, ``cannot say``, scores, levels.

    A rule that is not named does not hold.
    """
    return {
        **dict.fromkeys(assessment.not_applicable, Answer.OUTSIDE.value),
        **{each.rule: Answer.UNKNOWN.value for each in assessment.undetermined},
        **{reason.rule: f"step {reason.step}" for reason in assessment.reasons},
        **{name: getattr(assessment, name) for name in TOTALS},
    }


def _meets(given: object, expected: object) -> bool:
    if expected == Answer.HOLDS.value:
        return str(given).startswith("step ")
    return given == expected


def _shown(value: object) -> str:
    return ", ".join(value) or "nothing" if isinstance(value, tuple) else str(value)


def about(ruleset: Ruleset, rule: str) -> list[Example]:
    """Return the examples that expect something of a rule."""
    return [example for example in ruleset.examples if rule in example.expect]
