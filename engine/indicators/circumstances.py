"""Circumstances and protection: facts stated for a time, the last state test, the support plan.

A row of the source of facts is what was stated last of a kind. A fact with an end holds up to
that day; one without an end goes up to the day when it was last recorded, so that it ages.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from engine.indicators.figure import Figure, Part, only, share, tally

KIND, VALUE = pl.col("kind"), pl.col("value")


def _flag(kind: str) -> Figure:
    stated = {"value": Part(VALUE, "least")}
    return Figure(stated, lambda of: _yes_or_no(of["value"]), rows=KIND.eq(kind))


def _yes_or_no(value: pl.Expr) -> pl.Expr:
    return pl.when(value == 1).then(statement=True).when(value == 0).then(statement=False)


def travel_minutes() -> Figure:
    """Usual journey from home to school as last stated, in minutes one way."""
    minutes = {"minutes": Part(VALUE, "least")}
    return Figure(minutes, lambda of: of["minutes"].round(0), rows=KIND == "travel_minutes")


def low_income() -> Figure:
    """Whether the pupil is entitled to material support, as last stated."""
    return _flag("low_income")


def out_of_family_care() -> Figure:
    """Whether the child lives out of the family, as last stated."""
    return _flag("out_of_family_care")


def parent_abroad() -> Figure:
    """Whether a parent is abroad for long, as last stated."""
    return _flag("parent_abroad")


def language_support_need() -> Figure:
    """Whether the pupil needs support in the language of instruction, as last stated."""
    return _flag("language_support_need")


def special_needs_support() -> Figure:
    """Whether the pupil follows a special programme (enrolment) or has support, as last stated."""
    parts = {
        "stated": Part(pl.when(KIND == "special_needs_support").then(VALUE)),
        "programme": tally(KIND == "special_programme"),
    }
    return Figure(
        parts,
        lambda of: (of["stated"] + of["programme"]) > 0,
        rows=KIND.is_in(["special_needs_support", "special_programme"]),
    )


def long_illness() -> Figure:
    """Whether a long illness is confirmed to the school, as last stated."""
    return _flag("long_illness")


def club_member() -> Figure:
    """Whether the pupil takes part in an extracurricular activity, as last stated."""
    return _flag("club_member")


def trusted_adult() -> Figure:
    """Whether the support plan names a trusted adult, as last stated."""
    return _flag("trusted_adult")


def on_track() -> Figure:
    """Whether the pupil would be moved up or graduate, as the school last stated."""
    return _flag("on_track")


def state_test_percentile() -> Figure:
    """National percentile of the last state test; the lower where both subjects were taken.

    The other subject's test counts where it was taken in the 12 months up to the last one.
    """
    return Figure({"percentile": Part(pl.col("percentile"), "least")}, only("percentile"))


def measures_delivered_rate() -> Figure:
    """Measures delivered as a share of those planned for the semester: a ratio.

    Unknown while it is not stated of each whether it was delivered.
    """
    delivered = pl.col("delivered")
    parts = {
        "delivered": tally(delivered.fill_null(value=False)),
        "planned": tally(pl.col("measure").is_not_null()),
        "unstated": tally(delivered.is_null()),
    }
    return Figure(
        parts,
        lambda of: pl.when(of["unstated"] == 0).then(share(of["delivered"], of["planned"])),
    )


FACTS: tuple[Callable[[], Figure], ...] = (
    travel_minutes,
    low_income,
    out_of_family_care,
    parent_abroad,
    language_support_need,
    special_needs_support,
    long_illness,
    club_member,
    trusted_adult,
    on_track,
)
EXAMS = (state_test_percentile,)
MEASURES = (measures_delivered_rate,)
