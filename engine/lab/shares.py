"""Pictures of shares with their intervals: by school, by group, by score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import polars as pl

from engine.lab.bars import band
from engine.lab.palette import DARK, INK, LIGHT, MIDDLE, SHAPES
from engine.lab.picture import Picture, picture
from engine.lab.words import LABELS
from engine.text import Language, Text

ROW, WIDTH, NARROWEST = 24, 470, 150  # height of a line, width of all panels, of one panel


@dataclass(frozen=True, slots=True)
class Share:
    """A share in a frame: the column, with ``_low`` and ``_high`` beside it.

    `turned` shows what is left of the whole instead: of recall, the share missed.
    """

    column: str
    label: Text
    turned: bool = False


RECALL = Share("recall", LABELS["recall"])
MISSED = Share("recall", LABELS["missed_rate"], turned=True)
FALSE_ALARMS = Share("false_alarm_rate", LABELS["false_alarm_rate"])
FLAGGED = Share("flagged_share", LABELS["flagged_share"])
UNSAID = Share("cannot_say_share", LABELS["cannot_say_share"])
PRECISION = Share("precision", LABELS["precision"])


READING = Text(
    "Punkts ir daļa, svītra ir 95 % intervāls: cik droši to var zināt. Pārtrauktā līnija: visi "
    "kopā. Ja skolēnu ir pārāk maz, skaitļi netiek rādīti.",
    "The point is the share, the bar its 95 % interval: how surely it is known. Dashed: all "
    "together. Where there are too few pupils, no numbers are shown.",
)


@dataclass(frozen=True)
class Drawn:
    """What is drawn: figures by a column, what to call its values, and those of all together.

    `reading` says how to read it. The scale begins at 0, or near the values with `near`; `shared`
    draws all panels on one scale, so that they can be compared.
    """

    figures: pl.DataFrame
    column: str
    names: Mapping[str, str] = field(default_factory=dict)
    whole: pl.DataFrame | None = None
    reading: Text = READING
    near: bool = False
    shared: bool = False


def by(drawn: Drawn, shares: Sequence[Share], title: Text, language: Language) -> Picture:
    """Draw shares of each value of a column as points with their 95 % intervals, side by side.

    The figures are those of `engine.replay.figures`. A cell that is suppressed, or that has no
    share, says so in its place.
    """
    width = max(NARROWEST, round(WIDTH / len(shares)))
    panels = [
        _panel(drawn, share, language, number).properties(width=width, height=alt.Step(ROW))
        for number, share in enumerate(shares)
    ]
    beside = alt.hconcat(*panels, spacing=36)
    return picture(
        beside.resolve_scale(x="shared") if drawn.shared else beside,
        title,
        drawn.reading,
        language,
    )


def calibration(bands: pl.DataFrame, base: float, language: Language) -> Picture:
    """Draw which share of the pupils with each score left; `bands` as `calibration` gives them."""
    data = bands.with_columns(band())
    chart = alt.Chart(data).encode(
        x=alt.X("band:O", sort=None, title=LABELS["score"][language], axis=alt.Axis(labelAngle=0)),
        tooltip=[
            alt.Tooltip("band:O", title=LABELS["score"][language]),
            alt.Tooltip("pupils:Q", title=LABELS["pupils"][language], format=",d"),
            alt.Tooltip("left:Q", title=LABELS["left"][language], format=",d"),
            alt.Tooltip("observed:Q", title=LABELS["observed"][language], format=".1%"),
        ],
    )
    axis = alt.Axis(format="%", tickCount=6)
    bars = chart.mark_rule(strokeWidth=3, color=DARK).encode(
        y=alt.Y("observed_low:Q", title=LABELS["observed"][language], axis=axis),
        y2="observed_high:Q",
    )
    points = chart.mark_point(filled=True, size=80, color=DARK, opacity=1).encode(y="observed:Q")
    together = alt.Chart(pl.DataFrame({"base": [base]})).encode(y="base:Q")
    line = together.mark_rule(strokeDash=[6, 3], color=INK)
    return picture(
        alt.layer(bars, points, line).properties(width=460, height=300),
        Text("Cik no simta pameta, pēc punktiem", "Of a hundred pupils, how many left, by score"),
        Text(
            "Punkts ir novērotā daļa, svītra ir 95 % intervāls. Pārtrauktā līnija: visi kopā. Ja "
            "vērtējums der, daļa aug līdz ar punktiem.",
            "The point is the share observed, the bar its 95 % interval; dashed: all together. "
            "Where the score is any good, the share grows with it.",
        ),
        language,
    )


def lead(times: pl.DataFrame, language: Language) -> Picture:
    """Draw how long before leaving pupils were first flagged.

    `times` has, for each cut, ``name``, the quartiles ``low``, ``middle`` and ``high`` in days
    (null where too few were caught), ``caught`` and ``leavers``.
    """
    note = pl.format(LABELS["caught_of"][language], "caught", "leavers").alias("note")
    chart = alt.Chart(times.with_columns(note)).encode(y=alt.Y("name:N", sort=None, title=None))
    span = alt.X(
        "low:Q",
        scale=alt.Scale(domainMin=0),
        title=LABELS["days_before"][language],
        axis=alt.Axis(tickCount=8),
    )
    halves = chart.mark_bar(size=12, color=LIGHT, stroke=INK, strokeWidth=0.5).encode(
        x=span, x2="high:Q"
    )
    middle = chart.mark_tick(thickness=4, size=20, color=DARK).encode(x="middle:Q")
    words = chart.mark_text(align="left", dx=4, dy=-12).encode(x=alt.datum(0), text="note:N")
    return picture(
        alt.layer(halves, middle, words).properties(width=WIDTH, height=alt.Step(2 * ROW)),
        Text("Cik laikus atzīmēja", "How early they were flagged"),
        Text(
            "Dienas no pirmās reizes, kad skolēnu atzīmēja, līdz mācību pārtraukšanai. Svītra: "
            "puse no atrastajiem ir vismaz tik agri. Josla: vidējā puse.",
            "Days from the first time that a pupil was flagged to leaving. Tick: half of those "
            "caught were flagged at least so early. Bar: the middle half.",
        ),
        language,
    )


def _panel(drawn: Drawn, share: Share, language: Language, number: int) -> Any:  # noqa: ANN401  a layered chart
    label, colour = share.label[language], (DARK, MIDDLE)[number % 2]
    axis = None if number else alt.Axis()
    chart = alt.Chart(_cells(drawn, share, language)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=axis), tooltip=_told(label, language)
    )
    span = alt.X(
        "low:Q",
        scale=alt.Scale(zero=False) if drawn.near else alt.Scale(domainMin=0, zero=False),
        title=label,
        axis=alt.Axis(format="%", tickCount=4, labelOverlap=True, labelSeparation=6),
    )
    bars = chart.mark_rule(strokeWidth=3, color=colour).encode(x=span, x2="high:Q")
    points = chart.mark_point(
        filled=True, size=80, color=colour, opacity=1, shape=SHAPES[number % 2]
    ).encode(x="share:Q")
    notes = (
        chart.transform_filter("datum.note != null")
        .mark_text(align="left", dx=4, fontStyle="italic")
        .encode(x=alt.value(0), text="note:N")
    )
    return alt.layer(bars, points, notes, *_together(drawn.whole, share))


def _cells(drawn: Drawn, share: Share, language: Language) -> pl.DataFrame:
    """Return a line for each value: ``name, share, low, high, pupils, note``."""
    value = pl.col(drawn.column).replace(dict(drawn.names))
    ends = [pl.col(f"{share.column}_low"), pl.col(f"{share.column}_high")]
    middle = pl.col(share.column)
    if share.turned:
        ends, middle = [1 - end for end in reversed(ends)], 1 - middle
    told = {name: pl.lit(LABELS[name][language]) for name in ("suppressed", "no_value")}
    nothing = pl.when(middle.is_null()).then(told["no_value"])
    return drawn.figures.select(
        value.fill_null(LABELS["not_known"][language]).alias("name"),
        middle.alias("share"),
        ends[0].alias("low"),
        ends[1].alias("high"),
        "pupils",
        pl.when("suppressed").then(told["suppressed"]).otherwise(nothing).alias("note"),
    )


def _told(label: str, language: Language) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("pupils:Q", title=LABELS["pupils"][language], format=",d"),
        alt.Tooltip("share:Q", title=label, format=".1%"),
        alt.Tooltip("low:Q", title=LABELS["low"][language], format=".1%"),
        alt.Tooltip("high:Q", title=LABELS["high"][language], format=".1%"),
    ]


def _together(whole: pl.DataFrame | None, share: Share) -> list[alt.Chart]:
    """Return the line of all together, where there is such a share."""
    if whole is None or whole[share.column][0] is None:
        return []
    level = 1 - whole[share.column][0] if share.turned else whole[share.column][0]
    line = alt.Chart(pl.DataFrame({"level": [level]})).mark_rule(strokeDash=[6, 3], color=INK)
    return [line.encode(x="level:Q")]
