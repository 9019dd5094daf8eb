"""What others published of early-warning systems: other pupils, outcomes and times than ours."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from great_tables import GT

from engine.lab.tables import table
from engine.lab.words import LABELS
from engine.text import Language, Text
from engine.words.quantities import number, percent


@dataclass(frozen=True, slots=True)
class Anchor:
    """Figures as they were published, None where they were not, and where they stand."""

    name: Text
    source: str
    base: float | None = None
    flagged: float | None = None
    precision: float | None = None
    recall: float | None = None
    auc: float | None = None


ANCHORS = (
    Anchor(
        Text("Filadelfija, 6. klase, jebkura pazīme", "Philadelphia, grade 6, any flag"),
        "Balfanz, Herzog, Mac Iver 2007: flags such that about 75 % or more fell off the path",
        flagged=0.318,
        precision=0.75,
        recall=0.6,
    ),
    Anchor(
        Text("DEWS (Viskonsina), līdz 7. klasei", "DEWS (Wisconsin), before grade 7"),
        "The Markup 2023: wrong nearly three times in four",
        precision=0.25,
        recall=0.6,
    ),
    Anchor(
        Text(
            "OpenSDP mācību dati, piegādātāja vērtējums", "OpenSDP teaching data, a vendor's score"
        ),
        "computed from the data (synthetic, 111,281 pupils), flagged at the mean or below",
        base=0.271,
        flagged=0.334,
        precision=0.405,
        recall=0.498,
    ),
    Anchor(
        Text(
            "OpenSDP mācību dati, rokasgrāmatas modelis", "OpenSDP teaching data, the guide's model"
        ),
        "computed from the guide's table",
        base=0.271,
        flagged=0.495,
        precision=0.324,
        recall=0.592,
    ),
    Anchor(
        Text("UCI 697, visi studenti", "UCI 697, all students"),
        "1,421 of 4,424 in the whole dataset, second-semester columns too; no scores found",
        base=0.321,
    ),
    Anchor(
        Text("OULAD, visi kursi", "OULAD, all courses"),
        "share withdrawn; the AUC is a preprint's random forest, macro average over classes",
        base=0.312,
        auc=0.925,
    ),
)


def published(language: Language) -> GT:
    """Return the published figures as a table."""
    shares = ("base", "flagged", "precision", "recall")
    lines = []
    for anchor in ANCHORS:
        values = [getattr(anchor, name) for name in shares]
        cells = ["–" if v is None else percent(v, language) for v in values]
        auc = "–" if anchor.auc is None else number(anchor.auc, language)
        lines.append([anchor.name[language], *cells, auc, anchor.source])
    heads = ("anchor", "left_share", "flagged_share", "precision", "recall", "auc", "source")
    schema = dict.fromkeys((LABELS[name][language] for name in heads), pl.String)
    rows = pl.DataFrame(lines, schema=schema, orient="row")
    title = Text("Kas publicēts citur", "What was published elsewhere")
    return table(title, rows, language, NOTE).cols_align("left", [rows.columns[-1]])


NOTE = Text(
    "„–“: nav publicēts vai nav atrasts. Citi skolēni, citi iznākumi, cits laiks: tas ir "
    "salīdzinājums, nevis sacensība.",
    "“–”: not published, or not found. Other pupils, other outcomes, other times: a comparison, "
    "not a contest.",
)
