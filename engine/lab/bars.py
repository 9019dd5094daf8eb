"""Pictures of counts: pupils by score, leavers by rule, leavers by how early they were flagged."""

from __future__ import annotations

import altair as alt
import polars as pl

from engine.lab.palette import DARK, INK, LIGHT
from engine.lab.picture import Picture, picture
from engine.lab.words import LABELS
from engine.text import Language, Text

_COUNTS = alt.Axis(format=",d", tickMinStep=1, tickCount=6)


def scores(bands: pl.DataFrame, language: Language) -> Picture:
    """Draw how the scores of those who left and of those who stayed are spread.

    `bands` are scores as `engine.replay.calibration` gives them, none of them small. Each bar is a
    share of its own class, since those who stay are many more.
    """
    names = {name: LABELS[name][language] for name in ("left", "stayed")}
    domain = list(names.values())
    data = (
        bands.select(band(), *(pl.col(n) / pl.col(n).sum() for n in names))
        .unpivot(list(names), index="band", variable_name="outcome", value_name="share")
        .with_columns(pl.col("outcome").replace(names))
    )
    score, share = LABELS["score"][language], LABELS["class_share"][language]
    colours = alt.Scale(domain=domain, range=[DARK, LIGHT])
    chart = (
        alt.Chart(data)
        .mark_bar(stroke=INK, strokeWidth=0.5)
        .encode(
            x=alt.X("band:O", sort=None, title=score, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("outcome:N", sort=domain),
            y=alt.Y("share:Q", title=share, axis=alt.Axis(format="%")),
            color=alt.Color("outcome:N", scale=colours, legend=alt.Legend(title=None)),
            tooltip=[
                alt.Tooltip("outcome:N", title=" "),
                alt.Tooltip("band:O", title=score),
                alt.Tooltip("share:Q", title=share, format=".1%"),
            ],
        )
    )
    return picture(
        chart.properties(width=460, height=260),
        Text("Punktu sadalījums", "How scores are spread"),
        Text(
            "Cik no pametušajiem un cik no palikušajiem ir ar šiem punktiem. Jo mazāk stabiņi "
            "pārklājas, jo labāk punkti tos šķir.",
            "Which share of those who left, and of those who stayed, have this score. The less the "
            "bars overlap, the better the score tells them apart.",
        ),
        language,
    )


def rules(lifts: pl.DataFrame, language: Language) -> Picture:
    """Draw what each rule brings: leavers for whom it holds, and those whom it alone catches.

    `lifts` has ``title``, ``alone`` (leavers for whom the rule holds) and ``on_top`` (leavers who
    would not be flagged without it), either of them null where it has no bar, and ``unsaid``: what
    is written there instead.
    """
    names = {name: LABELS[name][language] for name in ("alone", "on_top")}
    order = lifts["title"].to_list()
    data = lifts.unpivot(
        list(names), index="title", variable_name="what", value_name="pupils"
    ).with_columns(pl.col("what").replace(names))
    data = data.filter(pl.col("pupils").is_not_null())
    scale = alt.Scale(domain=list(names.values()), range=[LIGHT, DARK])
    chart = alt.Chart(data).encode(
        x=alt.X("pupils:Q", title=LABELS["leavers"][language], axis=_COUNTS),
        y=alt.Y("title:N", sort=order, title=None),
        color=alt.Color("what:N", scale=scale, legend=alt.Legend(title=None)),
        tooltip=[
            alt.Tooltip("title:N", title=LABELS["rule"][language]),
            alt.Tooltip("what:N", title=" "),
            alt.Tooltip("pupils:Q", title=LABELS["leavers"][language], format=",d"),
        ],
    )
    wide, narrow = (
        chart.transform_filter(alt.datum.what == name).mark_bar(size=size)
        for name, size in zip(names.values(), (18, 8), strict=True)
    )
    layers = alt.layer(wide, narrow, _unsaid(lifts, order))
    return picture(
        layers.properties(width=360, height=alt.Step(26)),
        Text("Ko dod katrs noteikums", "What each rule brings"),
        Text(
            "Platā josla: pametušie, kuriem noteikums izpildās. Šaurā: tie, kurus bez šī noteikuma "
            "neatrastu. Bez šaurās joslas: to pašu atrod arī citi noteikumi. Kur skaita nav, "
            "joslas vietā teikts, kāpēc.",
            "Wide: those who left and for whom the rule holds. Narrow: those who would not be "
            "found without it. Where there is no narrow bar, other rules find them too. Where "
            "there is no number, words say why instead of a bar.",
        ),
        language,
    )


def _unsaid(lifts: pl.DataFrame, order: list[str]) -> alt.Chart:
    """Return the words that stand where a rule has no bar: at its foot, or behind the other bar."""
    data = lifts.filter(pl.col("unsaid").is_not_null()).select(
        "title", "unsaid", pl.col("alone").fill_null(0).alias("at")
    )
    words: alt.Chart = (
        alt.Chart(data)
        .mark_text(align="left", dx=4, fontStyle="italic", color=INK)
        .encode(x=alt.X("at:Q", axis=_COUNTS), y=alt.Y("title:N", sort=order), text="unsaid:N")
    )
    return words


def band() -> pl.Expr:
    """Return what to call a band of scores: ``3``, or from ``10`` to ``14``."""
    alone = pl.col("score_from") == pl.col("score_to")
    several = pl.format("{}–{}", "score_from", "score_to")
    return pl.when(alone).then(pl.format("{}", "score_from")).otherwise(several).alias("band")
