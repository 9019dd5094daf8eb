"""What ``pumpurs replay`` says, in both languages, and how it writes its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.replay.terms import TERMS
from engine.text import Language, Text
from engine.words.quantities import number, percent

PHRASES: dict[str, Text] = {
    **TERMS,
    "reading": Text("Lasa vēsturi…", "Reading the history…"),
    "rule-at": Text("Noteikums: {}…", "Rule: {}…"),
    "ruleset": Text("Noteikumu kopa: {} ({})", "Ruleset: {} ({})"),
    "all-rows": Text("Visas vēstures rindas.", "All rows of the history."),
    "judged": Text("Vērtēts pēc kohortām: {}", "Judged on the cohorts: {}"),
    "shared": Text(
        "Skolēni, kas ir arī kohortās pirms tām: {}", "Pupils who stand in earlier cohorts too: {}"
    ),
    "between": Text(
        "Starp tām izlaistas, jo to laikā iepriekšējo iznākumi vēl nebija zināmi: {}",
        "Left out between, because outcomes of the earlier ones were not known yet: {}",
    ),
    "on-tuned": Text(
        "Noteikumi ir noskaņoti pēc šīm pašām rindām, tāpēc rādītāji sola vairāk, "
        "nekā nākamajā kohortā piepildīsies.",
        "The rules were tuned on these very rows, so the figures promise more than the next "
        "cohort will keep.",
    ),
    "absent": Text(
        "Vēsturē nav šo rādītāju, tāpēc par tiem nevar pateikt: {}",
        "Not in the history, so nothing can be said of: {}",
    ),
    "counted": Text(
        "Vērtētas rindas: {rows}; skolēni: {pupils}; pameta mācības: {left}; palika: {stayed}; "
        "nav zināms: {unknown}.",
        "Rows assessed: {rows}; pupils: {pupils}; left: {left}; stayed: {stayed}; "
        "not known: {unknown}.",
    ),
    "few": Text(
        "Skolēnu ir mazāk par {}, tāpēc skaitļi netiek rādīti.",
        "There are fewer than {} pupils, so no numbers are shown.",
    ),
    "outside": Text(
        "Noteikumu kopa neattiecas uz rindām: {rows} (pameta mācības: {left}; palika: {stayed}; "
        "nav zināms: {unknown}).",
        "Rows the ruleset is not for: {rows} (left: {left}; stayed: {stayed}; "
        "not known: {unknown}).",
    ),
    "independent": Text(
        "Iekavās 95 % ticamības intervāls (precīzais).", "In brackets the exact 95 % interval."
    ),
    "repeated": Text(
        "Iekavās 95 % ticamības intervāls; tas ir platāks, jo skolēni ir vairākās rindās.",
        "In brackets the 95 % interval, wider because pupils stand in several rows.",
    ),
    # the whole
    "whole": Text("Kopā", "In all"),
    "at-level": Text("No līmeņa: {}", "From level: {}"),
    "at-share": Text("Atzīmējot {}", "Flagging {}"),
    "at-plans": Text("Plāni katrā kohortā: {}", "Plans in each cohort: {}"),
    "at-plans-all": Text("Plāni: {}", "Plans: {}"),
    "alarms_per_catch": Text("Lieki atzīmēti uz katru atrasto", "False alarms for each caught"),
    "cannot_say_share": Text("Daļa, par ko nevar pateikt", "Share of whom it cannot be said"),
    "recall_if_all": Text(
        "Pārklājums, ja atzīmētu arī tos", "Recall if those were flagged as well"
    ),
    "left_share": Text("Pameta mācības", "Left"),
    "auc": Text("Sakārtojums (AUC)", "Ranking (AUC)"),
    "auc-bounds": Text(
        "Atkarībā no tā, kas nav zināms, AUC ir no {} līdz {}.",
        "Depending on what is unknown, the AUC is from {} to {}.",
    ),
    # by group, level and score
    "by": Text("Pēc: {}", "By {}"),
    "calibration": Text("Cik skolēnu ar tik punktiem pameta", "How many with this score left"),
    "of-hundred": Text("No 100 pameta", "Of 100, left"),
    "unsettled": Text("Punkti vēl var augt", "Score could still rise"),
    # rules
    "rules": Text("Ko dod katrs noteikums", "What each rule brings"),
    "holds": Text("Izpildās", "Holds"),
    "lift": Text("Reizes pret vidējo", "Times the average"),
    "only_flagged": Text("Bez tā nebūtu atzīmēti", "Not flagged without it"),
    "only_caught": Text("no tiem pameta", "of them left"),
    "never": Text("neizpildās nevienam", "never holds"),
    "silent": Text("nevar pateikt nevienā rindā", "cannot say in any row"),
    "offers": Text("Noteikumi, kas tikai piedāvā atbalstu", "Rules that only offer help"),
    "gap": Text(
        "{rule}: nevar pateikt, jo trūkst: {missing}", "{rule}: cannot say for lack of: {missing}"
    ),
    # lead time
    "lead": Text(
        "Dienas no pirmās atzīmēšanas līdz mācību pamešanai: pusei ne vairāk kā {middle}, "
        "ceturtdaļai ne vairāk kā {low}, trim ceturtdaļām ne vairāk kā {high}.",
        "Days from the first flag to leaving: half no more than {middle}, a quarter no more than "
        "{low}, three quarters no more than {high}.",
    ),
    "lead-caught": Text(
        "Pameta mācības zināmā dienā: {leavers}; kādreiz atzīmēti: {caught}; nekad: {never}.",
        "Left on a known day: {leavers}; of them ever flagged: {caught}; never: {never}.",
    ),
    "no-lead": Text(
        "Cik laikus skolēni atzīmēti, nevar pateikt; vēsturē trūkst: {}.",
        "How early flags came cannot be said; the history lacks: {}.",
    ),
    # several rulesets
    "compared": Text("Noteikumu kopas blakus", "Rulesets side by side"),
    "lacks": Text("Trūkst rādītāju", "Lacks indicators"),
    "lacks-these": Text("{}: vēsturē nav: {}", "{}: not in the history: {}"),
    "no-indicators": Text(
        "vēsturē nav neviena rādītāja, ko lasa tās noteikumi",
        "the history has no indicator that its rules read",
    ),
    "no-population": Text(
        "tā neattiecas ne uz vienu rindu", "no row is in the population that it is for"
    ),
    "not-compared": Text("{}: netiek salīdzināta: {}", "{}: not compared: {}"),
}
NOTHING = DASH = "\u2013"


def say(phrase: str, language: Language, *values: str, **named: str) -> str:
    """Return a phrase with its values filled in."""
    return PHRASES[phrase][language].format(*values, **named)


def share(line: Mapping[str, Any], name: str, language: Language) -> str:
    """Return a share with its interval, whose ends above 10 are whole: ``31.2 % (9.4-35)``."""
    if line[name] is None:
        return NOTHING
    per_cent = [line[f"{name}_{end}"] * 100 for end in ("low", "high")]
    ends = [number(_short(end, 0 if end >= 10 else 1), language) for end in per_cent]
    return f"{percent(round(line[name], 3), language)} ({DASH.join(ends)})"


def amount(value: float | None, language: Language, decimals: int = 1) -> str:
    """Return a number, without decimals where it is whole."""
    return NOTHING if value is None else number(_short(value, decimals), language)


def _short(value: float, decimals: int = 1) -> float:
    rounded = round(value, decimals)
    return int(rounded) if rounded == int(rounded) else rounded


def counted_outcomes(line: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return how many rows left, stayed and are not known, in words."""
    names = ("rows", "left", "stayed", "unknown")
    return {name: number(line[name], language) for name in names}
