"""A proposal as a page that its reviewer reads, in Latvian or English (Markdown)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.changes import changes_words
from engine.indicator import Indicator
from engine.replay.figures import SHARES
from engine.replay.terms import TERMS
from engine.ruleset import Parameter, Ruleset
from engine.text import LANGUAGES, Language, Text
from engine.tuning.candidate import Choice
from engine.tuning.proposal import Line, Proposal, as_json
from engine.tuning.search_words import level_label, search_words
from engine.words.digits import estimate
from engine.words.quantities import number
from engine.words.rules import RuleWords

PHRASES: dict[str, Text] = {
    **TERMS,
    "title": Text("Priekšlikums: {}", "Proposal: {}"),
    "why": Text("Pamatojums", "Rationale"),
    "chosen": Text("Kas izvēlējās skaitļus", "Who chose the numbers"),
    "parameter": Text("Parametrs", "Parameter"),
    "before": Text("Līdz šim", "Before"),
    "after": Text("Turpmāk", "After"),
    "by": Text("Izvēlējās", "Chosen by"),
    "bounds": Text("Pieļautās robežas", "Bounds"),
    "step": Text("solis {}", "step {}"),
    "sought": Text("Kā meklēts", "What was searched for, and where"),
    "person": Text("cilvēks", "a person"),
    "search": Text("meklēšana vēsturē", "a search over the history"),
    "evidence": Text("Ko rāda vēsture", "What the history shows"),
    "history": Text("Vēstures faila SHA-256: `{}`", "SHA-256 of the history's file: `{}`"),
    "judged": Text("Vērtēts pēc kohortām: {}", "Judged on the cohorts: {}"),
    "judged-all": Text("Vērtēts pēc visām rindām", "Judged on all rows"),
    "on-tuned": Text(
        "**Brīdinājums:** tās pašas rindas redzēja meklēšana, tāpēc skaitļi rāda par daudz laba.",
        "**Warning:** the search saw these very rows, so the figures say too much good.",
    ),
    "rejected": Text(
        "Vēstures rindas, ko nevarēja izlasīt un kas nav skaitītas: {}",
        "Rows of the history that could not be read and are not counted: {}",
    ),
    "level": Text(
        "Atzīmēti ir tie, kuru līmenis ir vismaz: {}",
        "Flagged are those whose level is at least: {}",
    ),
    "other-level": Text(
        "**Brīdinājums:** skaitļi meklēti citam līmenim, nevis tam, pēc kura šeit vērtēts: {}.",
        "**Warning:** the numbers were searched for another level than the one judged here: {}.",
    ),
    "figure": Text("Rādītājs", "Figure"),
    "who": Text("Kam kas mainītos", "For whom what would change"),
    "all": Text("Visi", "All"),
    "intervals": Text(
        "Iekavās 95 % ticamības intervāls. Skaitīta katra skolēna rinda katrā datumā.",
        "In brackets the 95 % interval. Counted is each pupil's row of each as-of day.",
    ),
}
FIGURES = (
    *("rows", "flagged", "caught", "cannot_say"),
    *("flagged_share", "precision", "recall", "false_alarm_rate"),
)
IMPACT: dict[str, Text] = {
    "before": Text("Atzīmēti līdz šim", "Flagged before"),
    "after": Text("Atzīmēti turpmāk", "Flagged after"),
    "newly": Text("Jauni atzīmētie", "Newly flagged"),
    "newly_left": Text("no tiem pameta", "of them left"),
    "dropped": Text("Vairs neatzīmētie", "No longer flagged"),
    "dropped_left": Text("no tiem pameta", "of them left"),
    "cannot_say_before": Text("Nevar pateikt līdz šim", "Cannot say before"),
    "cannot_say_after": Text("Nevar pateikt turpmāk", "Cannot say after"),
}


def proposal_words(
    proposal: Proposal,
    base: Ruleset,
    candidate: Ruleset,
    indicators: Mapping[str, Indicator],
    language: Language,
) -> str:
    """Return the page of a proposal; the rulesets are those that it names.

    `indicators` are those of the history's catalogue, by which groups are called.
    """
    page = _Page(proposal, base, candidate, indicators, language)
    return "\n".join(page.lines()).rstrip() + "\n"


def proposal_files(
    proposal: Proposal, base: Ruleset, candidate: Ruleset, indicators: Mapping[str, Indicator]
) -> dict[str, str]:
    """Return the files of a proposal by name: its record, and its page in each language."""
    pages = {
        f"proposal.{language}.md": proposal_words(proposal, base, candidate, indicators, language)
        for language in LANGUAGES
    }
    return {"proposal.json": as_json(proposal), **pages}


class _Page:
    def __init__(
        self,
        proposal: Proposal,
        base: Ruleset,
        candidate: Ruleset,
        indicators: Mapping[str, Indicator],
        language: Language,
    ) -> None:
        self.proposal, self.base, self.candidate = proposal, base, candidate
        self.indicators, self.language = indicators, language
        self.words = RuleWords(candidate, language)

    def _say(self, phrase: str, *values: str) -> str:
        return PHRASES[phrase][self.language].format(*values)

    def lines(self) -> Iterator[str]:
        yield f"# {self._say('title', self.candidate.title[self.language])}"
        yield from ("", f"`{self.base.version}` → `{self.candidate.version}`")
        yield from ("", f"## {self._say('why')}", "", self.proposal.rationale, "")
        changed = changes_words(self.base, self.candidate, self.language)
        yield ("\n" + changed).replace("\n#", "\n##").strip()
        yield from ("", f"## {self._say('chosen')}", "", *self._choices())
        learnt = self.proposal.learnt
        said = search_words(learnt, self.candidate, self._column, self.language)
        yield from ("", f"### {self._say('sought')}", "", *(f"- {line}" for line in said))
        yield from ("", f"## {self._say('evidence')}", "", *self._evidence())
        yield from ("", f"## {self._say('who')}", *self._impact())

    def _choices(self) -> Iterator[str]:
        heads = ("parameter", "before", "after", "bounds", "by")
        yield from _table(
            [self._say(head) for head in heads], map(self._choice, self.proposal.choices)
        )

    def _choice(self, choice: Choice) -> list[str]:
        parameter = self.candidate.parameters[choice.parameter]
        before, after = (
            "–" if value is None else self.words.parameter_value(parameter, value)
            for value in (choice.before, choice.after)
        )
        return [parameter.label[self.language], before, after, self._bounds(parameter),
                self._say(choice.by)]  # fmt: skip

    def _bounds(self, parameter: Parameter) -> str:
        """Return between what a number may be tuned, and by which steps."""
        bounds = self.words.bounds(parameter)
        if not parameter.tunable or parameter.step is None:
            return bounds
        return (
            f"{bounds}; {self._say('step', self.words.parameter_value(parameter, parameter.step))}"
        )

    def _level(self, level: str) -> str:
        return level_label(self.candidate, level, self.language)

    def _evidence(self) -> Iterator[str]:
        evidence = self.proposal.evidence
        yield f"- {self._say('history', evidence.history)}"
        cohorts = ", ".join(evidence.cohorts)
        yield f"- {self._say('judged', cohorts) if cohorts else self._say('judged-all')}"
        if evidence.rejected:
            yield f"- {self._say('rejected', number(evidence.rejected, self.language))}"
        yield f"- {self._say('level', self._level(evidence.level))}"
        sought = self.proposal.learnt and self.proposal.learnt.sought
        if sought and sought.level != evidence.level:
            yield from ("", self._say("other-level", self._level(sought.level)))
        if evidence.on_tuned:
            yield from ("", self._say("on-tuned"))
        yield ""
        heads = [self._say(name) for name in ("figure", "before", "after")]
        sides = (evidence.before, evidence.after)
        rows = (
            [TERMS[name][self.language], *(self._figure(name, side) for side in sides)]
            for name in FIGURES
        )
        yield from (*_table(heads, rows), "", self._say("intervals"))

    def _figure(self, name: str, line: Line) -> str:
        value = line[name]
        if value is None:
            few = line["suppressed"] or line["caught"] is None
            return self._say("suppressed") if few else "–"
        if name not in SHARES:
            return number(value, self.language)
        return estimate(value, line[f"{name}_low"], line[f"{name}_high"], self.language)

    def _impact(self) -> Iterator[str]:
        for by, lines in self.proposal.evidence.impact.items():
            head = self._column(by) if by else self._say("all")
            labels = [label[self.language] for label in IMPACT.values()]
            yield from ("", *_table([head, *labels], (self._changed(by, line) for line in lines)))

    def _column(self, name: str) -> str:
        declared = self.indicators.get(name)
        text = TERMS.get(name) or (declared and declared.label)
        return text[self.language] if text else name

    def _cell(self, by: str, cell: str | None) -> str:
        if cell is None:
            return self._say("not-known")
        declared = self.indicators.get(by)
        label = declared.categories.get(cell) if declared else None
        return label[self.language] if label else cell

    def _changed(self, by: str, line: Mapping[str, Any]) -> list[str]:
        name = self._cell(by, line[by]) if by else ""
        if line["suppressed"]:
            return [name, self._say("suppressed"), *[""] * (len(IMPACT) - 1)]
        shown = (line[each] for each in IMPACT)
        few = self._say("suppressed")
        return [name, *(few if n is None else number(n, self.language) for n in shown)]


def _table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
