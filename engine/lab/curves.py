"""Pictures of what is traded for what: precision for recall, plans for leavers caught."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from engine.lab.palette import DARK, DASHES, INK, SHAPES, THREE
from engine.lab.picture import Picture, picture
from engine.lab.words import LABELS
from engine.replay.small import SMALLEST
from engine.text import Language, Text

SIZE = {"width": 460, "height": 340}
_COUNTS = alt.Axis(format=",d", tickMinStep=1, tickCount=8)
_NEAR = alt.Scale(zero=False, nice=True, padding=10)


def precision_recall(
    curves: pl.DataFrame, chosen: pl.DataFrame, base: float | None, language: Language
) -> Picture:
    """Draw the precision and recall of every cut, with what each ruleset flags marked.

    `curves` has, for each cut, ``series`` (the curve's name, at most three of them), ``score``
    (from which pupils are flagged), ``flagged`` (rows), ``flagged_share``, ``precision`` and
    ``recall``. `chosen` has a line for each mark: ``series``, ``name`` (of the cut), and these
    three shares; it need not lie on the curve, since levels are lifted whatever the score, too.
    The legend names the cuts where there are several curves: words beside marks that lie close
    together would hide one another.
    `base` is the share of all who left: what flagging anybody at random would reach. Cuts that
    flag fewer than ten rows, or so few more than another cut or mark does, are left out: what
    became of single pupils could be had from them.
    """
    called = _called(curves, chosen)
    marks, shown = (
        each.drop_nulls(["precision", "recall"]).with_columns(pl.col("series").replace(called))
        for each in (chosen, _spread(curves, chosen))
    )
    names = list(called.values())
    chart = alt.Chart(shown).encode(
        x=_share(alt.X, "recall", language),
        y=_share(alt.Y, "precision", language),
        color=alt.Color(**_apart(names, THREE)),
    )
    lines = chart.mark_line(strokeWidth=1.5).encode(
        strokeDash=alt.StrokeDash(**_apart(names, DASHES)), order="score:Q"
    )
    points = chart.mark_point(filled=True, size=36, opacity=1).encode(
        shape=alt.Shape(**_apart(names, SHAPES)), tooltip=_told(language, "score")
    )
    layers = [*_at_random(base, language), lines, points, *_marked(marks, names, chart, language)]
    return picture(
        alt.layer(*layers).properties(**SIZE),
        Text("Precizitāte un pārklājums", "Precision and recall"),
        Text(
            "Katrs punkts ir viena robeža: no cik punktiem skolēns tiek atzīmēts. Pa labi: atrod "
            "vairāk pametušo; uz augšu: mazāk atzīmē lieki." + (_MARK.lv if len(marks) else ""),
            "Each point is one cut: from which score on a pupil is flagged. To the right, more of "
            "those who left are found; upwards, fewer are flagged in vain."
            + (_MARK.en if len(marks) else ""),
        ),
        language,
    )


def _spread(curves: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return the cuts between any two of which, or between one and a mark, ten rows stand."""
    kept = [
        _spread_one(cuts, chosen.filter(pl.col("series") == name))
        for (name,), cuts in curves.group_by("series", maintain_order=True)
    ]
    return pl.concat(kept) if kept else curves


def _spread_one(cuts: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    rows = max(cuts["flagged"].to_list(), default=0)  # the lowest cut flags all
    shown, kept = 0, []
    marked = marks.select("flagged_share", "precision").drop_nulls().rows()
    for cut in cuts.sort("flagged").iter_rows(named=True):
        flagged = cut["flagged"]
        beside = (
            abs(share * rows - flagged) < SMALLEST - 0.5
            and (share, precision) != (cut["flagged_share"], cut["precision"])
            for share, precision in marked
        )
        if flagged - shown < SMALLEST or 0 < rows - flagged < SMALLEST or any(beside):
            continue
        kept.append(cut["score"])
        shown = flagged
    return cuts.filter(pl.col("score").is_in(kept))


def pareto(front: pl.DataFrame, language: Language) -> Picture:
    """Draw candidates by what they cost and find; the front is what no other one beats.

    `front` has, for each candidate, ``flagged`` and ``caught`` (rows), ``on_front`` (whether no
    other catches more with as few flagged), and ``name``: text for those to be named, else null.
    """
    chart = alt.Chart(front).encode(
        x=alt.X("flagged:Q", title=LABELS["flagged"][language], axis=_COUNTS, scale=_NEAR),
        y=alt.Y("caught:Q", title=LABELS["caught"][language], axis=_COUNTS, scale=_NEAR),
    )
    others = chart.transform_filter("!datum.on_front").mark_point(
        shape="circle", filled=True, size=18, color=THREE[2], opacity=0.7
    )
    steps = chart.transform_filter("datum.on_front").mark_line(
        interpolate="step-after", color=DARK, strokeWidth=1.5, point={"color": DARK, "size": 40}
    )
    named = chart.transform_filter("datum.name != null")
    rings = named.mark_point(shape="diamond", size=220, strokeWidth=2, color=INK, opacity=1).encode(
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("flagged:Q", title=LABELS["flagged"][language], format=",d"),
            alt.Tooltip("caught:Q", title=LABELS["caught"][language], format=",d"),
        ]
    )
    words = named.mark_text(align="left", dx=12, dy=12, color=INK).encode(text="name:N")
    return picture(
        alt.layer(others, steps, rings, words).properties(**SIZE),
        Text("Cik atzīmē un cik atrod", "How many are flagged, and how many caught"),
        Text(
            "Līnija ir Pareto robeža: ar tikpat atzīmētajiem neviens kandidāts neatrod vairāk. "
            "Rombi: kā ir tagad un ko atrada skaņojot. Rindas, pēc kurām skaņots.",
            "The line is the Pareto front: with as many flagged, no candidate catches more. "
            "Diamonds: as it is now, and what tuning found. Rows that were tuned on.",
        ),
        language,
    )


def steps(sizes: pl.DataFrame, language: Language) -> Picture:
    """Draw how many steps the data bear.

    `sizes` has, for each number of ``steps``, how much ``worse`` its deviance is than the best, the
    standard ``error`` of that, and whether it was ``chosen``.
    """
    ends = {"low": pl.col("worse") - pl.col("error"), "high": pl.col("worse") + pl.col("error")}
    chart = alt.Chart(sizes.with_columns(**ends)).encode(
        x=alt.X("steps:O", title=LABELS["steps"][language], axis=alt.Axis(labelAngle=0)),
    )
    bars = chart.mark_rule(strokeWidth=3, color=THREE[2]).encode(
        y=alt.Y("low:Q", title=LABELS["worse"][language]), y2="high:Q"
    )
    points = chart.mark_point(filled=True, size=60, color=DARK, opacity=1).encode(y="worse:Q")
    ring = (
        chart.transform_filter("datum.chosen")
        .mark_point(size=260, strokeWidth=2.5, color=INK, opacity=1)
        .encode(y="worse:Q")
    )
    return picture(
        alt.layer(bars, points, ring).properties(width=SIZE["width"], height=240),
        Text("Cik pakāpju dati attaisno", "How many steps the data bear"),
        Text(
            "Jo zemāk, jo labāk melnraksts paredz rindās, ko meklēšana nebija redzējusi (mērs: "
            "deviance, t. i., cik maz ticams bija tas, kas notika). Svītra ir standartkļūda. "
            "Aplis: mazākais pakāpju skaits, kas no labākā neatšķiras vairāk par to.",
            "The lower, the better a draft foretells rows that the search had not seen (measured "
            "by the deviance: how unlikely it held what happened). The bar is the standard error. "
            "Ring: the fewest steps that are within it of the best.",
        ),
        language,
    )


def _share(channel: type[Any], name: str, language: Language) -> Any:  # noqa: ANN401  alt.X or alt.Y
    scale = alt.Scale(domainMin=0, domainMax=1) if name == "recall" else alt.Scale(domainMin=0)
    axis = alt.Axis(format="%", tickCount=6)
    return channel(f"{name}:Q", scale=scale, title=LABELS[name][language], axis=axis)


def _apart(names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    """Return how a channel tells the series apart; without a legend where there is one only."""
    return {
        "shorthand": "series:N",
        "scale": alt.Scale(domain=names, range=list(values[: len(names)])),
        "legend": alt.Legend(title=None, columns=1, symbolStrokeWidth=0)
        if len(names) > 1
        else None,
    }


def _told(language: Language, cut: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip(f"{cut}:N", title=LABELS["score_from"][language] if cut == "score" else " "),
        *(
            alt.Tooltip(f"{name}:Q", title=LABELS[name][language], format=".1%")
            for name in ("flagged_share", "precision", "recall")
        ),
    ]


def _at_random(base: float | None, language: Language) -> list[alt.Chart]:
    """Return the line of the precision that flagging anybody at random would have."""
    if base is None:
        return []
    data = pl.DataFrame({"base": [base], "text": [LABELS["random"][language]]})
    line = alt.Chart(data).encode(y="base:Q")
    rule = line.mark_rule(strokeDash=[2, 4], color=INK)
    words = line.mark_text(align="left", dx=6).encode(x=alt.datum(1), text="text:N")
    return [rule, words]  # words stand beside the picture, where no mark can hide them


def _called(curves: pl.DataFrame, chosen: pl.DataFrame) -> dict[str, str]:
    """Return what the legend calls each curve: of several, with the cut that is marked."""
    names = curves["series"].unique(maintain_order=True).to_list()
    cuts = dict(zip(chosen["series"], chosen["name"], strict=True))
    several = len(names) > 1
    return {n: f"{n} ({cuts[n]})" if several and cuts.get(n) else n for n in names}


def _marked(
    marks: pl.DataFrame, names: list[str], chart: alt.Chart, language: Language
) -> list[alt.Chart]:
    at = chart.properties(data=marks)
    ring = at.mark_point(size=260, strokeWidth=2.5, filled=False, opacity=1).encode(
        shape=alt.Shape(**_apart(names, SHAPES)), tooltip=_told(language, "name")
    )
    words = at.mark_text(align="left", dx=14, dy=-10, fontWeight="bold").encode(
        text="name:N", color=alt.value(INK)
    )
    return [ring] if len(names) > 1 else [ring, words]


_MARK = Text(
    " Lielā tukšā zīme: ko atzīmē tagad (var būt ārpus līnijas, jo līmeni ceļ arī atsevišķi "
    "noteikumi).",
    " Large open mark: what is flagged now (it may lie off the line, since some rules raise the "
    "level whatever the score).",
)
