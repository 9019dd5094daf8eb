"""One pupil's assessment in words: level, reasons, what cannot be said, what is offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from engine.assess import Assessment, Evidence, Reason
from engine.condition import OPPOSITE, Number, Op, Operand
from engine.findings import Undetermined
from engine.indicator import Indicator
from engine.ruleset import NOT_ASSESSED, Rule, Ruleset
from engine.text import Language
from engine.words.conditions import condition_words, limit_words, listed
from engine.words.phrases import PHRASES
from engine.words.quantities import date_words, difference, points, value_words


class AssessmentWords:
    """Says what assessments of one ruleset mean, in one language."""

    def __init__(self, ruleset: Ruleset, language: Language) -> None:
        self.ruleset, self.language = ruleset, language
        self._rules: Mapping[str, Rule] = {rule.id: rule for rule in ruleset.rules}
        self._levels = {level.id: level.label[language] for level in ruleset.levels}

    def _say(self, phrase: str, *values: str, **named: str) -> str:
        return PHRASES[phrase][self.language].format(*values, **named)

    def level(self, level: str, possible_level: str) -> str:
        """Return a level with what is still possible; the least level is no answer then."""
        if level == NOT_ASSESSED:
            return self._say("not-assessed")
        if level == possible_level:
            return self._levels[level]
        least = self.ruleset.levels[0].id
        sure = self._say("cannot-say") if level == least else self._levels[level]
        return self._say("possibly", level=sure, possible=self._levels[possible_level])

    def score(self, score: int | None, possible_score: int | None) -> str:
        """Return a score, as an interval where it is one."""
        if score is None or possible_score is None:
            return "–"
        if score == possible_score:
            return str(score)
        return self._say("interval", str(score), str(possible_score))

    def title(self, rule: str) -> str:
        """Return a rule's title."""
        return self._rules[rule].title[self.language]

    def _indicator(self, name: str) -> Indicator:
        return self.ruleset.catalogue.indicators[name]

    def label(self, indicator: str) -> str:
        """Return an indicator's label."""
        return self._indicator(indicator).label[self.language]

    def measure(self, measure: str) -> str:
        """Return a support measure's label."""
        return self.ruleset.catalogue.measures[measure].label[self.language]

    def evidence(self, evidence: Evidence) -> str:
        """Return one piece of evidence: value, limit, distance and the way back."""
        label = self.label(evidence.indicator)
        if evidence.threshold is None or evidence.value is None:
            return f"{label}: {self._say('unknown' if evidence.negated else 'known')}"
        indicator = self._indicator(evidence.indicator)
        value = value_words(evidence.value, indicator, self.ruleset.catalogue, self.language)
        parts = [f"{label}: {value}"]
        if isinstance(evidence.threshold, tuple):
            names = (indicator.categories[name][self.language] for name in evidence.threshold)
            said = listed(names, self.language)
            said = self._say("not-category", said) if evidence.negated else said
            parts.append(self._say("demands", said))
        elif indicator.numeric or indicator.type == "category":
            parts += self._beyond(evidence, evidence.threshold)
        return ". ".join(parts) + "."

    def _beyond(self, evidence: Evidence, threshold: str | Number) -> Iterator[str]:
        name, op = evidence.indicator, evidence.op
        ordered = op not in ("==", "!=")
        yield self._say("limit" if ordered else "demands", self._limit(name, op, threshold))
        if not ordered or evidence.distance is None or isinstance(evidence.value, str | None):
            return
        indicator = self._indicator(name)
        apart = difference(evidence.distance, indicator, self.ruleset.catalogue, self.language)
        if isinstance(threshold, str) or evidence.value == threshold:
            yield self._say("at-limit")
        else:
            yield self._say("above" if evidence.value > threshold else "below", apart)
        if evidence.back is not None:
            yield self._say("way-back", self._way_back(indicator, op, threshold, evidence.back))

    def _limit(self, name: str, op: Op, threshold: Operand) -> str:
        return limit_words(name, op, threshold, self.ruleset, self.language)

    def _way_back(self, indicator: Indicator, op: Op, threshold: str | Number, back: Number) -> str:
        """Return at which values the sign goes; of whole things "at most 4", not "less than 5"."""
        if indicator.type != "count":
            return self._limit(indicator.name, OPPOSITE[op], threshold)
        if back in (indicator.low, indicator.high):
            return self._limit(indicator.name, "==", back)
        return self._limit(indicator.name, ">=" if op in ("<", "<=") else "<=", back)

    def reason(self, reason: Reason) -> str:
        """Return a rule that holds, with its points and all its evidence."""
        said = [f"{self._head(reason)}.", *map(self.evidence, reason.evidence)]
        if reason.at_least:
            said.append(self._say("at-least", self._levels[reason.at_least]) + ".")
        if reason.possible_step != reason.step:
            said.append(self._say("graver") + ".")
        return " ".join(said)

    def brief(self, reason: Reason) -> str:
        """Return a rule that holds in one line: its points, values and limits."""
        return f"{self._head(reason)}: " + "; ".join(map(self._seen, reason.evidence))

    def _head(self, reason: Reason) -> str:
        head = self.title(reason.rule)
        return f"{head} ({points(reason.points, self.language)})" if reason.points else head

    def _seen(self, evidence: Evidence) -> str:
        label, indicator = self.label(evidence.indicator), self._indicator(evidence.indicator)
        if evidence.value is None:
            return f"{label}: {self._say('unknown')}"
        value = value_words(evidence.value, indicator, self.ruleset.catalogue, self.language)
        if isinstance(evidence.threshold, bool | tuple | None):
            return f"{label}: {value}"
        return f"{label}: {value} ({self._limit(indicator.name, evidence.op, evidence.threshold)})"

    def offers(self, assessment: Assessment) -> Iterator[str]:
        """Yield each measure on offer and by which rules; those that only offer, with evidence."""
        for measure in assessment.offers:
            why = [
                self.brief(reason)
                if self._rules[reason.rule].offers_only
                else self.title(reason.rule)
                for reason in assessment.reasons
                if measure in self._rules[reason.rule].steps[reason.step - 1].offers
            ]
            yield f"{self.measure(measure)} – {'; '.join(why)}"

    def raising(self, assessment: Assessment) -> list[Reason]:
        """Return the reasons that bring points or a level: the others only open an offer."""
        return [reason for reason in assessment.reasons if not self._rules[reason.rule].offers_only]

    def undetermined(self, unknown: Undetermined, stale: Mapping[str, date]) -> str:
        """Return a rule that cannot say: what is missing, since when, and what it could add."""
        names = ", ".join(self._missing(name, stale) for name in unknown.missing)
        said = [f"{self.title(unknown.rule)}. {self._say('misses', names)}."]
        if unknown.possible_points:
            said.append(
                self._say("could-add", points(unknown.possible_points, self.language)) + "."
            )
        if unknown.possible_at_least:
            said.append(self._say("could-reach", self._levels[unknown.possible_at_least]) + ".")
        return " ".join(said)

    def _missing(self, name: str, stale: Mapping[str, date]) -> str:
        label = self.label(name)
        if name not in stale:
            return label
        return self._say("since", label=label, date=date_words(stale[name], self.language))

    def document(self, key: str, assessment: Assessment, stale: Mapping[str, date]) -> str:
        """Return a whole assessment as Markdown, to be read from the top."""
        lines = [f"# {self._say('pupil', key)}", ""]
        lines.append(
            self._say("level", self.level(assessment.level, assessment.possible_level)) + "  "
        )
        if assessment.level == NOT_ASSESSED and self.ruleset.population:
            said = condition_words(self.ruleset.population.tree, self.ruleset, self.language)
            return "\n".join([*lines, self._say("outside", said), ""])
        score = self.score(assessment.score, assessment.possible_score)
        lines += [
            self._say("score", score) + "  ",
            self._say("ruleset", f"`{assessment.ruleset}`"),
            "",
        ]
        lines += self._section(
            "reasons",
            [self.reason(r) for r in self.raising(assessment)] or [self._say("no-reasons")],
        )
        lines += self._section(
            "undetermined", [self.undetermined(u, stale) for u in assessment.undetermined]
        )
        lines += self._section("offered", self.offers(assessment))
        lines += self._section("advice", self._advice(assessment))
        if assessment.not_applicable:
            names = ", ".join(map(self.title, assessment.not_applicable))
            lines += [self._say("not-applicable", names), ""]
        return "\n".join(lines)

    def _section(self, phrase: str, items: Iterable[str]) -> list[str]:
        bullets = [f"- {item}" for item in items]
        return [f"## {self._say(phrase)}", "", *bullets, ""] if bullets else []

    def _advice(self, assessment: Assessment) -> Iterator[str]:
        for reason in assessment.reasons:
            advice = self._rules[reason.rule].advice
            if advice:
                yield f"{self.title(reason.rule)}: {advice[self.language]}"
