"""Why a draft is to be trusted, or not: what its trials, data and later cohorts say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.drafting.expect import Expectation
from engine.drafting.steps import DIRECTIONS
from engine.drafting.suggest import Draft
from engine.indicator import Indicator
from engine.replay.history import History
from engine.replay.seen import LEAST_OUTCOMES
from engine.text import Language, Text
from engine.words.quantities import number, percent

PLENTY = 2 * LEAST_OUTCOMES
FEW_UNKNOWN = 0.05
APART = 0.1  # in precision, between the cohorts or parts that were judged


@dataclass(frozen=True)
class Reason:
    """One reason to trust a draft (`speaks_for`), or not to."""

    speaks_for: bool
    text: Text


def reasons(draft: Draft) -> Iterator[Reason]:
    """Yield the reasons, those of the data first."""
    yield from _data(draft)
    yield from _trials(draft)
    yield from _unknown(draft)
    yield from _later(draft)


def _data(draft: Draft) -> Iterator[Reason]:
    said = {"rows": draft.seen.rows, "left": draft.seen.left}
    lv = "Rindas, ko meklēšana redzēja: {rows}; skolēni, kuri pameta mācības: {left}"
    en = "Rows that the search saw: {rows}; pupils who left: {left}"
    few = draft.seen.rarer < PLENTY
    if few:
        lv, en = lv + "; tas ir maz", en + "; these are few"
    yield Reason(not few, _filled(Text(lv, en), **said))
    known = {axis.indicator.name: axis.indicator.label for axis in draft.axes}
    for name in draft.learnt.no_leak:
        lv = "Gandrīz droši pasaka, kurš pametis; cilvēks teica, ka tā nav noplūde"
        en = "Tells almost surely who left; a person said that it is no leak"
        yield Reason(False, Text(f"{lv}: {known[name].lv}", f"{en}: {known[name].en}"))
    if draft.limit < draft.plan.steps:
        lv = "Tik retam iznākumam pakāpju drīkst būt ne vairāk kā: {most}"
        en = "An outcome this rare allows at most so many steps: {most}"
        yield Reason(False, _filled(Text(lv, en), most=draft.limit))
    if draft.split and draft.split.shared:
        lv = "Skolēni, kuri ir gan meklēšanas, gan vēlākajās kohortās: {shared}"
        en = "Pupils who stand in cohorts tuned on and in later ones: {shared}"
        yield Reason(False, _filled(Text(lv, en), shared=draft.split.shared))


def _trials(draft: Draft) -> Iterator[Reason]:
    found = draft.expected
    yield Reason(found.kind == "cohorts", _KINDS[found.kind])
    yield Reason(found.gains, trials_words(found))
    if not found.gains:
        return
    chosen = {part.axis for part in draft.card}
    always = chosen.intersection(*({part.axis for part in card} for card in found.cards))
    lv = "Rādītāji, ko izvēlējās katrs mēģinājums: {always} no {all}"
    en = "Indicators that every trial chose: {always} of {all}"
    text = _filled(Text(lv, en), always=len(always), all=len(chosen))
    yield Reason(2 * len(always) > len(chosen), text)
    met = [trial.precision for trial in found.trials]
    if max(met) - min(met) > APART:
        lv = "Precizitāte mēģinājumos stipri atšķiras: no {low} līdz {high}"
        en = "Precision differs much between trials: from {low} to {high}"
        yield Reason(False, _shares(Text(lv, en), low=min(met), high=max(met)))


def trials_words(found: Expectation) -> Text:
    """Return what was tested in trials, and what was found there."""
    lv = "Mēģinājumos, rindās, ko meklēšana nebija redzējusi, "
    en = "In trials, on rows that the search had not seen, "
    best = max(size.auc for size in found.sizes)
    if found.steps == 0:
        lv += "neviena punktu karte varbūtības droši nepateica labāk par vidējo biežumu vien"
        en += "no scorecard's probabilities were surely better than the base rate alone"
        lv, en = f"{lv}; AUC tur bija ne vairāk kā {{auc}}", f"{en}; AUC there was at most {{auc}}"
        return _aucs(Text(lv, en), auc=best)
    sure = (
        "bija droši labākas par vidējo biežumu vien",
        "were surely better than the base rate alone",
    )
    unsure = (
        "nebija droši labākas par vidējo biežumu vien",
        "were not surely better than the base rate alone",
    )
    said = sure if found.likelier else unsure
    lv, en = f"{lv}melnraksta varbūtības {said[0]}", f"{en}the draft's probabilities {said[1]}"
    if not found.likelier and found.ranks:
        lv += ", bet tas droši sakārtoja skolēnus labāk, nekā būtu nejauši"
        en += ", but it surely ranked pupils better than chance would"
    if not found.gains:
        lv += ", un sakārtojums nebija droši labāks par nejaušu"
        en += ", nor its ranking surely better than chance"
    lv, en = f"{lv}; AUC tur bija {{auc}}", f"{en}; AUC there was {{auc}}"
    return _aucs(Text(lv, en), auc=found.auc)


def no_draft(draft: Draft) -> Text:
    """Return why there is no draft."""
    if draft.expected.gains:
        lv = "nevienam punktu skaitam nav vismaz desmit atzīmētu skolēnu"
        return Text(lv, "no score flags ten pupils or more")
    said = trials_words(draft.expected)
    return Text(said.lv[0].lower() + said.lv[1:], said.en[0].lower() + said.en[1:])


def _unknown(draft: Draft) -> Iterator[Reason]:
    share = draft.seen.unknown / (draft.seen.rows + draft.seen.unknown)
    if share > FEW_UNKNOWN:
        lv = "Iznākums nav zināms: {share} rindu; tās nav izmantotas, un tajās var būt citādi"
        en = "The outcome of {share} of the rows is unknown; they were left out, and may differ"
        yield Reason(False, _shares(Text(lv, en), share=share))
    start = draft.ruleset and draft.ruleset.parameters["from_support"].value
    cannot = next((p.cannot_say for p in draft.front if p.score == start), 0.0)
    if cannot > FEW_UNKNOWN:
        lv = "Par {share} rindu nevar pateikt: tās nav atzīmētas, jo trūkst datu"
        en = "Of {share} of the rows nothing can be said: they are not flagged for want of data"
        yield Reason(False, _shares(Text(lv, en), share=cannot))


def _later(draft: Draft) -> Iterator[Reason]:
    if draft.ruleset is None:
        return
    if draft.unsplit:
        lv = f"Nav vēlākas kohortas, kas melnrakstu pārbaudītu: {draft.unsplit.reason.lv}"
        en = f"There is no later cohort to judge the draft: {draft.unsplit.reason.en}"
        yield Reason(False, Text(lv, en))
    if draft.judged is None:
        return
    stated, met = draft.expected.next, draft.judged.precision
    lv = "Vēlākajās kohortās precizitāte ir {met}; gaidīta {stated} ({low} līdz {high})"
    en = "On later cohorts precision is {met}; {stated} was expected ({low} to {high})"
    shares = {"met": met, "stated": stated.precision, "low": stated.low, "high": stated.high}
    yield Reason(stated.low <= met <= stated.high, _shares(Text(lv, en), **shares))


_KINDS = {
    "cohorts": Text(
        "Mēģinājumi: no agrākām kohortām uz nākamo, kā tas būs arī turpmāk",
        "Trials: from earlier cohorts to the next, as it will be from now on",
    ),
    "schools": Text(
        "Mēģinājumi: no vienām skolām uz citām, jo kohortu nepietiek; nākamā var atšķirties",
        "Trials: from some schools to others, for want of cohorts; the next one may differ",
    ),
    "pupils": Text(
        "Mēģinājumi: no vieniem skolēniem uz citiem, jo kohortu nepietiek; nākamā var atšķirties",
        "Trials: from some pupils to others, for want of cohorts; the next one may differ",
    ),
}


def unread(history: History, draft: Draft) -> Iterator[tuple[Indicator, Text]]:
    """Yield the history's indicators that no drafted rule may read, and why."""
    read = {axis.indicator.name for axis in draft.axes}
    for name in (*history.indicators, *history.groups):
        if name not in read:
            indicator = history.catalogue.indicators[name]
            yield indicator, _why(indicator)


def _why(indicator: Indicator) -> Text:
    if indicator.use != "scoring":
        said = f"use: {indicator.use}"
        return Text(f"nav deklarēts vērtēšanai ({said})", f"not declared for scoring ({said})")
    if indicator.type == "category":
        return Text("kategorijām nav kārtības", "categories have no order")
    if indicator.direction not in DIRECTIONS:
        return Text("nav teikts, kurš gals ir sliktāks", "it is not said which end is worse")
    return Text("visiem viena vērtība vai nevienas", "all have one value, or none")


def _filled(text: Text, **values: int) -> Text:
    def of(language: Language) -> str:
        return text[language].format(**{n: number(v, language) for n, v in values.items()})

    return Text(of("lv"), of("en"))


def _aucs(text: Text, **values: float) -> Text:
    def of(language: Language) -> str:
        shown = {n: number(round(v, 3), language) for n, v in values.items()}
        return text[language].format(**shown)

    return Text(of("lv"), of("en"))


def _shares(text: Text, **shares: float) -> Text:
    def of(language: Language) -> str:
        shown = {n: percent(round(v, 2), language) for n, v in shares.items()}
        return text[language].format(**shown)

    return Text(of("lv"), of("en"))
