"""What a search was asked for, and what it saw, for whoever reviews the numbers that it chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.ruleset import Ruleset
from engine.text import Language, Text
from engine.tuning.candidate import Learnt, Sought
from engine.words.phrases import ROWS
from engine.words.quantities import counted, number, percent

SEARCHED: dict[str, Text] = {
    "by-hand": Text(
        "Pie noteikumiem nav ieraksta par meklēšanu; katrs skaitlis uzskatāms par cilvēka izvēlētu",
        "No record of a search lies beside the rules; every number counts as a person's choice",
    ),
    "not-recorded": Text(
        "Nav pierakstīts, kādam līmenim un kādās robežās meklēts: ne ietilpība vai atzīmēto daļa, "
        "ne grupu atšķirības",
        "Not recorded: for which level and within which limits it was searched, be it a capacity "
        "or a share flagged, or gaps between groups",
    ),
    "for-level": Text(
        "Meklēts līmenim „{}”: atzīmēti ir tie, kam ir šis vai augstāks līmenis",
        "Searched for the level '{}': flagged are those who have it or a higher one",
    ),
    "plans": Text(
        "Robeža: plānu katrā dienā ne vairāk par {}; kopā var atzīmēt {}",
        "Limit: at most {} plans on each as-of day; in all, {} may be flagged",
    ),
    "share": Text(
        "Robeža: atzīmēt ne vairāk par {} vērtēto rindu, tas ir, {}",
        "Limit: at most {} of the assessed rows flagged, that is, {}",
    ),
    "as-before": Text(
        "Robeža: atzīmēt ne vairāk rindu kā ar skaitļiem, kas bija pirms meklēšanas, tas ir, {}; "
        "cita ietilpība vai daļa netika prasīta",
        "Limit: no more rows flagged than by the numbers before the search, that is, {}; no other "
        "capacity or share was asked for",
    ),
    "draft": Text(
        "Melnraksts: pakāpju ne vairāk par {}; līmenim jāatzīmē ap {} rindu",
        "A draft: at most {} steps; the level is to flag about {} of the rows",
    ),
    "gap": Text("Pieļautā grupu atšķirība, {}: {}", "Gap allowed between groups, {}: {}"),
    "no-gaps": Text(
        "Grupu atšķirībām robeža nebija noteikta", "No limit was set to gaps between groups"
    ),
    "missed": Text(
        "**Brīdinājums:** tādu skaitļu, kas ievērotu šīs robežas, meklēšana neatrada; izvēlētie "
        "tām ir vistuvāk",
        "**Warning:** the search found no numbers that keep these limits; those chosen come "
        "nearest to them",
    ),
    "small-data": Text(
        "**Brīdinājums:** iznākumu bija mazāk, nekā meklēšanai vajag, un cilvēks lika meklēt tāpat",
        "**Warning:** there were fewer outcomes than a search should see, and a person asked for "
        "it all the same",
    ),
    "saw": Text(
        "Meklēšana redzēja vēsturi, kuras faila SHA-256 ir `{}`",
        "The search saw a history, the SHA-256 of whose file is `{}`",
    ),
    "learnt": Text(
        "Meklēšana redzēja kohortas: {} (sēkla {})", "The search saw the cohorts: {} (seed {})"
    ),
    "learnt-all": Text(
        "Meklēšana redzēja visas rindas (sēkla {})", "The search saw all rows (seed {})"
    ),
    "no-leak": Text(
        "Pēc šiem rādītājiem gandrīz droši var pateikt, kurš pametis mācības; cilvēks apgalvoja, "
        "ka tie bija zināmi jau pirms tam: {}",
        "These indicators tell almost surely who left; a person said that they were known before: "
        "{}",
    ),
    "gain": Text(
        "Izmēģinājumos, rindās, ko meklēšana nebija redzējusi, tās izvēlētais bija labāks, nekā "
        "varētu būt nejauši",
        "In trials, on rows that the search had not seen, what it chose was better than chance "
        "would be",
    ),
    "no-gain": Text(
        "**Brīdinājums:** izmēģinājumos, rindās, ko meklēšana nebija redzējusi, tās izvēlētās "
        "vērtības neatrada vairāk skolēnu, kuri pameta mācības, nekā tagadējās, ja neskaita to, "
        "kas var būt nejauši",
        "**Warning:** in trials, on rows that the search had not seen, what it chose caught no "
        "more than the present values, beyond chance",
    ),
    "untried": Text(
        "Nav zināms, vai meklēšanas izvēlētais ir labāks: tas nav izmēģināts",
        "Whether what the search chose is better is not known: it was not tried",
    ),
}
Labels = Callable[[str], str]


def search_words(
    learnt: Learnt | None, ruleset: Ruleset, column: Labels, language: Language
) -> Iterator[str]:
    """Yield lines on a search: its goal and limits, what it saw, whether trials showed a gain.

    What the record does not say is called not recorded. `column` returns what to call a group or
    an indicator.
    """
    if learnt is None:
        yield SEARCHED["by-hand"][language]
        return
    if learnt.sought is None:
        yield SEARCHED["not-recorded"][language]
    else:
        yield from _sought(learnt.sought, ruleset, column, language)
    yield _said("saw", language, learnt.history)
    seen, seed = ", ".join(learnt.cohorts), str(learnt.seed)
    yield _said("learnt", language, seen, seed) if seen else _said("learnt-all", language, seed)
    yield SEARCHED[{True: "gain", False: "no-gain", None: "untried"}[learnt.gains]][language]
    if learnt.no_leak:
        yield _said("no-leak", language, ", ".join(map(column, learnt.no_leak)))


def level_label(ruleset: Ruleset, level: str, language: Language) -> str:
    """Return what a level is called; its id, where the ruleset no longer has it."""
    return next((each.label[language] for each in ruleset.levels if each.id == level), level)


def _sought(sought: Sought, ruleset: Ruleset, column: Labels, language: Language) -> Iterator[str]:
    yield _said("for-level", language, level_label(ruleset, sought.level, language))
    yield _limit(sought, language)
    for name, most in sought.gaps.items():
        yield _said("gap", language, column(name), percent(most, language))
    if not sought.gaps:
        yield _said("no-gaps", language)
    if sought.met is False:
        yield _said("missed", language)
    if sought.small_data:
        yield _said("small-data", language)


def _limit(sought: Sought, language: Language) -> str:
    most = "–" if sought.most is None else counted(sought.most, ROWS, language)
    share = "–" if sought.share is None else percent(sought.share, language)
    if sought.steps is not None:
        return _said("draft", language, number(sought.steps, language), share)
    if sought.plans is not None:
        return _said("plans", language, number(sought.plans, language), most)
    if sought.share is not None:
        return _said("share", language, share, most)
    return _said("as-before", language, most)


def _said(phrase: str, language: Language, *values: str) -> str:
    return SEARCHED[phrase][language].format(*values)
