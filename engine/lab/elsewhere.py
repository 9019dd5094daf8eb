"""What others published of early-warning systems: other pupils, outcomes and times than ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from great_tables import GT, loc, style

from engine.lab.cases import Case
from engine.lab.page import Page
from engine.lab.tables import table
from engine.lab.words import LABELS
from engine.replay.cuts import at_level
from engine.replay.figures import figures
from engine.replay.history import OUTCOME
from engine.replay.ranking import ranking
from engine.replay.replay import Replay
from engine.text import Language, Text
from engine.words.digits import fixed, share
from engine.words.quantities import number


@dataclass(frozen=True, slots=True)
class Anchor:
    """Figures as they were published, None where they were not, and where they stand."""

    name: Text
    source: Text
    base: float | None = None
    flagged: float | None = None
    precision: float | None = None
    recall: float | None = None
    auc: float | None = None


ANCHORS = (
    Anchor(
        Text("Filadelfija, 6. klase, jebkura pazīme", "Philadelphia, grade 6, any flag"),
        Text(
            "Balfanz, Herzog, Mac Iver 2007: tādas pazīmes, ar kurām vismaz ap 75 % nepabeidza "
            "skolu laikā",
            "Balfanz, Herzog, Mac Iver 2007: flags such that about 75 % or more fell off the path",
        ),
        flagged=0.318,
        precision=0.75,
        recall=0.6,
    ),
    Anchor(
        Text("DEWS (Viskonsina), līdz 7. klasei", "DEWS (Wisconsin), before grade 7"),
        Text(
            "The Markup 2023: kļūdās gandrīz trīs reizes no četrām",
            "The Markup 2023: wrong nearly three times in four",
        ),
        precision=0.25,
        recall=0.6,
    ),
    Anchor(
        Text(
            "OpenSDP mācību dati, piegādātāja vērtējums", "OpenSDP teaching data, a vendor's score"
        ),
        Text(
            "aprēķināts no datiem (sintētiski, 111 281 skolēns); atzīmēts, ja vērtējums nav virs "
            "vidējā",
            "computed from the data (synthetic, 111,281 pupils), flagged at the mean or below",
        ),
        base=0.271,
        flagged=0.334,
        precision=0.405,
        recall=0.498,
    ),
    Anchor(
        Text(
            "OpenSDP mācību dati, rokasgrāmatas modelis", "OpenSDP teaching data, the guide's model"
        ),
        Text("aprēķināts no rokasgrāmatas tabulas", "computed from the guide's table"),
        base=0.271,
        flagged=0.495,
        precision=0.324,
        recall=0.592,
    ),
    Anchor(
        Text("UCI 697, visi studenti", "UCI 697, all students"),
        Text(
            "Realinho, Machado, Baptista, Martins 2021: datu kopā mācības pametuši 1 421 no 4 424; "
            "pārbaudītu precizitātes, pārklājuma vai AUC skaitļu mums nav",
            "Realinho, Machado, Baptista, Martins 2021: in the dataset 1,421 of 4,424 dropped out; "
            "we have no precision, recall or AUC that was verified",
        ),
        base=0.321,
    ),
    Anchor(
        Text("OULAD, visi kursi", "OULAD, all courses"),
        Text(
            "atskaitīto daļa; AUC ir nejaušajam mežam priekšpublikācijā, klašu vidējais",
            "share withdrawn; the AUC is a preprint's random forest, macro average over classes",
        ),
        base=0.312,
        auc=0.925,
    ),
)
SHARES = ("base", "flagged", "precision", "recall")


def published(language: Language, ours: Sequence[Replay] = ()) -> GT:
    """Return the published figures as a table, with those of replays beside, ours first."""
    every = (*map(_ours, ours), *ANCHORS)
    heads = ("anchor", "left_share", "flagged_share", "precision", "recall", "auc", "source")
    schema = dict.fromkeys((LABELS[name][language] for name in heads), pl.String)
    lines = [_line(anchor, language) for anchor in every]
    rows = pl.DataFrame(lines, schema=schema, orient="row")
    title = Text("Kas publicēts citur", "What was published elsewhere")
    if ours:
        title = Text("Šeit un citur publicētais", "Here, and as published elsewhere")
    source = rows.columns[-1]
    shown = table(title, rows, language, NOTE).cols_align("left", [source])
    return shown.tab_style(style.css("white-space: normal"), loc.body(columns=source))


def of_students(case: Case, language: Language) -> Page:
    """Return what is published of UCI 697, beside the same figure of the rows at hand.

    Of every other history it says what that history is.
    """
    if "units_approved" not in case.history.indicators:
        return case.note(language)
    rows, left = case.history.rows.height, int(case.history.rows[OUTCOME].sum())
    here = [*(number(count, language) for count in (left, rows)), share(left / rows, language)]
    return Page(UCI_697[language].format(*here))


def _ours(replay: Replay) -> Anchor:
    """Return the figures of a replay: at the level from which it starts to help."""
    line = figures(replay, at_level(replay.ruleset)).row(0, named=True)
    names = {"base": "left_share", "flagged": "flagged_share"}
    shares = {name: line[names.get(name, name)] for name in SHARES}
    return Anchor(replay.ruleset.title, HERE, **shares, auc=ranking(replay).auc)


def _line(anchor: Anchor, language: Language) -> list[str]:
    values = [getattr(anchor, name) for name in SHARES]
    cells = ["–" if value is None else share(value, language) for value in values]
    auc = "–" if anchor.auc is None else fixed(anchor.auc, language, 3)
    return [anchor.name[language], *cells, auc, anchor.source[language]]


UCI_697 = Text(
    "- **Publicēts:** datu kopas apraksts (Realinho, Machado, Baptista, Martins 2021, UCI 697, "
    "CC BY 4.0). Mācības pametuši (`Dropout`) 1 421 no 4 424 studentiem, 32,1 %; pārējie pabeiguši "
    "vai vēl studē.\n"
    "- **Šeit tas pats skaitlis:** {} no {}, {}. Studentu ir mazāk: mapē ir 2008.–2014. gada "
    "kohortas.\n"
    "- **Nav zināms:** precizitāte, pārklājums vai AUC, kas būtu publicēti un pārbaudīti. Tāpēc "
    "tabulā to vietā ir „–”.\n"
    "- **Pat ja būtu,** blakus tos varētu likt tikai tad, ja tie nelieto otrā semestra kolonnas, "
    "māca pēc agrākām kohortām un vērtē pēc vēlākām. Kohorta šajā failā ir atjaunota no ekonomikas "
    "rādītājiem, tāpēc citur dalījums laikā būtu cits.",
    "- **Published:** the dataset's description (Realinho, Machado, Baptista, Martins 2021, UCI "
    "697, CC BY 4.0). 1,421 of 4,424 students left (`Dropout`), 32.1 %; the others graduated or "
    "are still enrolled.\n"
    "- **The same figure here:** {} of {}, {}. There are fewer students: the folder holds the "
    "cohorts of 2008 to 2014.\n"
    "- **Not known:** a precision, recall or AUC that was published and could be verified. So the "
    "table above has “–” in their place.\n"
    "- **Even if there were,** they could stand beside ours only if they used no column of the "
    "second semester, learnt from earlier cohorts and were judged on later ones. The cohort in "
    "this file is reconstructed from economic indicators, so elsewhere the split in time would be "
    "another.",
)
HERE = Text("šeit, vēlākajās kohortās", "here, on the later cohorts")
NOTE = Text(
    "„–“: nav publicēts vai nav atrasts. Citi skolēni, citi iznākumi, cits laiks: tas ir "
    "salīdzinājums, nevis sacensība.",
    "“–”: not published, or not found. Other pupils, other outcomes, other times: a comparison, "
    "not a contest.",
)
